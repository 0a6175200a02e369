"""What the rules of learning need of a course: one writer at a time, its two marks, and which lessons show a file."""

import re
from html import unescape
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import queries
from lms_core.content.courses.models import Lesson, LessonStatus, LessonVersion, Module
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.courses.service.access import access_course, editable, editable_lesson
from lms_core.content.courses.service.authoring import recount, touch
from lms_core.content.courses.service.rendering import derived, resolver
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.permissions import Permission
from lms_core.kit.recent import Recent

_READERS: Recent[dict[str, frozenset[UUID]]] = Recent(capacity=50_000)  # files


def editing(ctx: WriteCtx, course: str | UUID) -> CourseCard:
    """The course for an editor, who is alone with it until the transaction ends; CourseNotFound, Forbidden."""
    row = editable(ctx, course)
    return access_course(ctx, row.id, Permission.COURSE_EDIT)


def module_course(ctx: ReadCtx, module_id: UUID) -> UUID:
    """The course a module is in; NotFound. Rights are the caller's to check. One statement."""
    found: UUID | None = ctx.session.execute(
        select(Module.course_id).where(Module.id == module_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such module here. Load the outline again.")
    return found


def set_has_rules(ctx: WriteCtx, course_id: UUID, *, has_rules: bool) -> None:
    """Mark whether rules decide what learners open here. Always a new revision, since rules are kept under it."""
    row = editable(ctx, course_id)
    row.has_rules = has_rules
    touch(ctx, row)
    ctx.session.flush()


def set_optional(ctx: WriteCtx, lesson_id: UUID, *, optional: bool) -> None:
    """Say whether completing the course needs this lesson; translations follow their original."""
    course, lesson = editable_lesson(ctx, lesson_id)
    lesson.optional = optional
    ctx.session.flush()
    recount(ctx, course)


def asset_readers(ctx: ReadCtx, course: CourseCard) -> dict[str, frozenset[UUID]]:
    """By path (`video:NAME` for a video), the published lessons that show or link a file of the course.

    The caller has accessed the course.

    One statement (two when lessons wait to be rendered); none for a revision that this process still has.
    """
    key = (course.id, course.updated_at)
    kept = _READERS.get(key)
    if kept is None:
        kept = _asset_readers(ctx, course)
        if not isinstance(ctx, WriteCtx):  # what is not committed may never come to be
            _READERS.keep(key, kept, weight=1 + len(kept))
    return kept


def _asset_readers(ctx: ReadCtx, course: CourseCard) -> dict[str, frozenset[UUID]]:
    rows = ctx.session.execute(
        select(Lesson.id, LessonVersion.html, LessonVersion.body)
        .join(LessonVersion, queries.current_version())
        .where(Lesson.course_id == course.id, Lesson.status == LessonStatus.PUBLISHED)
    ).all()
    link = re.compile(re.escape(f"/courses/{course.slug}/") + r"(assets|videos)/([^\"'?#\s]+)")
    resolve = None
    found: dict[str, set[UUID]] = {}
    for row in rows:
        html = row.html
        if html is None:
            resolve = resolve or resolver(ctx, course_id=course.id, slug=course.slug)
            html = derived(row.body, resolve)["html"]
        for kind, address in link.findall(html):
            path = unquote(unescape(address))
            found.setdefault(path if kind == "assets" else f"video:{path}", set()).add(row.id)
    return {path: frozenset(lessons) for path, lessons in found.items()}
