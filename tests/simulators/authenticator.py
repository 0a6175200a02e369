"""A software authenticator: makes ES256 passkeys and signs with them, as WebAuthn Level 3 has it (6.1, 6.5, 8.7)."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cbor2 import dumps
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


def text_of(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass
class Authenticator:
    """One device with one key. `verified`: it checked a finger or PIN; `site` and `origin` are what the page is."""

    site: str = "localhost"
    origin: str = "http://localhost:8000"
    verified: bool = True
    sign_count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives."""
        data = self._data(WITH_KEY) + bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        attestation = {"fmt": "none", "attStmt": {}, "authData": data + self._public_key()}
        answer = {
            "clientDataJSON": text_of(self._client_data("webauthn.create", options)),
            "attestationObject": text_of(dumps(attestation)),
        }
        return self._credential(answer)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives; the counter goes up."""
        self.sign_count += 1
        data, client_data = self._data(0), self._client_data("webauthn.get", options)
        signed = data + hashlib.sha256(client_data).digest()
        answer = {
            "clientDataJSON": text_of(client_data),
            "authenticatorData": text_of(data),
            "signature": text_of(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        return self._credential(answer)

    def _credential(self, answer: dict[str, str]) -> dict[str, Any]:
        name = text_of(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": answer, "clientExtensionResults": {}}

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        held = flags | PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.site.encode()).digest() + struct.pack(">BI", held, self.sign_count)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
