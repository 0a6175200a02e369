"""Accommodations: extra time of a learner in a course."""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments.models import Accommodation, Attempt, AttemptStatus, Quiz
from lms_core.learning.assessments.schemas import AccommodationView, ExtraTime
from lms_core.learning.assessments.service.attempts import deadline_of, schedule_end
from lms_core.learning.assessments.service.own_rules import own_rules


def set_extra_time(ctx: WriteCtx, course: str | UUID, *, user_id: UUID, extra: ExtraTime) -> AccommodationView:
    """Give a person extra time in a course, for who marks there; open attempts get it at once. NotFound: nobody."""
    card = courses.access_course(ctx, course, Permission.ATTEMPT_GRADE, even_archived=True)
    person = accounts.person(ctx, user_id=user_id)
    ctx.session.execute(
        delete(Accommodation).where(Accommodation.user_id == user_id, Accommodation.course_id == card.id)
    )
    if extra.extra_percent:
        ctx.add(Accommodation(user_id=user_id, course_id=card.id, extra_percent=extra.extra_percent))
    opened = ctx.session.execute(
        select(Attempt, Quiz)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.user_id == user_id, Attempt.course_id == card.id, Attempt.status == AttemptStatus.OPEN)
        .with_for_update(of=Attempt, key_share=True)
    )
    for attempt, quiz in opened.all():
        own = own_rules(ctx, quiz, user_id=user_id)
        attempt.deadline_at = deadline_of(own, begun_at=attempt.begun_at, extra_percent=extra.extra_percent)
        schedule_end(ctx, attempt)
    ctx.session.flush()
    return AccommodationView(user_id=user_id, user_name=person.full_name, extra_percent=extra.extra_percent)


def extra_times(ctx: ReadCtx, course: str | UUID) -> list[AccommodationView]:
    """Who has extra time in a course, for who marks there. Two statements and that of the access."""
    card = courses.access_course(ctx, course, Permission.ATTEMPT_GRADE, even_archived=True)
    rows = ctx.session.execute(
        select(Accommodation.user_id, Accommodation.extra_percent).where(Accommodation.course_id == card.id)
    ).all()
    names = accounts.names_of(ctx, [row.user_id for row in rows])
    found = [
        AccommodationView(user_id=row.user_id, user_name=names.get(row.user_id, ""), extra_percent=row.extra_percent)
        for row in rows
    ]
    return sorted(found, key=lambda each: each.user_name)
