"""A lesson's Markdown as the blocks an editor shows one by one, cut so that joining them gives the same bytes.

What a block says is also told as `fields`, where writing them again (`static/js/editor/writing.js`) says the same.
Everything else is a block of kind "markdown", which is edited as it stands; so nothing is lost that an editor does
not know.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from markdown_it.token import Token

from lms_core.content.text.divs import closing_place
from lms_core.content.text.parser import NEWLINE, block_tokens

SourceKind = Literal[
    "text", "heading", "image", "video", "file", "embed", "quiz", "assignment", "code", "table", "callout", "exercise",
    "formula", "divider", "markdown",
]  # fmt: skip
Fields = Mapping[str, str | int | list[str] | list[list[str]]]
Read = tuple[SourceKind, Fields]

HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
LABEL = r"(?P<label>(?:[^\[\]\\\n]|\\[\[\]\\])*)"
TARGET = r"(?P<target>[^\s()<>\"\\]+)"
SHOWN = re.compile(rf"!\[{LABEL}\]\((?P<scheme>asset|video|embed):{TARGET}\)")
LINKED = re.compile(rf"\[{LABEL}\]\((?P<scheme>asset|quiz|assignment):{TARGET}\)")
SHOWN_AS: dict[str, SourceKind] = {"asset": "image", "video": "video", "embed": "embed"}
LINKED_AS: dict[str, SourceKind] = {"asset": "file", "quiz": "quiz", "assignment": "assignment"}
ESCAPED = re.compile(r"\\([\[\]\\])")
FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)")
PIPE = re.compile(r"(?<!\\)\|")
QUOTED = re.compile(r">(?: |(?![ \t]))(.*)")
ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*", re.IGNORECASE)
DIV = re.compile(r":{3,}[ \t]*(?:\{[ \t]*\.([A-Za-z][\w-]*)[ \t]*\}|([A-Za-z][\w-]*))[ \t]*")
DIV_END = re.compile(r":{3,}[ \t]*")
EXERCISES = frozenset({"exercise", "challenge"})


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """A block: its Markdown, the line ends and empty lines after it, and what it says where that is understood."""

    kind: SourceKind
    source: str
    after: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class SplitText:
    """A text in blocks: `lead` (the empty lines before them), then `source` and `after` of each, is the text."""

    lead: str
    blocks: tuple[SourceBlock, ...]


def split(markdown: str) -> SplitText:
    """Cut `markdown` into blocks. Works on any text, in time that grows with its length."""
    tokens = block_tokens(markdown)
    lines = _lines(markdown)
    first = next((number for number, line in enumerate(lines) if _says(line)), len(lines))
    blocks = []
    for start, end, token in _runs(tokens, lines, first):
        written = end
        while not _says(lines[written - 1]):
            written -= 1
        whole = "".join(lines[start:written])
        source = whole.rstrip("\r\n")
        after = whole[len(source) :] + "".join(lines[written:end])
        kind, fields = _read(source, token)
        blocks.append(SourceBlock(kind, source, after, fields))
    return SplitText("".join(lines[:first]), tuple(blocks))


def _lines(markdown: str) -> list[str]:
    """Lines with their ends, counted as the parser does."""
    places = [0, *(found.end() for found in NEWLINE.finditer(markdown)), len(markdown)]
    return [markdown[a:b] for a, b in pairwise(places) if a < b]


def _says(line: str) -> bool:
    return bool(line.strip(" \t\r\n"))


def _runs(tokens: Sequence[Token] | None, lines: Sequence[str], first: int) -> Iterator[tuple[int, int, Token | None]]:
    """Line ranges of the top-level blocks, each up to the next; None marks lines that are in no block.

    Link definitions, for one, leave no token, so what lies between two blocks may say something too.
    """
    if tokens is None:
        if first < len(lines):
            yield first, len(lines), None
        return
    starts: list[tuple[int, Token | None]] = []
    cursor = first
    for token in tokens:
        if token.level or token.map is None or token.nesting < 0 or token.map[0] < cursor:
            continue
        start, end = token.map[0], min(token.map[1], len(lines))
        starts.extend(_unclaimed(lines, cursor, start))
        starts.append((start, token))
        cursor = max(end, start + 1)
        while cursor > start + 1 and not _says(lines[cursor - 1]):
            cursor -= 1
    starts.extend(_unclaimed(lines, cursor, len(lines)))
    ends = [*(start for start, _ in starts[1:]), len(lines)]
    for (start, opening), end in zip(starts, ends, strict=False):  # without any block there is one end too many
        yield start, end, opening


def _unclaimed(lines: Sequence[str], start: int, end: int) -> list[tuple[int, None]]:
    found = next((number for number in range(start, end) if _says(lines[number])), None)
    return [] if found is None else [(found, None)]


def _read(source: str, token: Token | None) -> Read:
    verbatim: Read = ("markdown", {"text": source})
    if token is None:
        return verbatim
    lines = NEWLINE.split(source)
    reader = READERS.get(token.type)
    return (reader(lines, token) if reader else None) or (
        ("text", {"text": source}) if token.type in TEXTS else verbatim
    )


def _heading(lines: Sequence[str], _token: Token) -> Read | None:
    found = HEADING.fullmatch(lines[0]) if len(lines) == 1 else None
    return ("heading", {"level": len(found.group(1)), "text": found.group(2)}) if found else None


def _paragraph(lines: Sequence[str], _token: Token) -> Read | None:
    if len(lines) != 1:
        return None
    line = lines[0].rstrip(" \t")
    for pattern, kinds in ((SHOWN, SHOWN_AS), (LINKED, LINKED_AS)):
        found = pattern.fullmatch(line)
        if found:
            label = ESCAPED.sub(r"\1", found["label"])
            return kinds[found["scheme"]], {"label": label, "target": found["target"]}
    return None


def _code(lines: Sequence[str], _token: Token) -> Read | None:
    opened = FENCE.fullmatch(lines[0])
    if opened is None or len(lines) < 2 or lines[1:-1] == [""]:  # one empty line is not the same as none
        return None
    end, fence = lines[-1].rstrip(" \t"), opened.group(1)
    if len(end) < len(fence) or end.strip(fence[0]):
        return None
    return "code", {"language": opened.group(2).strip(), "code": "\n".join(lines[1:-1])}


def _table(lines: Sequence[str], _token: Token) -> Read | None:
    header, aligns = _cells(lines[0]), [cell.strip() for cell in lines[1].strip(" \t|").split("|")]
    rows = [_cells(line) for line in lines[2:]]
    width = len(header)
    if len(aligns) != width or any(len(row) > width for row in rows):
        return None
    return "table", {
        "header": header,
        "align": [_alignment(cell) for cell in aligns],
        "rows": [row + [""] * (width - len(row)) for row in rows],
    }


def _cells(line: str) -> list[str]:
    cells = PIPE.split(line.strip(" \t"))
    if cells[0] == "":
        cells = cells[1:]
    if cells and cells[-1] == "":
        cells = cells[:-1]
    return [cell.replace("\\|", "|").strip(" \t") for cell in cells]


def _alignment(dashes: str) -> str:
    right = dashes.endswith(":")
    if dashes.startswith(":"):
        return "center" if right else "left"
    return "right" if right else ""


def _alert(lines: Sequence[str], _token: Token) -> Read | None:
    quoted = [QUOTED.fullmatch(line) for line in lines]
    said = [found.group(1) for found in quoted if found]
    kind = ALERT.fullmatch(said[0]) if len(said) == len(lines) else None
    if kind is None:
        return None
    return "callout", {"form": "alert", "kind": kind.group(1).lower(), "body": "\n".join(said[1:]).strip("\n")}


def _div(lines: Sequence[str], _token: Token) -> Read | None:
    opened = DIV.fullmatch(lines[0])
    if opened is None or closing_place(_flush(lines[1:])) != len(lines) - 2 or not DIV_END.fullmatch(lines[-1]):
        return None
    kind, body = (opened.group(1) or opened.group(2)).lower(), lines[1:-1]
    exercise = _exercise(body) if kind in EXERCISES else None
    if exercise is not None:
        return "exercise", {"kind": kind, "question": exercise[0], "solution": exercise[1]}
    return "callout", {"form": "div", "kind": kind, "body": "\n".join(body).strip("\n")}


def _exercise(lines: Sequence[str]) -> tuple[str, str] | None:
    """Question and solution of an exercise whose last part is its solution."""
    end = len(lines)
    while end and not _says(lines[end - 1]):
        end -= 1
    for start in range(end - 1, -1, -1):
        opened = DIV.fullmatch(lines[start])
        if opened and (opened.group(1) or opened.group(2)).lower() == "solution":
            break
    else:
        return None
    if start + 1 + (closing_place(_flush(lines[start + 1 : end])) or 0) != end - 1 or not DIV_END.fullmatch(
        lines[end - 1]
    ):
        return None
    if closing_place(_flush(lines[:start])) is not None:
        return None
    return "\n".join(lines[:start]).strip("\n"), "\n".join(lines[start + 1 : end - 1]).strip("\n")


def _flush(lines: Sequence[str]) -> Iterator[str]:
    """Lines without their indentation, as the parser looks at them for the ends of divs."""
    return (line.lstrip(" \t") for line in lines)


def _formula(lines: Sequence[str], token: Token) -> Read | None:
    source, tex = "\n".join(lines).strip(), token.content.strip()
    delimited = (source.startswith("$$") and source.endswith("$$")) or source.endswith("\\]")
    if not delimited or not tex or "$$" in tex or not all(_says(line) for line in tex.split("\n")):
        return None
    return "formula", {"tex": tex}


def _divider(_lines: Sequence[str], _token: Token) -> Read | None:
    return "divider", {}


TEXTS = frozenset(
    {"paragraph_open", "heading_open", "bullet_list_open", "ordered_list_open", "blockquote_open", "dl_open"}
)
READERS: dict[str, Callable[[Sequence[str], Token], Read | None]] = {
    "heading_open": _heading,
    "paragraph_open": _paragraph,
    "fence": _code,
    "table_open": _table,
    "blockquote_open": _alert,
    "callout": _div,
    "math_block": _formula,
    "hr": _divider,
}
