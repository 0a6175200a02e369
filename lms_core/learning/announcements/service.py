"""Verbs on announcements: write, send or schedule, change, delete; list, open, and mark as read."""

from collections.abc import Sequence
from datetime import datetime
from textwrap import shorten
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from lms_core.content import text
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.announcements.errors import AlreadySent, AnnouncementNotFound, TimeIsPast
from lms_core.learning.announcements.models import Announcement, AnnouncementRead, AnnouncementState
from lms_core.learning.announcements.schemas import AnnouncementIn, AnnouncementSource, AnnouncementView, Sending
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import CohortNotFound

TELL = "announcements.tell"
MOST_PINNED = 10
NEWEST = 2
EXCERPT = 240  # characters
SHOWN = tuple(name for name in AnnouncementView.model_fields if name not in ("author", "read"))

_SENT = (
    select(AnnouncementRead.read_at, Announcement.author_id, *(getattr(Announcement, name) for name in SHOWN))
    .select_from(Announcement)
    .outerjoin(
        AnnouncementRead,
        and_(AnnouncementRead.announcement_id == Announcement.id, AnnouncementRead.user_id == bindparam("user_id")),
    )
    .where(Announcement.course_id == bindparam("course_id"), Announcement.state == AnnouncementState.SENT)
)
_SENT_TO_ME = _SENT.where(
    or_(
        Announcement.cohort_id.is_(None),
        Announcement.cohort_id.in_(release.own_cohorts(course_id=bindparam("course_id"), user_id=bindparam("user_id"))),
    )
)
_FIRST = (Announcement.pinned.desc(), Announcement.sent_at.desc(), Announcement.id.desc())
_NEWEST = prepared(_SENT.order_by(*_FIRST).limit(NEWEST))
_NEWEST_FOR_ME = prepared(_SENT_TO_ME.order_by(*_FIRST).limit(NEWEST))


def write(ctx: WriteCtx, course: str | UUID, *, announcement: AnnouncementIn) -> AnnouncementSource:
    """A draft. CourseNotFound, Forbidden, CohortNotFound."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    row = Announcement(course_id=card.id, author_id=ctx.actor.user_id, title="", created_at=ctx.now)
    _fill(ctx, card, row, announcement)
    return _source(ctx.add(row), 0)


def change(ctx: WriteCtx, announcement_id: UUID, *, announcement: AnnouncementIn) -> AnnouncementSource:
    """Other words; a sent one shows that it was edited, and stays with whom it was sent to.

    AnnouncementNotFound, AlreadySent, CohortNotFound.
    """
    row, card = _editable(ctx, announcement_id)
    reworded = (row.title, row.body) != (announcement.title, announcement.body)
    if row.state == AnnouncementState.SENT:
        if announcement.cohort_id != row.cohort_id:
            raise AlreadySent()
        if reworded:
            row.edited_at = ctx.now
            audit.record(ctx, action="announcement.edited", object=("announcement", row.id))
    _fill(ctx, card, row, announcement)
    ctx.session.flush()
    return _source(row, _readers(ctx, [row.id]).get(row.id, 0))


def send(ctx: WriteCtx, announcement_id: UUID, *, sending: Sending) -> AnnouncementSource:
    """Send it now, or at a time to come. AnnouncementNotFound, AlreadySent, TimeIsPast."""
    row, _ = _editable(ctx, announcement_id)
    if row.state == AnnouncementState.SENT:
        raise AlreadySent()
    if sending.at is None:
        publish(ctx, row)
        audit.record(ctx, action="announcement.sent", object=("announcement", row.id))
        return _source(row, 0)
    if sending.at <= ctx.now:
        raise TimeIsPast()
    row.state, row.send_at = AnnouncementState.SCHEDULED, sending.at
    ctx.session.flush()
    return _source(row, 0)


def unschedule(ctx: WriteCtx, announcement_id: UUID) -> AnnouncementSource:
    """Make a scheduled one a draft again; a draft stays one. AnnouncementNotFound, AlreadySent."""
    row, _ = _editable(ctx, announcement_id)
    if row.state == AnnouncementState.SENT:
        raise AlreadySent()
    row.state, row.send_at = AnnouncementState.DRAFT, None
    ctx.session.flush()
    return _source(row, 0)


def remove(ctx: WriteCtx, announcement_id: UUID) -> None:
    """Delete it for everybody; who has not been told yet is not told. AnnouncementNotFound."""
    row, _ = _editable(ctx, announcement_id)
    audit.record(ctx, action="announcement.deleted", object=("announcement", row.id), title=row.title)
    ctx.session.execute(delete(Announcement).where(Announcement.id == row.id))


def publish(ctx: WriteCtx, row: Announcement) -> None:
    """Put it before its readers, and have them told. The caller has authorised, and holds the row."""
    row.state, row.sent_at = AnnouncementState.SENT, ctx.now
    ctx.session.flush()
    ctx.enqueue(TELL, announcement_id=str(row.id))


def written(
    ctx: ReadCtx, course: str | UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[AnnouncementSource]:
    """All of a course, drafts too, newest first, for its editors. Two statements and that of the access."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    wanted = select(Announcement).where(Announcement.course_id == card.id)
    if cursor:
        wanted = wanted.where(Announcement.id < _id_of(decode_cursor(cursor, (str,))[0]))
    rows = ctx.session.execute(wanted.order_by(Announcement.id.desc()).limit(limit + 1)).scalars().all()
    readers = _readers(ctx, [row.id for row in rows])
    return page([_source(row, readers.get(row.id, 0)) for row in rows], limit, key=lambda each: [str(each.id)])


def source(ctx: ReadCtx, announcement_id: UUID) -> AnnouncementSource:
    """One as its writers see it. AnnouncementNotFound."""
    row, _ = _written(ctx, announcement_id)
    return _source(row, _readers(ctx, [row.id]).get(row.id, 0))


def sent(ctx: ReadCtx, course: str | UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[AnnouncementView]:
    """Those the actor may read: the pinned ones before the first page, then the newest first.

    CourseNotFound. Two statements on the first page and one on others, one for the authors' names, and the access.
    """
    card = enrolments.access_reading(ctx, course)
    open_to_me = _readable(ctx, card.id)
    loose = open_to_me.where(Announcement.pinned.is_(False))
    pinned: Sequence[Any] = ()
    if cursor:
        at, last = _place(cursor)
        loose = loose.where(or_(Announcement.sent_at < at, and_(Announcement.sent_at == at, Announcement.id < last)))
    else:
        pinned = ctx.session.execute(
            _newest_first(open_to_me.where(Announcement.pinned.is_(True))).limit(MOST_PINNED)
        ).all()
    rows = ctx.session.execute(_newest_first(loose).limit(limit + 1)).all()
    found = page(rows, limit, key=lambda row: [row.sent_at.isoformat(), str(row.id)])
    return Page(items=_views(ctx, [*pinned, *found.items]), next_cursor=found.next_cursor)


def newest(ctx: ReadCtx, course: CourseCard) -> list[AnnouncementView]:
    """The first two of the list, for the page of a course that the actor reads. Two statements, one without any."""
    wanted = _NEWEST if courses.is_staff(ctx, course.id) else _NEWEST_FOR_ME
    return _views(ctx, ctx.session.execute(wanted, _whose(ctx, course.id)).all())


def read(ctx: ReadCtx, announcement_id: UUID) -> AnnouncementView:
    """One, for whom it is for. AnnouncementNotFound."""
    row = ctx.session.execute(select(Announcement).where(Announcement.id == announcement_id)).scalar_one_or_none()
    if row is None:
        raise AnnouncementNotFound()
    try:
        enrolments.access_reading(ctx, row.course_id)
    except CourseNotFound as error:
        raise AnnouncementNotFound() from error
    found = ctx.session.execute(_readable(ctx, row.course_id).where(Announcement.id == announcement_id)).one_or_none()
    if found is None:
        raise AnnouncementNotFound()
    return _views(ctx, [found])[0]


def mark_read(ctx: WriteCtx, announcement_id: UUID) -> AnnouncementView:
    """Note that the actor read it; again: no change. AnnouncementNotFound."""
    view = read(ctx, announcement_id)
    user_id = enrolments.learner_of(ctx)
    if view.read or ctx.actor.impersonator_id is not None:
        return view
    try:
        with ctx.session.begin_nested():
            ctx.add(AnnouncementRead(user_id=user_id, announcement_id=announcement_id, read_at=ctx.now))
    except IntegrityError:  # it was opened twice at one moment, on PostgreSQL
        pass
    return view.model_copy(update={"read": True})


def _readable(ctx: ReadCtx, course_id: UUID) -> Select[Any]:
    """Sent ones with the actor's mark beside them: all for the course's staff, else what is for their cohort too."""
    wanted: Select[Any] = _SENT if courses.is_staff(ctx, course_id) else _SENT_TO_ME
    return wanted.params(**_whose(ctx, course_id))


def _whose(ctx: ReadCtx, course_id: UUID) -> dict[str, Any]:
    return {"course_id": course_id, "user_id": ctx.actor.user_id}


def _newest_first(wanted: Select[Any]) -> Select[Any]:
    return wanted.order_by(Announcement.sent_at.desc(), Announcement.id.desc())


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, last = decode_cursor(cursor, (str, str))
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise Invalid("The cursor belongs to another list. Start again without it.") from error
    if moment.tzinfo is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return moment, _id_of(last)


def _id_of(written: str) -> UUID:
    found = parse_id(written)
    if found is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return found


def _fill(ctx: ReadCtx, card: CourseCard, row: Announcement, given: AnnouncementIn) -> None:
    if given.cohort_id is not None and all(each.id != given.cohort_id for each in release.cohorts(ctx, card.id)):
        raise CohortNotFound()
    for name, value in given.model_dump().items():
        setattr(row, name, value)
    row.html = courses.preview(ctx, body=given.body, course=card.id).html
    row.excerpt = shorten(text.plain(given.body), width=EXCERPT, placeholder=" …")


def _written(ctx: ReadCtx, announcement_id: UUID) -> tuple[Announcement, CourseCard]:
    row = ctx.session.execute(select(Announcement).where(Announcement.id == announcement_id)).scalar_one_or_none()
    if row is None:
        raise AnnouncementNotFound()
    try:
        return row, courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    except (CourseNotFound, Forbidden) as error:
        raise AnnouncementNotFound() from error


def _editable(ctx: WriteCtx, announcement_id: UUID) -> tuple[Announcement, CourseCard]:
    """The same with the row locked: what is sent at this moment is not scheduled beside it."""
    row, card = _written(ctx, announcement_id)
    ctx.session.refresh(row, with_for_update={"key_share": True})
    return row, card


def _readers(ctx: ReadCtx, ids: Sequence[UUID]) -> dict[UUID, int]:
    counted = select(AnnouncementRead.announcement_id, func.count()).where(AnnouncementRead.announcement_id.in_(ids))
    rows = ctx.session.execute(counted.group_by(AnnouncementRead.announcement_id))
    return {row[0]: row[1] for row in rows}


def _views(ctx: ReadCtx, rows: Sequence[Any]) -> list[AnnouncementView]:
    names = accounts.names_of(ctx, {row.author_id for row in rows if row.author_id is not None})
    return [
        AnnouncementView(
            author=names.get(row.author_id, ""),
            read=row.read_at is not None,
            **{name: getattr(row, name) for name in SHOWN},
        )
        for row in rows
    ]


def _source(row: Announcement, readers: int) -> AnnouncementSource:
    fields = {name: getattr(row, name) for name in AnnouncementSource.model_fields if name != "readers"}
    return AnnouncementSource(**fields, readers=readers)
