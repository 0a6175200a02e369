"""The order of a course: its modules, and where each lesson stands."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import ordering, queries
from lms_core.content.courses.errors import OutlineChanged
from lms_core.content.courses.events import LessonDeleted, LessonMoved
from lms_core.content.courses.models import Course, Lesson, LessonStatus, Module
from lms_core.content.courses.schemas import (
    LessonItem,
    LessonPlace,
    ModuleChange,
    ModuleIn,
    ModuleView,
    OutlineOrder,
)
from lms_core.content.courses.service.access import editable, editable_lesson
from lms_core.content.courses.service.authoring import recount, touch
from lms_core.content.courses.service.rendering import unsettle_links
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.recent import Recent

_OUTLINES: Recent[tuple[ModuleView, ...]] = Recent(capacity=20_000)  # lessons and modules


def outline(
    ctx: ReadCtx, course_id: UUID, *, drafts: bool = False, revision: datetime | None = None
) -> tuple[ModuleView, ...]:
    """Modules and lessons in order; `drafts` for editors only. The caller has accessed the course.

    One statement; none for the `revision` (the course's `updated_at`) whose outline this process still has.
    """
    if revision is None:
        return _outline(ctx, course_id, drafts=drafts)
    key = (course_id, revision, drafts)
    kept = _OUTLINES.get(key)
    if kept is None:
        kept = _outline(ctx, course_id, drafts=drafts)
        if not isinstance(ctx, WriteCtx):  # what is not committed may never come to be
            _OUTLINES.keep(key, kept, weight=1 + sum(len(module.lessons) for module in kept))
    return kept


def _outline(ctx: ReadCtx, course_id: UUID, *, drafts: bool) -> tuple[ModuleView, ...]:
    modules: dict[UUID, tuple[Any, list[LessonItem]]] = {}
    for row in queries.outline_rows(ctx, course_id):
        lessons = modules.setdefault(row.module_id, (row, []))[1]
        if row.id is not None and (drafts or row.status == LessonStatus.PUBLISHED):
            lessons.append(LessonItem.model_validate(row, from_attributes=True))
    return tuple(
        ModuleView(id=first.module_id, title=first.module_title, summary=first.module_summary, lessons=tuple(lessons))
        for first, lessons in modules.values()
        if lessons or drafts
    )


def neighbours(modules: Sequence[ModuleView], lesson_id: UUID) -> tuple[LessonItem | None, LessonItem | None]:
    """The lessons before and after one, in its language where they are translated into it."""
    lessons = {lesson.id: lesson for module in modules for lesson in module.lessons}
    here = lessons.get(lesson_id)
    if here is None:
        return None, None
    # A translation whose original is hidden stands for itself.
    spine = [lesson for lesson in lessons.values() if lesson.translation_of_id not in lessons]
    same_language = {
        lesson.translation_of_id: lesson for lesson in lessons.values() if lesson.language == here.language
    }
    original = here.translation_of_id if here.translation_of_id in lessons else here.id
    place = next(index for index, lesson in enumerate(spine) if lesson.id == original)

    def shown(index: int) -> LessonItem | None:
        if not 0 <= index < len(spine):
            return None
        return spine[index] if here.id == original else same_language.get(spine[index].id, spine[index])

    return shown(place - 1), shown(place + 1)


def add_module(ctx: WriteCtx, course: str | UUID, *, module: ModuleIn) -> ModuleView:
    """A new module at the end."""
    row = editable(ctx, course)
    place = len(_modules(ctx, row.id))
    added = ctx.add(Module(course_id=row.id, position=place, title=module.title, summary=module.summary))
    touch(ctx, row)
    return ModuleView(id=added.id, title=added.title, summary=added.summary, lessons=())


def change_module(
    ctx: WriteCtx, course: str | UUID, *, module_id: UUID, change: ModuleChange
) -> tuple[ModuleView, ...]:
    """Rename or describe a module, or move it to another position. Answers with the outline."""
    row = editable(ctx, course)
    modules = _modules(ctx, row.id)
    module = _module(modules, module_id)
    if change.title is not None:
        module.title = change.title
    if change.summary is not None:
        module.summary = change.summary
    if change.position is not None:
        place(ordering.moved(modules, module, to=change.position))
    touch(ctx, row)
    return outline(ctx, row.id, drafts=True)


def delete_module(ctx: WriteCtx, course: str | UUID, *, module_id: UUID) -> None:
    """Remove a module and every lesson in it."""
    row = editable(ctx, course)
    modules = _modules(ctx, row.id)
    module = _module(modules, module_id)
    lessons = list(ctx.session.execute(select(Lesson.id).where(Lesson.module_id == module.id)).scalars())
    place([each for each in modules if each is not module])
    ctx.session.flush()
    ctx.session.execute(delete(Module).where(Module.id == module.id))
    for lesson_id in lessons:
        ctx.emit(LessonDeleted(course_id=row.id, lesson_id=lesson_id))
    unsettle_links(ctx, row)
    recount(ctx, row)


def move_lesson(ctx: WriteCtx, lesson_id: UUID, *, to: LessonPlace) -> tuple[ModuleView, ...]:
    """Put a lesson elsewhere in its course. Answers with the outline."""
    course, lesson = editable_lesson(ctx, lesson_id)
    target = _module(_modules(ctx, course.id), to.module_id)
    left = lesson.module_id
    place(ordering.moved(lessons_of(ctx, target.id), lesson, to=to.position))
    lesson.module_id = target.id
    ctx.session.flush()
    if left != target.id:
        place(lessons_of(ctx, left))
    touch(ctx, course)
    ctx.emit(LessonMoved(course_id=course.id, lesson_id=lesson.id))
    return outline(ctx, course.id, drafts=True)


def delete_lesson(ctx: WriteCtx, lesson_id: UUID) -> None:
    """Remove a lesson with all its versions."""
    course, lesson = editable_lesson(ctx, lesson_id)
    place([each for each in lessons_of(ctx, lesson.module_id) if each is not lesson])
    ctx.session.flush()
    ctx.session.execute(delete(Lesson).where(Lesson.id == lesson_id))
    ctx.emit(LessonDeleted(course_id=course.id, lesson_id=lesson_id))
    unsettle_links(ctx, course)
    recount(ctx, course)


def set_outline(ctx: WriteCtx, course: str | UUID, *, order: OutlineOrder) -> tuple[ModuleView, ...]:
    """Put every module and lesson in the given order; OutlineChanged unless it names exactly those there are."""
    row = editable(ctx, course)
    modules = {module.id: module for module in _modules(ctx, row.id)}
    found = ctx.session.execute(select(Lesson).where(Lesson.course_id == row.id)).scalars()
    lessons = {lesson.id: lesson for lesson in found}
    wanted = [lesson_id for module in order.modules for lesson_id in module.lessons]
    if not ordering.same_members([module.module_id for module in order.modules], list(modules)):
        raise OutlineChanged()
    if not ordering.same_members(wanted, list(lessons)):
        raise OutlineChanged()
    place([modules[module.module_id] for module in order.modules])
    for module in order.modules:
        for position, lesson_id in enumerate(module.lessons):
            lesson = lessons[lesson_id]
            if (lesson.module_id, lesson.position) != (module.module_id, position):
                lesson.module_id, lesson.position = module.module_id, position
                ctx.emit(LessonMoved(course_id=row.id, lesson_id=lesson_id))
    touch(ctx, row)
    return outline(ctx, row.id, drafts=True)


def place(rows: Sequence[Module] | Sequence[Lesson]) -> None:
    """Give each row its index as its position."""
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position


def lessons_of(ctx: ReadCtx, module_id: UUID) -> list[Lesson]:
    """The rows of a module's lessons in order."""
    found = select(Lesson).where(Lesson.module_id == module_id).order_by(Lesson.position, Lesson.id)
    return list(ctx.session.execute(found).scalars())


def module_of(ctx: ReadCtx, course: Course, module_id: UUID) -> Module:
    """A module of this course; NotFound otherwise."""
    return _module(_modules(ctx, course.id), module_id)


def _modules(ctx: ReadCtx, course_id: UUID) -> list[Module]:
    found = select(Module).where(Module.course_id == course_id).order_by(Module.position, Module.id)
    return list(ctx.session.execute(found).scalars())


def _module(modules: Sequence[Module], module_id: UUID) -> Module:
    found = next((module for module in modules if module.id == module_id), None)
    if found is None:
        raise NotFound("There is no such module in this course. Load the outline again.")
    return found
