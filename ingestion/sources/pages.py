"""The lesson files of a course: read, with their front matter, and placed by language and folder."""

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ingestion.readers import Image, Limits, ReaderProcess, Unreadable, read
from ingestion.readers.front_matter import split
from ingestion.readers.text import decode
from ingestion.sources.tree import is_project_page

MARKDOWN = (".md", ".markdown", ".mdx", ".rmd")
DOCUMENTS = (".pdf", ".docx", ".ipynb")
LOOSE_DOCUMENTS = (".html", ".htm", ".txt")  # lessons only in folders without Markdown: elsewhere they are samples
WELL_KNOWN = (".pptx", ".ppt", ".doc", ".odt", ".epub", ".xlsx", ".rtf", ".srt", ".vtt")
INTRODUCTIONS = ("index", "readme")
TRANSLATED = re.compile(r"(?:^|/)(?:translations|i18n|locales)/([a-z]{2,3}(?:[-_][A-Za-z]{2,4})?)/(.+)$")
SUFFIXED = re.compile(r"^(.+)\.([a-z]{2}(?:[-_][A-Za-z]{2,4})?)(\.\w+)$")


@dataclass(frozen=True, slots=True)
class Page:
    """One lesson file as read; `original` is the path it translates, else its own path.

    `place` decides where it stands in the course: the original's path, also when there is no original.
    """

    path: str
    original: str
    place: str
    title: str
    body: str
    language: str | None
    order: int | None
    pictures: tuple[Image, ...]

    @property
    def translated(self) -> bool:
        return self.original != self.path


def lesson_paths(files: dict[str, Path], *, skipped_folders: Collection[str] = ()) -> list[str]:
    """The paths among `files` that may be lessons, outside `skipped_folders` at the course's root."""
    kept = [path for path in files if not is_project_page(path) and path.split("/")[0] not in skipped_folders]
    markdown = [path for path in kept if path.lower().endswith(MARKDOWN) and PurePosixPath(path).stem != "SUMMARY"]
    wanted = MARKDOWN + DOCUMENTS + (() if markdown else LOOSE_DOCUMENTS) + WELL_KNOWN
    chosen = [path for path in kept if path.lower().endswith(wanted) and PurePosixPath(path).stem != "SUMMARY"]
    # A site's index.md is its front page; the README beside it then speaks of the repository.
    fronts = {posixpath.dirname(path) for path in chosen if PurePosixPath(path).name.lower() == "index.md"}
    return [p for p in chosen if not (PurePosixPath(p).stem.lower() == "readme" and posixpath.dirname(p) in fronts)]


def read_page(path: str, file: Path, files: dict[str, Path], *, limits: Limits, process: ReaderProcess) -> Page | None:
    """The page in `file`, or None for a draft. Raises Unreadable."""
    values: dict[str, Any] = {}
    if path.lower().endswith(MARKDOWN) and file.stat().st_size <= limits.file_bytes:
        values = split(decode(file.read_bytes()))[0]
    unwritten = str(values.get("title")).upper() in ("FIXME", "TODO", "TBD")  # a template's page nobody filled in
    if unwritten or values.get("draft") is True or values.get("published") is False:
        return None
    # A notebook or text may carry another extension that means the same to the reader.
    document = read(file, limits=limits, name=PurePosixPath(path).name, process=process)
    language, original, place = placed(path, files)
    order = next((values[key] for key in ("order", "weight", "nav_order") if type(values.get(key)) is int), None)
    title = document.title if document.title != PurePosixPath(path).stem else _from_name(path)
    stated = values.get("lang") or values.get("language")
    spoken = stated if isinstance(stated, str) else language or document.language
    return Page(path, original, place, title, document.body, spoken, order, document.images)


def placed(path: str, files: Collection[str]) -> tuple[str | None, str, str]:
    """The language that the path tells, if any; the path of the original (its own: none); and its place.

    "translations/sw/a.md" and "a.sw.md" both stand for "a.md".
    """
    found = TRANSLATED.search(path)
    if found:
        original = path[: found.start()] + ("/" if found.start() else "") + found.group(2)
        return found.group(1).replace("_", "-"), original if original in files else path, original
    suffixed = SUFFIXED.match(path)
    if suffixed and (original := suffixed.group(1) + suffixed.group(3)) in files:
        return suffixed.group(2).replace("_", "-"), original, original
    return None, path, path


def is_introduction(path: str) -> bool:
    """Whether the file opens its folder (README.md, index.md)."""
    return PurePosixPath(path).stem.lower() in INTRODUCTIONS


def is_assignment(path: str) -> bool:
    """Whether the file sets work for a lesson."""
    return bool(re.match(r"(?:assignment|homework|exercises?)(?:[-_.\d]|$)", PurePosixPath(path).stem, re.I))


def folder_title(name: str) -> str:
    """A folder's name as a title: "02-data_types" is "Data types"."""
    words = re.sub(r"^\d+[\s._-]*", "", name) or name
    words = re.sub(r"[-_]+", " ", words).strip()
    return words[:1].upper() + words[1:]


def _from_name(path: str) -> str:
    pure = PurePosixPath(path)
    return folder_title(pure.parent.name if is_introduction(path) and pure.parent.name else pure.stem)


def unreadable_if_deferred(path: str) -> None:
    """Raise Unreadable(unsupported) for kinds of documents that people know but no reader reads."""
    if path.lower().endswith(WELL_KNOWN):
        suffix = PurePosixPath(path).suffix
        reason = f"There is no reader for {suffix} files. Export it as PDF, DOCX or Markdown and import that."
        raise Unreadable("unsupported", reason)
