"""Lines on a page to Markdown blocks: which lines are one paragraph, a heading, a list item or code."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingestion.readers.text import escape, fence

# Slides and Word take their bullets from symbol fonts, which PDF files map to private-use characters.
BULLET = re.compile(r"^[•◦▪‣●○■–·∙\uf0a0-\uf0ff]\s*(?=\S)|^[-*]\s+(?=\S)")
NUMBERED = re.compile(r"^(\d{1,3}[.)]|\([a-z0-9]\))\s+\S")
SENTENCE_END = re.compile(r"[.!?:;。！？؟…][\"'”’)\]]*$")
WORD_PARTED = re.compile(r"[^\W\d_]-$")
CONTENTS = re.compile(
    r"(?:table of )?contents|inhalt(?:sverzeichnis)?|sommaire|table des mati[èe]res|[íi]ndice|sum[áa]rio|yaliyomo|"
    r"(?:جدول )?المحتويات|الفهرس|目录|目次",
    re.I,
)
MAX_HEADING = 200
TALLER = 1.15  # a heading's type is at least this much taller than the body's
GAP = 1.75  # baseline distance, in line heights, that parts paragraphs


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text on a page; measures in PDF points, the origin at the bottom left.

    A word parted at the end of a line takes the next line with it: `last_top` is then the top of that one.
    """

    text: str
    left: float
    right: float
    top: float
    height: float
    last_top: float
    bold: bool = False
    monospaced: bool = False

    def with_text(self, text: str) -> "Line":
        return replace(self, text=text)


def body_height(lines: Sequence[Line]) -> float:
    """The type height that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.height * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def page_blocks(lines: Sequence[Line], body: float) -> list[str]:
    """The Markdown blocks of one page."""
    blocks: list[str] = []
    for kind, run in groupby(_with_kinds(lines, body), key=lambda pair: pair[0]):
        members = [line for _, line in run]
        if kind == "code":
            blocks.append(_code(members))
        elif kind.startswith("#"):
            blocks.extend(f"{kind} {escape(_joined(part))}" for part in _heading_runs(members))
        else:
            blocks.extend(_paragraphs(members))
    return blocks


def title_of(lines: Sequence[Line], body: float) -> str:
    """The title a first page shows: its largest heading, whole; "" when there is none, or it heads a contents list."""
    headings = [line for line in lines if _heading_mark(line, body)]
    if not headings:
        return ""
    tallest = max(line.height for line in headings)
    if tallest >= body * TALLER:
        headings = [line for line in headings if line.height >= tallest - 0.5]
    elif headings[0] is not lines[0]:
        return ""  # headings in the type of the text: a title only where the page begins with one
    title = _joined(_heading_runs(headings)[0])
    return "" if CONTENTS.fullmatch(title.strip(" .:")) else title


def _with_kinds(lines: Sequence[Line], body: float) -> Iterable[tuple[str, Line]]:
    for line in lines:
        if line.monospaced and line.text.strip():
            yield "code", line
        else:
            yield _heading_mark(line, body) or "text", line


def _heading_mark(line: Line, body: float) -> str:
    if body <= 0 or len(line.text) > MAX_HEADING or not re.search(r"[^\W\d_]{2}", line.text) or BULLET.match(line.text):
        return ""
    ratio = line.height / body
    if ratio >= TALLER:
        return "#" if ratio >= 1.6 else "##" if ratio >= 1.3 else "###"
    short_and_bold = line.bold and len(line.text) < 80 and not SENTENCE_END.search(line.text)
    return "####" if short_and_bold and ratio >= 0.95 else ""


def _heading_runs(lines: list[Line]) -> list[list[Line]]:
    runs: list[list[Line]] = []
    for line in lines:
        previous = runs[-1][-1] if runs else None
        if previous is None or not 0 <= previous.last_top - line.top <= line.height * GAP or NUMBERED.match(line.text):
            runs.append([line])
        else:
            runs[-1].append(line)
    return runs


def _code(lines: list[Line]) -> str:
    left = min(line.left for line in lines)
    written = []
    for line in lines:
        letter = max((line.right - line.left) / max(len(line.text), 1), 1.0)
        written.append(" " * min(round((line.left - left) / letter), 40) + line.text)
    return fence("\n".join(written))


def _paragraphs(lines: list[Line]) -> list[str]:
    runs: list[list[Line]] = []
    right = max((line.right for line in lines), default=0.0)
    for line in lines:
        if runs and not _starts_paragraph(runs[-1], line, right):
            runs[-1].append(line)
        else:
            runs.append([line])
    return [_paragraph(run) for run in runs]


def _starts_paragraph(run: list[Line], line: Line, right: float) -> bool:
    previous = run[-1]
    if BULLET.match(line.text) or NUMBERED.match(line.text):
        return True
    ended = bool(SENTENCE_END.search(previous.text))
    drop = previous.last_top - line.top
    if drop < -line.height:  # the next column or box: a sentence may run on into it
        return ended
    if drop > max(line.height, previous.height) * GAP:
        return True
    width = max(member.right for member in run) - min(member.left for member in run)
    indented = line.left - previous.left > line.height * 0.8 and not BULLET.match(run[0].text)
    stopped_short = previous.right < min(right, previous.left + max(width, line.right - line.left)) - line.height * 3
    return ended and (indented or stopped_short)


def _paragraph(run: list[Line]) -> str:
    text = _joined(run)
    bullet = BULLET.match(text)
    if bullet:
        return f"- {escape(text[bullet.end() :])}"
    number = re.match(r"^(\d{1,3}[.)])\s+(?=\S)", text)
    return f"{number.group(1)} {escape(text[number.end() :])}" if number else escape(text)


def _joined(run: list[Line]) -> str:
    text = ""
    for line in run:
        piece = re.sub(r"\s+", " ", line.text).strip()
        if WORD_PARTED.search(text) and piece[:1].islower():
            text = text[:-1] + piece
        else:
            text = f"{text} {piece}" if text else piece
    return text
