"""Blocks: a finished lesson page read from top to bottom as a person would see it.

Reading the page itself, not the Markdown, is what makes every quote findable on
the page: whatever the sanitiser dropped or the author hid is not here either.
"""

import re
from html import unescape

from lms_core.content.text.markup import INLINE_TAGS, VOID, Tag, folded, pieces
from lms_core.content.text.page import HEADINGS
from lms_core.content.text.schemas import Block, BlockKind

LANGUAGE = re.compile(r"language-(\S+)")
# Alternative texts that say nothing: a file's name, or a word for "picture".
EMPTY_ALT = re.compile(
    r"(?:the |an? )?(?:image|img|icon|logo|picture|photo|screenshot|figure|badge|banner|thumbnail)s?\s*\d*"
    r"|\S+\.\w{2,4}",
    re.IGNORECASE,
)
SKIPPED_CLASSES = frozenset({"callout-title", "footnote-backref"})


def read_blocks(html: str) -> list[Block]:
    """The blocks of a page made by `page.finish`, in order."""
    reader = _Reader()
    for piece in pieces(html):
        if isinstance(piece, str):
            reader.text(unescape(piece))
        else:
            reader.tag(piece)
    reader.flush()
    return reader.blocks


class _Reader:
    """Where in the page we are, and the text gathered since the last block."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.place: tuple[int | None, float | None] = (None, None)
        self.began: tuple[int | None, float | None] = (None, None)
        self.path: list[tuple[int, str]] = []  # levels and texts of the enclosing headings
        self.anchor: str | None = None
        self.heading_id: str | None = None
        # Headings inside a callout end with it: the path and anchor from before each open one.
        self.callouts: list[tuple[list[tuple[int, str]], str | None]] = []
        self.contexts: list[str] = []  # open li and blockquote elements, innermost last
        self.lists: list[bool] = []  # open lists: whether numbered
        self.item_read = [False]  # per open li: whether its own text was seen
        self.skip = self.pre = self.tables = self.math = 0
        self.cells: list[str] = []
        self.header_cells = 0
        self.in_head = False
        self.language: str | None = None
        self.formula: str | None = None
        self.alt: list[str] | None = None  # text of an image shown as its alternative text
        self.alt_depth = 0

    def text(self, text: str) -> None:
        if self.skip:
            return
        if self.alt is not None:
            self.alt.append(text)
            return
        if not self.buffer:
            if not self.pre and not text.strip():
                return
            self.began = self.place
        self.buffer.append(text)

    def tag(self, tag: Tag) -> None:
        if self.skip:
            if tag.name not in VOID:
                self.skip += -1 if tag.closing else 1
            return
        if not tag.closing and self._not_for_readers(tag):
            if tag.name not in INLINE_TAGS:
                self._boundary()
            if tag.name not in VOID:
                self.skip = 1
            return
        if self.alt is not None or (tag.name == "span" and "image-alt" in tag.classes()):
            self._alternative(tag)
        elif tag.name == "img":
            self._image(tag.attributes.get("alt", ""))
        elif tag.name in INLINE_TAGS:
            self._inline(tag)
        elif self.tables or tag.name == "table":
            self._table(tag)
        else:
            self._block(tag)

    def _not_for_readers(self, tag: Tag) -> bool:
        return "hidden" in tag.attributes or not SKIPPED_CLASSES.isdisjoint(tag.classes())

    def _alternative(self, tag: Tag) -> None:
        if self.alt is None:
            self.alt, self.alt_depth = [], 0
        self.alt_depth += -1 if tag.closing else 1
        if self.alt_depth == 0:
            shown, self.alt = "".join(self.alt), None
            self._image(shown)

    def _image(self, alt: str) -> None:
        if self.heading_id is not None or self.tables:
            self.buffer.append(" ")
            return
        self.flush()
        shown = folded(alt)
        if len(shown) > 2 and not EMPTY_ALT.fullmatch(shown):
            self.began = self.place
            self._add("image", shown)

    def _inline(self, tag: Tag) -> None:
        if tag.name == "math" and not tag.closing:
            self.formula = tag.attributes.get("alttext")
        elif tag.name == "span" and "page-mark" in tag.classes():
            self.place = (int(tag.attributes.get("id", "page-0").removeprefix("page-") or 0), self.place[1])
        elif tag.name == "span" and "time-mark" in tag.classes():
            self.place = (self.place[0], float(tag.attributes.get("id", "t-0").removeprefix("t-") or 0))
        elif tag.name == "code" and self.pre and not tag.closing:
            found = LANGUAGE.search(tag.attributes.get("class", ""))
            self.language = found.group(1) if found else None

    def _block(self, tag: Tag) -> None:
        if tag.name == "br":
            self.text("\n")
            return
        if tag.name in HEADINGS:
            self._heading(tag)
            return
        if tag.name == "pre" or "math-block" in tag.classes() or self.math:
            self._verbatim(tag)
            return
        self.flush()
        if tag.name in ("ul", "ol"):
            if tag.closing:
                self.lists.pop()
            else:
                self.lists.append(tag.name == "ol")
        elif tag.name in ("aside", "details"):
            if tag.closing:
                self.path, self.anchor = self.callouts.pop()
            else:
                self.callouts.append((list(self.path), self.anchor))
        elif tag.name in ("li", "blockquote"):
            if tag.closing:
                self.contexts.pop()
                self.item_read.pop()
            else:
                self.contexts.append(tag.name)
                self.item_read.append(False)

    def _verbatim(self, tag: Tag) -> None:
        """A code block or a displayed formula opens or closes."""
        if not tag.closing:
            self.flush()
            self.pre, self.math = int(tag.name == "pre"), int(tag.name != "pre")
            self.language = self.formula = None
            return
        text = "".join(self.buffer)
        self.buffer = []
        if self.pre:
            if text.strip():
                self._add("code", text.rstrip("\n"), language=self.language)
        elif text.strip():
            self._add("math", folded(self.formula or text))
        self.pre = self.math = 0

    def _heading(self, tag: Tag) -> None:
        if not tag.closing:
            self.flush()
            self.heading_id = tag.attributes.get("id", "")
            return
        text, anchor = folded("".join(self.buffer)), self.heading_id
        self.buffer, self.heading_id = [], None
        if not text or not anchor:
            return
        level = HEADINGS[tag.name]
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        self.anchor = anchor
        self._add("heading", text, level=level)
        self.path.append((level, text))

    def _table(self, tag: Tag) -> None:
        if tag.name == "table":
            if self.tables == 0:
                self.flush()
            self.tables += -1 if tag.closing else 1
            self.in_head = False
        elif self.tables > 1 or tag.name == "br":
            self.text(" ")
        elif tag.name in ("td", "th"):
            self._cell(tag)
        elif tag.name == "tr" and tag.closing:
            self._row()
        elif tag.name == "thead":
            self.in_head = not tag.closing
        elif tag.name == "caption":
            self.flush()
        else:
            self.text(" ")

    def _cell(self, tag: Tag) -> None:
        if not tag.closing:
            self.buffer = []
            return
        self.cells.append(folded("".join(self.buffer)))
        self.header_cells += tag.name == "th"
        self.buffer = []

    def _row(self) -> None:
        cells, headers = self.cells, self.header_cells
        self.cells, self.header_cells = [], 0
        if any(cells):
            self.began = self.place
            header = self.in_head or headers == len(cells)
            self._add("table_header" if header else "table_row", " | ".join(cells))

    def _boundary(self) -> None:
        if self.tables:
            self.buffer.append(" ")
        else:
            self.flush()

    def flush(self) -> None:
        """End the block in hand, if it has text."""
        text = folded("".join(self.buffer))
        self.buffer = []
        if not text:
            return
        context = self.contexts[-1] if self.contexts else ""
        if context == "li" and not self.item_read[-1]:
            self.item_read[-1] = True
            ordered = bool(self.lists) and self.lists[-1]
            self._add("list_item", text, level=max(1, len(self.lists)), ordered=ordered)
        else:
            self._add("quote" if context == "blockquote" else "paragraph", text)

    def _add(
        self, kind: BlockKind, text: str, *, level: int = 0, ordered: bool = False, language: str | None = None
    ) -> None:
        self.blocks.append(
            Block(
                kind=kind,
                text=text,
                anchor=self.anchor,
                heading_path=tuple(title for _, title in self.path),
                level=level,
                page=self.began[0],
                start_seconds=self.began[1],
                language=language,
                ordered=ordered,
            )
        )
