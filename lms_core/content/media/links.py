"""Addresses of a film's files: item and end, signed, so that no segment asks the database.

The right to watch is checked when the link is made. Playlists name their files
relatively, so one token stands in the path of all of them.
"""

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from lms_core.content.media.names import item_folder
from lms_core.kit.crypto import Keys
from lms_core.kit.storage_links import StorageLinkOver

LIFE = timedelta(hours=2)
PURPOSE = "media.link"
LAYOUT = struct.Struct(">16s16s16sQ")
SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class FilmLink:
    """What a token says."""

    tenant_id: UUID
    course_id: UUID
    item_id: UUID
    expires_at: datetime

    @property
    def folder(self) -> str:
        """The storage folder of the film's files."""
        return item_folder(self.tenant_id, self.course_id, self.item_id)


def write(keys: Keys, link: FilmLink) -> str:
    """The token of a link, safe in a path."""
    body = LAYOUT.pack(link.tenant_id.bytes, link.course_id.bytes, link.item_id.bytes, int(link.expires_at.timestamp()))
    return base64.urlsafe_b64encode(body + _signature(keys, body)).rstrip(b"=").decode()


def read(keys: Keys, token: str, *, now: datetime) -> FilmLink:
    """The link of a token. StorageLinkOver when it is altered or its time is over."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError as error:
        raise StorageLinkOver() from error
    body, signature = raw[: LAYOUT.size], raw[LAYOUT.size :]
    if len(body) != LAYOUT.size or not hmac.compare_digest(signature, _signature(keys, body)):
        raise StorageLinkOver()
    tenant, course, item, until = LAYOUT.unpack(body)
    expires_at = datetime.fromtimestamp(until, UTC)
    if expires_at < now:
        raise StorageLinkOver()
    return FilmLink(UUID(bytes=tenant), UUID(bytes=course), UUID(bytes=item), expires_at)


def _signature(keys: Keys, body: bytes) -> bytes:
    return hmac.new(keys.derive(PURPOSE), body, sha256).digest()[:SIGNATURE_BYTES]
