"""Time-based one-time passwords (RFC 6238): six digits, 30 seconds, HMAC-SHA-1, as applications have it."""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD = 30
DIGITS = 6
DRIFT = 1  # steps before and after the present one: a telephone's clock is rarely right (RFC 6238, 5.2)
SECRET_BYTES = 20  # RFC 4226, 4, R6


def new_secret() -> bytes:
    """A random shared secret."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(moment: datetime) -> int:
    """The number of the time step `moment` lies in."""
    return int(moment.timestamp()) // PERIOD


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The time step near `now`, later than `after`, whose code this is; None when there is none."""
    present = step_of(now)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def base32(secret: bytes) -> str:
    """The secret as people type it into an application."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, *, account: str, issuer: str) -> str:
    """The `otpauth:` address that a QR code carries (Key Uri Format of Google Authenticator)."""
    query = urlencode({"secret": base32(secret), "issuer": issuer, "digits": DIGITS, "period": PERIOD}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='@')}?{query}"
