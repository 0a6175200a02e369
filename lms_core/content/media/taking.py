"""What becomes of a whole upload: read by its content, scanned, and taken or refused."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lms_core.content.files import sniffing
from lms_core.content.media import pictures
from lms_core.content.media.errors import Refused
from lms_core.content.media.film import tools
from lms_core.content.media.models import MediaKind
from lms_core.kit.storage import Storage

HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
DOCUMENTS = frozenset({"application/pdf", "application/zip", "audio/mpeg", "audio/wav", "audio/ogg", sniffing.TEXT})
WHY_NOT = {
    sniffing.SVG: ("svg_refused", "SVG can hold scripts. Save the picture as PNG, then upload that."),
    sniffing.HTML: ("html_refused", "Web pages can hold scripts. Import the page as a lesson, or save it as PDF."),
    "heic": ("heic_refused", "Browsers do not show HEIC. Save the photo as JPEG, then upload that."),
}
UNKNOWN = (
    "kind_refused",
    "The content is none of the kinds taken here: pictures (PNG, JPEG, WebP, GIF, AVIF), videos (MP4, MOV, WebM, "
    "MKV), sound (MP3, WAV, OGG), PDF, text, ZIP and office documents.",
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file is, by its own bytes."""

    kind: MediaKind
    media_type: str


def gathered(storage: Storage, keys: Iterable[str], *, to: Path) -> str:
    """Write the stored pieces one after the other into the file `to`; returns its SHA-256 hex."""
    digest = hashlib.sha256()
    with to.open("wb") as file:
        for piece in _all(storage, keys):
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def recognised(path: Path) -> Content:
    """What the file is. Refused, saying why and what to do, when it is nothing that is taken."""
    with path.open("rb") as file:
        head = file.read(sniffing.HEAD_BYTES)
    found = sniffing.media_type(head)
    if found == "video/mp4" and head[8:12] in HEIC_BRANDS:
        found = "heic"
    if found in WHY_NOT:
        raise Refused(*WHY_NOT[found])
    if found in pictures.TYPES:
        return Content(MediaKind.PICTURE, found)
    if found in tools.READERS:
        return Content(MediaKind.FILM, found)
    if found in DOCUMENTS:
        return Content(MediaKind.FILE, found)
    raise Refused(*UNKNOWN)


def _all(storage: Storage, keys: Iterable[str]) -> Iterator[bytes]:
    for key in keys:
        yield from storage.stream(key)
