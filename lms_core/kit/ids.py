"""Identifiers: UUIDv7 (RFC 9562), so rows created together lie together, and random tokens."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7; sorts by creation time to the millisecond."""
    return uuid_utils.compat.uuid7()


def first_id_at(moment: datetime) -> UUID:
    """The lowest UUIDv7 of a moment: what was made before it has a lower id."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)


def new_token() -> str:
    """A random URL-safe token of 256 bits, for links, cookies and refresh tokens."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """How a token is stored: its SHA-256 hex, so a stolen database holds no usable token."""
    return hashlib.sha256(token.encode()).hexdigest()


def parse_id(value: str) -> UUID | None:
    """The UUID written in `value`, or None when it is none."""
    try:
        return UUID(value)
    except ValueError:
        return None
