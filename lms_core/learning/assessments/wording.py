"""A question as lines of text, so that two versions of it can be compared by people."""

import difflib
from collections.abc import Iterator
from typing import Any

from lms_core.learning.assessments.schemas import QuestionDetail
from lms_core.learning.assessments.schemas.banks import ChangedLine

AROUND = frozenset({"id", "type", "text", "choices"})


def lines_of(question: QuestionDetail) -> list[str]:
    """Text, choices, then every other field that says something, by its path; ids are left out."""
    lines = [f"type: {question.type.value}", *question.text.splitlines()]
    for choice in question.choices:
        weight = "" if choice.weight is None else f" ({choice.weight:g} %)"
        lines += [f"[{'x' if choice.correct else ' '}] {choice.text}{weight}"]
        lines += [f"    {choice.feedback}"] if choice.feedback else []
    rest = question.model_dump(mode="json", exclude=set(AROUND))
    return lines + [line for name, value in rest.items() for line in _told(name, value)]


def changes(before: QuestionDetail | None, after: QuestionDetail) -> tuple[ChangedLine, ...]:
    """The lines that are new, gone and the same, in their order; a first version's are all the same."""
    if before is None:
        return tuple(ChangedLine(sign=" ", text=line) for line in lines_of(after))
    compared = difflib.ndiff(lines_of(before), lines_of(after), linejunk=None, charjunk=None)
    return tuple(ChangedLine(sign=line[0], text=line[2:]) for line in compared if line[0] in "+- ")


def _told(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("id", "type"):
                yield from _told(f"{path}.{name}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value, 1):
            yield from _told(f"{path}.{place}", inner)
    elif value not in (None, ""):
        yield f"{path}: {value}"
