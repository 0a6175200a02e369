"""Formulas: LaTeX to MathML on the server, so that a lesson page needs no script to show them."""

from functools import lru_cache
from html import escape

# Longer formulas are shown as source: the converter is recursive.
MAX_SOURCE = 4_000


@lru_cache(maxsize=2048)
def mathml(source: str, *, display: bool) -> str:
    """MathML for the LaTeX `source`, or the source in `<code>` when it cannot be read.

    The source travels as `alttext`, for screen readers and for citations.
    """
    shown = source.strip()
    converted = _convert(shown, display=display) if shown and len(shown) <= MAX_SOURCE else None
    body = converted or f'<code class="math-source">{escape(shown)}</code>'
    return f'<div class="math-block">{body}</div>\n' if display else body


def _convert(source: str, *, display: bool) -> str | None:
    # The converter is only needed by lessons with formulas.
    from latex2mathml import converter

    try:
        markup: str = converter.convert(source, display="block" if display else "inline")
    except Exception:
        # It raises many unrelated types (KeyError, IndexError, its own) on bad LaTeX.
        return None
    return markup.replace("<math ", f'<math alttext="{escape(source)}" ', 1)
