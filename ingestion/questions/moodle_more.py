"""Moodle's types beyond choices and words: numbers, orders, words and labels to drag, markers, formulas.

`Item` is one question while it is read, with its files.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any

from ingestion.questions import rich
from ingestion.questions.attached import PICTURES, decoded
from ingestion.questions.building import Building, NoQuestion
from ingestion.questions.moodle_pictures import number_in, pixels
from ingestion.questions.trees import Element, text_of
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.types.ordering import Scoring
from lms_core.learning.assessments.types.upload import FileKind

PLACE = re.compile(r"\[\[(\d{1,3})\]\]")
SCORINGS = {
    "ALL_OR_NOTHING": Scoring.ALL,
    "-1": Scoring.ALL,
    "ABSOLUTE_POSITION": Scoring.POSITIONS,
    "0": Scoring.POSITIONS,
    "RELATIVE_NEXT_EXCLUDE_LAST": Scoring.ADJACENT,
    "1": Scoring.ADJACENT,
    "LONGEST_ORDERED_SUBSET": Scoring.LONGEST,
    "4": Scoring.LONGEST,
}
TEXT_FILES = ".txt"  # Moodle has no group of this kind
KINDS = {kind.value: kind for kind in FileKind} | {
    "web_image": FileKind.IMAGE,
    ".pdf": FileKind.DOCUMENT,
    TEXT_FILES: FileKind.TEXT,
}
MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Item:
    """One `question` element while it is read."""

    building: Building
    element: Element
    name: str
    paths: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def note(self, code: str, value: str = "") -> None:
        """Add a line about this question to the report."""
        self.building.note(self.name, code, value)

    def number(self, name: str) -> float | None:
        """The number that an element below says; None when there is none."""
        read = number_in(text_of(self.element, name))
        return None if math.isnan(read) else read

    def rich(self, name: str) -> str:
        """Markdown of the text element `name`; "" when there is none."""
        return self.rich_of(self.element.find(name))

    def rich_of(self, element: Element | None) -> str:
        """Markdown of an element that has a `text`, a format and perhaps files."""
        if element is None:
            return ""
        return self.in_format(text_of(element, "text"), element)

    def in_format(self, text: str, element: Element | None) -> str:
        """Markdown of `text` in the format, and with the files, of an element."""
        if not text.strip():
            return ""
        style = element.get("format", "moodle_auto_format") if element is not None else "moodle_auto_format"

        def locate(address: str) -> str | None:
            return self.locate(address, element)

        if style == "markdown":
            return rich.from_markdown(text, locate)
        if style == "plain_text":
            return rich.from_plain(text)
        if style == "html" or re.search(r"<(p|br|div|ul|ol|table|h[1-6])\b", text):
            return rich.from_html(text, locate)
        return rich.from_auto(text, locate)

    def locate(self, address: str, element: Element | None) -> str | None:
        """The path of a file that the text of `element` names, or that is its own content."""
        found = rich.DATA_ADDRESS.match(address)
        if found is not None:
            content = decoded(found.group(1))
            return self.building.attach(self.name, "data:", content) if content else None
        name = rich.name_in(address) or (address if "/" not in address and ":" not in address else None)
        return self.file(name, element) if name else None

    def file(self, name: str, element: Element | None) -> str | None:
        """The path of the file called `name` beside a text, or anywhere in the question."""
        holders = [each for each in (element, self.element) if each is not None]
        for holder in holders:
            for file in holder.iter("file"):
                if file.get("name") == name:
                    return self._attached(file)
        self.note("file_missing", name)
        return None

    def picture(self) -> tuple[str, int, int]:
        """Path, width and height of the picture a question asks about; NoQuestion, told, when it has none."""
        for file in self.element.iterfind("file"):
            path = self._attached(file)
            if path is not None and path.rpartition(".")[2] in PICTURES:
                size = pixels(self.building.attached.files[path])
                if size is not None:
                    return path, *size
        self.note("picture_missing")
        raise NoQuestion

    def _attached(self, file: Element) -> str | None:
        name = file.get("name", "")
        content = decoded(text_of(file))
        if content is None:
            self.note("file_missing", name)
            return None
        return self.building.attach(self.name, name, content)


def numerical(item: Item) -> dict[str, Any]:
    """A number; with units a formula without variables, whose units are asked for."""
    best: tuple[float, float] | None = None
    for answer in item.element.iterfind("answer"):
        said, percent = text_of(answer, "text").strip(), number_in(answer.get("fraction", "0"))
        feedback = rich.to_line(item.rich_of(answer.find("feedback")))
        if feedback:
            item.note("wrong_feedback" if said == "*" else "answer_feedback", feedback)
        if percent >= 99.99 and best is None and said != "*":
            best = number_in(said), abs(number_in(text_of(answer, "tolerance").strip() or "0"))
        elif percent > 0:
            item.note("partial_answers", f"{said} ({percent:g} %)")
    if best is None or any(math.isnan(each) for each in best):
        item.note("no_answer")
        raise NoQuestion
    units = _units(item)
    if not units or text_of(item.element, "showunits").strip() == "3":  # 3: no unit is shown or asked
        return {"type": QuestionType.NUMERIC, "value": best[0], "tolerance": best[1]}
    item.note("units_formula")
    tolerance = {"kind": "absolute", "amount": best[1]}
    expression = f"{best[0]:.15g}"
    return {"type": QuestionType.FORMULA, "key": formula_key(item, expression, [], tolerance, units)}


def _units(item: Item) -> list[dict[str, Any]]:
    """Units with the factor that brings them to the formula's own: 1 / Moodle's multiplier."""
    found = []
    for unit in item.element.iterfind("units/unit"):
        name, multiplier = text_of(unit, "unit_name").strip(), number_in(text_of(unit, "multiplier") or "1")
        if name and multiplier > 0:
            found.append({"name": name, "factor": float(f"{1 / multiplier:.12g}")})
    return found


def formula_key(
    item: Item, expression: str, variables: list[dict[str, Any]], tolerance: dict[str, Any], units: list[dict[str, Any]]
) -> dict[str, Any]:
    """The key of a formula question; Moodle's penalty holds where units are graded."""
    graded = text_of(item.element, "unitgradingtype").strip() not in ("", "0")
    penalty = item.number("unitpenalty") if graded else 0.0
    return {
        "type": "formula",
        "expression": expression,
        "variables": variables,
        "tolerance": tolerance,
        "units": units,
        "unit_penalty": min(1.0, max(0.0, penalty if penalty is not None else 0.1)),
    }


def calculated(item: Item) -> dict[str, Any]:
    """A formula of variables: ranges and decimals of the data sets, whose listed values are drawn anew here."""
    answer = next(
        (each for each in item.element.iterfind("answer") if number_in(each.get("fraction", "0")) >= 99.99), None
    )
    if answer is None:
        item.note("no_answer")
        raise NoQuestion
    expression = text_of(answer, "text").strip().removeprefix("=")
    expression = re.sub(r"\bpi\s*\(\s*\)", "pi", expression)
    expression = re.sub(r"\blog\s*\(", "ln(", expression)
    variables = []
    for each in item.element.iterfind("dataset_definitions/dataset_definition"):
        name = text_of(each, "name").strip()
        decimals = int(max(0, min(9, number_in(text_of(each, "decimals") or "0") or 0)))
        low, high = number_in(text_of(each, "minimum") or "1"), number_in(text_of(each, "maximum") or "10")
        variables.append({"name": name, "minimum": low, "maximum": high, "step": float(f"1e-{decimals}")})
        if text_of(each, "status").strip() == "shared":
            item.note("numbers_in_steps", name)
    amount, kind = abs(number_in(text_of(answer, "tolerance") or "0")), text_of(answer, "tolerancetype").strip()
    if kind == "3":
        item.note("tolerance_type")
    tolerance = {"kind": "absolute" if kind == "2" else "relative", "amount": amount}
    return {"type": QuestionType.FORMULA, "key": formula_key(item, expression, variables, tolerance, _units(item))}


def ordering(item: Item) -> dict[str, Any]:
    """Items in their right order, `fraction` being the place."""
    answers = sorted(item.element.iterfind("answer"), key=lambda each: number_in(each.get("fraction", "0")))
    said = text_of(item.element, "gradingtype").strip().upper()
    if said and said not in SCORINGS:
        item.note("scoring", said)
    scoring = SCORINGS.get(said, Scoring.POSITIONS)
    items = [{"text": text} for each in answers if (text := item.rich_of(each))]
    return {"type": QuestionType.ORDERING, "key": {"type": "ordering", "items": items, "scoring": scoring.value}}


def upload_key(item: Item) -> dict[str, Any]:
    """An essay that takes files only."""
    files, size = item.number("attachments") or 1, item.number("maxbytes") or 0
    said = [each for each in re.split(r"[\s,;]+", text_of(item.element, "filetypeslist").strip()) if each]
    unknown = [each for each in said if each.lower() not in KINDS]
    if unknown:
        item.note("file_kinds", ", ".join(unknown))
    return {
        "type": "upload",
        "maximum_files": int(min(10, max(1, files if files > 0 else 10))),
        "maximum_megabytes": int(min(50, max(1, size // MEGABYTE))) if size else 10,
        "kinds": list(dict.fromkeys(KINDS[each.lower()].value for each in said if each.lower() in KINDS)),
    }


def _gapped(item: Item) -> tuple[str, list[int]]:
    """The text with its gaps numbered as here, 1 2 3, and the number of the box that belongs into each."""
    element = item.element.find("questiontext")
    boxes: list[int] = []

    def place(found: re.Match[str]) -> str:
        boxes.append(int(found.group(1)))
        return rich.gap_mark(len(boxes))

    marked = PLACE.sub(place, text_of(element, "text"))
    return rich.with_gaps(item.in_format(marked, element)), boxes


def _boxes(item: Item, name: str) -> list[tuple[str, str]]:
    """Text and group of each box, in order."""
    found = []
    for each in item.element.iterfind(name):
        text = rich.from_html(text_of(each, "text"))
        found.append((text, text_of(each, "group").strip() or "1"))
    return found


def drag_text(item: Item) -> dict[str, Any]:
    """Words to drag into a text."""
    text, places = _gapped(item)
    boxes = _boxes(item, "dragbox")
    if not places or any(not 1 <= place <= len(boxes) for place in places):
        item.note("no_answer")
        raise NoQuestion
    if len({group for _, group in boxes}) > 1:
        item.note("drop_groups")
    words = [boxes[place - 1][0] for place in places]
    extra = [word for place, (word, _) in enumerate(boxes, 1) if place not in places and word not in words]
    reuse = item.element.find("dragbox/infinite") is not None
    return {
        "type": QuestionType.DRAG_TEXT,
        "text": text,
        "key": {
            "type": "drag_text",
            "gaps": [{"word": {"text": word}} for word in words],
            "extra": [{"text": word} for word in dict.fromkeys(extra)],
            "reuse": reuse,
        },
    }


def gap_select(item: Item) -> dict[str, Any]:
    """Gaps with a list each: the options of the gap's group."""
    text, places = _gapped(item)
    boxes = _boxes(item, "selectoption")
    if not places or any(not 1 <= place <= len(boxes) for place in places):
        item.note("no_answer")
        raise NoQuestion
    gaps = []
    for place in places:
        right, group = boxes[place - 1]
        words = dict.fromkeys(word for word, other in boxes if other == group)
        gaps.append({"kind": "choice", "options": [{"text": word, "correct": word == right} for word in words]})
    return {"type": QuestionType.CLOZE, "text": text, "key": {"type": "cloze", "gaps": gaps}}
