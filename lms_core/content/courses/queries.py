"""The selects of courses: columns instead of objects wherever a list is shown."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import Category, Course, CourseTag, Lesson, LessonVersion, Module, Tag
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.ids import parse_id

SLUG = re.compile(r"[a-z0-9-]{1,80}")


def named(course: str | UUID) -> ColumnElement[bool]:
    """The condition for a course named by id or slug; CourseNotFound when it can be neither."""
    course_id = course if isinstance(course, UUID) else parse_id(course)
    if course_id is not None:
        return Course.id == course_id  # type: ignore[return-value]
    if SLUG.fullmatch(str(course)) is None:
        raise CourseNotFound()
    return Course.slug == course  # type: ignore[return-value]


def card_columns() -> Select[Any]:
    """Courses with their category, in the order `card` reads them."""
    columns: Select[Any] = select(
        Course.id,
        Course.slug,
        Course.title,
        Course.summary,
        Course.language,
        Course.status,
        Course.access,
        Course.kind,
        Category.slug.label("category"),
        Category.name.label("category_name"),
        Course.cover,
        Course.owner_id,
        Course.lesson_count,
        Course.minutes,
        Course.published_at,
        Course.updated_at,
    )
    return columns.outerjoin(Category, Category.id == Course.category_id)


def card(row: Any, tags: Sequence[str] = ()) -> CourseCard:
    """A card from a row of `card_columns`."""
    return CourseCard(**row._mapping, tags=tuple(tags))


def with_tags(ctx: ReadCtx, rows: Sequence[Any]) -> list[CourseCard]:
    """Cards of rows, tags included; one more statement."""
    tags = tags_of(ctx, [row.id for row in rows])
    return [card(row, tags[row.id]) for row in rows]


def tags_of(ctx: ReadCtx, course_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Names of the tags of each course, in the author's order."""
    found: dict[UUID, list[str]] = {course_id: [] for course_id in course_ids}
    if found:
        for course_id, name in ctx.session.execute(_TAGS, {"course_ids": list(found)}):
            found[course_id].append(name)
    return found


_TAGS = prepared(
    select(CourseTag.course_id, Tag.name)
    .join(Tag, Tag.id == CourseTag.tag_id)
    .where(CourseTag.course_id.in_(bindparam("course_ids", expanding=True)))
    .order_by(CourseTag.position)
)
_CARD_BY_ID = prepared(card_columns().where(Course.id == bindparam("course_id")))
_CARD_BY_SLUG = prepared(card_columns().where(Course.slug == bindparam("slug")))
# Every module of a course with its lessons, in order; a module without lessons is one row of Nones.
_OUTLINE = prepared(
    select(
        Module.id.label("module_id"),
        Module.title.label("module_title"),
        Module.summary.label("module_summary"),
        Lesson.id,
        Lesson.title,
        Lesson.kind,
        Lesson.status,
        Lesson.language,
        Lesson.minutes,
        Lesson.source_path,
        Lesson.translation_of_id,
    )
    .outerjoin(Lesson, Lesson.module_id == Module.id)
    .where(Module.course_id == bindparam("course_id"))
    .order_by(Module.position, Module.id, Lesson.position, Lesson.id)
)


def outline_rows(ctx: ReadCtx, course_id: UUID) -> Iterable[Any]:
    """Rows of modules and lessons, as `_OUTLINE` says."""
    return ctx.session.execute(_OUTLINE, {"course_id": course_id})


def card_row(ctx: ReadCtx, course: str | UUID) -> Any:
    """The row of `card_columns` for the course named by id or slug; CourseNotFound."""
    course_id = course if isinstance(course, UUID) else parse_id(course)
    if course_id is not None:
        found = ctx.session.execute(_CARD_BY_ID, {"course_id": course_id}).one_or_none()
    elif SLUG.fullmatch(str(course)):
        found = ctx.session.execute(_CARD_BY_SLUG, {"slug": course}).one_or_none()
    else:
        found = None
    if found is None:
        raise CourseNotFound()
    return found


def current_version() -> ColumnElement[bool]:
    """The join of a lesson to what it says now."""
    return (LessonVersion.lesson_id == Lesson.id) & (LessonVersion.number == Lesson.version)  # type: ignore[return-value]
