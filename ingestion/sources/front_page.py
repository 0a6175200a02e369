"""What a course's front page (README.md or index.md at its root) says of the whole course."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.readers import Unreadable
from ingestion.readers.front_matter import split
from ingestion.readers.text import decode
from lms_core.content import text
from lms_core.content.text.schemas import Block

NAMES = ("index.md", "readme.md")  # a site's index comes before the README, which speaks of the repository
MAX_BYTES = 1_000_000
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SLUG_CHARS = 80
SUMMARY_CHARS = 600
MIN_SUMMARY = 40  # characters: a shorter paragraph is a greeting or a label
LESSON_WORDS = 60  # beyond its summary, a page with fewer words of its own only leads to the lessons
MOSTLY_LINK = 0.5
LINKED = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class FrontPage:
    """A course's front page: its path (None: there is none), its facts, and whether it is worth reading as a lesson."""

    path: str | None = None
    slug: str | None = None
    summary: str = ""
    tags: tuple[str, ...] = ()
    teaches: bool = False


def read_front_page(files: dict[str, Path]) -> FrontPage:
    """The front page among `files`; an empty one when there is none or it cannot be read."""
    by_name = {path.lower(): path for path in files if "/" not in path}
    path = next((by_name[name] for name in NAMES if name in by_name), None)
    if path is None:
        return FrontPage()
    try:
        if files[path].stat().st_size > MAX_BYTES:
            return FrontPage(path, teaches=True)
        values, body = split(decode(files[path].read_bytes()))
    except (OSError, Unreadable):
        return FrontPage(path)
    blocks = text.blocks(body)
    opening = _opening(blocks)
    stated = _line(values.get("summary")) or _line(values.get("description"))
    summary = stated or (opening.text if opening else "")
    slug = _line(values.get("slug")).lower()
    return FrontPage(
        path,
        slug=slug if SLUG.fullmatch(slug) and len(slug) <= SLUG_CHARS else None,
        summary=_cut(summary),
        tags=_tags(values.get("tags")),
        teaches=_own_words(blocks, opening, LINKED.findall(body)) >= LESSON_WORDS,
    )


def _opening(blocks: list[Block]) -> Block | None:
    """The first paragraph under the title; without a title, the first of the page."""
    title = next((at for at, block in enumerate(blocks) if block.kind == "heading" and block.level == 1), -1)
    long = [block for block in blocks[title + 1 :] if block.kind == "paragraph" and len(block.text) >= MIN_SUMMARY]
    return long[0] if long else None


def _own_words(blocks: list[Block], opening: Block | None, links: list[str]) -> int:
    """Words of the page that are no headings, no pictures, not its opening, and not mostly a link's text."""
    linked = {" ".join(re.sub(r"[*_`\\]", "", link).split()) for link in links}
    words = 0
    for block in blocks:
        if block is opening or block.kind in ("heading", "image"):
            continue
        found = max((len(link) for link in linked if link in block.text), default=0)
        if found < MOSTLY_LINK * len(block.text):
            words += len(block.text.split())
    return words


def _line(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _tags(value: Any) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(tag for item in listed if (tag := _line(item))))


def _cut(summary: str) -> str:
    """At most `SUMMARY_CHARS` characters, ending with a whole word."""
    clean = " ".join(summary.split())
    return clean if len(clean) <= SUMMARY_CHARS else clean[: SUMMARY_CHARS - 1].rsplit(" ", 1)[0] + "…"
