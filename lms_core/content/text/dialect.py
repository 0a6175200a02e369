r"""Small additions to CommonMark that courses use: `\(x^2\)`, `[term]{#id}`, `{alt='...'}`, task items, alerts.

`> [!NOTE]` alerts follow GitHub; attributes in braces follow Pandoc.
"""

import re
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from lms_core.content.text.divs import callout_close, callout_open

# Inline rules retry from every bracket: beyond these a paragraph is text without markup.
MAX_INLINE = 30_000
MAX_BRACKETS = 20  # open at once

BRACKET = re.compile(r"[\[\]]")
ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|$)", re.IGNORECASE)
TASK = re.compile(r"\[([ xX])\]\s+(?=\S)")
IMAGE_ATTRIBUTES = re.compile(r"\{[^{}\n]{0,2000}\}")
ALT = re.compile(r"""\balt\s*=\s*(?:'([^']*)'|"([^"]*)")""")
HEADING_ID = re.compile(r"\s*\{#([A-Za-z][\w.-]*)[^{}]*\}\s*$")
INLINE_BRACKET_MATH = re.compile(r"\\\((.{1,2000}?)\\\)", re.DOTALL)
# "\(" is also an escaped parenthesis: only what looks like a formula is one.
FORMULA = re.compile(r"[\\^_=+<>{}]|^\s*\w\s*$|\d\s*[-*/]\s*\w")
BRACKETED_SPAN = re.compile(r"\[([^\[\]\n]{1,200})\]\{#([A-Za-z][\w.-]*)\}")


def lesson_dialect(md: MarkdownIt) -> None:
    """Teach `md` these additions."""
    md.block.ruler.before("paragraph", "bracket_math", _block_math, {"alt": ["paragraph"]})
    md.inline.ruler.before("escape", "bracket_math", _inline_math)
    md.inline.ruler.before("link", "bracketed_span", _span)
    md.core.ruler.before("inline", "alerts_and_tasks", _alerts_and_tasks)
    md.core.ruler.before("inline", "inline_limits", _limit_inline)
    md.core.ruler.after("inline", "attributes", _attributes)


def _block_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not first.startswith("\\["):
        return False
    last = start
    # A formula ends at a blank line at the latest, so a stray "\[" costs one paragraph.
    while last < end and not state.isEmpty(last):
        line = state.src[state.bMarks[last] : state.eMarks[last]].rstrip()
        if line.endswith("\\]"):
            break
        last += 1
    else:
        return False
    source = state.getLines(start, last + 1, state.blkIndent, False).strip()[2:-2]
    if not FORMULA.search(source):
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content, token.block, state.line = source, True, last + 1
        token.map = [start, last + 1]
    return True


def _inline_math(state: StateInline, silent: bool) -> bool:
    if not state.src.startswith("\\(", state.pos):
        return False
    found = INLINE_BRACKET_MATH.match(state.src, state.pos)
    if found is None or not FORMULA.search(found.group(1)):
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = found.group(1)
    state.pos = found.end()
    return True


def _span(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "[":
        return False
    found = BRACKETED_SPAN.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = f'<span id="{found.group(2)}">'
        state.push("text", "", 0).content = found.group(1)
        state.push("html_inline", "", 0).content = "</span>"
    state.pos = found.end()
    return True


def _alerts_and_tasks(state: StateCore) -> None:
    tokens = state.tokens
    quotes: list[tuple[Token, str | None]] = []
    for index, token in enumerate(tokens):
        if token.type == "blockquote_open":
            inline = tokens[index + 2] if index + 2 < len(tokens) else None
            found = ALERT.match(inline.content) if inline is not None and inline.type == "inline" else None
            if inline is not None and found is not None:
                inline.content = inline.content[found.end() :]
                token.type, token.content = "callout", callout_open(found.group(1).lower())
            quotes.append((token, found.group(1).lower() if found else None))
        elif token.type == "blockquote_close":
            _, kind = quotes.pop()
            if kind is not None:
                token.type, token.content = "callout", callout_close(kind)
        elif token.type == "inline" and index > 1 and tokens[index - 2].type == "list_item_open":
            task = TASK.match(token.content)
            if task is not None:
                token.content = ("☐ " if task.group(1) == " " else "☑ ") + token.content[task.end() :]


def _limit_inline(state: StateCore) -> None:
    for token in state.tokens:
        if token.type != "inline":
            continue
        if len(token.content) > MAX_INLINE or _open_brackets(token.content) > MAX_BRACKETS:
            text = Token("text", "", 0)
            text.content = token.content
            token.children = [text]
            token.type = "plain_inline"


def _open_brackets(text: str) -> int:
    """How many square brackets are open at once, at most."""
    if text.count("[") <= MAX_BRACKETS:
        return 0
    depth = deepest = 0
    for bracket in BRACKET.findall(text):
        depth = depth + 1 if bracket == "[" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest


def _attributes(state: StateCore) -> None:
    for index, token in enumerate(state.tokens):
        if token.type == "plain_inline":
            # Under its own name the inline parser passed it by; the renderer knows only "inline".
            token.type = "inline"
        elif token.type == "inline" and token.children and "{" in token.content:
            _image_attributes(token.children)
            if index and state.tokens[index - 1].type == "heading_open":
                _heading_id(state.tokens[index - 1], token.children)


def _image_attributes(children: list[Token]) -> None:
    for image, after in pairwise(children):
        if image.type != "image" or after.type != "text":
            continue
        found = IMAGE_ATTRIBUTES.match(after.content)
        if found is None:
            continue
        after.content = after.content[found.end() :]
        alt = ALT.search(found.group())
        if alt is not None and not image.content:
            text = Token("text", "", 0)
            text.content = alt.group(1) or alt.group(2) or ""
            image.children, image.content = [text], text.content


def _heading_id(heading: Token, children: list[Token]) -> None:
    last = children[-1]
    found = HEADING_ID.search(last.content) if last.type == "text" else None
    if found is not None:
        last.content = last.content[: found.start()]
        heading.attrSet("id", found.group(1))
