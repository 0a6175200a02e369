"""Short-lived links to pictures: snapshot, person, size and end, signed with the installation's key."""

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from lms_core.kit.crypto import Keys
from proctoring.evidence.errors import LinkOver

LIFE = timedelta(minutes=5)
PURPOSE = "proctoring.evidence-link"
LAYOUT = struct.Struct(">16s16sQ?")
SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says."""

    snapshot_id: UUID
    user_id: UUID
    expires_at: datetime
    thumbnail: bool


def write(keys: Keys, link: Link) -> str:
    """The token of a link, safe in a URL."""
    body = LAYOUT.pack(link.snapshot_id.bytes, link.user_id.bytes, int(link.expires_at.timestamp()), link.thumbnail)
    return base64.urlsafe_b64encode(body + _signature(keys, body)).rstrip(b"=").decode()


def read(keys: Keys, token: str, *, now: datetime) -> Link:
    """The link of a token. LinkOver when it is altered or its time is over."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise LinkOver() from error
    body, signature = raw[: LAYOUT.size], raw[LAYOUT.size :]
    if len(body) != LAYOUT.size or not hmac.compare_digest(signature, _signature(keys, body)):
        raise LinkOver()
    snapshot, person, until, thumbnail = LAYOUT.unpack(body)
    expires_at = datetime.fromtimestamp(until, UTC)
    if expires_at < now:
        raise LinkOver()
    return Link(UUID(bytes=snapshot), UUID(bytes=person), expires_at, thumbnail)


def _signature(keys: Keys, body: bytes) -> bytes:
    return hmac.new(keys.derive(PURPOSE), body, sha256).digest()[:SIGNATURE_BYTES]
