"""The selects of learning paths."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import parse_id
from lms_core.learning.paths.errors import PathNotFound
from lms_core.learning.paths.models import LearningPath, PathCourse, PathEnrollment
from lms_core.learning.paths.schemas import PathCard

SHOWN = tuple(name for name in PathCard.model_fields if name not in ("courses", "minutes"))


def named(path: str | UUID) -> Select[Any]:
    """A select of the path named by id or slug."""
    path_id = path if isinstance(path, UUID) else parse_id(path)
    wanted: Select[Any] = select(LearningPath)
    return wanted.where(LearningPath.id == path_id if path_id is not None else LearningPath.slug == path)


def path(ctx: ReadCtx, name: str | UUID) -> LearningPath:
    """The row of a path; PathNotFound."""
    row: LearningPath | None = ctx.session.execute(named(name)).scalar_one_or_none()
    if row is None:
        raise PathNotFound()
    return row


def locked(ctx: WriteCtx, name: str | UUID) -> LearningPath:
    """The row of a path, which has one writer at a time; PathNotFound."""
    row: LearningPath | None = ctx.session.execute(named(name).with_for_update(key_share=True)).scalar_one_or_none()
    if row is None:
        raise PathNotFound()
    return row


def courses_of(ctx: ReadCtx, path_ids: Sequence[UUID]) -> dict[UUID, list[PathCourse]]:
    """The courses of each path in order. One statement, none without paths."""
    found: dict[UUID, list[PathCourse]] = {path_id: [] for path_id in path_ids}
    if path_ids:
        wanted = select(PathCourse).where(PathCourse.path_id.in_(path_ids))
        for row in ctx.session.execute(wanted.order_by(PathCourse.position, PathCourse.course_id)).scalars():
            found[row.path_id].append(row)
    return found


def cards(ctx: ReadCtx, rows: Sequence[LearningPath]) -> list[PathCard]:
    """Paths as lists show them. Two statements at least, four when courses are not known yet."""
    inside = courses_of(ctx, [row.id for row in rows])
    known = courses.cards(ctx, sorted({each.course_id for found in inside.values() for each in found}))
    return [card(row, [known[each.course_id] for each in inside[row.id] if each.course_id in known]) for row in rows]


def card(row: LearningPath, inside: Sequence[Any]) -> PathCard:
    """A path with what its published courses sum up to."""
    shown = [each for each in inside if each.status == "published"]
    said = {name: getattr(row, name) for name in SHOWN}
    return PathCard(**said, courses=len(shown), minutes=sum(each.minutes for each in shown))


def enrolment(ctx: ReadCtx, path_id: UUID, user_id: UUID | None) -> PathEnrollment | None:
    """Somebody's row in a path. One statement, none for a visitor."""
    if user_id is None:
        return None
    wanted = select(PathEnrollment).where(PathEnrollment.path_id == path_id, PathEnrollment.user_id == user_id)
    row: PathEnrollment | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row
