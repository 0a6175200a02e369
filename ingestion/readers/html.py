"""HTML to Markdown in one pass without recursion, so that no nesting is too deep.

Keeps headings, paragraphs, lists, tables, code, quotes, links, pictures and alternative texts; leaves out
scripts, styles, navigation, forms and other furniture of a site.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ingestion.readers.text import escape_inline, escape_line_starts, fence

SKIPPED = frozenset(
    [
        "script",
        "style",
        "nav",
        "noscript",
        "template",
        "svg",
        "button",
        "select",
        "textarea",
        "iframe",
        "object",
        "embed",
        "canvas",
        "footer",
        "aside",
        "form",
        "dialog",
        "head",
        "audio",
        "video",
        "map",
    ]
)
VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "address",
        "figure",
        "figcaption",
        "dl",
        "dt",
        "dd",
        "fieldset",
        "details",
        "summary",
        "center",
        "body",
        "html",
        "caption",
        "tbody",
        "thead",
        "tfoot",
        "hgroup",
        "ul",
        "ol",
        "table",
        "tr",
        "td",
        "th",
        "li",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
FURNITURE = re.compile(
    r"(?:^|\s)(?:nav|navbar|navbox|navigation|toc|sidebar|breadcrumbs?|cookie-\w+|noprint|mw-editsection|"
    r"skip-link|site-header|site-footer|menu|mw-jump-link|vector-header\S*|catlinks|headerlink)(?:\s|$)",
    re.I,
)
FURNITURE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu"})
EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*"}
MAX_NESTED = 8  # frames whose contents are indented; deeper ones lie flat
LAYOUT_CELL = 600  # characters: a longer cell shows a table used for layout
SAFE_LINK = re.compile(r"(?:https?:|mailto:|asset:|lesson:|#|/|\.|[\w%-]+(?:[/.#?]|$))", re.I)


@dataclass(slots=True)
class _Frame:
    """A container whose blocks are gathered before they are written into the one around it."""

    tag: str
    blocks: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    number: int | None = None
    start: int = 0  # of the link's or emphasis's text in the frame's inline pieces
    heading_cells: bool = False


class MarkdownWriter(HTMLParser):
    """Feed it HTML, then ask for `markdown()`; `title` and `language` are what the page says of itself."""

    def __init__(self, *, only_main: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.language: str | None = None
        self._only_main = only_main
        self._in_main = 0
        self._open: list[str] = []
        self._counts: dict[str, int] = {}
        self._skip_at: int | None = None
        self._in_title = False
        self._frames = [_Frame("root")]
        self._marks: list[tuple[str, int, str]] = []  # inline element, start piece, its target
        self._pre: list[str] | None = None
        self._pre_language = ""

    def markdown(self) -> str:
        """Everything written so far."""
        while len(self._frames) > 1:
            self._close_frame()
        self._flush()
        text = "\n\n".join(self._frames[0].blocks)
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    # -- the parser's calls --------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        if tag == "html":
            self.language = attributes.get("lang") or attributes.get("xml:lang") or None
        if tag == "title":
            self._in_title = not self.title
        if tag in VOID:
            if self._visible():
                self._void(tag, attributes)
            return
        self._implied_end(tag)
        self._open.append(tag)
        self._counts[tag] = self._counts.get(tag, 0) + 1
        if tag in ("main",) or attributes.get("role") == "main":
            self._in_main = self._in_main or len(self._open)
        if self._skip_at is None and (tag in SKIPPED or _is_furniture(tag, attributes)):
            self._skip_at = len(self._open)
        if self._visible():
            self._start(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if not self._counts.get(tag):
            return
        while self._open:
            visible = self._visible()
            name = self._open.pop()
            self._counts[name] -= 1
            if visible:
                self._end(name)
            if self._skip_at is not None and len(self._open) < self._skip_at:
                self._skip_at = None
            if self._in_main and len(self._open) < self._in_main:
                self._in_main = 0
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if not self._visible() or self._in_title:
            return
        if self._pre is not None:
            self._pre.append(data)
        elif self._marks and self._marks[-1][0] == "code":
            self._frames[-1].inline.append(data)
        else:
            self._frames[-1].inline.append(escape_inline(re.sub(r"\s+", " ", data)))

    # -- elements ------------------------------------------------------------

    def _visible(self) -> bool:
        return self._skip_at is None and (bool(self._in_main) or not self._only_main)

    def _implied_end(self, tag: str) -> None:
        closes = {"li": ("li",), "p": ("p",), "tr": ("tr",), "td": ("td", "th"), "th": ("td", "th"), "dt": ("dd",)}
        if self._open and self._open[-1] in closes.get(tag, ()):
            self.handle_endtag(self._open[-1])

    def _void(self, tag: str, attributes: dict[str, str]) -> None:
        inline = self._frames[-1].inline
        if tag == "br":
            if self._pre is not None:
                self._pre.append("\n")
            else:
                inline.append("\\\n")
        elif tag == "hr":
            self._flush()
            self._frames[-1].blocks.append("---")
        elif tag == "img" and self._pre is None:
            alt = escape_inline(re.sub(r"\s+", " ", attributes.get("alt", "")).strip())
            source = attributes.get("src", "")
            shown = SAFE_LINK.match(source) and not source.lower().startswith("data:")
            inline.append(f"![{alt}]({_target(source)})" if shown else alt)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in BLOCKS:
            self._flush()
        if tag == "pre" and self._pre is None:
            self._pre, self._pre_language = [], _code_language(attributes)
        elif tag == "code" and self._pre is not None:
            self._pre_language = self._pre_language or _code_language(attributes)
        elif self._pre is not None:
            return
        elif tag in ("ul", "ol", "table", "blockquote", "li", "td", "th"):
            self._open_frame(tag, attributes)
        elif tag == "tr" and self._frames[-1].tag == "table":
            self._frames[-1].rows.append([])
        elif tag in EMPHASIS or tag in ("a", "code"):
            self._marks.append((tag, len(self._frames[-1].inline), attributes.get("href", "")))

    def _end(self, tag: str) -> None:
        if tag == "pre" and self._pre is not None:
            code = "".join(self._pre).strip("\n")
            self._pre = None
            if code.strip():
                self._frames[-1].blocks.append(fence(code, self._pre_language))
        elif self._pre is not None:
            return
        elif re.fullmatch(r"h[1-6]", tag):
            self._heading(int(tag[1]))
        elif tag in ("ul", "ol", "table", "blockquote", "li", "td", "th"):
            self._flush()
            if self._frames[-1].tag == tag:
                self._close_frame()
        elif tag in BLOCKS:
            self._flush()
        elif self._marks and self._marks[-1][0] == tag:
            self._inline_end()

    def _heading(self, level: int) -> None:
        text = self._take_inline().replace("\\\n", " ").strip()
        if text:
            self._frames[-1].blocks.append(f"{'#' * level} {text}")

    def _inline_end(self) -> None:
        tag, start, target = self._marks.pop()
        inline = self._frames[-1].inline
        text = "".join(inline[start:])
        del inline[start:]
        inner = text.strip()
        if not inner or "\n" in inner:
            inline.append(text)
            return
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        if tag == "code":
            ticks = "`" * (max((len(run) for run in re.findall(r"`+", inner)), default=0) + 1)
            pad = " " if "`" in inner else ""
            inner = f"{ticks}{pad}{inner}{pad}{ticks}"
        elif tag == "a":
            inner = f"[{inner}]({_target(target)})" if target and SAFE_LINK.match(target) else inner
        else:
            inner = f"{EMPHASIS[tag]}{inner}{EMPHASIS[tag]}"
        inline.append(before + inner + after)

    # -- frames --------------------------------------------------------------

    def _open_frame(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._frames) > MAX_NESTED * 3:
            return
        if tag in ("td", "th") and self._frames[-1].tag == "table":
            self._frames[-1].heading_cells = self._frames[-1].heading_cells or tag == "th"
        start = attributes.get("start", "1")
        number = (int(start) if start.isdigit() and len(start) < 9 else 1) if tag == "ol" else None
        self._frames.append(_Frame(tag, number=number))

    def _close_frame(self) -> None:
        self._flush()
        frame = self._frames.pop()
        parent = self._frames[-1]
        if frame.tag == "li":
            self._list_item("\n\n".join(frame.blocks), parent)
        elif frame.tag in ("td", "th"):
            if parent.tag == "table":
                if not parent.rows:
                    parent.rows.append([])
                parent.rows[-1].append("\n\n".join(frame.blocks))
            else:
                parent.blocks.extend(frame.blocks)
        elif frame.tag == "table":
            parent.blocks.extend([*frame.blocks, *_table(frame.rows)])
        elif frame.tag == "blockquote":
            if frame.blocks:
                text = "\n\n".join(frame.blocks)
                parent.blocks.append("\n".join(f"> {line}".rstrip() for line in text.split("\n")))
        elif frame.blocks:
            parent.blocks.append("\n".join(frame.blocks))

    def _list_item(self, text: str, parent: _Frame) -> None:
        if not text:
            return
        mark = "- "
        if parent.tag == "ol" and parent.number is not None:
            mark, parent.number = f"{parent.number}. ", parent.number + 1
        indent = " " * len(mark)
        lines = text.split("\n")
        parent.blocks.append(mark + "\n".join([lines[0], *(indent + line if line else "" for line in lines[1:])]))

    def _take_inline(self) -> str:
        self._marks.clear()
        inline = self._frames[-1].inline
        text = re.sub(r"[ \t\xa0]+", " ", "".join(inline)).strip()
        inline.clear()
        text = re.sub(r" ?\\\n ?", "\\\n", text)
        return re.sub(r"^(?:\\\n)+|(?:\\\n)+$|\\$", "", text)

    def _flush(self) -> None:
        text = self._take_inline()
        if text.strip():
            self._frames[-1].blocks.append(escape_line_starts(text))


def to_markdown(html: str) -> tuple[str, str, str | None]:
    """The Markdown, the page's own title ("" when it has none) and its language."""
    only_main = bool(re.search(r"<main\b|role=[\"']?main\b", html, re.I))
    writer = _written(html, only_main=only_main)
    body = writer.markdown()
    if only_main and len(body.strip()) < 40:
        writer = _written(html, only_main=False)
        body = writer.markdown()
    return body, re.sub(r"\s+", " ", writer.title).strip(), writer.language


def _written(html: str, *, only_main: bool) -> MarkdownWriter:
    writer = MarkdownWriter(only_main=only_main)
    writer.feed(html)
    writer.close()
    return writer


def _table(rows: list[list[str]]) -> list[str]:
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    columns = max((len(row) for row in rows), default=0)
    filled = max((sum(bool(cell.strip()) for cell in row) for row in rows), default=0)
    longest = max((len(cell) for row in rows for cell in row), default=0)
    if filled < 2 or longest > LAYOUT_CELL or columns > 60:
        return [cell for row in rows for cell in row if cell.strip()]
    lines = [_row(row, columns) for row in rows]
    return ["\n".join([lines[0], "|" + " --- |" * columns, *lines[1:]])]


def _row(cells: list[str], columns: int) -> str:
    flat = [re.sub(r"\s*\\?\n\s*", " ", cell).strip() for cell in cells] + [""] * (columns - len(cells))
    return "| " + " | ".join(flat) + " |"


def _is_furniture(tag: str, attributes: dict[str, str]) -> bool:
    if tag in ("html", "body", "main", "article"):
        return False
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    return hidden or attributes.get("role", "") in FURNITURE_ROLES or bool(FURNITURE.search(names))


def _target(url: str) -> str:
    return re.sub(r"[\s<>()\\]", lambda found: f"%{ord(found.group(0)):02X}", url.strip())


def _code_language(attributes: dict[str, str]) -> str:
    found = re.search(r"(?:language|lang|highlight-source)-([\w+#-]{1,30})", attributes.get("class", ""))
    return found.group(1) if found else ""
