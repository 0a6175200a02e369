"""Background work of announcements: sending what is due, and telling people in batches.

Each batch is a transaction that moves `told_after` on and stores the fact that tells them, so a run that is repeated
goes on where the last one was, and tells nobody twice.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.kit.context import Work, WriteCtx, system_actor
from lms_core.kit.events import Notice
from lms_core.kit.jobs import every, job
from lms_core.learning.announcements import service
from lms_core.learning.announcements.events import AnnouncementPosted
from lms_core.learning.announcements.models import Announcement, AnnouncementState
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release

AT_ONCE = 200
BATCH = 200


@every(timedelta(minutes=1), "announcements.send_due")
def send_due(work: Work) -> None:
    """Send what was scheduled for a time that has come, in every institution."""
    with work.read() as view:
        due = view.session.execute(
            select(Announcement.id, Announcement.tenant_id)
            .where(Announcement.state == AnnouncementState.SCHEDULED, Announcement.send_at <= view.now)
            .limit(AT_ONCE)
        ).all()
    for row in due:
        with work.database.write(system_actor(row.tenant_id)) as ctx:
            _send(ctx, row.id)


@job(service.TELL, queue="fast")
def tell(work: Work, *, announcement_id: str) -> None:
    """Tell everybody an announcement is for, batch by batch; safe to repeat."""
    while _tell_some(work, UUID(announcement_id)):
        work.check_stop()


def _send(ctx: WriteCtx, announcement_id: UUID) -> None:
    row = _held(ctx, announcement_id)
    if row is None or row.state != AnnouncementState.SCHEDULED or row.send_at is None:
        return
    if row.send_at <= ctx.now:  # it may have been put off meanwhile
        service.publish(ctx, row)


def _tell_some(work: Work, announcement_id: UUID) -> bool:
    """One batch; False when nobody is left."""
    with work.write() as ctx:
        row = _held(ctx, announcement_id)
        if row is None or row.state != AnnouncementState.SENT or row.told_at is not None:
            return False
        places = enrolments.places(ctx, row.course_id, after=row.told_after, limit=BATCH)
        if not places:
            row.told_at = ctx.now
            return False
        row.told_after = places[-1].id
        ids = [each.id for each in places]
        inside = set(ids) if row.cohort_id is None else release.inside(ctx, row.cohort_id, enrollment_ids=ids)
        people = tuple(each.user_id for each in places if each.id in inside and each.user_id != row.author_id)
        if people:
            ctx.emit(
                AnnouncementPosted(announcement_id=row.id, course_id=row.course_id, notice=_told(ctx, row, people))
            )
        return True


def _told(ctx: WriteCtx, row: Announcement, people: tuple[UUID, ...]) -> Notice:
    course = courses.cards(ctx, [row.course_id])[row.course_id].title
    about = {"title": row.title, "course": course, "announcement_id": str(row.id)}
    if row.mailed:
        return Notice(recipients=people, kind="announcements.posted_by_mail", variables=about)
    return Notice(recipients=people, kind="announcements.posted", variables=about)


def _held(ctx: WriteCtx, announcement_id: UUID) -> Announcement | None:
    held = select(Announcement).where(Announcement.id == announcement_id).with_for_update(key_share=True)
    row: Announcement | None = ctx.session.execute(held).scalar_one_or_none()
    return row
