"""What holds for one person at a quiz: its rules, with the exceptions for them or for their cohort."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.learning.assessments.models import Quiz, QuizOverride
from lms_core.learning.release import service as release

FIELDS = ("opens_at", "closes_at", "time_limit_seconds", "attempts_allowed", "password_sealed")
_OVERRIDES = prepared(
    select(QuizOverride.user_id, QuizOverride.cohort_id, *(getattr(QuizOverride, name) for name in FIELDS)).where(
        QuizOverride.quiz_id == bindparam("quiz_id"),
        or_(QuizOverride.user_id == bindparam("user_id"), QuizOverride.cohort_id.is_not(None)),
    )
)


@dataclass(frozen=True, slots=True)
class OwnRules:
    """Dates, time limit, attempts and password (sealed; "": none) for one person. `eased`: an exception gives some."""

    opens_at: datetime | None
    closes_at: datetime | None
    time_limit_seconds: int | None
    attempts_allowed: int | None
    password_sealed: str
    eased: bool = False

    def own_closing(self, quiz: Quiz) -> datetime | None:
        """The closing that an exception gives; None: the quiz's own."""
        return self.closes_at if self.closes_at != quiz.closes_at else None


def of_quiz(quiz: Quiz) -> OwnRules:
    """What holds for everybody."""
    return OwnRules(**{name: getattr(quiz, name) for name in FIELDS})


def own_rules(ctx: ReadCtx, quiz: Quiz, *, user_id: UUID) -> OwnRules:
    """What holds for a person: their own exception first, then their cohort's. One statement, two with cohorts'."""
    rows = ctx.session.execute(_OVERRIDES, {"quiz_id": quiz.id, "user_id": user_id}).all()
    if not rows:
        return of_quiz(quiz)
    cohorts: dict[UUID, UUID] = {}
    if any(row.cohort_id is not None for row in rows):
        cohorts = release.cohorts_of(ctx, quiz.course_id, user_ids=[user_id])
    return _with(quiz, rows, user_id, cohorts.get(user_id))


def own_rules_of(ctx: ReadCtx, quiz: Quiz, *, user_ids: Collection[UUID]) -> dict[UUID, OwnRules]:
    """The same for several people. Two statements."""
    rows = ctx.session.execute(
        select(QuizOverride.user_id, QuizOverride.cohort_id, *(getattr(QuizOverride, name) for name in FIELDS)).where(
            QuizOverride.quiz_id == quiz.id
        )
    ).all()
    cohorts = release.cohorts_of(ctx, quiz.course_id, user_ids=user_ids) if rows else {}
    return {user_id: _with(quiz, rows, user_id, cohorts.get(user_id)) for user_id in user_ids}


def _with(quiz: Quiz, rows: Iterable[Any], user_id: UUID, cohort_id: UUID | None) -> OwnRules:
    known = list(rows)
    own = next((row for row in known if row.user_id == user_id), None)
    theirs = next((row for row in known if cohort_id is not None and row.cohort_id == cohort_id), None)
    values: dict[str, Any] = {}
    for name in FIELDS:
        given = (getattr(row, name) for row in (own, theirs) if row is not None)
        values[name] = next((value for value in given if value is not None), getattr(quiz, name))
    return OwnRules(**values, eased=own is not None or theirs is not None)
