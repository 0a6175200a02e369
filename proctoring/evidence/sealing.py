"""Encryption of pictures: AES-256-GCM under a key of the session, which the installation's key wraps.

The key in memory is derived from `MWALIMU_SECRET_KEY`, so a stolen database and
bucket show nothing; deleting a session's wrapped key makes what backups still
hold of its pictures unreadable. A picture is bound to its id: swapped files do
not open. The nonce is 96 random bits (NIST SP 800-38D allows 2^32 under one key).
"""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms_core.kit.crypto import Keys

PURPOSE = "proctoring.session-key"
NONCE_BYTES = 12


class Altered(ValueError):
    """Sealed bytes that were changed, swapped, or sealed under another key."""


def new_wrapped(keys: Keys) -> bytes:
    """A fresh data key, wrapped."""
    return keys.encrypt(PURPOSE, AESGCM.generate_key(bit_length=256))


def seal(keys: Keys, wrapped: bytes, content: bytes, *, bound_to: UUID) -> bytes:
    """`content` encrypted: nonce, then ciphertext with its tag."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(keys, wrapped).encrypt(nonce, content, bound_to.bytes)


def unseal(keys: Keys, wrapped: bytes, sealed: bytes, *, bound_to: UUID) -> bytes:
    """The content again. Altered when it is not what was sealed."""
    try:
        return _cipher(keys, wrapped).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.bytes)
    except InvalidTag as error:
        raise Altered("cannot be opened with this session's key") from error


def _cipher(keys: Keys, wrapped: bytes) -> AESGCM:
    return AESGCM(keys.decrypt(PURPOSE, wrapped))
