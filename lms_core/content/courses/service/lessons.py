"""What a lesson says: added, edited as new versions, restored, read."""

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select

from lms_core.content.courses import queries
from lms_core.content.courses.errors import LessonNotFound, VersionConflict
from lms_core.content.courses.events import LessonChanged
from lms_core.content.courses.models import Course, CourseStatus, Lesson, LessonStatus, LessonVersion, Module
from lms_core.content.courses.schemas import (
    AuthoredEdit,
    LessonEdit,
    LessonIn,
    LessonSource,
    LessonView,
    VersionItem,
    VersionSource,
)
from lms_core.content.courses.service.access import access_course, editable, editable_lesson
from lms_core.content.courses.service.authoring import recount
from lms_core.content.courses.service.rendering import (
    derived,
    fill,
    hash_of,
    render_pending,
    resolver,
    unsettle_links,
)
from lms_core.content.courses.service.structure import lessons_of, module_of
from lms_core.content.courses.slugs import containing
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Conflict, NotFound
from lms_core.kit.permissions import Permission
from lms_core.kit.recent import Recent

_VIEWS: Recent[LessonView] = Recent(capacity=32_000_000)  # characters


def add_lesson(ctx: WriteCtx, course: str | UUID, *, module_id: UUID, lesson: LessonIn) -> LessonView:
    """A new lesson at the end of a module. Conflict when its source path is taken."""
    row = editable(ctx, course)
    module = module_of(ctx, row, module_id)
    if lesson.source_path is not None and _by_path(ctx, row.id, lesson.source_path) is not None:
        raise Conflict(f"The course has a lesson at {lesson.source_path!r} already. Edit that one.")
    original = None if lesson.translation_of is None else _by_path(ctx, row.id, lesson.translation_of)
    added = ctx.add(
        Lesson(
            course_id=row.id,
            module_id=module.id,
            position=len(lessons_of(ctx, module.id)),
            title=lesson.title,
            source_path=lesson.source_path,
            kind=lesson.kind,
            status=lesson.status,
            language=lesson.language or row.language,
            translation_of_id=original,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )
    _save(ctx, row, added, body=lesson.body, note="")
    if lesson.source_path is not None:
        unsettle_links(ctx, row)
        render_pending(ctx, row.id, limit=100)
    return read_lesson(ctx, added.id)


def edit_lesson(ctx: WriteCtx, lesson_id: UUID, *, edit: LessonEdit) -> LessonView:
    """Save an edit; a new title or text makes a new version. VersionConflict: `base_version` is not the current one."""
    course, lesson = editable_lesson(ctx, lesson_id)
    if edit.base_version != lesson.version:
        raise VersionConflict(lesson.version)
    current = _version(ctx, lesson.id, lesson.version)
    title, body, reworded = _wording(lesson, current, edit)
    shown = lesson.status if edit.status is None else edit.status
    if shown != lesson.status:
        lesson.status = shown
        if not reworded:
            ctx.emit(LessonChanged(course_id=course.id, lesson_id=lesson.id, version_id=current.id))
            recount(ctx, course)
    if reworded:
        lesson.title, lesson.version = title, lesson.version + 1
        _save(ctx, course, lesson, body=body, note=edit.note)
    return read_lesson(ctx, lesson.id)


def edit_lessons(ctx: WriteCtx, course: str | UUID, *, edits: Sequence[AuthoredEdit]) -> None:
    """Save edits of several lessons of a course, each once: all of them or none, one event a lesson.

    New versions stay pending, since rendering many would hold the course for long: call `render_pending` afterwards.
    LessonNotFound; VersionConflict as in `edit_lesson`.
    """
    row = editable(ctx, course)
    present = {
        lesson.id: (lesson, version) for lesson, version in _present(ctx, row, [each.lesson_id for each in edits])
    }
    for each in edits:
        if each.lesson_id not in present:
            raise LessonNotFound()
        lesson, current = present[each.lesson_id]
        if each.edit.base_version != lesson.version:
            raise VersionConflict(lesson.version)
        title, body, reworded = _wording(lesson, current, each.edit)
        shown = lesson.status if each.edit.status is None else each.edit.status
        if not reworded and shown == lesson.status:
            continue
        lesson.status = shown
        if reworded:
            lesson.title, lesson.version = title, lesson.version + 1
            current = _add_version(ctx, lesson, body=body, note=each.edit.note, author_id=each.author_id)
        ctx.emit(LessonChanged(course_id=row.id, lesson_id=lesson.id, version_id=current.id))
    recount(ctx, row)


def _present(ctx: ReadCtx, course: Course, lesson_ids: Sequence[UUID]) -> Sequence[Any]:
    """Lessons of the course with their current versions. One statement."""
    found = select(Lesson, LessonVersion).join(LessonVersion, queries.current_version())
    rows: Sequence[Any] = ctx.session.execute(
        found.where(Lesson.course_id == course.id, Lesson.id.in_(lesson_ids))
    ).all()
    return rows


def _wording(lesson: Lesson, current: LessonVersion, edit: LessonEdit) -> tuple[str, str, bool]:
    """Title and text after an edit, and whether they are new."""
    title = lesson.title if edit.title is None else edit.title
    body = current.body if edit.body is None else edit.body
    return title, body, title != lesson.title or body != current.body


def restore_version(ctx: WriteCtx, lesson_id: UUID, *, number: int) -> LessonView:
    """Make an old version's title and text the current ones again, as a new version. NotFound: no such version."""
    course, lesson = editable_lesson(ctx, lesson_id)
    old = _version(ctx, lesson.id, number)
    if number != lesson.version:
        lesson.title, lesson.version = old.title, lesson.version + 1
        _save(ctx, course, lesson, body=old.body, note=f"Version {number} restored")
    return read_lesson(ctx, lesson.id)


def read_lesson(ctx: ReadCtx, lesson_id: UUID) -> LessonView:
    """A lesson, whoever asks: `release.access_lesson` is the way for people.

    One statement; two when this process has not read it at this revision of its course yet, three if it is pending.
    """
    revision = ctx.session.execute(_REVISION, {"lesson_id": lesson_id}).scalar_one_or_none()
    kept = _VIEWS.get((lesson_id, revision)) if revision is not None else None
    if kept is not None:
        return kept
    row = ctx.session.execute(_VIEW, {"lesson_id": lesson_id}).one_or_none()
    if row is None:
        raise LessonNotFound()
    fields = dict(row._mapping)
    body = fields.pop("body")
    if row.html is None:
        resolve = resolver(ctx, course_id=row.course_id, slug=row.course_slug, body=body)
        return LessonView(**{**fields, **derived(body, resolve)})
    view = LessonView(**fields)
    if not isinstance(ctx, WriteCtx):  # what is not committed may never come to be
        _VIEWS.keep((lesson_id, view.course_updated_at), view, weight=len(view.html) + len(view.text))
    return view


def lesson_source(ctx: ReadCtx, lesson_id: UUID) -> LessonSource:
    """A lesson's Markdown, for its editors and for jobs. LessonNotFound for others. One statement."""
    row = ctx.session.execute(_source_columns().where(Lesson.id == lesson_id)).one_or_none()
    if row is None or not ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id):
        raise LessonNotFound()
    return LessonSource(**row._mapping)


def lesson_sources(ctx: ReadCtx, lesson_ids: Sequence[UUID]) -> dict[UUID, LessonSource]:
    """The Markdown of those of these lessons that the actor edits, by id. One statement."""
    rows = ctx.session.execute(_source_columns().where(Lesson.id.in_(lesson_ids)))
    return {
        row.id: LessonSource(**row._mapping)
        for row in rows
        if ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id)
    }


def lesson_ids(ctx: ReadCtx, course: str | UUID) -> list[UUID]:
    """Ids of every lesson of a course, drafts included, for its editors and for jobs."""
    card = access_course(ctx, course, Permission.COURSE_EDIT)
    return list(ctx.session.execute(select(Lesson.id).where(Lesson.course_id == card.id).order_by(Lesson.id)).scalars())


def countable_lessons(course_ids: Sequence[UUID]) -> Select[Any]:
    """A select of the ids of the lessons that completing these courses asks for: published, required, originals."""
    wanted: Select[Any] = select(Lesson.id)
    return wanted.where(
        Lesson.course_id.in_(course_ids),
        Lesson.status == LessonStatus.PUBLISHED,
        Lesson.translation_of_id.is_(None),
        Lesson.optional.is_(False),
    )


def lessons_linking(ctx: ReadCtx, course_id: UUID, *, schemes: Sequence[str]) -> list[tuple[UUID, str, frozenset[str]]]:
    """Id and title of each lesson whose present text links to `<scheme>:...`, with the targets. One statement.

    Whoever calls has decided who may see the course's drafts.
    """
    named = or_(*(LessonVersion.body.like(containing(f"{scheme}:"), escape="\\") for scheme in schemes))
    rows = ctx.session.execute(
        select(Lesson.id, Lesson.title, LessonVersion.body)
        .join(LessonVersion, queries.current_version())
        .where(Lesson.course_id == course_id, named)
        .order_by(Lesson.id)
    )
    target = re.compile(rf"\b(?:{'|'.join(map(re.escape, schemes))}):[^\s()<>\"'#?]+")
    return [(row.id, row.title, frozenset(target.findall(row.body))) for row in rows]


def lesson_course(ctx: ReadCtx, lesson_id: UUID) -> tuple[UUID, CourseStatus]:
    """The course a lesson is in and its status; LessonNotFound. Rights are the caller's to check. One statement."""
    found = select(Lesson.course_id, Course.status).join(Course, Course.id == Lesson.course_id)
    row = ctx.session.execute(found.where(Lesson.id == lesson_id)).one_or_none()
    if row is None:
        raise LessonNotFound()
    return row.course_id, CourseStatus(row.status)


def versions(ctx: ReadCtx, lesson_id: UUID) -> list[VersionItem]:
    """The history of a lesson, newest first, for its editors."""
    now = lesson_source(ctx, lesson_id)
    rows = ctx.session.execute(
        select(
            LessonVersion.id,
            LessonVersion.number,
            LessonVersion.title,
            LessonVersion.note,
            LessonVersion.author_id,
            LessonVersion.created_at,
        )
        .where(LessonVersion.lesson_id == lesson_id)
        .order_by(LessonVersion.number.desc())
    )
    return [VersionItem(**row._mapping, current=row.number == now.version) for row in rows]


def version_source(ctx: ReadCtx, lesson_id: UUID, *, number: int) -> VersionSource:
    """What a version said, for the lesson's editors. LessonNotFound for others; NotFound: no such version."""
    lesson_source(ctx, lesson_id)
    return VersionSource.model_validate(_version(ctx, lesson_id, number), from_attributes=True)


def _save(ctx: WriteCtx, course: Course, lesson: Lesson, *, body: str, note: str) -> None:
    version = _add_version(ctx, lesson, body=body, note=note, author_id=ctx.actor.user_id)
    lesson.minutes = fill(version, resolver(ctx, course_id=course.id, slug=course.slug, body=body))
    recount(ctx, course)
    ctx.emit(LessonChanged(course_id=course.id, lesson_id=lesson.id, version_id=version.id))


def _add_version(ctx: WriteCtx, lesson: Lesson, *, body: str, note: str, author_id: UUID | None) -> LessonVersion:
    lesson.updated_at = ctx.now
    return ctx.add(
        LessonVersion(
            lesson_id=lesson.id,
            number=lesson.version,
            title=lesson.title,
            body=body,
            text_hash=hash_of(body),
            note=note,
            author_id=author_id,
            created_at=ctx.now,
        )
    )


def _by_path(ctx: ReadCtx, course_id: UUID, path: str) -> UUID | None:
    wanted = select(Lesson.id).where(Lesson.course_id == course_id, Lesson.source_path == path)
    found: UUID | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def _version(ctx: ReadCtx, lesson_id: UUID, number: int) -> LessonVersion:
    found = select(LessonVersion).where(LessonVersion.lesson_id == lesson_id, LessonVersion.number == number)
    version: LessonVersion | None = ctx.session.execute(found).scalar_one_or_none()
    if version is None:
        raise NotFound(f"This lesson has no version {number}. See its list of versions.")
    return version


def _view_columns() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Lesson.id,
        Lesson.course_id,
        Course.slug.label("course_slug"),
        Course.title.label("course_title"),
        Course.status.label("course_status"),
        Course.updated_at.label("course_updated_at"),
        Course.has_rules.label("course_has_rules"),
        Lesson.module_id,
        Lesson.title,
        Lesson.kind,
        Lesson.status,
        Lesson.language,
        Lesson.translation_of_id,
        Lesson.source_path,
        Lesson.minutes,
        Lesson.version,
        LessonVersion.id.label("version_id"),
        Lesson.updated_at,
        LessonVersion.html,
        LessonVersion.text,
        LessonVersion.outline,
        LessonVersion.body,
    )
    return _with_course(select(*columns))


def _source_columns() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Lesson.id,
        Lesson.course_id,
        Course.status.label("course_status"),
        Lesson.module_id,
        Module.title.label("module_title"),
        Lesson.title,
        LessonVersion.body,
        Lesson.kind,
        Lesson.status,
        Lesson.language,
        Lesson.source_path,
        Lesson.translation_of_id,
        Lesson.version,
        LessonVersion.id.label("version_id"),
        LessonVersion.text_hash,
    )
    return _with_course(select(*columns)).join(Module, Module.id == Lesson.module_id)


def _with_course(wanted: Select[Any]) -> Select[Any]:
    return (
        wanted.select_from(Lesson)
        .join(LessonVersion, queries.current_version())
        .join(Course, Course.id == Lesson.course_id)
    )


_REVISION = prepared(
    select(Course.updated_at).join(Lesson, Lesson.course_id == Course.id).where(Lesson.id == bindparam("lesson_id"))
)
_VIEW = prepared(_view_columns().where(Lesson.id == bindparam("lesson_id")))
