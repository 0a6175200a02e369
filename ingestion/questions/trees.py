"""XML that nobody vouches for, as a tree of plain local names: no entity, no document type, no network, no depth.

The document type is removed before parsing, so nothing it declares can grow or fetch; HTML's named characters,
which authors' tools leave in, are read as what they mean.
"""

import codecs
import re
from html.entities import html5

from lxml import etree

from ingestion.readers import Unreadable

LARGEST = 25 * 1024 * 1024  # bytes
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
DECLARATION = re.compile(r"^\s*<\?xml.{0,300}?\?>", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,2000}(?:(\[).{0,200000}?\]\s*)?>", re.DOTALL)
PROLOG = 300_000  # characters within which a document type stands
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30};)")
PREDEFINED = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Element = etree._Element  # lxml names its class so


def parse(data: bytes) -> Element:
    """The root of the document, tags without namespaces, comments gone. Unreadable: too_large, unsupported, corrupt."""
    if len(data) > LARGEST:
        raise Unreadable("too_large", f"The file is larger than {LARGEST // 2**20} MB. Export fewer questions at once.")
    text = _without_doctype(DECLARATION.sub("", _decoded(data), count=1))
    text = NAMED.sub(_named, NOT_XML.sub("", text))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = f"The file is no whole XML document ({str(error)[:200]}). Export it again, and import that."
        raise Unreadable("corrupt", reason) from error
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    etree.cleanup_namespaces(root)
    return root


def text_of(element: Element | None, path: str = "") -> str:
    """All text in an element, or in the one at `path` below it; "" when there is none."""
    found = element if element is None or not path else element.find(path)
    return "" if found is None else "".join(found.itertext())


def inner(element: Element) -> str:
    """The markup within an element, as a string of HTML."""
    children = (etree.tostring(child, encoding="unicode", method="html") for child in element)
    return "".join([_escaped(element.text or ""), *children])


def _decoded(data: bytes) -> str:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if data[:2] in (b"<\0", b"\0<"):
        return data.decode("utf-16-le" if data[:1] == b"<" else "utf-16-be", errors="replace")
    declared = DECLARED.match(data[:300])
    try:
        return data.decode(declared.group(1).decode() if declared else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return data.decode("cp1252", errors="replace")


def _without_doctype(text: str) -> str:
    head = text[:PROLOG]
    found = DOCTYPE.search(head)
    root = re.search(r"<[A-Za-z_]", head)
    if found is None or (root is not None and root.start() < found.start()):
        if "<!ENTITY" in head[: root.start() if root else len(head)]:
            raise _entities()
        return text
    if found.group(1) is not None and "<!ENTITY" in found.group():
        raise _entities()
    return text[: found.start()] + text[found.end() :]


def _entities() -> Unreadable:
    reason = "The file declares entities of its own, which is how files attack those who open them. Export it again."
    return Unreadable("unsupported", reason)


def _named(found: re.Match[str]) -> str:
    name = found.group(1)
    return found.group() if name in PREDEFINED else html5.get(name, found.group())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
