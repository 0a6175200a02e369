"""Code blocks: Pygments on the server, as CSS classes (no inline style, no script)."""

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

# Past this many characters a block is shown plain: some lexers are slower than linear.
MAX_HIGHLIGHTED = 30_000


def code_html(source: str, *, language: str | None, coloured: bool) -> str:
    """`source` as `<pre><code>`; token classes are Pygments' short names when `coloured`.

    The text content is `source` itself, coloured or not.
    """
    inner = None
    if coloured and language and len(source) <= MAX_HIGHLIGHTED:
        inner = _coloured(source, language=language)
    mark = f' class="language-{escape(language)}"' if language else ""
    return f"<pre><code{mark}>{inner if inner is not None else escape(source)}</code></pre>\n"


def _coloured(source: str, *, language: str) -> str | None:
    lexer = _lexer(language)
    if lexer is None:
        return None
    # Pygments takes a while to import; a lesson without code need not wait for it.
    from pygments.token import STANDARD_TYPES

    parts = []
    covered = 0
    # Lexer.get_tokens would strip and add line ends; the page must show the block verbatim.
    for _, kind, value in lexer.get_tokens_unprocessed(source):
        while kind not in STANDARD_TYPES and kind.parent is not None:
            kind = kind.parent
        css = STANDARD_TYPES.get(kind, "")
        covered += len(value)
        parts.append(f'<span class="{css}">{escape(value)}</span>' if css else escape(value))
    return "".join(parts) if covered == len(source) else None


@lru_cache(maxsize=128)
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language)
    except ClassNotFound:
        return None


@lru_cache(maxsize=1)
def token_classes() -> frozenset[str]:
    """Every CSS class a coloured token may carry."""
    from pygments.token import STANDARD_TYPES

    return frozenset(STANDARD_TYPES.values())
