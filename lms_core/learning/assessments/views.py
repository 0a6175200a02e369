"""From rows to views, and what of them may be told when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from lms_core.content.courses.schemas import CourseCard
from lms_core.learning.assessments import reviewing
from lms_core.learning.assessments.models import AnswerFile, Attempt, AttemptAnswer, AttemptStatus, Quiz
from lms_core.learning.assessments.schemas import (
    AnswerView,
    AttemptView,
    Conduct,
    HandedFile,
    QuizCard,
    QuizDetail,
    ReviewItem,
    Terms,
)

CARD = tuple(name for name in QuizCard.model_fields if name != "questions")
DETAIL = tuple(name for name in QuizDetail.model_fields if name not in (*CARD, "questions", "course_slug", "attempts"))


def card(quiz: Quiz | Row[Any]) -> QuizCard:
    """A quiz as lists show it; from a row of it, or of the columns that a card needs."""
    return QuizCard(**card_fields(quiz))


def card_fields(quiz: Quiz | Row[Any]) -> dict[str, Any]:
    """The fields of a `QuizCard`."""
    return {name: getattr(quiz, name) for name in CARD} | {"questions": quiz.question_count}


def detail(quiz: Quiz, course: CourseCard, *, attempts: int) -> QuizDetail:
    """A quiz for its editors."""
    more = {name: getattr(quiz, name) for name in DETAIL}
    return QuizDetail(**card_fields(quiz), **more, course_slug=course.slug, attempts=attempts)


def conduct_of(quiz: Quiz | Row[Any]) -> Conduct:
    """How the quiz of this row, which may be a row of its attempt, is conducted."""
    return Conduct.model_validate(quiz.conduct)


def terms_of(one: Attempt) -> Terms:
    """The terms on which an attempt began."""
    return Terms.model_validate(one.terms)


def shown(row: Any, *, now: datetime, everything: bool) -> reviewing.Shown:
    """What of the attempt in a row of `queries.attempts_with_quiz` its reader may see."""
    if everything:
        return reviewing.EVERYTHING
    one: Attempt = row.Attempt
    closes_at = reviewing.later_of(row.closes_at, one.closes_at)
    return reviewing.shown(conduct_of(row), one.status, submitted_at=one.submitted_at, closes_at=closes_at, now=now)


def attempt(row: Any, *, now: datetime, everything: bool) -> AttemptView:
    """A view of a row of `queries.attempts_with_quiz`; `everything`: for somebody who marks."""
    return AttemptView(**attempt_fields(row, now=now, everything=everything))


def attempt_fields(row: Any, *, now: datetime, everything: bool) -> dict[str, Any]:
    """The fields of an `AttemptView`: score and percent only where the reader may know them."""
    one: Attempt = row.Attempt
    told = everything or ReviewItem.SCORE in shown(row, now=now, everything=False)
    final = told and one.status == AttemptStatus.GRADED
    return {
        **{name: getattr(one, name) for name in _AS_STORED},
        "quiz_title": row.quiz_title,
        "server_now": now,
        "score": one.score if told else None,
        "points": row.paper_points,
        "percent": one.percent if final else None,
        "passed": (one.percent or 0.0) >= row.passing_percent if final else None,
        "voided": one.voided_at is not None,
    }


def ids_of(one: Attempt) -> dict[str, UUID]:
    """What every event of an attempt names."""
    return {"attempt_id": one.id, "quiz_id": one.quiz_id, "course_id": one.course_id, "user_id": one.user_id}


def answer(row: AttemptAnswer, *, kept: bool = True) -> AnswerView:
    """An answer as its author sees it: without its mark."""
    return AnswerView(
        question_id=row.question_id,
        sequence=row.sequence,
        choices=tuple(row.choices),
        text=row.text,
        parts=row.parts,
        flagged=row.flagged,
        certainty=row.certainty,
        saved_at=row.saved_at,
        kept=kept,
    )


def handed(row: AnswerFile) -> HandedFile:
    """A file as its owner and markers see it."""
    return HandedFile(id=row.id, name=row.name, media_type=row.media_type, size=row.size)


def handed_files(rows: Iterable[AnswerFile]) -> dict[tuple[UUID | None, UUID], list[HandedFile]]:
    """Files by attempt and question."""
    found: dict[tuple[UUID | None, UUID], list[HandedFile]] = {}
    for row in rows:
        found.setdefault((row.attempt_id, row.question_id), []).append(handed(row))
    return found


_AS_STORED = tuple(
    name
    for name in AttemptView.model_fields
    if name not in ("quiz_title", "server_now", "score", "points", "percent", "passed", "voided")
)
