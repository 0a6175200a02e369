"""Fenced divs (`:::: challenge`), as Pandoc reads them and The Carpentries write them, to callouts.

As in Pandoc the number of colons does not matter: a fence with a word opens,
a bare fence closes the innermost. https://pandoc.org/MANUAL.html#divs-and-spans
"""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

OPENS = re.compile(r":{3,}\s*\{?\s*\.?([A-Za-z][\w-]*)[^\n]*$")
CLOSES = re.compile(r":{3,}\s*$")
CODE_FENCE = re.compile(r"(`{3,}|~{3,})")

# Each level looks ahead for its end once, so depth bounds the work to a multiple of the length.
MAX_DEPTH = 10

# Kept closed until the reader asks: answers, and notes that are not for the learner's first reading.
FOLDED = frozenset({"solution", "spoiler", "hint", "instructor"})


def callout_open(kind: str) -> str:
    """The opening markup of a callout of `kind`, with its title."""
    title = kind.replace("-", " ").capitalize()
    if kind in FOLDED:
        return f'<details class="callout callout-{kind}"><summary class="callout-title">{title}</summary>\n'
    return f'<aside class="callout callout-{kind}"><p class="callout-title">{title}</p>\n'


def callout_close(kind: str) -> str:
    """The closing markup that belongs to `callout_open(kind)`."""
    return "</details>\n" if kind in FOLDED else "</aside>\n"


def fenced_divs(md: MarkdownIt) -> None:
    """Teach `md` the block rule."""
    md.block.ruler.before("fence", "fenced_div", _rule, {"alt": ["paragraph", "reference", "blockquote", "list"]})


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    first = _line(state, start)
    if not first.startswith(":::"):
        return False
    opened = OPENS.match(first)
    depth = state.env.get("div_depth", 0)
    if opened is None or depth >= MAX_DEPTH:
        return False
    if silent:
        return True
    close = _closing_line(state, start + 1, end)
    kind = opened.group(1).lower()
    _push(state, callout_open(kind)).map = [start, min(close + 1, end)]
    line_max, state.lineMax = state.lineMax, close
    parent, state.parentType = state.parentType, "container"
    state.env["div_depth"] = depth + 1
    state.md.block.tokenize(state, start + 1, close)
    state.env["div_depth"] = depth
    state.lineMax, state.parentType = line_max, parent
    _push(state, callout_close(kind))
    state.line = min(close + 1, end)
    return True


def _closing_line(state: StateBlock, line: int, end: int) -> int:
    """The line of the fence that closes a div opened just above `line`, or `end`."""
    place = closing_place(_line(state, number) for number in range(line, end))
    return end if place is None else line + place


def closing_place(lines: Iterable[str]) -> int | None:
    """Which of the lines after a div's opening fence closes it, if one does; code is not looked into."""
    depth = 1
    code: str | None = None
    for place, text in enumerate(lines):
        fence = CODE_FENCE.match(text)
        if fence is not None:
            if code is None:
                code = fence.group(1)
            elif fence.group(1).startswith(code):
                code = None
        elif code is None and text.startswith(":::"):
            depth += -1 if CLOSES.match(text) else 1 if OPENS.match(text) else 0
            if depth == 0:
                return place
    return None


def _push(state: StateBlock, markup: str) -> Token:
    token = state.push("callout", "", 0)
    token.content = markup
    return token
