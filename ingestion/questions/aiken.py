"""Aiken: one line of text, lettered choices, `ANSWER: B` (Moodle's "Aiken format")."""

import re

from ingestion.questions import rich
from ingestion.questions.building import Building, Extras
from ingestion.questions.report import line
from ingestion.questions.schemas import Format, ReadBank, Written
from ingestion.readers.text import decode
from lms_core.learning.assessments.models import QuestionType

CHOICE = re.compile(r"([A-Z])[).]\s*(.*)")
ANSWER = re.compile(r"ANSWER:\s*([A-Z])\s*", re.IGNORECASE)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def looks_like(text: str) -> bool:
    """Whether lines of the text are an answer in this format."""
    return any(ANSWER.fullmatch(each.strip()) for each in text.split("\n"))


def read(data: bytes) -> ReadBank:
    """The questions of an Aiken file."""
    building = Building(Format.AIKEN)
    text: list[str] = []
    choices: list[tuple[str, str]] = []
    for raw in decode(data).split("\n"):
        each = raw.strip()
        answer, choice = ANSWER.fullmatch(each), CHOICE.match(each)
        if answer is not None:
            _question(building, " ".join(text), choices, answer.group(1).upper())
            text, choices = [], []
        elif choice is not None and text and choice.group(1) == LETTERS[len(choices) % 26]:
            choices.append((choice.group(1), choice.group(2)))
        elif each and choices:
            choices[-1] = (choices[-1][0], f"{choices[-1][1]} {each}")
        elif each:
            text.append(each)
    if text:
        building.note(" ".join(text)[:80], "no_answer")
    return building.bank()


def _question(building: Building, text: str, choices: list[tuple[str, str]], right: str) -> None:
    extras = Extras(name="")
    if right not in [letter for letter, _ in choices]:
        building.note(text[:80], "no_answer", right)
        return
    words = [words.casefold() for _, words in choices]
    building.add(
        extras,
        type=QuestionType.TRUE_FALSE if words == ["true", "false"] else QuestionType.SINGLE,
        text=rich.from_line(text),
        choices=[{"text": rich.from_line(words), "correct": letter == right} for letter, words in choices],
    )


def write(bank: ReadBank) -> Written:
    """The bank's questions with one right choice; of all others the report tells."""
    blocks, report = [], []
    for place, each in enumerate(bank.questions, 1):
        question, item = each.question, each.name or f"#{place}"
        single = question.type in (QuestionType.SINGLE, QuestionType.TRUE_FALSE)
        if not single or len(question.choices) > len(LETTERS):
            report.append(line(item, "not_held", question.type.value))
            continue
        texts = [question.text, *(choice.text for choice in question.choices)]
        said = [rich.to_line(text) for text in texts]
        if not all(said) or ANSWER.fullmatch(said[0]) or CHOICE.match(said[0]):
            report.append(line(item, "refused", said[0]))
            continue
        lines = [said[0], *(f"{letter}) {words}" for letter, words in zip(LETTERS, said[1:], strict=False))]
        right = next(letter for letter, choice in zip(LETTERS, question.choices, strict=False) if choice.correct)
        blocks.append("\n".join([*lines, f"ANSWER: {right}"]))
        lost = {
            "layout": not all(rich.is_plain(text) for text in texts),
            "pictures": any(rich.assets(text) for text in texts),
            "points": question.points != 1,
            "weights": any(choice.weight is not None for choice in question.choices),
            "feedback": bool(question.feedback),
            "choice_feedback": any(choice.feedback for choice in question.choices),
        }
        report += [
            line(item, code, f"{question.points:g}" if code == "points" else "")
            for code, is_so in lost.items()
            if is_so
        ]
    return Written("\n\n".join([*blocks, ""]).encode(), ".txt", "text/plain; charset=utf-8", tuple(report))
