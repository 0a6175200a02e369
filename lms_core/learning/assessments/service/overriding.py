"""Exceptions: other dates, time, attempts or another password at a quiz, for a person or a cohort."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments.models import Accommodation, Attempt, AttemptStatus, Quiz, QuizOverride
from lms_core.learning.assessments.schemas import OverrideIn, OverrideView
from lms_core.learning.assessments.service import entering
from lms_core.learning.assessments.service.access import editable, staffed
from lms_core.learning.assessments.service.attempts import deadline_of, schedule_end
from lms_core.learning.assessments.service.own_rules import own_rules_of
from lms_core.learning.release import service as release

GONE = "There is no such exception any more. Load the list again."


def overrides(ctx: ReadCtx, quiz_id: UUID) -> list[OverrideView]:
    """The exceptions at a quiz, cohorts first, for its editors. Three statements and those of the accesses."""
    quiz, course = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    return _views(ctx, _rows(ctx, quiz.id), course)


def set_for_person(ctx: WriteCtx, quiz_id: UUID, *, user_id: UUID, given: OverrideIn) -> OverrideView:
    """Give a person an exception, in place of the one they have; an open attempt gets its time at once. NotFound."""
    quiz, course = editable(ctx, quiz_id)
    accounts.person(ctx, user_id=user_id)
    row = _write(ctx, quiz, {"user_id": user_id}, given)
    _settle(ctx, quiz, [user_id])
    return _views(ctx, [row], course)[0]


def set_for_cohort(ctx: WriteCtx, quiz_id: UUID, *, cohort_id: UUID, given: OverrideIn) -> OverrideView:
    """The same for everybody in a cohort of the course; CohortNotFound. One's own exception goes before it."""
    quiz, course = editable(ctx, quiz_id)
    members = _members(ctx, course, cohort_id)
    row = _write(ctx, quiz, {"cohort_id": cohort_id}, given)
    _settle(ctx, quiz, members)
    return _views(ctx, [row], course)[0]


def remove_override(ctx: WriteCtx, quiz_id: UUID, *, override_id: UUID) -> None:
    """Let the quiz's rules hold again; NotFound."""
    quiz, course = editable(ctx, quiz_id)
    row = next((each for each in _rows(ctx, quiz.id) if each.id == override_id), None)
    if row is None:
        raise NotFound(GONE)
    whose = [row.user_id] if row.user_id is not None else _members(ctx, course, row.cohort_id)
    ctx.session.delete(row)
    ctx.session.flush()
    _settle(ctx, quiz, whose)


def _members(ctx: ReadCtx, course: CourseCard, cohort_id: UUID | None) -> list[UUID]:
    assert cohort_id is not None
    if all(cohort.id != cohort_id for cohort in release.cohorts(ctx, course.id)):
        raise NotFound("There is no such cohort in this course. Load the page again.")
    return [member.user_id for member in release.members(ctx, cohort_id)]


def _rows(ctx: ReadCtx, quiz_id: UUID) -> list[QuizOverride]:
    wanted = select(QuizOverride).where(QuizOverride.quiz_id == quiz_id)
    return list(ctx.session.execute(wanted.order_by(QuizOverride.user_id.is_not(None), QuizOverride.id)).scalars())


def _write(ctx: WriteCtx, quiz: Quiz, whose: dict[str, UUID], given: OverrideIn) -> QuizOverride:
    values: dict[str, Any] = given.model_dump(exclude={"password"})
    values["password_sealed"] = None if given.password is None else entering.sealed(ctx, given.password)
    wanted = select(QuizOverride).filter_by(quiz_id=quiz.id, **whose)
    row: QuizOverride = ctx.session.execute(wanted).scalar_one_or_none() or QuizOverride(quiz_id=quiz.id, **whose)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:  # a cohort that went at this moment
        raise NotFound(GONE) from error
    return row


def _settle(ctx: WriteCtx, quiz: Quiz, user_ids: Collection[UUID]) -> None:
    """Bring the attempts of these people in step with what holds for them now."""
    wanted = select(Attempt).where(Attempt.quiz_id == quiz.id, Attempt.user_id.in_(user_ids)).order_by(Attempt.id)
    attempts = list(ctx.session.execute(wanted.with_for_update(key_share=True)).scalars())
    takers = {attempt.user_id for attempt in attempts}
    rules = own_rules_of(ctx, quiz, user_ids=takers)
    eased = select(Accommodation.user_id, Accommodation.extra_percent).where(
        Accommodation.course_id == quiz.course_id, Accommodation.user_id.in_(takers)
    )
    extra: dict[UUID, int] = {row.user_id: row.extra_percent for row in ctx.session.execute(eased)}
    for attempt in attempts:
        own = rules[attempt.user_id]
        attempt.closes_at = own.own_closing(quiz)
        if attempt.status == AttemptStatus.OPEN and attempt.begun_at is not None:
            percent = extra.get(attempt.user_id, 0)
            attempt.deadline_at = deadline_of(own, begun_at=attempt.begun_at, extra_percent=percent)
            schedule_end(ctx, attempt)
    ctx.session.flush()


def _name(row: QuizOverride, names: Mapping[UUID, str]) -> str:
    whose = row.user_id if row.user_id is not None else row.cohort_id
    return names.get(whose, "") if whose is not None else ""


def _views(ctx: ReadCtx, rows: Collection[QuizOverride], course: CourseCard) -> list[OverrideView]:
    names = accounts.names_of(ctx, [row.user_id for row in rows if row.user_id is not None])
    if any(row.cohort_id is not None for row in rows):
        names |= {cohort.id: cohort.name for cohort in release.cohorts(ctx, course.id)}
    return [
        OverrideView(
            id=row.id,
            user_id=row.user_id,
            cohort_id=row.cohort_id,
            name=_name(row, names),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            time_limit_seconds=row.time_limit_seconds,
            attempts_allowed=row.attempts_allowed,
            password=None if row.password_sealed is None else entering.opened(ctx, row.password_sealed),
        )
        for row in rows
    ]
