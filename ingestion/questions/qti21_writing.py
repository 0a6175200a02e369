"""QTI 2.1: a package of items, their test and their pictures, with the manifest that learning platforms look for."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from ingestion.questions import qti21_items
from ingestion.questions.attached import distinct_names
from ingestion.questions.qti21_items import NotWritten, Writing
from ingestion.questions.qti21_markup import QTI
from ingestion.questions.report import ReportLine, line
from ingestion.questions.schemas import ReadBank, Written
from ingestion.questions.trees import Element

CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
ITEM_TYPE, TEST_TYPE = "imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1"
MEMBER_TIME = (1980, 1, 1, 0, 0, 0)  # the same bank is the same bytes


@dataclass(slots=True)
class _Member:
    """A question of the package: its path, the item, the files it shows, its section."""

    path: str
    item: Element
    files: dict[str, str]
    section: tuple[str, ...] = field(default=())


def write(bank: ReadBank) -> Written:
    """The package as a ZIP file, and a report of what QTI has no place for."""
    report: list[ReportLine] = []
    members = []
    names = distinct_names(bank.files)
    for place, each in enumerate(bank.questions, 1):
        writing = Writing(each, each.name or f"#{place}", f"item{place:04d}", dict(bank.files), names)
        try:
            item = qti21_items.item(writing)
        except NotWritten:
            report += writing.report
            continue
        report += writing.report
        for code, value in (
            ("hints", " · ".join(each.hints)),
            ("penalty", "" if each.penalty is None else f"{each.penalty:g}"),
            ("tags", ", ".join(each.tags)),
        ):
            if value:
                report.append(line(writing.item, code, value))
        members.append(_Member(f"items/{writing.identifier}.xml", item, writing.shown, each.category))
    return Written(_packed(bank, members), ".zip", "application/zip", tuple(report))


def _packed(bank: ReadBank, members: list[_Member]) -> bytes:
    files = {path: name for member in members for path, name in member.files.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, content: bytes) -> None:
            archive.writestr(zipfile.ZipInfo(name, MEMBER_TIME), content, zipfile.ZIP_DEFLATED)

        put("imsmanifest.xml", _bytes(_manifest(bank, members)))
        put("test.xml", _bytes(_test(bank, members)))
        for member in members:
            put(member.path, _bytes(member.item))
        for path, name in files.items():
            put(f"items/{name}", bank.files[path])
    return packed.getvalue()


def _bytes(element: Element) -> bytes:
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def _manifest(bank: ReadBank, members: list[_Member]) -> Element:
    add = _adder(CP)
    root = etree.Element(f"{{{CP}}}manifest", {"identifier": "MANIFEST"}, nsmap={None: CP})
    about = add(root, "metadata")
    add(about, "schema", text="QTIv2.1 Package")
    add(about, "schemaversion", text="1.0.0")
    add(root, "organizations")
    resources = add(root, "resources")
    test = add(resources, "resource", identifier="test", type=TEST_TYPE, href="test.xml")
    add(test, "file", href="test.xml")
    for place, member in enumerate(members):
        add(test, "dependency", identifierref=f"r{place}")
        resource = add(resources, "resource", identifier=f"r{place}", type=ITEM_TYPE, href=member.path)
        add(resource, "file", href=member.path)
        for name in member.files.values():
            add(resource, "file", href=f"items/{name}")
    return root


def _test(bank: ReadBank, members: list[_Member]) -> Element:
    add = _adder(QTI)
    title = bank.title or "Questions"
    root = etree.Element(f"{{{QTI}}}assessmentTest", {"identifier": "test", "title": title}, nsmap={None: QTI})
    part = add(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="simultaneous")
    outer = add(part, "assessmentSection", identifier="section", title="", visible="false")
    sections: dict[tuple[str, ...], Element] = {(): outer}
    for place, member in enumerate(members):
        for depth in range(1, len(member.section) + 1):
            path = member.section[:depth]
            if path not in sections:
                named = {"identifier": f"s{len(sections)}", "title": path[-1], "visible": "true"}
                sections[path] = add(sections[path[:-1]], "assessmentSection", **named)
        add(sections[member.section], "assessmentItemRef", identifier=f"i{place}", href=member.path)
    return root


def _adder(namespace: str) -> Callable[..., Element]:
    def add(parent: Element, tag: str, *, text: str | None = None, **attributes: str) -> Element:
        child = etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
        child.text = text
        return child

    return add
