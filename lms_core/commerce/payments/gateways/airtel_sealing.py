"""Airtel's cryptography: the hash of callbacks, the PIN of payouts, and the signature of messages."""

import base64
import hashlib
import hmac
import json
import os
import re
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from lms_core.commerce.payments.gateways.reading import same

HASH_MEMBER = re.compile(rb'\s*,\s*"hash"\s*:\s*"(?:[^"\\]|\\.)*"|"hash"\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*')


def callback_hash(key: str, content: bytes) -> str:
    """base64 of HMAC-SHA256 under the private key from the portal."""
    return base64.b64encode(hmac.new(key.encode(), content, hashlib.sha256).digest()).decode()


def matching_form(key: str, body: bytes, told: str) -> str:
    """Which writing of the callback its hash is over; "" when none, so it is forged.

    Airtel does not say which bytes are hashed: its own example is over the object with two spaces of indent, while
    integrations report the raw body without the hash and compact forms. All are tried, in constant time each.
    """
    found = ""
    for name, content in _forms(body):
        # No early end: how long this takes says nothing.
        if same(callback_hash(key, content), told) and not found:
            found = name
    return found


def _forms(body: bytes) -> list[tuple[str, bytes]]:
    forms = [("raw", HASH_MEMBER.sub(b"", body, count=1))]
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return forms
    if isinstance(data, dict):
        inner = {"transaction": data.get("transaction")}
        forms += [
            ("compact", _compact(inner)),
            ("indented", json.dumps(inner, indent=2, ensure_ascii=False).encode(errors="replace")),
            ("transaction", _compact(data.get("transaction"))),
        ]
    return forms


def _compact(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def public_key(written: str) -> RSAPublicKey:
    """A key from the portal: PEM, or the base64 of the DER. ValueError when it is none."""
    text = written.strip().encode()
    key = (
        load_pem_public_key(text)
        if b"BEGIN" in text
        else load_der_public_key(base64.b64decode(re.sub(rb"\s", b"", text), validate=True))
    )
    if not isinstance(key, RSAPublicKey):
        raise ValueError("this is no RSA key")
    return key


def sealed_pin(pin: str, key: str, *, oaep: bool = False) -> str:
    """The PIN under the portal's public key, base64: PKCS#1 v1.5 as documented; OAEP as one integration does it."""
    padding: AsymmetricPadding = OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None) if oaep else PKCS1v15()  # noqa: S303
    return base64.b64encode(public_key(key).encrypt(pin.encode(), padding)).decode()


def signature(content: bytes, key: bytes, start: bytes) -> str:
    """x-signature: AES-256-CBC with PKCS#7 padding over the bytes that are sent, base64."""
    padder, cipher = PKCS7(128).padder(), Cipher(AES256(key), CBC(start)).encryptor()
    padded = padder.update(content) + padder.finalize()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def signed_headers(content: bytes, server_key: str) -> dict[str, str]:
    """x-signature and x-key for a message: a fresh AES key and start, under the server's RSA key."""
    key, start = os.urandom(32), os.urandom(16)
    pair = base64.b64encode(key) + b":" + base64.b64encode(start)
    return {
        "x-signature": signature(content, key, start),
        "x-key": base64.b64encode(public_key(server_key).encrypt(pair, PKCS1v15())).decode(),
    }
