"""XML that nobody vouches for: no entities, no network, no DTD, bounded in size and depth; names without namespaces."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from ingestion.readers import Unreadable

MAX_BYTES = 30 * 1024 * 1024
DECLARATIONS = re.compile(rb"<!ENTITY\b", re.I)
PROLOGUE_BYTES = 1 << 16
NULL = "$@NULL@$"  # how Moodle's backups write an empty value

Element = Any  # lxml's own, which has no type hints


def parse(data: bytes, *, name: str) -> Element:
    """The root element of an XML file. Raises Unreadable: `too_large`, or `corrupt` when it declares entities."""
    from lxml import etree  # type: ignore[import-untyped]  # slow to import, and only packages need it

    if len(data) > MAX_BYTES:
        reason = f"{name} has {len(data) // 2**20} MB; at most {MAX_BYTES // 2**20} MB are read. Leave parts out."
        raise Unreadable("too_large", reason)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if DECLARATIONS.search(data[:PROLOGUE_BYTES]):
            raise Unreadable("corrupt", _entities(name)) from error
        raise Unreadable("corrupt", f"{name} is damaged: it is no whole XML. Export the package again.") from error
    if root is None:
        raise Unreadable("corrupt", f"{name} is damaged: it is no whole XML. Export the package again.")
    table = root.getroottree().docinfo.internalDTD
    if table is not None and (DECLARATIONS.search(data[:PROLOGUE_BYTES]) or next(iter(table.entities()), None)):
        raise Unreadable("corrupt", _entities(name))
    return root


def _entities(name: str) -> str:
    return f"{name} declares entities, which can blow up or fetch files. Export the package again without them."


def local(element: Element) -> str:
    """The element's name without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element, *names: str) -> list[Element]:
    """The child elements with one of these names, all of them without names."""
    return [each for each in element if (name := local(each)) and (not names or name in names)]


def child(element: Element | None, *path: str) -> Element | None:
    """The first element down this path of names."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if local(each) == name), None)
    return element


def within(element: Element, *names: str) -> Iterator[Element]:
    """The elements with one of these names anywhere inside, in the order of the document."""
    return (each for each in element.iter() if local(each) in names and each is not element)


def said(element: Element | None, *path: str) -> str:
    """The text down this path, white space trimmed; "" when there is none."""
    found = child(element, *path) if path else element
    text = "".join(found.itertext()).strip() if found is not None else ""
    return "" if text == NULL else text


def attribute(element: Element, name: str) -> str:
    """An attribute by its name without namespace, in any case of letters; "" when there is none."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2].lower() == name.lower():
            return str(value)
    return ""


def inner_html(element: Element) -> str:
    """What the element holds, as HTML."""
    from lxml import etree

    pieces = [escape(element.text or "", quote=False)]
    pieces += [etree.tostring(each, encoding="unicode", method="html") for each in element]
    return "".join(pieces)
