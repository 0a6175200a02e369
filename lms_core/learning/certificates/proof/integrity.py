"""Signed JSON: Data Integrity proofs of the cryptosuite eddsa-jcs-2022.

W3C "Data Integrity EdDSA Cryptosuites v1.0", section 3.3: SHA-256 over the
canonical form (RFC 8785) of the proof's options, then of the document, signed
with Ed25519. Keys are Multikeys (W3C "Controlled Identifiers v1.0", 2.2.2).
"""

import hashlib
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CRYPTOSUITE = "eddsa-jcs-2022"
ED25519_PREFIX = b"\xed\x01"  # multicodec ed25519-pub
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SIGNATURE_BYTES = 64
LONGEST_ENCODING = 100

Document = dict[str, Any]


def multikey(public: Ed25519PublicKey) -> str:
    """The public key as `z6Mk...`."""
    return "z" + _base58(ED25519_PREFIX + public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def sign(document: Document, *, key: Ed25519PrivateKey, method: str, created: str) -> Document:
    """The document with a proof by `key`, which verifiers find at the URL `method`."""
    options: Document = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options = {"@context": document["@context"], **options}
    signature = key.sign(_digest(options, document))
    return {**document, "proof": {**options, "proofValue": "z" + _base58(signature)}}


def is_intact(document: Document, *, multikeys: dict[str, str]) -> bool:
    """Whether the proof is right, by the keys in `multikeys` (verification method -> Multikey)."""
    proof = document.get("proof")
    if not isinstance(proof, dict):
        return False
    value, method = proof.get("proofValue"), proof.get("verificationMethod")
    wanted = ("DataIntegrityProof", CRYPTOSUITE, "assertionMethod")
    if (proof.get("type"), proof.get("cryptosuite"), proof.get("proofPurpose")) != wanted:
        return False
    if not isinstance(value, str) or not isinstance(method, str) or method not in multikeys:
        return False
    bare = {name: part for name, part in document.items() if name != "proof"}
    options = {name: part for name, part in proof.items() if name != "proofValue"}
    if "@context" in options and options["@context"] != bare.get("@context"):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(_unbase58(multikeys[method])[len(ED25519_PREFIX) :])
        public.verify(_unbase58(value), _digest(options, bare))
    except (InvalidSignature, ValueError, RecursionError):
        return False
    return True


def _digest(options: Document, document: Document) -> bytes:
    """ValueError for what RFC 8785 cannot write down: infinities, integers beyond 2^53, lone surrogates."""
    return hashlib.sha256(rfc8785.dumps(options)).digest() + hashlib.sha256(rfc8785.dumps(document)).digest()


def _base58(content: bytes) -> str:
    """Base58btc (draft-msporny-base58-03)."""
    number, digits = int.from_bytes(content, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = BASE58[rest] + digits
    return "1" * (len(content) - len(content.lstrip(b"\x00"))) + digits


def _unbase58(text: str) -> bytes:
    """The bytes of a multibase `z...` text. ValueError."""
    if not text.startswith("z") or len(text) > LONGEST_ENCODING:
        raise ValueError("not base58btc")
    number = 0
    for character in text[1:]:
        number = number * 58 + BASE58.index(character)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
