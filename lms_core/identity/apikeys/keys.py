"""What an API key looks like: `mwk_` + 12 characters to find it by + `_` + a secret of 256 bits."""

import secrets
from dataclasses import dataclass

from lms_core.kit.ids import new_token, token_hash

MARK = "mwk_"  # so that scanners of published code know a key when they see one
PREFIX_LENGTH = len(MARK) + 12


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as its owner sees it once, and the two parts that are kept."""

    key: str
    prefix: str
    secret_hash: str


def generate() -> NewKey:
    """A random key."""
    prefix = MARK + secrets.token_hex(6)
    key = f"{prefix}_{new_token()}"
    return NewKey(key=key, prefix=prefix, secret_hash=token_hash(key))


def looks_like_key(bearer: str) -> bool:
    """Whether a bearer token is meant as an API key."""
    return bearer.startswith(MARK) and len(bearer) < 200


def prefix_of(key: str) -> str:
    """The part a key is found by."""
    return key[:PREFIX_LENGTH]


def secret_hash_of(key: str) -> str:
    """What the whole key is compared by."""
    return token_hash(key)
