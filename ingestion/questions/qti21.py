"""QTI 2.1 items (1EdTech Question and Test Interoperability): one question of each `assessmentItem`.

Items may hold several interactions and any program for judging; what is read is what the types here can hold, judged
by the declared right responses and mappings. The rest is told.
"""

from typing import Any

from ingestion.questions import qti21_interactions as interactions
from ingestion.questions import rich
from ingestion.questions.attached import base_name, decoded
from ingestion.questions.building import Building, Extras, NoQuestion
from ingestion.questions.qti21_item import QtiItem
from ingestion.questions.schemas import Format, ReadBank
from ingestion.questions.trees import Element, text_of
from ingestion.readers import Unreadable

MAXIMA = ("MAXSCORE", "SCORE")


def from_tree(root: Element) -> ReadBank:
    """The question of one item; pictures beside the file are out of reach."""
    building = Building(Format.QTI_21)
    add_item(building, root, {})
    return building.bank()


def test_alone(root: Element) -> ReadBank:
    """A test without its items says so."""
    names = [each.get("href", "") for each in root.iter("assessmentItemRef")]
    shown = ", ".join(names[:10])
    told = f"This test names {len(names)} questions that are in files of their own ({shown})."
    raise Unreadable("wrong_type", f"{told} Pack the test and its questions into one ZIP file, and import that.")


def add_item(building: Building, root: Element, files: dict[str, bytes], *, category: tuple[str, ...] = ()) -> None:
    """Add the question of an item; `files` are those of the package by their base names."""
    name = " ".join((root.get("title") or root.get("identifier") or "").split())[:200]
    name = name or f"#{len(building.questions) + 1}"
    item = QtiItem(building, root, name, files)
    body = root.find("itemBody")
    try:
        if body is None or root.get("adaptive") == "true":
            item.note("adaptive" if body is not None else "no_answer")
            raise NoQuestion
        if root.find("templateProcessing") is not None and root.find("templateDeclaration") is not None:
            item.note("template")
            raise NoQuestion
        fields: dict[str, Any] = {"points": _points(root), **_question(item, body)}
    except NoQuestion:
        return
    feedback = [fields.get("feedback", ""), *_feedback(item)]
    fields["feedback"] = "\n\n".join(dict.fromkeys(each for each in feedback if each))
    if root.find("stylesheet") is not None:
        item.note("style")
    building.add(Extras(name=name, category=category), **fields)


def _question(item: QtiItem, body: Element) -> dict[str, Any]:
    for rubric in list(body.iter("rubricBlock")):
        if rubric.get("view", "candidate") != "candidate" and rubric.getparent() is not None:
            item.note("marker_notes", " ".join(text_of(rubric).split()))
            remove(rubric)
    found = [each for each in body.iter() if str(each.tag).endswith("Interaction")]
    if not found:
        item.note("description", " ".join(text_of(body).split()))
        raise NoQuestion
    kinds = {str(each.tag) for each in found}
    if kinds <= interactions.INLINE:
        return interactions.inline(item, body, found)
    if len(found) > 1:
        item.note("several_interactions", ", ".join(sorted(kinds)))
        raise NoQuestion
    reader = interactions.READERS.get(str(found[0].tag))
    if reader is None:
        item.note("type", str(found[0].tag))
        raise NoQuestion
    return reader(item, body, found[0])


def _points(root: Element) -> float:
    for name in MAXIMA:
        for each in root.iterfind("outcomeDeclaration"):
            if each.get("identifier") != name:
                continue
            said = each.get("normalMaximum") or (text_of(each, "defaultValue/value") if name == "MAXSCORE" else "")
            try:
                if float(said) > 0:
                    return float(said)
            except ValueError:
                continue
    return 1.0


def _feedback(item: QtiItem) -> list[str]:
    """Feedback on the whole: what is shown whatever was answered, or the same for right and wrong."""
    texts = []
    for each in item.root.iterfind("modalFeedback"):
        if each.get("identifier") in item.told:
            continue
        title = each.get("title", "")
        texts.append((title, item.rich(each)))
    distinct = list(dict.fromkeys(text for _, text in texts if text))
    if len(distinct) <= 1:
        return distinct
    item.note("outcome_feedback", " · ".join(rich.to_line(text) for text in distinct))
    return []


def remove(element: Element) -> None:
    """Take an element out of its tree; the text behind it stays."""
    parent, tail = element.getparent(), element.tail or ""
    if parent is None:
        return
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def file_named(files: dict[str, bytes], address: str) -> bytes | None:
    """The content that an address means: `data:` content, or the file of the package with that name."""
    found = rich.DATA_ADDRESS.match(address)
    return decoded(found.group(1)) if found else files.get(base_name(address))
