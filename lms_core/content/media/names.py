"""What an upload is called in its course, and where its bytes lie."""

import re
import unicodedata
from collections.abc import Collection
from uuid import UUID

from lms_core.kit.storage import tenant_key

LONGEST = 80
NOT_KEPT = re.compile(r"[^a-z0-9]+")
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "text/plain; charset=utf-8": ".txt",
}
# Formats that are ZIP archives inside; only then does the name's ending stay.
ZIP_ENDINGS = frozenset({".zip", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".epub"})
TEXT_ENDINGS = frozenset({".txt", ".md", ".csv", ".py", ".json", ".tex"})


def item_name(given: str, media_type: str, *, film: bool, taken: Collection[str]) -> str:
    """A name that is safe in Markdown, addresses and downloads, and free: `intro-to-heat-2.jpg`; films have no ending.

    The ending says what the content is, whatever the given name said.
    """
    stem, dot, last = given.replace("\\", "/").rpartition("/")[2].rpartition(".")
    stem, ending = (stem, f".{last.lower()}") if dot and stem else (f"{stem}{dot}{last}", "")
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    stem = NOT_KEPT.sub("-", plain)[:LONGEST].strip("-") or "file"
    ending = "" if film else _ending(media_type, ending)
    name, number = f"{stem}{ending}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{ending}"
    return name


def _ending(media_type: str, given: str) -> str:
    if media_type == "application/zip":
        return given if given in ZIP_ENDINGS else ".zip"
    if media_type.startswith("text/plain"):
        return given if given in TEXT_ENDINGS else ".txt"
    return ENDINGS[media_type]


def upload_folder(tenant_id: UUID, course_id: UUID, upload_id: UUID) -> str:
    """Where the pieces of an upload lie."""
    return tenant_key(tenant_id, "uploads", str(course_id), str(upload_id))


def direct_key(tenant_id: UUID, course_id: UUID, upload_id: UUID) -> str:
    """Where an upload lies that goes straight to storage."""
    return f"{upload_folder(tenant_id, course_id, upload_id)}/direct"


def item_folder(tenant_id: UUID, course_id: UUID, item_id: UUID) -> str:
    """Where everything of an item lies, but for a picture or document itself, which is an asset of the course."""
    return tenant_key(tenant_id, "media", str(course_id), str(item_id))


def course_folders(tenant_id: UUID, course_id: UUID) -> tuple[str, str]:
    """Everything of a course: its uploads and its items."""
    return tenant_key(tenant_id, "uploads", str(course_id)), tenant_key(tenant_id, "media", str(course_id))


def quarantine_key(tenant_id: UUID, upload_id: UUID) -> str:
    """Where an infected file lies: nothing serves from there."""
    return tenant_key(tenant_id, "quarantine", str(upload_id))
