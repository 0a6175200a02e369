"""Questions of a Moodle backup, type by type, to questions here; a type without a counterpart says so."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingestion.readers.text import plain_to_markdown
from ingestion.sources.packages import markup, saying
from ingestion.sources.packages.drafting import Drafting, gap_places, number, side
from ingestion.sources.packages.moodle.files import place, relinked
from ingestion.sources.schemas import ChoiceDraft, QuestionDraft

RIGHT = 0.999999  # of the points: what earns them all
GAP = re.compile(r"\[\[(\d{1,3})\]\]")
SUBQUESTION = re.compile(r"\{#(\d{1,3})\}")

Read = QuestionDraft | saying.Lost


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of one question as Markdown, with the pictures of its areas."""

    draft: Drafting
    where: str
    context: str
    question: str

    def of(self, element: markup.Element, name: str, *, area: str = "questiontext", item: str = "") -> str:
        """The text `name` of an element; its format stands beside it."""
        value, form = markup.said(element, name), markup.said(element, f"{name}format")
        if not value:
            return ""
        if form == "2":
            return plain_to_markdown(value)
        folder = place(self.context, "question", area, item or self.question)
        html = relinked(value, folder)
        return html if form == "4" else self.draft.snippet(html, where=self.where)

    def answer(self, element: markup.Element, name: str = "answertext") -> str:
        """The text of an answer, and its format beside it under another name."""
        value = markup.said(element, name)
        if markup.said(element, "answerformat") in ("1", ""):
            folder = place(self.context, "question", "answer", element.get("id") or "0")
            return self.draft.snippet(relinked(value, folder), where=self.where)
        return plain_to_markdown(value)


def read_question(
    question: markup.Element, texts: Texts, *, points: float | None, others: Mapping[str, markup.Element]
) -> Read:
    """The question, or why it stays behind. `others` are all of the bank, by id: parts of a text with gaps are some."""
    kind = markup.said(question, "qtype")
    own = next((each for each in question if markup.local(each) == f"plugin_qtype_{kind}_question"), question)
    reader = READERS.get(kind)
    if reader is None:
        return saying.NO_TYPE
    text = texts.of(question, "questiontext")
    if not text:
        return saying.NO_KEY
    worth = points if points is not None else number(markup.said(question, "defaultmark")) or 1.0
    feedback = texts.of(question, "generalfeedback", area="generalfeedback")
    base = QuestionDraft("essay", text, min(max(worth, 0.0), 1000.0), feedback=feedback)
    return reader(own, base, texts, others)


def _made(base: QuestionDraft, type_: Any, **fields: Any) -> QuestionDraft:
    told = {"text": base.text, "points": base.points, "feedback": base.feedback} | fields
    return QuestionDraft(type_, **told)


def _answers(own: markup.Element) -> list[tuple[markup.Element, float]]:
    return [(answer, number(markup.said(answer, "fraction")) or 0.0) for answer in markup.within(own, "answer")]


def _essay(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    return base


def _true_false(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    choices = tuple(_choice(answer, fraction >= RIGHT, texts) for answer, fraction in _answers(own))
    if len(choices) != 2 or sum(choice.correct for choice in choices) != 1:
        return saying.NO_KEY
    return _made(base, "true_false", choices=choices)


def _multichoice(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    answers = _answers(own)
    single = next((markup.said(each) for each in markup.within(own, "single")), "1") == "1"
    best = max((fraction for _, fraction in answers), default=0.0)
    if best <= 0 or len(answers) < 2:
        return saying.NO_KEY
    choices = []
    for answer, fraction in answers:
        right = fraction >= min(best, RIGHT) if single else fraction > 0
        choice = _choice(answer, right, texts)
        choices.append(ChoiceDraft(choice.text, right, round(fraction * 100, 5), choice.feedback))
    if single and sum(choice.correct for choice in choices) != 1:
        return saying.NO_KEY
    return _made(base, "single" if single else "multiple", choices=tuple(choices))


def _short(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    accepted, cased = _words(own, texts)
    if isinstance(accepted, saying.Lost):
        return accepted
    return _made(base, "short_text", accepted=accepted, match_case=cased)


def _words(own: markup.Element, texts: Texts) -> tuple[tuple[str, ...] | saying.Lost, bool]:
    answers = _answers(own)
    right = [markup.said(answer, "answertext") for answer, fraction in answers if fraction >= RIGHT]
    plain = tuple(
        dict.fromkeys(each.replace("\\*", "*") for each in right if not re.search(r"(?<!\\)\*", each) and each)
    )
    if not plain:
        return (saying.PATTERN if right else saying.NO_KEY), False
    if len(plain) < sum(fraction > 0 for _, fraction in answers):
        texts.draft.lost(texts.where, saying.PARTLY)
    return plain, next((markup.said(each) for each in markup.within(own, "usecase")), "0") == "1"


def _numerical(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    key = _number(own, texts)
    if isinstance(key, saying.Lost):
        return key
    return _made(base, "numeric", value=key[0], tolerance=key[1])


def _number(own: markup.Element, texts: Texts) -> tuple[float, float] | saying.Lost:
    tolerances = {
        markup.said(each, "answer"): abs(number(markup.said(each, "tolerance")) or 0.0)
        for each in markup.within(own, "numerical_record")
    }
    right = [
        (value, tolerances.get(answer.get("id") or "", 0.0))
        for answer, fraction in _answers(own)
        if fraction >= RIGHT and (value := number(markup.said(answer, "answertext"))) is not None
    ]
    if not right:
        return saying.NO_KEY
    if (
        sum(fraction > 0 for _, fraction in _answers(own)) > 1
        or next(markup.within(own, "numerical_unit"), None) is not None
    ):
        texts.draft.lost(texts.where, saying.PARTLY)
    return right[0]


def _match(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    pairs, extra = [], []
    for each in markup.within(own, "match"):
        left = texts.of(each, "questiontext", area="subquestion", item=each.get("id") or "0")
        right = plain_to_markdown(markup.said(each, "answertext"))
        if left and right:
            pairs.append({"left": side(left), "right": side(right)})
        elif right:
            extra.append(side(right))
    return _made(base, "matching", key={"type": "matching", "pairs": pairs, "extra": extra}) if pairs else saying.NO_KEY


def _ordering(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    """The right order is that of the answers' fractions, which count from 1 there."""
    items = [side(texts.answer(answer)) for answer, _ in sorted(_answers(own), key=lambda pair: pair[1])]
    return _made(base, "ordering", key={"type": "ordering", "items": items}) if len(items) > 1 else saying.NO_KEY


def _gaps_to_choose(
    own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]
) -> Read:
    """Select missing words: `[[3]]` is a gap whose right word is the third answer, among those of its group."""
    words = [(texts.answer(answer), markup.said(answer, "feedback")) for answer, _ in _answers(own)]
    gaps = []
    for found in GAP.findall(base.text.replace("\\[", "[").replace("\\]", "]")):
        at = int(found) - 1
        if at >= len(words):
            return saying.NO_KEY
        options = [
            side(word) | {"correct": other == at} for other, (word, group) in enumerate(words) if group == words[at][1]
        ]
        gaps.append({"kind": "choice", "options": options})
    return (
        _made(base, "cloze", text=_numbered(base.text), key={"type": "cloze", "gaps": gaps}) if gaps else saying.NO_KEY
    )


def _words_to_drag(
    own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]
) -> Read:
    """Drag and drop into text: as above, from one bank of words here."""
    words = [texts.answer(answer) for answer, _ in _answers(own)]
    used = [int(each) - 1 for each in GAP.findall(base.text.replace("\\[", "[").replace("\\]", "]"))]
    if not used or max(used) >= len(words):
        return saying.NO_KEY
    extra = [
        side(word) for at, word in enumerate(words) if at not in used and word not in {words[each] for each in used}
    ]
    key = {
        "type": "drag_text",
        "gaps": [{"word": side(words[at])} for at in used],
        "extra": extra,
        "reuse": len(set(used)) < len(used),
    }
    return _made(base, "drag_text", text=_numbered(base.text), key=key)


def _embedded(own: markup.Element, base: QuestionDraft, texts: Texts, others: Mapping[str, markup.Element]) -> Read:
    """Embedded answers (cloze): `{#1}` is a gap, whose key is a question of its own."""
    sequence = next((markup.said(each) for each in markup.within(own, "sequence")), "").split(",")
    gaps: list[dict[str, Any]] = []

    def gap(found: re.Match[str]) -> str:
        at = int(found.group(1)) - 1
        gaps.append(_gap(others.get(sequence[at].strip()) if at < len(sequence) else None, texts))
        return f"[[{len(gaps)}]]"

    text = SUBQUESTION.sub(gap, base.text.replace("\\{", "{").replace("\\}", "}").replace("{\\#", "{#"))
    if not gaps or not all(gaps):
        return saying.NO_KEY
    return _made(base, "cloze", text=text, key={"type": "cloze", "gaps": gaps})


def _gap(question: markup.Element | None, texts: Texts) -> dict[str, Any]:
    """The key of one gap; empty when it cannot be carried."""
    kind = markup.said(question, "qtype") if question is not None else ""
    if kind == "shortanswer":
        accepted, cased = _words(question, texts)
        return (
            {}
            if isinstance(accepted, saying.Lost)
            else {"kind": "text", "accepted": list(accepted), "match_case": cased}
        )
    if kind == "numerical":
        key = _number(question, texts)
        return {} if isinstance(key, saying.Lost) else {"kind": "number", "value": key[0], "tolerance": key[1]}
    if kind == "multichoice":
        options = [
            side(texts.answer(answer)) | {"correct": fraction >= RIGHT} for answer, fraction in _answers(question)
        ]
        return {"kind": "choice", "options": options}
    return {}


def _numbered(text: str) -> str:
    """The gaps of a text counted in their order, since Moodle's numbers are those of the words."""
    at = 0

    def count(found: re.Match[str]) -> str:
        nonlocal at
        at += 1
        return f"[[{at}]]"

    return GAP.sub(count, gap_places(text))


def _choice(answer: markup.Element, right: bool, texts: Texts) -> ChoiceDraft:
    feedback = texts.of(answer, "feedback", area="answerfeedback", item=answer.get("id") or "0")
    return ChoiceDraft(texts.answer(answer), right, feedback=feedback)


READERS: dict[str, Callable[[markup.Element, QuestionDraft, Texts, Mapping[str, markup.Element]], Read]] = {
    "essay": _essay,
    "truefalse": _true_false,
    "multichoice": _multichoice,
    "shortanswer": _short,
    "numerical": _numerical,
    "match": _match,
    "ordering": _ordering,
    "gapselect": _gaps_to_choose,
    "ddwtos": _words_to_drag,
    "multianswer": _embedded,
}
