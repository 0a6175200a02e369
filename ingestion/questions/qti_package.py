"""Packages of questions: a ZIP file with `imsmanifest.xml`, a test, items and their files; QTI 2.1 or 1.2.

Nothing is unpacked to a disk. Members are read within limits on their number, their size and how far they inflate.
"""

import io
import posixpath
import zipfile
from pathlib import PurePosixPath

from ingestion.questions import moodle_xml, qti12, qti21
from ingestion.questions.attached import base_name
from ingestion.questions.building import Building
from ingestion.questions.schemas import Format, ReadBank
from ingestion.questions.trees import Element, parse
from ingestion.readers import Unreadable, zips

MOST_MEMBERS = 5000
LARGEST_MEMBER = 25 * 1024 * 1024
LARGEST_TOTAL = 150 * 1024 * 1024
MARKUP = frozenset({".xml", ".qti", ".dat"})


def read(data: bytes) -> ReadBank:
    """The questions of a package, in the order of its test, or of its files. Unreadable."""
    members = _members(data)
    trees, broken = _trees(members)
    files = {base_name(name): content for name, content in members.items()}
    quizzes = [tree for tree in trees.values() if tree.tag == "quiz"]
    if quizzes:
        return moodle_xml.from_tree(quizzes[0])
    old = [tree for tree in trees.values() if tree.tag == "questestinterop"]
    if old:
        return qti12.from_trees(old, files)
    items = {name: tree for name, tree in trees.items() if tree.tag == "assessmentItem"}
    if not items:
        reason = "The archive holds no questions in QTI. Export them as a QTI package, and import that."
        raise Unreadable("wrong_type", reason)
    building = Building(Format.QTI_21)
    for name, reason in broken:
        building.note(name, "not_xml", reason)
    test = next(((name, tree) for name, tree in trees.items() if tree.tag == "assessmentTest"), None)
    if test is not None:
        building.title = test[1].get("title", "")
        _test_rules(building, test[1])
    for name, category in _in_order(test, items):
        qti21.add_item(building, items[name], files, category=category)
    return building.bank()


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            listed = [member for member in opened.infolist() if not member.is_dir()]
            _check(listed)
            return {
                name: opened.read(member)
                for member in listed
                if (name := _safe(member.filename)) is not None and not _inflates(member)
            }
    except zips.FAULTS as error:
        reason = "The archive is damaged. Download or pack it again, then import it."
        raise Unreadable("corrupt", reason) from error


def _check(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("encrypted", "The archive is protected by a password. Pack it without one.")
    total = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or total > LARGEST_TOTAL or any(_inflates(member) for member in members):
        reason = (
            f"Unpacked, the archive would have {len(members):,} files and {total // 2**20:,} MB, or a part of it "
            f"inflates like a bomb; at most {MOST_MEMBERS:,} files and {LARGEST_TOTAL // 2**20} MB are read."
        )
        raise Unreadable("too_large", reason)


def _inflates(member: zipfile.ZipInfo) -> bool:
    return zips.is_bomb(member) or member.file_size > LARGEST_MEMBER


def _safe(name: str) -> str | None:
    """The path of a member inside the archive; None for one that points outside."""
    path = name.replace("\\", "/")
    return None if zips.leads_outside(path) else path


def _trees(members: dict[str, bytes]) -> tuple[dict[str, Element], list[tuple[str, str]]]:
    trees: dict[str, Element] = {}
    broken = []
    for name, content in members.items():
        if PurePosixPath(name).suffix.lower() not in MARKUP:
            continue
        try:
            trees[name] = parse(content)
        except Unreadable as error:
            broken.append((name, error.reason))
    return trees, broken


def _in_order(test: tuple[str, Element] | None, items: dict[str, Element]) -> list[tuple[str, tuple[str, ...]]]:
    """Names of the items and their sections: those of the test as it names them, then what it does not name."""
    found: dict[str, tuple[str, ...]] = {}
    if test is not None:
        folder = posixpath.dirname(test[0])
        for each in test[1].iter("assessmentItemRef"):
            name = posixpath.normpath(posixpath.join(folder, each.get("href", "")))
            sections = [up.get("title", "").strip() for up in each.iterancestors("assessmentSection")]
            if name in items:
                found[name] = tuple(title[:100] for title in reversed(sections) if title)
    return [*found.items(), *((name, ()) for name in items if name not in found)]


def _test_rules(building: Building, test: Element) -> None:
    rules = [name for name in ("timeLimits", "selection", "ordering", "preCondition", "branchRule", "outcomeProcessing")
             if test.find(f".//{name}") is not None]  # fmt: skip
    if rules:
        building.note("", "test_rules", ", ".join(rules))
