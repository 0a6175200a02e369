"""Reactions: a completed course earns its certificate where the course's rule says so, and no fee is owed."""

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.kit.permissions import Permission
from lms_core.learning.certificates import fees, queries
from lms_core.learning.certificates.models import Certificate
from lms_core.learning.certificates.service.issuing import issue_for
from lms_core.learning.progress.events import CourseCompleted


@on(CourseCompleted)
def issue_by_rule(ctx: WriteCtx, event: CourseCompleted) -> None:
    """Issue the certificate, once. A person whose last one was revoked gets a new one by hand only."""
    template = queries.template_of(ctx, event.course_id)
    if template is None or not template.issue_on_completion:
        return
    wanted = select(Certificate.id).where(
        Certificate.user_id == event.user_id,
        Certificate.course_id == event.course_id,
        Certificate.revoked_at.is_not(None),
    )
    if ctx.session.execute(wanted.limit(1)).first() is not None:
        return
    try:
        card = courses.access_course(ctx, event.course_id, Permission.COURSE_LEARN, even_archived=True)
    except CourseNotFound:  # deleted, or a draft again, meanwhile
        return
    if event.user_id not in fees.owing(ctx, event.course_id, [event.user_id]):  # else it is issued when they paid
        issue_for(ctx, card, users=[event.user_id])
