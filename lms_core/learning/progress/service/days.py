"""Days of learning, each of its person's own calendar: minutes read, lessons done, questions asked."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress.models import LearningDay
from lms_core.learning.progress.schemas import DayView, WeekView

MINUTE = 60
LONGEST_STRETCH = timedelta(seconds=90)  # a page in sight says so every 30 seconds; what is longer was not reading
WEEK = 7

_SINCE = prepared(
    select(User.time_zone, LearningDay.day, LearningDay.seconds, LearningDay.lessons, LearningDay.questions)
    .outerjoin(LearningDay, (LearningDay.user_id == User.id) & (LearningDay.day >= bindparam("since")))
    .where(User.id == bindparam("user_id"))
    .order_by(LearningDay.day)
)
_ZONE = prepared(select(User.time_zone).where(User.id == bindparam("user_id")))


def week(ctx: ReadCtx) -> WeekView:
    """The actor's present week by their own calendar. One statement."""
    user_id = enrolments.learner_of(ctx)
    earliest = ctx.now.date() - timedelta(days=WEEK)  # no zone is a whole day away
    rows = ctx.session.execute(_SINCE, {"user_id": user_id, "since": earliest}).all()
    today = _day(ctx.now, rows[0].time_zone if rows else "UTC")
    monday = today - timedelta(days=today.weekday())
    known = {row.day: row for row in rows if row.day is not None}
    days = []
    for place in range((today - monday).days + 1):
        row = known.get(monday + timedelta(days=place))
        days.append(
            DayView(
                day=monday + timedelta(days=place),
                minutes=row.seconds // MINUTE if row else 0,
                lessons=row.lessons if row else 0,
                questions=row.questions if row else 0,
            )
        )
    return WeekView(
        days=tuple(days),
        minutes=sum(day.minutes for day in days),
        lessons=sum(day.lessons for day in days),
        questions=sum(day.questions for day in days),
    )


def note(ctx: WriteCtx, *, user_id: UUID, lessons: int = 0, questions: int = 0) -> None:
    """Add to a person's present day. Below zero nothing goes. Three statements at most."""
    row = _row(ctx, user_id)
    row.lessons = max(0, row.lessons + lessons)
    row.questions = max(0, row.questions + questions)
    ctx.session.flush()


def beat(ctx: WriteCtx, *, user_id: UUID, begins: bool) -> int:
    """Note that somebody is reading now; returns the seconds since the last sign that count as reading.

    By the server's clock, over all the person's pages together: two pages in sight count once. A gap longer than
    `LONGEST_STRETCH`, and the time before a page came into sight, count nothing.
    """
    row = _row(ctx, user_id)
    gap = ctx.now - row.beat_at if row.beat_at is not None and not begins else None
    counted = int(gap.total_seconds()) if gap is not None and timedelta(0) < gap <= LONGEST_STRETCH else 0
    row.beat_at, row.seconds = ctx.now, row.seconds + counted
    ctx.session.flush()
    return counted


def _row(ctx: WriteCtx, user_id: UUID) -> LearningDay:
    zone = ctx.session.execute(_ZONE, {"user_id": user_id}).scalar_one_or_none() or "UTC"
    day = _day(ctx.now, zone)
    wanted = select(LearningDay).where(LearningDay.user_id == user_id, LearningDay.day == day)
    found: LearningDay | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    if found is not None:
        return found
    try:
        with ctx.session.begin_nested():
            return ctx.add(LearningDay(user_id=user_id, day=day))
    except IntegrityError:  # another tab of the same person was first, on PostgreSQL
        return ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one()  # type: ignore[no-any-return]


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
