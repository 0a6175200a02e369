"""Where the files of submissions lie: one drawer a course among the stored files, apart from the course's own.

The course's files are shown to everybody who reads it, at paths under its id;
these lie under an id derived from it (RFC 9562, version 5), which no route
takes from a caller.
"""

from uuid import UUID, uuid5

from lms_core.learning.assignments.models import FileKind

NAMESPACE = UUID("6f1b9a52-5f0e-5d43-9a35-0c8d3c1f7a10")

# A word processor's document is a ZIP archive by its bytes; its name tells the two apart.
OFFICE = (".docx", ".odt", ".pptx", ".odp", ".xlsx", ".ods")
KINDS: dict[FileKind, tuple[str, ...]] = {
    FileKind.PDF: ("application/pdf",),
    FileKind.TEXT: ("text/plain",),
    FileKind.IMAGE: ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"),
    FileKind.ARCHIVE: ("application/zip", "application/gzip"),
    FileKind.AUDIO: ("audio/",),
    FileKind.VIDEO: ("video/",),
    FileKind.WEB: ("text/html", "image/svg+xml"),
}


def drawer_of(course_id: UUID) -> UUID:
    """The owner id under which the files of a course's submissions are kept."""
    return uuid5(NAMESPACE, course_id.hex)


def kind_of(media_type: str, name: str) -> FileKind | None:
    """The kind of a file by its sniffed type; only between documents and archives does its name decide."""
    if media_type == "application/zip" and name.lower().endswith(OFFICE):
        return FileKind.DOCUMENT
    return next((kind for kind, types in KINDS.items() if media_type.startswith(types)), None)
