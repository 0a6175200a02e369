"""Mended keys reach papers by ids and texts; what does not fit says why; a regrade worked out twice is the same."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kit.ids import new_id
from lms_core.learning.assessments.correcting import Correction, How, corrected, rekeyed
from lms_core.learning.assessments.grading import points_for
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.papers import PaperChoice, PaperQuestion
from lms_core.learning.assessments.regrading import Answered, Standing, worked_out

A, B, C, D = (f"{number:012x}" for number in range(4))


def choices(*texts: str, right: str, ids: list[UUID] | None = None) -> tuple[PaperChoice, ...]:
    known = ids or [new_id() for _ in texts]
    return tuple(
        PaperChoice(id=each, html=text, correct=text == right) for each, text in zip(known, texts, strict=True)
    )


def question(kind: QuestionType, **fields: Any) -> PaperQuestion:
    return PaperQuestion.model_validate({"id": new_id(), "type": kind, "html": "?", "points": 2.0, **fields})


def keyed(kind: QuestionType, **key: Any) -> PaperQuestion:
    return question(kind, key={"type": kind.value, **key})


def side(id_: str, text: str) -> dict[str, str]:
    return {"id": id_, "text": text}


def test_choices_are_found_by_text_then_by_id() -> None:
    ids = [new_id(), new_id(), new_id()]
    asked = question(QuestionType.SINGLE, choices=choices("90", "100", "110", right="90", ids=ids))
    ticked = question(QuestionType.SINGLE, choices=choices("90", "100", "110", right="100", ids=ids))
    exchanged = question(QuestionType.SINGLE, choices=choices("100", "90", "110", right="100", ids=ids))
    spelled = question(QuestionType.SINGLE, choices=choices("90", "one hundred", "110", right="one hundred", ids=ids))
    gone = question(QuestionType.SINGLE, choices=choices("100", "110", right="100", ids=ids[1:]))
    for now in (ticked, exchanged, spelled, gone):
        mended = rekeyed(asked, now)
        assert isinstance(mended, PaperQuestion)
        assert [choice.html for choice in mended.choices] == ["90", "100", "110"], "the paper stays"
        assert [choice.correct for choice in mended.choices] == [False, True, False]
    other = question(QuestionType.SINGLE, choices=choices("1", "2", right="1"))
    assert rekeyed(asked, other) == "no_right_choice"


MATCH = {
    "pairs": [{"left": side(A, "one"), "right": side(B, "moja")}, {"left": side(C, "two"), "right": side(D, "tatu")}]
}
SWAPPED = {
    "pairs": [{"left": side(A, "one"), "right": side(B, "tatu")}, {"left": side(C, "two"), "right": side(D, "moja")}]
}
RESPELT = {
    "pairs": [{"left": side(A, "one"), "right": side(B, "Moja!")}, {"left": side(C, "two"), "right": side(D, "tatu")}]
}
ORDER = {"items": [side(A, "first"), side(B, "second"), side(C, "third")]}
FORMULA = {"expression": "a + 1", "variables": [{"name": "a", "minimum": 1, "maximum": 9}]}


@pytest.mark.parametrize(
    ("asked", "now", "parts", "share"),
    [
        (keyed(QuestionType.MATCHING, **MATCH), keyed(QuestionType.MATCHING, **SWAPPED), {A: D, C: B}, 1.0),
        (keyed(QuestionType.MATCHING, **MATCH), keyed(QuestionType.MATCHING, **RESPELT), {A: B, C: D}, 1.0),
        (
            keyed(QuestionType.ORDERING, **ORDER),
            keyed(QuestionType.ORDERING, items=[side(B, "second"), side(A, "first"), side(C, "third")]),
            {B: "1", A: "2", C: "3"},
            1.0,
        ),
        (
            keyed(QuestionType.ORDERING, **ORDER),
            keyed(QuestionType.ORDERING, items=[side(A, "second"), side(B, "first"), side(C, "third")]),
            {B: "1", A: "2", C: "3"},
            1.0,
        ),
        (
            keyed(QuestionType.DRAG_TEXT, gaps=[{"id": A, "word": side(B, "x")}], extra=[side(C, "y")]),
            keyed(QuestionType.DRAG_TEXT, gaps=[{"id": A, "word": side(B, "y")}], extra=[side(C, "x")]),
            {A: C},
            1.0,
        ),
        (
            keyed(QuestionType.CLOZE, gaps=[{"kind": "text", "id": A, "accepted": ["jua"]}]),
            keyed(QuestionType.CLOZE, gaps=[{"kind": "text", "id": A, "accepted": ["jua", "nyota"]}]),
            {A: "Nyota"},
            1.0,
        ),
    ],
)
def test_keys_with_parts_are_mended(
    asked: PaperQuestion, now: PaperQuestion, parts: dict[str, str], share: float
) -> None:
    mended = rekeyed(asked, now)
    assert isinstance(mended, PaperQuestion), mended
    assert points_for(mended, parts=parts) == share * asked.points


def test_what_does_not_fit_says_why() -> None:
    number = question(QuestionType.NUMERIC, value=1.0)
    assert rekeyed(number, None) == "removed"
    assert rekeyed(number, question(QuestionType.SHORT_TEXT, accepted=("1",))) == "type"
    assert rekeyed(question(QuestionType.ESSAY), question(QuestionType.ESSAY)) == "by_person"
    other = {"expression": "a + 2", "variables": [{"name": "a", "minimum": 1, "maximum": 5}]}
    assert rekeyed(keyed(QuestionType.FORMULA, **FORMULA), keyed(QuestionType.FORMULA, **other)) == "values"
    fewer = keyed(QuestionType.ORDERING, items=[side(A, "first"), side(B, "second")])
    assert rekeyed(keyed(QuestionType.ORDERING, **ORDER), fewer) == "parts"
    gap = {"kind": "text", "accepted": ["x"]}
    one, two = [{"id": A, **gap}], [{"id": A, **gap}, {"id": B, **gap}]
    assert rekeyed(keyed(QuestionType.CLOZE, gaps=one), keyed(QuestionType.CLOZE, gaps=two)) == "parts"
    unfit = corrected({number.id: number}, {number.id: Correction(how=How.KEY)})
    assert unfit.questions[number.id] == number and not unfit.excluded


@settings(max_examples=50)
@given(
    said=st.lists(st.sampled_from(["1", "2", "3", ""]), min_size=3, max_size=3),
    hows=st.lists(st.sampled_from(How), min_size=3, max_size=3),
    by_hand=st.lists(st.booleans(), min_size=3, max_size=3),
    too=st.booleans(),
)
def test_a_regrade_done_twice_changes_nothing_more(
    said: list[str], hows: list[How], by_hand: list[bool], too: bool
) -> None:
    asked = [question(QuestionType.NUMERIC, value=1.0) for _ in said]
    rest = question(QuestionType.NUMERIC, value=0.0)
    paper = {each.id: each for each in (*asked, rest)}
    answers = {
        each.id: Answered((), text, {}, 1.5 if hand else points_for(each, text=text), by_hand=hand)
        for each, text, hand in zip(asked, said, by_hand, strict=True)
        if text
    }
    before = sum(answer.points or 0.0 for answer in answers.values())
    corrections = {
        each.id: Correction(how=how, question=each.model_copy(update={"value": 2.0}))
        for each, how in zip(asked, hows, strict=True)
    }
    first = worked_out(Standing(paper, answers, {}, 7, before, 8.0, earned=before), corrections, by_hand_too=too)
    stored = dict(answers)
    for remark in first.remarks:
        was = answers.get(remark.question_id)
        stored[remark.question_id] = Answered(
            (), was.text if was else "", {}, remark.kept, by_hand=bool(was and was.by_hand and not too)
        )
    again = worked_out(
        Standing(paper, stored, corrections, 7, first.score, 8.0, earned=first.score), corrections, by_hand_too=too
    )
    assert (again.remarks, again.score, again.points) == ((), first.score, first.points)
    counted = sum(
        stored[each.id].points or 0.0 for each in asked if each.id in stored and hows[asked.index(each)] != How.EXCLUDED
    )
    assert first.score == pytest.approx(counted)
    assert first.points == 8.0 - 2.0 * hows.count(How.EXCLUDED)
    for each, how, hand in zip(asked, hows, by_hand, strict=True):
        if how == How.FULL and (too or not (hand and each.id in answers)):
            assert stored[each.id].points == 2.0 if each.id in stored else False
