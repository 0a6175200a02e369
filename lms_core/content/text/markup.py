"""Reading the sanitiser's output: flat, well-formed HTML as a stream of tags and texts.

The sanitiser serialises every attribute as `name="value"`, escapes `<` in text
and balances elements, so two expressions read it, without recursion.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape

PIECE = re.compile(r'<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*/?>|([^<]+)|<')
ATTRIBUTE = re.compile(r'([^\s=>"]+)(?:="([^"]*)")?')

_MATH = """math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt
    mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none"""
_PHRASING = """a abbr b bdi bdo cite code del dfn em i ins kbd mark q rp rt ruby s samp small span strong sub sup u var
    wbr"""
_FLOW = """aside blockquote br caption col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr img li
    ol p pre section summary table tbody td tfoot th thead tr ul"""

# MathML and HTML elements that a lesson may hold.
MATH_TAGS = frozenset(_MATH.split())
INLINE_TAGS = frozenset(_PHRASING.split()) | MATH_TAGS
TAGS = INLINE_TAGS | frozenset(_FLOW.split())
VOID = frozenset({"br", "col", "hr", "img", "wbr"})


@dataclass(slots=True)
class Tag:
    """An opening or closing tag, its attributes unescaped."""

    name: str
    closing: bool
    attributes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.closing:
            return f"</{self.name}>"
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in self.attributes.items())
        return f"<{self.name}{attributes}>"

    def classes(self) -> list[str]:
        """The words of `class`."""
        return self.attributes.get("class", "").split()


def pieces(html: str) -> Iterator[Tag | str]:
    """Tags, and texts as they stand (still escaped), in document order."""
    for found in PIECE.finditer(html):
        closing, name, attributes, text = found.groups()
        if name is None:
            yield text if text is not None else "&lt;"
        elif attributes:
            yield Tag(name, bool(closing), {key: unescape(value) for key, value in ATTRIBUTE.findall(attributes)})
        else:
            yield Tag(name, bool(closing))


def folded(text: str) -> str:
    """`text` with every run of white space as one space, trimmed."""
    return " ".join(text.split())
