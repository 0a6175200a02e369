"""An OpenID Connect provider on a port of this machine, with a key of its own, that can misbehave on demand.

It checks PKCE, the redirect address and the client's secret as a real one does.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET = "mwalimu-test", "a secret of the client"


@dataclass
class Provider:
    """A provider at `issuer`. `claims` overrides claims of the next tokens; `now` is its clock."""

    issuer: str
    now: Any
    claims: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | None = None  # signs in place of the published key
    forge: Callable[[dict[str, Any]], str] | None = None  # makes the token in place of signing one
    pending: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first"}))

    def consent(self, address: str, **person: Any) -> str:
        """What a person does there: agree. Returns the query that the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT_ID and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(12)
        self.pending[code] = {**asked, "person": json.dumps(person)}
        return f"state={asked['state']}&code={code}"

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        """The answer of the token endpoint; None refuses."""
        asked = self.pending.pop(form.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or form.get("client_secret") != CLIENT_SECRET
            or form.get("redirect_uri") != asked["redirect_uri"]
            or proof.decode().rstrip("=") != asked["code_challenge"]
        ):
            return None
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= json.loads(asked["person"]) | self.claims
        token = (self.forge or self._signed)(claims)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def _signed(self, claims: dict[str, Any]) -> str:
        signer = self.signer or self.key
        return jwt.encode({"alg": "RS256", "kid": signer.kid}, claims, signer, algorithms=["RS256"])

    def document(self, path: str) -> dict[str, Any] | None:
        """What is published at a path."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}
        return None


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(provider.document(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _answer(self, document: dict[str, Any] | None) -> None:
            body = json.dumps(document if document is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if document is not None else 400)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def serving(now: Any) -> Iterator[Provider]:
    """A provider that answers while the block runs; `now` tells its time."""
    provider = Provider(issuer="", now=now)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
