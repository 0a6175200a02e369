"""The plain shapes of lesson text, shared by the reader page, chunking and citations."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list_item", "code", "table_row", "table_header", "quote", "math", "image"]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a lesson as a reader sees it: plain text without markup.

    `text` is exactly what the rendered page shows for this block (white space
    folded, except in code), so any slice of it can be found on the page.
    """

    kind: BlockKind
    text: str
    anchor: str | None  # id of the nearest heading above, as in the rendered HTML
    heading_path: tuple[str, ...]  # texts of the enclosing headings, outermost first
    level: int = 0  # heading level 1 to 6; list nesting depth from 1; else 0
    page: int | None = None
    start_seconds: float | None = None
    language: str | None = None  # a code block's language
    ordered: bool = False  # a list item of a numbered list
