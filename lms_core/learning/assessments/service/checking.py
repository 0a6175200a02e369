"""Checking a question during an attempt: one try, whatever came twice or late, and what may be told of it.

A try is known by its sequence number, as a saved answer is. The same number again, a lower one, and the very answer
that was tried last cost nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.assessments import answering, behaving, reviewing, showing, views
from lms_core.learning.assessments.errors import NotChecked
from lms_core.learning.assessments.models import Attempt, AttemptAnswer, Quiz
from lms_core.learning.assessments.papers import PaperHint, PaperQuestion, seed_of
from lms_core.learning.assessments.schemas import (
    CHOICE_TYPES,
    AnswerIn,
    CheckView,
    Conduct,
    Phase,
    QuestionReview,
    ReviewItem,
    Terms,
)
from lms_core.learning.assessments.service.access import own
from lms_core.learning.assessments.service.attempts import answer_row, question_of_open
from lms_core.learning.assessments.types import HANDLING
from lms_core.learning.assessments.types.shapes import Given, PartResult

UNANSWERED = "Answer the question first, then check it."


def check(ctx: WriteCtx, attempt_id: UUID, *, question_id: UUID, answer: AnswerIn) -> CheckView:
    """Keep an answer of the actor's open attempt and judge it: one try. Safe to repeat.

    NotChecked where questions are judged at the end; Invalid for no answer; and as `save_answer` refuses.
    """
    attempt = own(ctx, attempt_id)
    question = question_of_open(ctx, attempt, question_id, typed_at=answer.sequence)
    terms = views.terms_of(attempt)
    if not behaving.tries_allowed(question, terms):
        raise NotChecked()
    row = answer_row(ctx, attempt, question_id)
    if row is None:
        row = AttemptAnswer(attempt_id=attempt.id, question_id=question_id, sequence=-1, saved_at=ctx.now)
    kept = _is_new(row, question, answer) and not behaving.is_settled(question, row, terms)
    if kept:
        _try(ctx, row, attempt, question, answer, terms)
    known = bool(row.tries) and answer.sequence >= row.tries[-1]["sequence"]
    return view(row, question, attempt, terms, conduct=_conduct(ctx, attempt), kept=kept or known)


def view(
    row: AttemptAnswer,
    question: PaperQuestion,
    attempt: Attempt,
    terms: Terms,
    *,
    conduct: Conduct,
    kept: bool = True,
) -> CheckView:
    """Where the tries at a question stand, and what its taker may be told of them during the attempt."""
    shown = frozenset(conduct.review.at(Phase.DURING))
    settled = behaving.is_settled(question, row, terms)
    latest = row.tries[-1] if row.tries else None
    verdict = showing.verdict_of(latest["share"]) if latest is not None else None
    hint = None if settled or latest is None else _hint(question, len(row.tries))
    return CheckView(
        question_id=question.id,
        answer=views.answer(row),
        tries=len(row.tries),
        tries_left=0 if settled else behaving.tries_allowed(question, terms) - len(row.tries),
        settled=settled,
        verdict=verdict if ReviewItem.CORRECTNESS in shown else None,
        hint_html=hint.html if hint is not None else "",
        number_right=_number_right(question, latest, seed=attempt.seed) if hint and hint.show_number_right else None,
        review=_review(row, question, attempt, terms, shown) if settled else None,
        shown=tuple(item for item in ReviewItem if item in shown),
        kept=kept,
    )


def _conduct(ctx: WriteCtx, attempt: Attempt) -> Conduct:
    return views.conduct_of(ctx.session.execute(select(Quiz.conduct).where(Quiz.id == attempt.quiz_id)).one())


def _is_new(row: AttemptAnswer, question: PaperQuestion, answer: AnswerIn) -> bool:
    """Whether this is a try that was not made before: newer than what is kept, and another answer than the last."""
    same_as_saved = answer.sequence == row.sequence and answering.says(row, question, answer)
    if answer.sequence <= row.sequence and not same_as_saved:
        return False
    if not row.tries:
        return True
    choices, text, parts = answering.response(question, answer)
    tried = behaving.said_at(row.tries[-1])
    again = behaving.Said(tuple(choices), text, tuple(sorted(parts.items()))) == tried
    return answer.sequence > row.tries[-1]["sequence"] and not again


def _try(
    ctx: WriteCtx, row: AttemptAnswer, attempt: Attempt, question: PaperQuestion, answer: AnswerIn, terms: Terms
) -> None:
    row.sequence, row.flagged, row.saved_at = answer.sequence, answer.flagged, ctx.now
    answering.keep(row, question, answer)
    said = behaving.said_in(row)
    share = behaving.share_of(question, said, seed=attempt.seed)
    if said.is_empty or share is None:
        raise Invalid(UNANSWERED, fields=[{"field": "choices", "message": UNANSWERED}])
    tried = {
        "sequence": answer.sequence,
        "at": ctx.now.isoformat(),
        "choices": row.choices,
        "text": row.text,
        "parts": row.parts,
        "share": share,
    }
    row.tries = [*row.tries, tried]
    hint = _hint(question, len(row.tries))
    if not behaving.is_settled(question, row, terms) and hint is not None and hint.clear_wrong:
        row.choices, row.parts = _without_wrong(question, tried, seed=attempt.seed)
    ctx.add(row)


def _hint(question: PaperQuestion, tries: int) -> PaperHint | None:
    """The hint after so many wrong tries."""
    return question.hints[tries - 1] if 0 < tries <= len(question.hints) else None


def _without_wrong(question: PaperQuestion, tried: Mapping[str, Any], *, seed: int) -> tuple[list[str], dict[str, str]]:
    """Choices and parts of a try that are right; typed answers stay, to be mended."""
    right = {str(choice.id) for choice in question.choices if choice.correct}
    choices = [each for each in tried["choices"] if each in right]
    wrong = {result.id for result in _results(question, tried, seed=seed) if not result.correct}
    return choices, {part: said for part, said in tried["parts"].items() if part not in wrong}


def _number_right(question: PaperQuestion, tried: Mapping[str, Any] | None, *, seed: int) -> int | None:
    """How many choices or parts of a try are right; None for questions that have one answer."""
    if tried is None:
        return None
    if question.type in CHOICE_TYPES:
        right = {str(choice.id) for choice in question.choices if choice.correct}
        return len(right.intersection(tried["choices"])) if len(right) > 1 else None
    results = _results(question, tried, seed=seed)
    return sum(result.correct for result in results) if results else None


def _results(question: PaperQuestion, tried: Mapping[str, Any], *, seed: int) -> Sequence[PartResult]:
    if question.type not in HANDLING:
        return ()
    given = Given(text=tried["text"], parts=tried["parts"], seed=seed_of(question, seed))
    return HANDLING[question.type].results(question.key, given)


def _review(
    row: AttemptAnswer, question: PaperQuestion, attempt: Attempt, terms: Terms, shown: reviewing.Shown
) -> QuestionReview | None:
    if not reviewing.has_questions(shown):
        return None
    review = showing.review(question, row, number=0, seed=attempt.seed)
    points = behaving.points_for(question, row, terms=terms, seed=attempt.seed)
    return reviewing.concealed(review.model_copy(update={"awarded": points}), shown)
