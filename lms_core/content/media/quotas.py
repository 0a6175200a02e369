"""How much storage a person, a course and an institution use, and whether more fits."""

from uuid import UUID

from sqlalchemy import func, select

from lms_core.content.media.errors import QuotaExceeded
from lms_core.content.media.models import MediaItem, Upload, UploadState
from lms_core.content.media.schemas import Share, Usage
from lms_core.kit.context import ReadCtx
from lms_core.kit.settings import Settings

MEGABYTE = 2**20
OPEN = (UploadState.RECEIVING, UploadState.CHECKING)


def usage(ctx: ReadCtx, *, course_id: UUID, user_id: UUID | None) -> Usage:
    """What is stored for, and promised to unfinished uploads of, the three. Two statements."""
    items = ctx.session.execute(
        select(
            func.coalesce(func.sum(MediaItem.size).filter(MediaItem.uploaded_by == user_id), 0),
            func.coalesce(func.sum(MediaItem.size).filter(MediaItem.course_id == course_id), 0),
            func.coalesce(func.sum(MediaItem.size), 0),
        )
    ).one()
    coming = ctx.session.execute(
        select(
            func.coalesce(func.sum(Upload.size).filter(Upload.user_id == user_id), 0),
            func.coalesce(func.sum(Upload.size).filter(Upload.course_id == course_id), 0),
            func.coalesce(func.sum(Upload.size), 0),
        ).where(Upload.state.in_(OPEN))
    ).one()
    settings = ctx.resources.get(Settings)
    allowed = (settings.quota_person_mb, settings.quota_course_mb, settings.quota_institution_mb)
    shares = [
        Share(used=int(stored) + int(more), allowed=limit * MEGABYTE)
        for stored, more, limit in zip(items, coming, allowed, strict=True)
    ]
    return Usage(person=shares[0], course=shares[1], institution=shares[2])


def require_room(ctx: ReadCtx, *, course_id: UUID, user_id: UUID, size: int) -> None:
    """QuotaExceeded, naming the first quota that so many more bytes would break."""
    used = usage(ctx, course_id=course_id, user_id=user_id)
    for whose, share in (("person", used.person), ("course", used.course), ("institution", used.institution)):
        if size > share.free:
            raise QuotaExceeded(whose, share.free)
