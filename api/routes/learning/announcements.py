"""Announcements of a course: read by who is in it, written and sent by who edits it."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.announcements import service as announcements
from lms_core.learning.announcements.errors import AlreadySent, AnnouncementNotFound, TimeIsPast
from lms_core.learning.announcements.schemas import AnnouncementIn, AnnouncementSource, AnnouncementView, Sending
from lms_core.learning.release.errors import CohortNotFound

router = APIRouter(tags=["announcements"])

OF_ONE = errors(Unauthenticated, AnnouncementNotFound)


@router.get(
    "/courses/{course}/announcements",
    response_model=Page[AnnouncementView],
    responses=errors(Unauthenticated, CourseNotFound, Invalid),
)
def list_sent(
    ctx: Reading, course: CourseName, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[AnnouncementView]:
    """What was announced, the newest first; the first page begins with what is pinned."""
    return announcements.sent(ctx, course, cursor=cursor, limit=limit)


@router.get(
    "/courses/{course}/announcements/written",
    response_model=Page[AnnouncementSource],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def list_written(
    ctx: Reading, course: CourseName, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[AnnouncementSource]:
    """All there are, drafts and scheduled ones too, with how many read each. For the course's editors."""
    return announcements.written(ctx, course, cursor=cursor, limit=limit)


@router.post(
    "/courses/{course}/announcements",
    status_code=201,
    response_model=AnnouncementSource,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, CohortNotFound),
)
def write(ctx: Writing, course: CourseName, announcement: AnnouncementIn) -> AnnouncementSource:
    """Write one; it is a draft until it is sent."""
    return announcements.write(ctx, course, announcement=announcement)


@router.get("/announcements/{announcement_id}", response_model=AnnouncementView, responses=OF_ONE)
def read(ctx: Reading, announcement_id: UUID) -> AnnouncementView:
    """One announcement, for whom it is for."""
    return announcements.read(ctx, announcement_id)


@router.post("/announcements/{announcement_id}/read", response_model=AnnouncementView, responses=OF_ONE)
def mark_read(ctx: Writing, announcement_id: UUID) -> AnnouncementView:
    """Mark one as read; again, nothing changes."""
    return announcements.mark_read(ctx, announcement_id)


@router.get("/announcements/{announcement_id}/source", response_model=AnnouncementSource, responses=OF_ONE)
def read_source(ctx: Reading, announcement_id: UUID) -> AnnouncementSource:
    """One as it was written. For the course's editors."""
    return announcements.source(ctx, announcement_id)


@router.put(
    "/announcements/{announcement_id}",
    response_model=AnnouncementSource,
    responses=errors(Unauthenticated, AnnouncementNotFound, AlreadySent, CohortNotFound),
)
def change(ctx: Writing, announcement_id: UUID, announcement: AnnouncementIn) -> AnnouncementSource:
    """Other words; one that is sent is shown as edited."""
    return announcements.change(ctx, announcement_id, announcement=announcement)


@router.post(
    "/announcements/{announcement_id}/send",
    response_model=AnnouncementSource,
    responses=errors(Unauthenticated, AnnouncementNotFound, AlreadySent, TimeIsPast),
)
def send(ctx: Writing, announcement_id: UUID, sending: Sending) -> AnnouncementSource:
    """Send it now, or at a time to come."""
    return announcements.send(ctx, announcement_id, sending=sending)


@router.delete(
    "/announcements/{announcement_id}/send",
    response_model=AnnouncementSource,
    responses=errors(Unauthenticated, AnnouncementNotFound, AlreadySent),
)
def unschedule(ctx: Writing, announcement_id: UUID) -> AnnouncementSource:
    """Make a scheduled one a draft again."""
    return announcements.unschedule(ctx, announcement_id)


@router.delete("/announcements/{announcement_id}", status_code=204, response_model=None, responses=OF_ONE)
def remove(ctx: Writing, announcement_id: UUID) -> None:
    """Delete it for everybody."""
    announcements.remove(ctx, announcement_id)
