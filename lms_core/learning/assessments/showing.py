"""What is shown of a paper: to learners without its key, and after the fact with it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from uuid import UUID

from lms_core.learning.assessments import behaving
from lms_core.learning.assessments.models import AttemptAnswer, QuestionType
from lms_core.learning.assessments.papers import PaperQuestion, seed_of
from lms_core.learning.assessments.schemas import (
    CHOICE_TYPES,
    AskedPart,
    AskedPicture,
    AskedQuestion,
    Behaviour,
    ChoiceReview,
    FileLimits,
    HandedFile,
    OfferedChoice,
    OfferedOption,
    PartReview,
    QuestionReview,
    Terms,
    Verdict,
)
from lms_core.learning.assessments.types import HANDLING, formula
from lms_core.learning.assessments.types.drag_text import DragTextKey
from lms_core.learning.assessments.types.formula import FormulaKey
from lms_core.learning.assessments.types.hotspot import HotspotKey, Region
from lms_core.learning.assessments.types.shapes import Given, PartResult, Sheet
from lms_core.learning.assessments.types.upload import UploadKey

PLAIN = Terms()
GAP = re.compile(r'<span data-gap="([0-9a-f]{12})"></span>')


def asked(questions: Iterable[PaperQuestion], *, seed: int, terms: Terms = PLAIN) -> tuple[AskedQuestion, ...]:
    """What a learner is shown: nothing that tells the key. `seed` and `terms` are the attempt's."""
    return tuple(
        _asked(question, number=number, seed=seed, terms=terms) for number, question in enumerate(questions, 1)
    )


def sheet_of(question: PaperQuestion, *, seed: int) -> Sheet:
    """The parts of a question in this attempt; none for types that have none."""
    if question.type not in HANDLING:
        return Sheet()
    return HANDLING[question.type].sheet(question.key, seed=seed_of(question, seed))


def question_html(question: PaperQuestion, *, seed: int) -> str:
    """The question's text in this attempt."""
    if isinstance(question.key, FormulaKey):
        return formula.filled(question.html, question.key, seed=seed_of(question, seed))
    return question.html


def _asked(question: PaperQuestion, *, number: int, seed: int, terms: Terms) -> AskedQuestion:
    sheet = sheet_of(question, seed=seed)
    key = question.key
    parts = tuple(
        AskedPart(
            id=part.id, kind=part.kind, html=question.sides.get(part.id, ""), options=_offered(question, part.options)
        )
        for part in sheet.parts
    )
    return AskedQuestion(
        id=question.id,
        number=number,
        type=question.type,
        html=question_html(question, seed=seed),
        points=question.points,
        choices=tuple(OfferedChoice(id=choice.id, html=choice.html) for choice in question.choices),
        parts=parts,
        options=_offered(question, sheet.options),
        reusable=key.reuse if isinstance(key, DragTextKey) else True,
        picture=_picture(question),
        files=FileLimits.model_validate(key, from_attributes=True) if isinstance(key, UploadKey) else None,
        units=isinstance(key, FormulaKey) and bool(key.units),
        tries=behaving.tries_allowed(question, terms),
        certainty=behaving.asks_certainty(question, terms),
        penalty_percent=_cost(question, terms),
    )


def _cost(question: PaperQuestion, terms: Terms) -> float:
    """What a wrong try, or a wrong choice, costs in percent of the points."""
    share = behaving.cost_of_wrong(question, terms)
    if terms.behaviour == Behaviour.INTERACTIVE and behaving.tries_allowed(question, terms) > 1:
        share = behaving.penalty_of(question)
    return round(100 * share, 2)


def _offered(question: PaperQuestion, ids: Sequence[str]) -> tuple[OfferedOption, ...]:
    return tuple(OfferedOption(id=each, html=question.sides[each]) for each in ids)


def _picture(question: PaperQuestion) -> AskedPicture | None:
    key = question.key
    return AskedPicture(url=question.picture_url, description=key.description) if isinstance(key, HotspotKey) else None


def reviewed(
    questions: Iterable[PaperQuestion],
    answers: Mapping[UUID, AttemptAnswer],
    *,
    seed: int,
    files: Mapping[UUID, Sequence[HandedFile]],
) -> tuple[QuestionReview, ...]:
    """The paper of a finished attempt with key, feedback and marks. `files`: what was handed in, by question."""
    return tuple(
        review(question, answers.get(question.id), number=number, seed=seed, files=files.get(question.id, ()))
        for number, question in enumerate(questions, 1)
    )


def review(
    question: PaperQuestion, answer: AttemptAnswer | None, *, number: int, seed: int, files: Sequence[HandedFile] = ()
) -> QuestionReview:
    """One question with key, feedback and marks, and what was answered."""
    results = _results(question, answer, seed=seed)
    return QuestionReview(
        id=question.id,
        number=number,
        type=question.type,
        html=_numbered(question_html(question, seed=seed), [result.id for result in results]),
        points=question.points,
        awarded=0.0 if answer is None else answer.points,
        answer=answer.text if answer is not None and question.type not in CHOICE_TYPES else "",
        choices=_choices(question, answer),
        parts=tuple(_part(question, result, place) for place, result in enumerate(results, 1)),
        files=tuple(files),
        picture=_picture(question),
        regions=_regions(question),
        key=_key(question, seed=seed),
        feedback_html=question.feedback_html,
        comment=answer.comment if answer is not None else "",
        verdict=_verdict(question, answer, seed=seed),
        certainty=answer.certainty if answer is not None else None,
        tries=len(answer.tries) if answer is not None else 0,
    )


def _verdict(question: PaperQuestion, answer: AttemptAnswer | None, *, seed: int) -> Verdict | None:
    """Whether the answer is right: by its key, or by a person's mark; None while it waits for one."""
    if answer is None:
        return Verdict.WRONG
    share = behaving.share_of(question, behaving.said_in(answer), seed=seed)
    if share is None or answer.graded_by is not None:
        share = None if answer.points is None else answer.points / question.points
    return None if share is None else verdict_of(share)


def verdict_of(share: float) -> Verdict:
    """Right, partly or wrong, by the part of the points."""
    return Verdict.RIGHT if share >= 1 else Verdict.PARTLY if share > 0 else Verdict.WRONG


def _results(question: PaperQuestion, answer: AttemptAnswer | None, *, seed: int) -> tuple[PartResult, ...]:
    if question.type not in HANDLING:
        return ()
    given = Given(
        text=answer.text if answer is not None else "",
        parts=answer.parts if answer is not None else {},
        seed=seed_of(question, seed),
    )
    return HANDLING[question.type].results(question.key, given)


def _part(question: PaperQuestion, result: PartResult, place: int) -> PartReview:
    def shown(value: str) -> str:
        return question.sides.get(value) or escape(value)

    is_point = question.type == QuestionType.HOTSPOT
    return PartReview(
        id=result.id,
        html=question.sides.get(result.id, str(place)),
        correct=result.correct,
        given_html="" if is_point else shown(result.given),
        right_html=" · ".join(shown(value) for value in result.right),
        point=result.given if is_point else "",
    )


def _numbered(html: str, ids: Sequence[str]) -> str:
    """A text with gaps, where each gap is its number."""
    return GAP.sub(lambda found: f"<strong>[{ids.index(found.group(1)) + 1}]</strong>", html)


def _choices(question: PaperQuestion, answer: AttemptAnswer | None) -> tuple[ChoiceReview, ...]:
    chosen = set(answer.choices) if answer is not None else set()
    return tuple(
        ChoiceReview(
            id=choice.id,
            html=choice.html,
            correct=choice.correct,
            chosen=str(choice.id) in chosen,
            feedback_html=choice.feedback_html if str(choice.id) in chosen or choice.correct else "",
        )
        for choice in question.choices
    )


def _regions(question: PaperQuestion) -> tuple[Region, ...]:
    key = question.key
    return tuple(region for marker in key.markers for region in marker.regions) if isinstance(key, HotspotKey) else ()


def _key(question: PaperQuestion, *, seed: int) -> tuple[str, ...]:
    if question.type == QuestionType.NUMERIC and question.value is not None:
        return (f"{question.value:.15g}",)
    if isinstance(question.key, FormulaKey):
        return formula.told(question.key, seed=seed_of(question, seed))
    return question.accepted if question.type == QuestionType.SHORT_TEXT else ()
