"""The one Markdown dialect of lessons: CommonMark, tables, footnotes, formulas, callouts; to unsafe HTML.

Nothing here is safe to show: `sanitise` comes after. Work is bounded: input that
would take long (very large, or built to nest) is rendered as plain paragraphs.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from lms_core.content.text.dialect import lesson_dialect
from lms_core.content.text.divs import fenced_divs
from lms_core.content.text.highlight import code_html
from lms_core.content.text.mathml import mathml

MAX_MARKDOWN = 1_500_000  # characters; a long novel
MAX_NESTING = 60
MAX_RAW_DEPTH = 400  # raw HTML elements open at once

NEWLINE = re.compile(r"\r\n?|\n")
CONTAINERS = re.compile(r"^(?:[ \t]{0,3}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){25}", re.MULTILINE)
RAW_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_DEEP = """area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr
    track wbr"""
CLOSED_BY_THE_PARSER = frozenset(_NEVER_DEEP.split())
PAGE_MARK = re.compile(r"<!--\s*page:\s*(\d{1,6})\s*-->")
TIME_MARK = re.compile(r"<!--\s*time:\s*(\d{1,7}(?:\.\d{1,3})?)\s*-->")
STYLE = re.compile(r"""\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>"']+)""", re.IGNORECASE)
INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)


def to_html(markdown: str, *, coloured: bool) -> str:
    """Unsanitised HTML of `markdown`; `coloured` adds token classes to code."""
    if "\x00" in markdown:
        markdown = markdown.replace("\x00", "\ufffd")
    if len(markdown) > MAX_MARKDOWN or CONTAINERS.search(markdown):
        return _plain_html(markdown)
    md = _markdown()
    env: EnvType = {"coloured": coloured}
    tokens = md.parse(markdown, env)
    if _raw_depth(tokens) > MAX_RAW_DEPTH:
        return _plain_html(markdown)
    rendered: str = md.renderer.render(tokens, md.options, env)
    return rendered


def block_tokens(markdown: str) -> list[Token] | None:
    """The block structure of `markdown`, in order, with the lines (of `NEWLINE`) that each block covers.

    None for text whose structure is not looked at, since that would take long.
    """
    if len(markdown) > MAX_MARKDOWN or CONTAINERS.search(markdown):
        return None
    md = _markdown()
    tokens: list[Token] = []
    env: EnvType = {}
    md.block.parse(NEWLINE.sub("\n", markdown).replace("\x00", "\ufffd"), md, env, tokens)
    return tokens


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
    md.use(front_matter_plugin).use(footnote_plugin).use(deflist_plugin).use(gfm_autolink_plugin)
    md.use(dollarmath_plugin, allow_labels=False, allow_space=False, allow_digits=False, double_inline=True)
    md.use(fenced_divs).use(lesson_dialect)
    for name, rule in {
        "fence": _code,
        "code_block": _code,
        "html_block": _raw,
        "html_inline": _raw,
        "math_inline": _inline_math,
        "math_inline_double": _inline_math,
        "math_block": _block_math,
        "callout": _callout,
    }.items():
        md.add_render_rule(name, rule)
    return md


def _code(_renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, env: EnvType) -> str:
    word = re.match(r"\s*\{?\s*\.?([\w+#.-]+)", tokens[index].info)
    language = word.group(1).lower() if word else None
    return code_html(tokens[index].content, language=language, coloured=bool(env.get("coloured")))


def _inline_math(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return mathml(tokens[index].content, display=False)


def _block_math(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return mathml(tokens[index].content, display=True)


def _callout(
    _renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType
) -> str:
    return tokens[index].content


def _raw(_renderer: RendererProtocol, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: EnvType) -> str:
    return _marked(tokens[index].content)


def _marked(html: str) -> str:
    """Raw HTML with source marks as elements, and what its author hid marked `hidden`.

    Sanitising drops `style`, which would show to learners (and to the assistant) what was meant to be hidden.
    """
    if "<!--" in html:
        html = PAGE_MARK.sub(r'<span id="page-\1" class="page-mark"></span>', html)
        html = TIME_MARK.sub(r'<span id="t-\1" class="time-mark"></span>', html)
    if "style" in html.lower():
        html = STYLE.sub(lambda found: " hidden" if INVISIBLE.search(found.group(1)) else "", html)
    return html


def _raw_depth(tokens: Sequence[Token]) -> int:
    depth = deepest = 0
    for token in tokens:
        for piece in (token, *(token.children or ())):
            if piece.type not in ("html_block", "html_inline"):
                continue
            for closing, name in RAW_TAG.findall(piece.content):
                if name.lower() not in CLOSED_BY_THE_PARSER:
                    depth = max(0, depth - 1) if closing else depth + 1
                    deepest = max(deepest, depth)
    return deepest


def _plain_html(markdown: str) -> str:
    return "".join(f'<p class="plain">{escape(part.strip())}</p>\n' for part in re.split(r"\n\s*\n", markdown))
