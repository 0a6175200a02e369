"""The selects of courses: columns instead of objects wherever a list is shown."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select

from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import Category, Course, CourseTag, Lesson, LessonVersion, Module, Tag
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.ids import parse_id
from lms_core.kit.recent import Recent

_CARDS: Recent[CourseCard] = Recent(capacity=2_000)
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
    """Courses with their category: all that a card shows but its tags."""
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
        Course.cover_alt,
        Course.cover_focus,
        Course.template,
        Course.owner_id,
        Course.lesson_count,
        Course.required_count,
        Course.minutes,
        Course.has_rules,
        Course.rating_count,
        Course.rating_total,
        Course.published_at,
        Course.updated_at,
    )
    return columns.outerjoin(Category, Category.id == Course.category_id)


def cards(ctx: ReadCtx, revisions: Mapping[UUID, datetime]) -> dict[UUID, CourseCard]:
    """Cards by id, tags included, in the given order, of courses at the revisions (`updated_at`) just read.

    None of a revision this process still has costs a statement; all others together cost two.
    """
    kept = {course_id: _CARDS.get((course_id, revision)) for course_id, revision in revisions.items()}
    missing = [course_id for course_id, found in kept.items() if found is None]
    if missing:
        rows = ctx.session.execute(_CARDS_BY_ID, {"course_ids": missing}).all()
        tags = tags_of(ctx, [row.id for row in rows])
        for row in rows:
            made = kept[row.id] = CourseCard(**row._mapping, tags=tuple(tags[row.id]))
            if not isinstance(ctx, WriteCtx):  # what is not committed may never come to be
                _CARDS.keep((made.id, made.updated_at), made)
    return {course_id: found for course_id, found in kept.items() if found is not None}


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
_CARDS_BY_ID = prepared(card_columns().where(Course.id.in_(bindparam("course_ids", expanding=True))))
_STANDING = select(Course.id, Course.status, Course.updated_at)
_STANDING_BY_ID = prepared(_STANDING.where(Course.id == bindparam("course_id")))
_STANDING_BY_SLUG = prepared(_STANDING.where(Course.slug == bindparam("slug")))
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
        Lesson.optional,
    )
    .outerjoin(Lesson, Lesson.module_id == Module.id)
    .where(Module.course_id == bindparam("course_id"))
    .order_by(Module.position, Module.id, Lesson.position, Lesson.id)
)


def outline_rows(ctx: ReadCtx, course_id: UUID) -> Iterable[Any]:
    """Rows of modules and lessons, as `_OUTLINE` says."""
    rows: Iterable[Any] = ctx.session.execute(_OUTLINE, {"course_id": course_id})
    return rows


def standing(ctx: ReadCtx, course: str | UUID) -> Any:
    """Id, status and `updated_at` of the course named by id or slug; CourseNotFound. One statement."""
    course_id = course if isinstance(course, UUID) else parse_id(course)
    if course_id is not None:
        found = ctx.session.execute(_STANDING_BY_ID, {"course_id": course_id}).one_or_none()
    elif SLUG.fullmatch(str(course)):
        found = ctx.session.execute(_STANDING_BY_SLUG, {"slug": course}).one_or_none()
    else:
        found = None
    if found is None:
        raise CourseNotFound()
    return found


def current_version() -> ColumnElement[bool]:
    """The join of a lesson to what it says now."""
    return (LessonVersion.lesson_id == Lesson.id) & (LessonVersion.number == Lesson.version)  # type: ignore[return-value]
