"""The protocol: discovery, the way out, the exchange of the code, and the checks of an identity token.

OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636 (PKCE). No database here: what talks to a network must not
hold a transaction.
"""

import base64
import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lms_core.identity.oidc.errors import ForeignLoginRefused, ProviderUnreachable
from lms_core.identity.oidc.schemas import Client, Identity, is_protected
from lms_core.kit.cache import Cache

ALGORITHMS = ["RS256", "ES256"]  # never `none`, never one whose key is our own secret (RFC 8725, 3.1)
LEEWAY = 60  # seconds between two clocks
OLDEST = 600  # seconds since a token was made
SECONDS = 10.0
REMEMBERED = 3600
SCOPE = "openid email profile"
GOOGLE = "https://accounts.google.com"


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def configuration(cache: Cache, issuer: str) -> dict[str, Any]:
    """The provider's metadata (Discovery, 4), remembered for an hour. ProviderUnreachable, also without TLS."""
    found = _remembered(cache, f"oidc:{issuer}", f"{issuer}/.well-known/openid-configuration")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if str(found.get("issuer", "")).rstrip("/") != issuer or not all(
        is_protected(str(found.get(name, ""))) for name in needed
    ):
        raise ProviderUnreachable()
    return found


def way_out(found: dict[str, Any], client: Client, *, state: str, nonce: str, verifier: str, redirect_uri: str) -> str:
    """The address that asks the person at the provider (Core, 3.1.2.1)."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
        "prompt": "select_account",
    }
    if client.domain:
        asked["hd"] = client.domain
    joint = "&" if "?" in found["authorization_endpoint"] else "?"
    return f"{found['authorization_endpoint']}{joint}{urlencode(asked)}"


def exchange(found: dict[str, Any], client: Client, *, code: str, verifier: str, redirect_uri: str) -> str:
    """The identity token for a code (Core, 3.1.3). ForeignLoginRefused, ProviderUnreachable."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": client.client_id,
        "code_verifier": verifier,
    }
    if client.client_secret:
        form["client_secret"] = client.client_secret
    try:
        answer = httpx.post(found["token_endpoint"], data=form, timeout=SECONDS)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderUnreachable() from error
    token = body.get("id_token") if answer.status_code == 200 and isinstance(body, dict) else None
    if not isinstance(token, str) or len(token) > 20_000:
        raise ForeignLoginRefused("the code was refused")
    return token


def identity(cache: Cache, found: dict[str, Any], client: Client, token: str, *, nonce: str, now: datetime) -> Identity:
    """Who the token says this is, after every check of Core, 3.1.3.7. ForeignLoginRefused, ProviderUnreachable."""
    claims = _claims(cache, found["jwks_uri"], token)
    _check(claims, client, nonce=nonce, now=int(now.timestamp()))
    return Identity(
        subject=str(claims["sub"]),
        email=str(claims.get("email", "")),
        email_verified=claims.get("email_verified") is True,
        full_name=str(claims.get("name", "")),
        hosted_domain=str(claims.get("hd", "")),
    )


def _claims(cache: Cache, jwks_uri: str, token: str) -> dict[str, Any]:
    try:
        header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "==="))
        kid = header.get("kid")
    except (ValueError, AttributeError) as error:
        raise ForeignLoginRefused("the token is not one") from error
    keys = _remembered(cache, f"oidc-keys:{jwks_uri}", jwks_uri)
    if not _has(keys, kid):  # keys are renewed: ask once more, then refuse
        cache.delete(f"oidc-keys:{jwks_uri}")
        keys = _remembered(cache, f"oidc-keys:{jwks_uri}", jwks_uri)
    if not _has(keys, kid):
        raise ForeignLoginRefused("the key is unknown")
    try:
        return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ForeignLoginRefused("the signature is wrong") from error


def _has(keys: dict[str, Any], kid: Any) -> bool:
    listed = keys.get("keys")
    return isinstance(listed, list) and any(isinstance(key, dict) and key.get("kid") == kid for key in listed)


def _check(claims: dict[str, Any], client: Client, *, nonce: str, now: int) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    issuers = {client.issuer, GOOGLE.removeprefix("https://")} if client.issuer == GOOGLE else {client.issuer}
    expires, issued = claims.get("exp"), claims.get("iat")
    subject = claims.get("sub")
    wrong = {
        "issuer": str(claims.get("iss", "")).rstrip("/") not in issuers,
        "audience": client.client_id not in audiences,
        "authorized party": (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client.client_id,
        "expiry": not isinstance(expires, int) or expires + LEEWAY <= now,
        "time of issue": not isinstance(issued, int) or issued - LEEWAY > now or issued + OLDEST < now,
        "nonce": claims.get("nonce") != nonce,
        "subject": not isinstance(subject, str) or not 0 < len(subject) <= 255,
    }
    for name, is_wrong in wrong.items():
        if is_wrong:
            raise ForeignLoginRefused(f"the {name} is wrong")


def _remembered(cache: Cache, key: str, address: str) -> dict[str, Any]:
    kept = cache.get(key)
    if kept is not None:
        return dict(json.loads(kept))
    try:
        answer = httpx.get(address, timeout=SECONDS)
        answer.raise_for_status()
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderUnreachable() from error
    if not isinstance(body, dict):
        raise ProviderUnreachable()
    cache.put(key, json.dumps(body).encode(), seconds=REMEMBERED)
    return body
