"""HTML of our Markdown as the XHTML that QTI 2.1 items may hold, formulas as MathML."""

import re
from collections.abc import Mapping, Sequence

from lxml import etree
from lxml import html as lxml_html

from ingestion.questions import rich
from ingestion.questions.trees import Element

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
MATHML = "http://www.w3.org/1998/Math/MathML"
ATTRIBUTES = {
    "a": ("href",),
    "img": ("src", "alt", "width", "height"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
}
_KEPT = """
    a abbr b blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img kbd li ol p pre
    q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var
"""
KEPT = frozenset(_KEPT.split())
DROPPED = frozenset({"script", "style"})
# Elements that QTI has not, and what comes nearest.
INSTEAD = {"s": "span", "del": "span", "ins": "span", "u": "span", "mark": "em", "figcaption": "p", "summary": "p"}
BLOCKS = frozenset({"section", "article", "aside", "figure", "details", "header", "footer", "main", "nav"})
GAP = re.compile("([\ue100-\ue2ef])")
FIRST_GAP = 0xE100
PLACE = re.compile(r"\[\[(\d{1,3})\]\]")


def elements(markdown: str, names: Mapping[str, str], gaps: Sequence[Element] = ()) -> list[Element]:
    """The elements of a text, `gaps` where `[[1]]`, `[[2]]` ... stand; at least one element.

    A gap that the rendered text does not show, since it stood in a picture's description, comes at the end.
    """
    if gaps:
        markdown = PLACE.sub(lambda found: chr(FIRST_GAP + int(found.group(1)) - 1), markdown)
    holder = lxml_html.fragment_fromstring(rich.to_html(markdown, names), create_parent="div")
    waiting = dict(enumerate(gaps))
    built = _copied(holder, waiting)
    built.extend(_paragraph(gap) for gap in waiting.values())
    if (built.text or "").strip():
        first = etree.Element(f"{{{QTI}}}p")
        first.text = built.text
        built.insert(0, first)
    return list(built) or [etree.Element(f"{{{QTI}}}p")]


def fill(parent: Element, markdown: str, names: Mapping[str, str]) -> None:
    """Put a text into an element; a lone paragraph goes without its tags, since choices are shown in a line."""
    found = elements(markdown, names)
    if len(found) == 1 and etree.QName(found[0]).localname == "p":
        parent.text = found[0].text
        parent.extend(list(found[0]))
    else:
        parent.extend(found)


def _paragraph(gap: Element) -> Element:
    paragraph = etree.Element(f"{{{QTI}}}p")
    paragraph.append(gap)
    return paragraph


def _copied(source: Element, waiting: dict[int, Element]) -> Element:
    name = str(source.tag)
    name = "div" if name in BLOCKS else INSTEAD.get(name, name if name in KEPT else "span")
    copy = etree.Element(f"{{{QTI}}}{name}")
    for attribute in ATTRIBUTES.get(name, ()):
        if attribute in source.attrib:
            copy.set(attribute, source.get(attribute, ""))
    if name == "img" and "alt" not in copy.attrib:
        copy.set("alt", "")
    _add_text(copy, source.text, waiting)
    for child in source:
        if isinstance(child.tag, str) and child.tag not in DROPPED:
            copy.append(_math(child) if child.tag == "math" else _copied(child, waiting))
        _add_text(copy, child.tail, waiting)
    return copy


def _add_text(parent: Element, text: str | None, waiting: dict[int, Element]) -> None:
    for piece in GAP.split(text or ""):
        if GAP.fullmatch(piece):
            gap = waiting.pop(ord(piece) - FIRST_GAP, None)
            if gap is not None:
                parent.append(gap)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + piece
        else:
            parent.text = (parent.text or "") + piece


def _math(source: Element) -> Element:
    copy = etree.Element(f"{{{MATHML}}}{source.tag}", nsmap={"m": MATHML})
    for name, value in source.attrib.items():
        if name in ("alttext", "display", "mathvariant", "accent", "linethickness", "columnalign", "stretchy"):
            copy.set(name, value)
    copy.text = source.text
    for child in source:
        if isinstance(child.tag, str):
            built = _math(child)
            built.tail = child.tail
            copy.append(built)
    return copy
