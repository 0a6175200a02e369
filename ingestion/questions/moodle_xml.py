"""Moodle XML: a `quiz` of questions, each after the category it belongs to (Moodle's question/format/xml)."""

from collections.abc import Callable
from typing import Any

from ingestion.questions import moodle_more, moodle_pictures, multianswer, rich
from ingestion.questions.building import Building, Extras, NoQuestion, Offered, choices_fields
from ingestion.questions.gift import path_of, short_text_fields
from ingestion.questions.moodle_more import Item
from ingestion.questions.schemas import Format, ReadBank
from ingestion.questions.trees import Element, parse, text_of
from ingestion.readers import Unreadable
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import HintIn

OUTCOMES = ("correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
# What Moodle itself writes where an author wrote nothing.
STANDARD_OUTCOMES = frozenset(
    {"Your answer is correct.", "Your answer is partially correct.", "Your answer is incorrect."}
)


def read(data: bytes) -> ReadBank:
    """The questions of a Moodle XML file. Unreadable when it is none."""
    return from_tree(parse(data))


def from_tree(root: Element) -> ReadBank:
    """The questions of a parsed document."""
    if root.tag != "quiz":
        raise Unreadable("wrong_type", f"This is XML, but no Moodle quiz: it begins with <{str(root.tag)[:40]}>.")
    building = Building(Format.MOODLE_XML)
    category: tuple[str, ...] = ()
    for element in root:
        kind = element.get("type", "")
        if element.tag != "question":
            continue
        if kind == "category":
            category = path_of(text_of(element, "category/text"))
        else:
            _question(building, element, kind, category)
    return building.bank()


def _question(building: Building, element: Element, kind: str, category: tuple[str, ...]) -> None:
    name = " ".join(text_of(element, "name/text").split())
    name = name or rich.to_line(rich.from_html(text_of(element, "questiontext/text")))[:80]
    name = name or f"#{len(building.questions) + 1}"
    item = Item(building, element, name)
    reader = READERS.get(kind)
    if kind == "description":
        building.note(name, "description", rich.to_line(item.rich("questiontext")))
        return
    if reader is None:
        building.note(name, "random" if kind == "random" else "type", "" if kind == "random" else kind or "?")
        return
    extras = Extras(
        name=name,
        category=category,
        tags=[text_of(tag) for tag in element.iterfind("tags/tag/text")],
        hints=[
            HintIn(
                text=item.rich_of(hint),
                clear_wrong=hint.find("clearwrong") is not None,
                show_number_right=hint.find("shownumcorrect") is not None,
            )
            for hint in element.iterfind("hint")
        ],
        penalty=item.number("penalty"),
        number=text_of(element, "idnumber"),
    )
    try:
        fields: dict[str, Any] = {"feedback": item.rich("generalfeedback"), "points": _points(item), **reader(item)}
        fields.setdefault("text", item.rich("questiontext"))
    except NoQuestion:
        return
    _side_notes(item)
    building.add(extras, **fields)


def _points(item: Item) -> float:
    given = item.number("defaultgrade")
    return 1.0 if given is None else given


def _side_notes(item: Item) -> None:
    """What a question of any type may say that is not kept."""
    said = [text for name in OUTCOMES if (text := rich.to_line(item.rich(name))) and text not in STANDARD_OUTCOMES]
    if said:
        item.note("outcome_feedback", " · ".join(said))
    if text_of(item.element, "hidden").strip() == "1":
        item.note("hidden")


def _choices(item: Item) -> dict[str, Any]:
    offered = [
        Offered(item.rich_of(answer), _percent(answer), item.rich_of(answer.find("feedback")))
        for answer in item.element.iterfind("answer")
    ]
    single = text_of(item.element, "single").strip().lower() in ("true", "1")
    return choices_fields(item.building, item.name, offered, several=not single)


def _choice_set(item: Item) -> dict[str, Any]:
    """`multichoiceset`: all right choices and no other, or nothing."""
    answers = list(item.element.iterfind("answer"))
    right = sum(_percent(answer) > 0 for answer in answers) or 1
    wrong = len(answers) - right or 1
    offered = [
        Offered(
            item.rich_of(answer),
            100 / right if _percent(answer) > 0 else -100 / wrong,
            item.rich_of(answer.find("feedback")),
        )
        for answer in answers
    ]
    return {**choices_fields(item.building, item.name, offered, several=True), "partial_credit": False}


def _true_false(item: Item) -> dict[str, Any]:
    choices = []
    for answer in sorted(item.element.iterfind("answer"), key=lambda each: text_of(each, "text").strip() != "true"):
        is_true = text_of(answer, "text").strip().lower() == "true"
        feedback = item.rich_of(answer.find("feedback"))
        choices.append({"text": "True" if is_true else "False", "correct": _percent(answer) > 0, "feedback": feedback})
    return {"type": QuestionType.TRUE_FALSE, "choices": choices}


def _short_answer(item: Item) -> dict[str, Any]:
    accepted = []
    for answer in item.element.iterfind("answer"):
        said, percent = text_of(answer, "text").strip(), _percent(answer)
        feedback = rich.to_line(item.rich_of(answer.find("feedback")))
        if feedback:
            item.note("wrong_feedback" if said == "*" else "answer_feedback", feedback)
        if percent >= 99.99:
            accepted.append(said)
        elif percent > 0:
            item.note("partial_answers", f"{said} ({percent:g} %)")
    return short_text_fields(item.building, item.name, accepted, case=text_of(item.element, "usecase").strip() == "1")


def _essay(item: Item) -> dict[str, Any]:
    for name, code in (("graderinfo", "marker_notes"), ("responsetemplate", "template_text")):
        said = rich.to_line(item.rich(name))
        if said:
            item.note(code, said)
    limits = [said for name in ("minwordlimit", "maxwordlimit") if (said := text_of(item.element, name).strip())]
    if limits:
        item.note("word_limits", " – ".join(limits))
    if text_of(item.element, "responseformat").strip() != "noinline":
        return {"type": QuestionType.ESSAY}
    return {"type": QuestionType.UPLOAD, "key": moodle_more.upload_key(item)}


def _matching(item: Item) -> dict[str, Any]:
    pairs: list[dict[str, Any]] = []
    others: list[str] = []
    for each in item.element.iterfind("subquestion"):
        left, right = item.rich_of(each), rich.from_line(text_of(each, "answer/text"))
        if left:
            pairs.append({"left": {"text": left}, "right": {"text": right}})
        elif right:
            others.append(right)
    used = {pair["right"]["text"] for pair in pairs}
    extra = [{"text": each} for each in dict.fromkeys(others) if each not in used]
    return {"type": QuestionType.MATCHING, "key": {"type": "matching", "pairs": pairs, "extra": extra}}


def _cloze(item: Item) -> dict[str, Any]:
    element = item.element.find("questiontext")
    text = text_of(element, "text")
    fields, points = multianswer.fields(item.building, item.name, text, lambda marked: item.in_format(marked, element))
    given = item.number("defaultgrade")
    return {**fields, "points": given if given else points}


def _percent(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0.0


READERS: dict[str, Callable[[Item], dict[str, Any]]] = {
    "multichoice": _choices,
    "multichoiceset": _choice_set,
    "truefalse": _true_false,
    "shortanswer": _short_answer,
    "numerical": moodle_more.numerical,
    "essay": _essay,
    "matching": _matching,
    "ddmatch": _matching,
    "cloze": _cloze,
    "multianswer": _cloze,
    "ordering": moodle_more.ordering,
    "ddwtos": moodle_more.drag_text,
    "gapselect": moodle_more.gap_select,
    "ddmarker": moodle_pictures.markers,
    "ddimageortext": moodle_pictures.labels,
    "calculated": moodle_more.calculated,
    "calculatedsimple": moodle_more.calculated,
}
