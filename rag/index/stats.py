"""A course's statistics as this process remembers them, by revision."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from rag.index.models import CourseIndex
from rag.index.rows import stats_of
from rag.schemas import CourseStats

REMEMBERED_COURSES = 200


@dataclass(frozen=True, slots=True)
class CourseProfile:
    """What answering needs to know of a course: counts for idf, and where refusal begins."""

    revision: int
    stats: CourseStats
    threshold: float | None


_STATE = prepared(
    select(CourseIndex.revision, CourseIndex.threshold).where(
        CourseIndex.course_id == bindparam("course"), CourseIndex.space == bindparam("space")
    )
)

_profiles: OrderedDict[tuple[UUID, str], CourseProfile] = OrderedDict()
_lock = threading.Lock()


def is_calibrated(ctx: ReadCtx, *, course_id: UUID) -> bool:
    """Whether the course has a refusal threshold of its own."""
    wanted = select(CourseIndex.id).where(CourseIndex.course_id == course_id, CourseIndex.threshold.is_not(None))
    return ctx.session.execute(wanted.limit(1)).first() is not None


def profile(ctx: ReadCtx, *, course_id: UUID, space: str) -> CourseProfile:
    """The course's profile; read again only when its revision moved."""
    found = ctx.session.execute(_STATE, {"course": course_id, "space": space}).first()
    revision, threshold = found if found is not None else (0, None)
    key = (course_id, space)
    with _lock:
        known = _profiles.get(key)
    if known is not None and known.revision == revision:
        return CourseProfile(revision, known.stats, threshold)
    row = ctx.session.execute(
        select(CourseIndex).where(CourseIndex.course_id == course_id, CourseIndex.space == space)
    ).scalar_one_or_none()
    fresh = CourseProfile(revision, stats_of(row), threshold)
    with _lock:
        _profiles[key] = fresh
        while len(_profiles) > REMEMBERED_COURSES:
            _profiles.popitem(last=False)
    return fresh
