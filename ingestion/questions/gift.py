"""GIFT, Moodle's format of plain text, read as Moodle 4 reads it (question/format/gift)."""

import re
from dataclasses import dataclass
from typing import Any

from ingestion.questions import rich
from ingestion.questions.building import Building, Extras, NoQuestion, Offered, choices_fields
from ingestion.questions.gift_text import hide, show, taken_apart
from ingestion.questions.schemas import Format, ReadBank
from ingestion.readers.text import decode
from lms_core.learning.assessments.models import QuestionType

CATEGORY = re.compile(r"\$CATEGORY:(.*)")
TAG = re.compile(r"\[tag:((?:\\\]|[^\]])+)\]")
NUMBER = re.compile(r"\[id:((?:\\\]|[^\]])+)\]")
WEIGHT = re.compile(r"%(-?\d{1,3}(?:[.,]\d*)?)%")
TRUE, FALSE = ("T", "TRUE"), ("F", "FALSE")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer as it stands between its marks, still hidden, with its part of the points in percent."""

    text: str
    percent: float
    feedback: str


def read(data: bytes) -> ReadBank:
    """The questions of a GIFT file."""
    building = Building(Format.GIFT)
    category: tuple[str, ...] = ()
    for block in _blocks(decode(data)):
        comments = "\n".join(each.strip() for each in block if each.strip().startswith("//"))
        text = "\n".join("" if each.strip().startswith("//") else each for each in block).strip()
        named = CATEGORY.match(text)
        if named is not None:
            category = path_of(show(hide(named.group(1).split("\n")[0])))
            text = text[named.end() :].strip()
        if text:
            _question(building, hide(text), comments, category)
    return building.bank()


def path_of(category: str) -> tuple[str, ...]:
    """A category's path without the place it hangs at (`$course$`, `top`); a doubled slash is a slash in a name."""
    parts = [part.replace("\0", "/").strip() for part in category.strip().replace("//", "\0").split("/")]
    return tuple(part[:100] for part in parts if part and part != "top" and not re.fullmatch(r"\$\w+\$", part))[:20]


def _blocks(text: str) -> list[list[str]]:
    """The lines of each question; a blank line parts two."""
    blocks: list[list[str]] = [[]]
    for each in text.split("\n"):
        if each.strip():
            blocks[-1].append(each)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _question(building: Building, text: str, comments: str, category: tuple[str, ...]) -> None:
    name = ""
    if text.startswith("::") and "::" in text[2:]:
        name, _, text = text[2:].partition("::")
    name, text = " ".join(show(name).split()), text.strip()
    start, end = text.find("{"), text.find("}")
    found = NUMBER.search(comments)
    extras = Extras(
        name=name,
        category=category,
        tags=[each.replace("\\]", "]") for each in TAG.findall(comments)],
        number=found.group(1).replace("\\]", "]") if found else "",
    )
    item = name or taken_apart(text[:start] if start > 0 else text, "moodle")[1][:80]
    if start < 0 or end < start:
        value = taken_apart(text, "moodle")[1]
        building.note(item, "description" if start < 0 and end < 0 else "refused", value if start < 0 else "{ }")
        return
    answers, general = _apart(text[start + 1 : end].strip())
    gap = "_____" if text[end + 1 :].strip() else ""  # the text goes on behind the answers: they fill a gap
    style, said = taken_apart(f"{text[:start]}{gap}{text[end + 1 :]}", "moodle")
    fields: dict[str, Any] = {"text": _rich(style, said), "feedback": _formatted(general, style)}
    try:
        building.add(extras, **fields, **_by_type(building, item, answers, style))
    except NoQuestion:
        return


def _apart(answers: str) -> tuple[str, str]:
    """The answers, and the feedback on the whole that follows them."""
    before, mark, after = answers.rpartition("####")
    return (before.strip(), after.strip()) if mark else (answers, "")


def _rich(style: str, text: str) -> str:
    match style:
        case "html":
            return rich.from_html(text)
        case "markdown":
            return rich.from_markdown(text)
        case "plain":
            return rich.from_plain(text)
    return rich.from_auto(text)


def _formatted(hidden: str, default: str) -> str:
    style, text = taken_apart(hidden, default)
    return _rich(style, text) if text else ""


def _by_type(building: Building, item: str, answers: str, style: str) -> dict[str, Any]:
    if not answers:
        return {"type": QuestionType.ESSAY}
    if answers.startswith("#"):
        return _numeric(building, item, answers[1:], style)
    if "~" in answers:
        return _choices(building, item, answers, style)
    if "=" in answers and "->" in answers:
        return _matching(building, item, answers, style)
    if answers.split("#")[0].strip() in (*TRUE, *FALSE):
        return _true_false(answers, style)
    return _short_text(building, item, answers, style)


def _answers(text: str, mark: str, *, unmarked: float) -> list[_Answer]:
    """The answers of a hidden text, each behind a mark; a first one may go without."""
    pieces = [piece.strip() for piece in text.split(mark)]
    found = []
    for piece in pieces if pieces[0] else pieces[1:]:
        weight = WEIGHT.match(piece)
        body, _, feedback = (piece[weight.end() :] if weight else piece).partition("#")
        percent = float(weight.group(1).replace(",", ".")) if weight else unmarked
        found.append(_Answer(body.strip(), percent, feedback.strip()))
    return found


def _choices(building: Building, item: str, text: str, style: str) -> dict[str, Any]:
    right = "\ue600"
    found = _answers(text.replace("=", f"~{right}"), "~", unmarked=0.0)
    offered = []
    for each in found:
        is_right = each.text.startswith(right)
        body = each.text.removeprefix(right).strip()
        weight = WEIGHT.match(body) if is_right else None
        offered.append(
            Offered(
                text=_formatted(body[weight.end() :] if weight else body, style),
                percent=100.0 if is_right else each.percent,
                feedback=_formatted(each.feedback, style),
            )
        )
    return choices_fields(building, item, offered, several="=" not in text)


def _true_false(text: str, style: str) -> dict[str, Any]:
    bits = text.split("#", 2)
    right = bits[0].strip() in TRUE
    wrong_feedback = _formatted(bits[1], style) if len(bits) > 1 else ""
    right_feedback = _formatted(bits[2], style) if len(bits) > 2 else ""
    return {
        "type": QuestionType.TRUE_FALSE,
        "choices": [
            {"text": "True", "correct": right, "feedback": right_feedback if right else wrong_feedback},
            {"text": "False", "correct": not right, "feedback": wrong_feedback if right else right_feedback},
        ],
    }


def _matching(building: Building, item: str, text: str, style: str) -> dict[str, Any]:
    pairs, extra = [], []
    for each in [piece.strip() for piece in text.split("=") if piece.strip()]:
        left, mark, right = each.partition("->")
        if not mark:
            building.note(item, "refused", f"{show(each)} ->")
            raise NoQuestion
        shown = _formatted(left, style).replace("-\\>", "->")
        side = {"text": rich.from_line(show(right))}
        extra.append(side) if not shown else pairs.append({"left": {"text": shown}, "right": side})
    return {"type": QuestionType.MATCHING, "key": {"type": "matching", "pairs": pairs, "extra": _other(extra, pairs)}}


def _other(extra: list[dict[str, str]], pairs: list[dict[str, Any]]) -> list[dict[str, str]]:
    used = {pair["right"]["text"] for pair in pairs}
    return [side for side in extra if side["text"] not in used]


def _short_text(building: Building, item: str, text: str, style: str) -> dict[str, Any]:
    accepted = []
    for each in _answers(text, "=", unmarked=100.0):
        said = " ".join(show(each.text).split())
        if each.feedback:
            building.note(item, "wrong_feedback" if said == "*" else "answer_feedback", show(each.feedback))
        if each.percent >= 99.99:
            accepted.append(said)
        elif each.percent > 0:
            building.note(item, "partial_answers", f"{said} ({each.percent:g} %)")
    return short_text_fields(building, item, accepted, case=False)


def short_text_fields(building: Building, item: str, answers: list[str], *, case: bool) -> dict[str, Any]:
    r"""The fields of a short text question of Moodle's patterns: `*` stands for anything, `\*` for itself."""
    plain = [each.replace("\\*", "*") for each in answers if not re.search(r"(?<!\\)\*", each)]
    patterns = [each for each in answers if re.search(r"(?<!\\)\*", each)]
    if patterns:
        building.note(item, "patterns" if plain else "wildcards", ", ".join(patterns))
    if not plain:
        raise NoQuestion
    return {"type": QuestionType.SHORT_TEXT, "accepted": list(dict.fromkeys(plain)), "match_case": case}


def _numeric(building: Building, item: str, text: str, style: str) -> dict[str, Any]:
    text, mark, wrong = text.partition("~")
    if mark and wrong.strip(" #"):
        building.note(item, "wrong_feedback", show(wrong.lstrip("#")))
    best: tuple[float, float] | None = None
    for each in _answers(text, "=", unmarked=100.0):
        if each.feedback:
            building.note(item, "answer_feedback", show(each.feedback))
        if each.percent >= 99.99 and best is None and each.text != "*":
            best = _value(each.text)
        elif each.percent > 0:
            building.note(item, "partial_answers", f"{show(each.text)} ({each.percent:g} %)")
    if best is None:
        building.note(item, "no_answer")
        raise NoQuestion
    return {"type": QuestionType.NUMERIC, "value": best[0], "tolerance": best[1]}


def _value(text: str) -> tuple[float, float] | None:
    """Value and tolerance of "3.14", "3.14:0.01" or "3.1..3.2"; None for what is no number."""
    try:
        low, dots, high = text.partition("..")
        if dots:
            middle = (float(low) + float(high)) / 2
            # Of decimal fractions the middle has few digits; binary noise is rounded off.
            return float(f"{middle:.12g}"), float(f"{abs(float(high) - middle):.12g}")
        value, _, tolerance = text.partition(":")
        return float(value), abs(float(tolerance or 0))
    except ValueError:
        return None
