"""Gathering what a parser finds: questions that are whole, and a report of the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ingestion.questions import rich
from ingestion.questions.attached import Attached
from ingestion.questions.report import ReportLine, line
from ingestion.questions.schemas import Format, ReadBank, ReadQuestion
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import HintIn, QuestionIn
from lms_core.learning.assessments.schemas.conduct import MAXIMUM_HINTS

NEAR = 0.01  # percent: fractions in files have five digits
MOST_POINTS = 1000.0
LONGEST_NAME = 200
MOST_TAGS = 50


@dataclass(slots=True)
class Extras:
    """What a file says of a question besides the question itself."""

    name: str = ""
    category: tuple[str, ...] = ()
    tags: Sequence[str] = ()
    hints: Sequence[HintIn] = ()
    penalty: float | None = None
    number: str = ""


@dataclass(slots=True)
class Building:
    """A bank in the making. `note` takes the item's name first, as `report.line` does."""

    format: Format
    attached: Attached = field(default_factory=Attached)
    questions: list[ReadQuestion] = field(default_factory=list)
    report: list[ReportLine] = field(default_factory=list)
    title: str = ""

    def note(self, item: str, code: str, value: str = "") -> None:
        """Add a line to the report, each only once."""
        found = line(item, code, value)
        if found not in self.report:
            self.report.append(found)

    def attach(self, item: str, name: str, content: bytes) -> str | None:
        """Take a file; its path, or None when it is not taken, which the report tells."""
        refused = self.attached.refusal(content)
        path = None if refused else self.attached.add(content)
        if path is None:
            self.note(item, refused or "file", name)
        return path

    def add(self, extras: Extras, **fields: Any) -> None:
        """Add a question; where the fields make none, the report says why."""
        item = extras.name or rich.to_line(str(fields.get("text", "")))[:80] or f"#{len(self.questions) + 1}"
        fields["points"] = self._points(item, fields.get("points", 1.0))
        fields["hints"] = [hint for hint in extras.hints if hint.text][:MAXIMUM_HINTS]
        by_person = fields.get("type") in (QuestionType.ESSAY, QuestionType.UPLOAD)  # nothing is tried there
        if extras.penalty is not None and 0 <= extras.penalty <= 1 and not by_person:
            fields["penalty_percent"] = round(100 * extras.penalty, 4)
        try:
            question = QuestionIn.model_validate(fields)
        except (ValidationError, ValueError) as error:
            self.note(item, "refused", refusal(error))
            return
        self.questions.append(
            ReadQuestion(
                question=question,
                name=extras.name.strip()[:LONGEST_NAME],
                category=extras.category,
                tags=tuple(dict.fromkeys(tag.strip()[:60] for tag in extras.tags if tag.strip()))[:MOST_TAGS],
                number=extras.number.strip()[:100],
            )
        )

    def bank(self) -> ReadBank:
        """What was gathered."""
        return ReadBank(
            format=self.format,
            questions=tuple(self.questions),
            report=tuple(self.report),
            files=dict(self.attached.files),
            title=self.title.strip()[:LONGEST_NAME],
        )

    def _points(self, item: str, points: float) -> float:
        rounded = round(min(MOST_POINTS, max(0.01, points)), 2) if points > 0 else 1.0
        if abs(rounded - points) > 0.005:
            self.note(item, "points", f"{points:g} → {rounded:g}")
        return rounded


REFUSED_BY_SCHEMA = {
    "too_long": "it has more than {max_length} parts of one kind",
    "too_short": "a part of it is missing",
    "missing": "a part of it is missing",
    "string_too_long": "a text of it has more than {max_length} characters",
    "string_too_short": "a text of it is empty",
    "string_pattern_mismatch": "a text of it holds control characters",
    "finite_number": "a number of it is out of range",
    "float_parsing": "a number of it cannot be read",
} | dict.fromkeys(
    ("greater_than", "greater_than_equal", "less_than", "less_than_equal"), "a number of it is out of range"
)


def refusal(error: ValueError) -> str:
    """What was wrong with a question, in a few words of ours: the schema's own, or one of `REFUSED_BY_SCHEMA`."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    if first["type"] in REFUSED_BY_SCHEMA:
        return REFUSED_BY_SCHEMA[first["type"]].format_map(first.get("ctx", {}))
    return str(first["msg"]).removeprefix("Value error, ")


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice with its part of the points in percent, as most formats say it."""

    text: str
    percent: float
    feedback: str = ""


def choices_fields(building: Building, item: str, offered: Iterable[Offered], *, several: bool) -> dict[str, Any]:
    """The type and choices of a question with choices. Weights stay away where the product's own rule gives them."""
    found = [each for each in offered if each.text or each.percent > 0]
    best = max((each.percent for each in found), default=0.0)
    if best <= 0:
        building.note(item, "no_answer")
        raise NoQuestion
    if several:
        right = [each.percent > 0 for each in found]
    else:
        if best < 100 - NEAR:
            building.note(item, "single_as_multiple")
        first = next(place for place, each in enumerate(found) if each.percent == best)
        right = [place == first for place in range(len(found))]
        if sum(each.percent == best for each in found) > 1:
            building.note(item, "several_right")
    weighted = not (_by_rule(found) if several else _all_or_nothing(found))
    return {
        "type": QuestionType.MULTIPLE if several else QuestionType.SINGLE,
        "choices": [
            {
                "text": each.text,
                "correct": correct,
                "weight": max(-100.0, min(100.0, each.percent)) if weighted else None,
                "feedback": each.feedback,
            }
            for each, correct in zip(found, right, strict=True)
        ],
    }


class NoQuestion(Exception):
    """The question cannot come; the report says why already."""


def _all_or_nothing(found: Sequence[Offered]) -> bool:
    percents = sorted((each.percent for each in found), reverse=True)
    return abs(percents[0] - 100) <= NEAR and all(percent == 0 for percent in percents[1:])


def _by_rule(found: Sequence[Offered]) -> bool:
    """Whether the weights are what `grading` gives without any: 100/C for right choices, -100/W for wrong ones."""
    right = [each.percent for each in found if each.percent > 0]
    wrong = [each.percent for each in found if each.percent <= 0]
    near_right = all(abs(percent - 100 / len(right)) <= NEAR for percent in right)
    return near_right and all(abs(percent + 100 / len(wrong)) <= NEAR for percent in wrong)
