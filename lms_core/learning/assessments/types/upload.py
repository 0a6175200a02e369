"""File upload: files handed in for a person to mark.

Files are known by what their first bytes say (`content.files.sniffing`), not by name or declared type.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from lms_core.learning.assessments.types.shapes import Frozen, Given, PartResult, Sheet

MEGABYTE = 1024 * 1024


class FileKind(StrEnum):
    """What a file may be. Office documents are ZIP archives inside."""

    DOCUMENT = "document"
    IMAGE = "image"
    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"
    ARCHIVE = "archive"


MEDIA_TYPES: dict[FileKind, tuple[str, ...]] = {
    FileKind.DOCUMENT: ("application/pdf", "application/zip"),
    FileKind.IMAGE: ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"),
    FileKind.TEXT: ("text/plain",),
    FileKind.AUDIO: ("audio/",),
    FileKind.VIDEO: ("video/",),
    FileKind.ARCHIVE: ("application/zip", "application/gzip"),
}


class UploadKey(Frozen):
    """How many files of which size (megabytes each) and kinds; no kinds: any."""

    type: Literal["upload"] = "upload"
    maximum_files: int = Field(default=1, ge=1, le=10)
    maximum_megabytes: int = Field(default=10, ge=1, le=50)
    kinds: tuple[FileKind, ...] = Field(default=(), max_length=len(FileKind))


def accepts(key: UploadKey, media_type: str) -> bool:
    """Whether a file of this (sniffed) type may be handed in."""
    wanted = tuple(prefix for kind in key.kinds for prefix in MEDIA_TYPES[kind])
    return not key.kinds or media_type.startswith(wanted)


def texts(key: UploadKey) -> dict[str, str]:
    """Nothing to show besides the question."""
    return {}


def sheet(key: UploadKey, *, seed: str) -> Sheet:
    """No parts: files come by a route of their own."""
    return Sheet()


def results(key: UploadKey, given: Given) -> tuple[PartResult, ...]:
    """None: a person judges."""
    return ()


def share(key: UploadKey, given: Given) -> float | None:
    """None when there are files to judge, else nothing is earned."""
    return None if given.parts else 0.0
