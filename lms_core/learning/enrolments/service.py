"""Verbs on enrolments."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseAccess, CourseStatus
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Invalid, Unauthenticated
from lms_core.kit.events import Activity
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.enrolments import gates
from lms_core.learning.enrolments.errors import ForSale, NotOpen, NotPublished
from lms_core.learning.enrolments.events import Enrolled, EnrollmentLeft
from lms_core.learning.enrolments.models import Enrollment, EnrollmentStatus
from lms_core.learning.enrolments.schemas import EnrollmentView, Place

LENT = "sub:"  # sources that begin so last as long as a subscription

_ENROLLED_AMONG = prepared(
    select(Enrollment.course_id).where(
        Enrollment.user_id == bindparam("user_id"),
        Enrollment.course_id.in_(bindparam("course_ids", expanding=True)),
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
)


def enrol(ctx: WriteCtx, course: str | UUID) -> EnrollmentView:
    """Put the actor into an open, published course. Again: the same enrolment. ForSale, NotOpen, NotPublished."""
    user_id = learner_of(ctx)
    card = courses.access_course(ctx, course, Permission.COURSE_LEARN)
    found = _own(ctx, user_id, card.id)
    if found is not None and found.status == EnrollmentStatus.ACTIVE:
        return _view(found)
    if card.status != CourseStatus.PUBLISHED:
        raise NotPublished()
    if not courses.may_edit(ctx, card.id):
        stands = gates.standing(ctx, [card.id], user_id=user_id)
        if stands.closed(card.id):
            raise ForSale()
        if card.access != CourseAccess.OPEN and card.id not in stands.granted:
            raise NotOpen()
    row = found or _insert(ctx, user_id, card.id)
    row.status, row.enrolled_at, row.left_at = EnrollmentStatus.ACTIVE, ctx.now, None
    if row.source.startswith(LENT):  # the subscription that lent it is over; now they come by themselves
        row.source = "self"
    ctx.session.flush()
    activity = Activity(user_id=user_id, verb="enrolled", object_id=card.id)
    ctx.emit(Enrolled(user_id=user_id, course_id=card.id, activity=activity))
    return _view(row)


def enrol_person(ctx: WriteCtx, *, user_id: UUID, course_id: UUID, source: str = "invite") -> bool:
    """Put somebody into a course, whatever its access. False when they were in it. The caller has authorised.

    Who is in it for as long as a subscription lasts, and comes another way too, is in it for good.
    """
    found = _own(ctx, user_id, course_id)
    if found is not None and found.status == EnrollmentStatus.ACTIVE:
        if found.source.startswith(LENT) and not source.startswith(LENT):
            found.source = source
            ctx.session.flush()
        return False
    row = found or _insert(ctx, user_id, course_id)
    row.status, row.source, row.enrolled_at, row.left_at = EnrollmentStatus.ACTIVE, source, ctx.now, None
    ctx.session.flush()
    ctx.emit(Enrolled(user_id=user_id, course_id=course_id))
    return True


def lent_by(subscription_id: UUID) -> str:
    """The source of enrolments that last as long as this subscription does."""
    return LENT + subscription_id.hex[-16:]


def lend(
    ctx: WriteCtx, *, user_id: UUID, course_ids: Iterable[UUID], sources: Collection[str], source: str
) -> frozenset[UUID]:
    """Let those of the courses somebody is in by `sources` last as long as a subscription. Which. One statement."""
    lent = ctx.session.execute(
        update(Enrollment)
        .where(
            Enrollment.user_id == user_id,
            Enrollment.course_id.in_(list(course_ids)),
            Enrollment.source.in_(list(sources)),
            Enrollment.status == EnrollmentStatus.ACTIVE,
        )
        .values(source=source)
        .returning(Enrollment.course_id)
    )
    return frozenset(lent.scalars())


def end_lent(ctx: WriteCtx, *, user_id: UUID, course_ids: Iterable[UUID], source: str) -> frozenset[UUID]:
    """Take somebody out of those of the courses they are in by `source`; progress is kept. Which. One statement."""
    ended = ctx.session.execute(
        update(Enrollment)
        .where(
            Enrollment.user_id == user_id,
            Enrollment.course_id.in_(list(course_ids)),
            Enrollment.source == source,
            Enrollment.status == EnrollmentStatus.ACTIVE,
        )
        .values(status=EnrollmentStatus.LEFT, left_at=ctx.now)
        .returning(Enrollment.course_id)
    )
    found = frozenset(ended.scalars())
    for course_id in sorted(found):
        ctx.emit(EnrollmentLeft(user_id=user_id, course_id=course_id))
    return found


def take_out(ctx: WriteCtx, *, user_id: UUID, course_id: UUID, sources: Collection[str] = ()) -> bool:
    """Take somebody out of a course, where `sources` are given only who came in by one of them; progress is kept.

    False when they were not in it, or came in otherwise. The caller has authorised.
    """
    wanted = update(Enrollment).where(
        Enrollment.user_id == user_id,
        Enrollment.course_id == course_id,
        Enrollment.status == EnrollmentStatus.ACTIVE,
    )
    if sources:
        wanted = wanted.where(Enrollment.source.in_(list(sources)))
    left = wanted.values(status=EnrollmentStatus.LEFT, left_at=ctx.now).returning(Enrollment.id)
    if ctx.session.execute(left).first() is None:
        return False
    ctx.emit(EnrollmentLeft(user_id=user_id, course_id=course_id))
    return True


def of_person(ctx: ReadCtx, *, user_id: UUID, limit: int = 200) -> list[EnrollmentView]:
    """Somebody's enrolments, past ones too, newest first. The caller has authorised. One statement."""
    rows = ctx.session.execute(
        select(Enrollment).where(Enrollment.user_id == user_id).order_by(Enrollment.id.desc()).limit(limit)
    ).scalars()
    return [_view(row) for row in rows]


def leave(ctx: WriteCtx, course: str | UUID) -> None:
    """Take the actor out of a course; progress is kept. Not being in it is fine."""
    user_id = learner_of(ctx)
    card = access_reading(ctx, course)
    changed = ctx.session.execute(
        update(Enrollment)
        .where(
            Enrollment.user_id == user_id,
            Enrollment.course_id == card.id,
            Enrollment.status == EnrollmentStatus.ACTIVE,
        )
        .values(status=EnrollmentStatus.LEFT, left_at=ctx.now)
        .returning(Enrollment.id)
    ).first()
    if changed is not None:
        ctx.emit(EnrollmentLeft(user_id=user_id, course_id=card.id))


def is_enrolled(ctx: ReadCtx, course_id: UUID) -> bool:
    """Whether the actor is in the course now. One statement; none for a visitor."""
    return course_id in enrolled_among(ctx, [course_id])


def enrolled_among(ctx: ReadCtx, course_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Those of `course_ids` the actor is in now. One statement; none for a visitor."""
    if ctx.actor.user_id is None:
        return frozenset()
    rows = ctx.session.execute(_ENROLLED_AMONG, {"user_id": ctx.actor.user_id, "course_ids": list(course_ids)})
    return frozenset(rows.scalars())


def ever_in(
    ctx: ReadCtx, course_ids: Iterable[UUID], *, user_id: UUID, lent: bool = True
) -> dict[UUID, EnrollmentStatus]:
    """Of the courses, those somebody is or was in, and which of the two. The caller has authorised. One statement.

    `lent` false: without those they are in for as long as a subscription lasts.
    """
    wanted = select(Enrollment.course_id, Enrollment.status).where(
        Enrollment.user_id == user_id, Enrollment.course_id.in_(list(course_ids))
    )
    if not lent:
        wanted = wanted.where(or_(Enrollment.status != EnrollmentStatus.ACTIVE, Enrollment.source.not_like(f"{LENT}%")))
    return {row.course_id: EnrollmentStatus(row.status) for row in ctx.session.execute(wanted)}


def mine(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[EnrollmentView]:
    """The actor's present enrolments, newest first. One statement."""
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(
        Enrollment.id, Enrollment.course_id, Enrollment.status, Enrollment.source, Enrollment.enrolled_at
    ).where(Enrollment.user_id == learner_of(ctx), Enrollment.status == EnrollmentStatus.ACTIVE)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(Enrollment.id < last)
    rows = ctx.session.execute(wanted.order_by(Enrollment.id.desc()).limit(limit + 1))
    found = [EnrollmentView(**row._mapping) for row in rows]
    return page(found, limit, key=lambda enrolment: (str(enrolment.id),))


def access_reading(ctx: ReadCtx, course: str | UUID) -> CourseCard:
    """The course, for somebody who may read its lessons: enrolled (archived too) or of its staff.

    CourseNotFound for others, a published course included. Two statements, one for staff.
    """
    card = courses.access_course(ctx, course, Permission.COURSE_LEARN, even_archived=True)
    if not courses.is_staff(ctx, card.id) and not is_enrolled(ctx, card.id):
        raise CourseNotFound()
    return card


def readable_courses(ctx: ReadCtx) -> frozenset[UUID]:
    """Ids of the courses whose lessons the actor reads as a learner: enrolled, and not a draft. Two statements."""
    if ctx.actor.user_id is None:
        return frozenset()
    enrolled = ctx.session.execute(
        select(Enrollment.course_id).where(
            Enrollment.user_id == ctx.actor.user_id, Enrollment.status == EnrollmentStatus.ACTIVE
        )
    )
    return courses.not_drafts(ctx, list(enrolled.scalars()))


def learners_of(ctx: ReadCtx, course_id: UUID) -> list[UUID]:
    """Who is in the course now, longest first, for callers who have authorised. One statement."""
    wanted = select(Enrollment.user_id).where(
        Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE
    )
    return list(ctx.session.execute(wanted.order_by(Enrollment.id)).scalars())


def places(ctx: ReadCtx, course_id: UUID, *, after: UUID | None, limit: int) -> list[Place]:
    """Who is in the course now, in the order of their enrolments, from behind `after` on: for work in batches.

    For callers who have authorised. One statement.
    """
    wanted = select(Enrollment.id, Enrollment.user_id).where(
        Enrollment.course_id == course_id, Enrollment.status == EnrollmentStatus.ACTIVE
    )
    if after is not None:
        wanted = wanted.where(Enrollment.id > after)
    return [Place(row[0], row[1]) for row in ctx.session.execute(wanted.order_by(Enrollment.id).limit(limit))]


def learner_of(ctx: ReadCtx) -> UUID:
    """The person who acts; Unauthenticated when nobody in particular does."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to take part in a course.")
    return ctx.actor.user_id


def _own(ctx: ReadCtx, user_id: UUID, course_id: UUID) -> Enrollment | None:
    found: Enrollment | None = ctx.session.execute(
        select(Enrollment).where(Enrollment.user_id == user_id, Enrollment.course_id == course_id)
    ).scalar_one_or_none()
    return found


def _insert(ctx: WriteCtx, user_id: UUID, course_id: UUID) -> Enrollment:
    try:
        with ctx.session.begin_nested():
            return ctx.add(Enrollment(user_id=user_id, course_id=course_id, enrolled_at=ctx.now))
    except IntegrityError:  # the same person pressed the button twice, on PostgreSQL
        found = _own(ctx, user_id, course_id)
        if found is None:
            raise
        return found


def _view(row: Enrollment) -> EnrollmentView:
    return EnrollmentView(
        id=row.id,
        course_id=row.course_id,
        status=row.status,
        source=row.source,
        enrolled_at=row.enrolled_at,
    )
