"""The public verbs of lesson text: `render`, `blocks`, `plain`."""

import math
import re
from dataclasses import dataclass

from lms_core.content.text.page import OutlineEntry, Page, Resolve, finish
from lms_core.content.text.parser import to_html
from lms_core.content.text.reading import read_blocks
from lms_core.content.text.sanitise import sanitise
from lms_core.content.text.schemas import Block

# Silent reading of non-fiction in English: Brysbaert (2019), "How many words do we read per minute?"
WORDS_A_MINUTE = 238
# Scripts written without spaces count by the character.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True, slots=True)
class RenderedLesson:
    """A lesson as its page shows it: safe HTML, its headings in order, its length."""

    html: str
    outline: tuple[OutlineEntry, ...]
    word_count: int
    reading_minutes: int  # at least 1


def render(markdown: str, *, resolve: Resolve | None = None, base_heading: int = 1) -> RenderedLesson:
    """Render `markdown` to HTML that is safe to place in a page and asks nothing of a third party.

    `resolve` maps `asset:...`, `lesson:...`, `video:...` and relative URLs to addresses of this
    service; without it, or where it answers None, a link leaves its text and a
    picture its alternative text. `base_heading` (1 to 6) is the level a level-1
    heading is shown at, deeper ones following. Never raises on any input text.
    """
    page = _page(markdown, resolve=resolve, base_heading=base_heading, coloured=True)
    words = sum(len(WORD.findall(block.text)) for block in read_blocks(page.html))
    return RenderedLesson(page.html, page.headings, words, max(1, math.ceil(words / WORDS_A_MINUTE)))


def blocks(markdown: str) -> list[Block]:
    """The lesson's blocks in reading order, with the anchors, pages and times of the rendered page.

    Table cells are joined by " | "; a displayed formula is its LaTeX source.
    """
    return read_blocks(_page(markdown, resolve=None, base_heading=1, coloured=False).html)


def plain(markdown: str) -> str:
    """The text of all blocks, one a line (code keeps its lines): for search, and to check a quote."""
    return "\n".join(block.text for block in blocks(markdown))


def _page(markdown: str, *, resolve: Resolve | None, base_heading: int, coloured: bool) -> Page:
    return finish(sanitise(to_html(markdown, coloured=coloured)), resolve=resolve, base_heading=base_heading)
