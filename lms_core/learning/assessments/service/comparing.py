"""Attempts at one quiz beside each other: one's own for a learner, anybody's for who marks."""

from collections.abc import Sequence
from html import escape
from uuid import UUID

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.assessments.errors import AttemptNotFound, ResultsNotOpen
from lms_core.learning.assessments.schemas import AttemptSheet, QuestionReview, ReviewItem
from lms_core.learning.assessments.schemas.analysis import (
    ComparedAnswer,
    ComparedAttempt,
    ComparedQuestion,
    Comparison,
)
from lms_core.learning.assessments.service.reading import read_attempt

LEAST, MOST = 2, 4
NOT_ASKED = ComparedAnswer(asked=False, given=(), right=False, awarded=None, points=0.0)


def compare(ctx: ReadCtx, quiz_id: UUID, *, attempt_ids: Sequence[UUID]) -> Comparison:
    """Two to four attempts, question by question, in the order given. One statement, and those of reading each.

    A learner compares their own once results may be told (ResultsNotOpen before); who marks compares anybody's
    finished ones. AttemptNotFound for what is not there, not theirs to read, or another quiz's.
    """
    ids = list(dict.fromkeys(attempt_ids))
    if not LEAST <= len(ids) <= MOST:
        raise Invalid(f"Choose from {LEAST} to {MOST} attempts.")
    sheets = [read_attempt(ctx, each) for each in ids]
    if any(sheet.quiz_id != quiz_id for sheet in sheets):
        raise AttemptNotFound()
    # Where marks are not told, what is the same and what is wrong is not told either.
    if any(sheet.review is None or ReviewItem.MARKS not in sheet.shown for sheet in sheets):
        raise ResultsNotOpen()
    reviews = [{each.id: each for each in sheet.review or ()} for sheet in sheets]
    order = list(dict.fromkeys(each for review in reviews for each in review))
    questions = tuple(_question(each, [review.get(each) for review in reviews]) for each in order)
    names = accounts.names_of(ctx, [sheet.user_id for sheet in sheets])
    return Comparison(
        quiz_id=quiz_id,
        quiz_title=sheets[0].quiz_title,
        attempts=tuple(_head(sheet, names.get(sheet.user_id, "")) for sheet in sheets),
        questions=questions,
        same_wrong=sum(each.same_wrong for each in questions),
        both_wrong=sum(all(a.asked and not a.right for a in each.answers) for each in questions),
    )


def _question(question_id: UUID, reviews: Sequence[QuestionReview | None]) -> ComparedQuestion:
    answers = tuple(NOT_ASKED if each is None else _answer(each) for each in reviews)
    known = next(each for each in reviews if each is not None)
    same = len({frozenset(each.given) for each in answers}) == 1
    wrong = all(each.asked and not each.right and each.given for each in answers)
    return ComparedQuestion(
        question_id=question_id, html=known.html, answers=answers, changed=not same, same_wrong=same and wrong
    )


def _answer(review: QuestionReview) -> ComparedAnswer:
    if review.choices:
        given = tuple(choice.html for choice in review.choices if choice.chosen)
    elif review.parts:
        given = tuple(
            f"{part.html}: {part.given_html or escape(part.point)}"
            for part in review.parts
            if part.given_html or part.point
        )
    elif review.files:
        given = tuple(escape(file.name) for file in review.files)
    else:
        given = (escape(review.answer),) if review.answer.strip() else ()
    right = review.awarded is not None and review.awarded >= review.points
    return ComparedAnswer(asked=True, given=given, right=right, awarded=review.awarded, points=review.points)


def _head(sheet: AttemptSheet, name: str) -> ComparedAttempt:
    return ComparedAttempt(
        id=sheet.id,
        user_id=sheet.user_id,
        user_name=name,
        number=sheet.number,
        submitted_at=sheet.submitted_at,
        score=sheet.score,
        points=sheet.points,
        percent=sheet.percent,
    )
