"""What a source yields: a course on paper, before anything is stored.

Sources (a Markdown repository, a single document, later packages) only read;
the pipeline stores what they return. Every problem is a `Failure`, never an
exception that ends the import of the other files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

LessonKind = Literal["lesson", "assignment", "quiz"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read: a stable code, and a sentence saying why and what to do."""

    path: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class AssetDraft:
    """A picture or other file that lessons refer to as `asset:<path>`."""

    path: str  # normalised path inside the course, no leading slash, no ".."
    file: Path  # where its bytes are now
    media_type: str


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """A lesson as Markdown. Links to files inside the course are `asset:<path>` or `lesson:<source_path>[#anchor]`."""

    source_path: str
    title: str
    body: str
    language: str
    kind: LessonKind = "lesson"
    translation_of: str | None = None  # source_path of the original lesson
    documents: tuple[str, ...] = ()  # paths of the files it was read from


@dataclass(frozen=True, slots=True)
class ModuleDraft:
    """A titled run of lessons, in reading order."""

    title: str
    lessons: tuple[LessonDraft, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class CourseDraft:
    """A whole course as read from a source. `kind` names the source: markdown, document, ..."""

    title: str
    kind: str
    language: str
    modules: tuple[ModuleDraft, ...]
    summary: str = ""
    slug: str | None = None
    tags: tuple[str, ...] = ()
    assets: tuple[AssetDraft, ...] = ()
    failures: tuple[Failure, ...] = field(default=())


Progress = Callable[[int, int, str], None]  # files done, files in all, path of the file in hand
