"""Many at once: lessons of a course, and courses of an instructor. All of it in one transaction, or nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import queries
from lms_core.content.courses.catalogue_schemas import CoursesAction, LessonsAction
from lms_core.content.courses.errors import LessonNotFound
from lms_core.content.courses.events import LessonChanged, LessonDeleted, LessonMoved
from lms_core.content.courses.models import Course, CourseStatus, Lesson, LessonStatus, LessonVersion
from lms_core.content.courses.schemas import CourseChange, ModuleView
from lms_core.content.courses.service.access import editable
from lms_core.content.courses.service.authoring import archive, recount, touch, update
from lms_core.content.courses.service.rendering import unsettle_links
from lms_core.content.courses.service.structure import lessons_of, module_of, outline, place
from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid

SHOWN = {"publish": LessonStatus.PUBLISHED, "hide": LessonStatus.DRAFT}


def change_lessons(ctx: WriteCtx, course: str | UUID, *, act: LessonsAction) -> tuple[ModuleView, ...]:
    """Move, publish, hide or delete lessons of one course, for its editors. Answers with the outline.

    LessonNotFound when one of them is not of this course; Invalid: `move` without a module.
    """
    row = editable(ctx, course)
    lessons = _chosen(ctx, row, act.lessons)
    if act.action == "move":
        if act.module_id is None:
            raise Invalid("Choose the module to move the lessons to.")
        _move(ctx, row, lessons, act.module_id)
    elif act.action == "delete":
        _delete(ctx, row, lessons)
    else:
        _show(ctx, row, lessons, SHOWN[act.action])
    return outline(ctx, row.id, drafts=True)


def change_courses(ctx: WriteCtx, *, act: CoursesAction) -> int:
    """Archive courses, or put them into a category; all of them the actor's to edit. Returns how many changed."""
    changed = 0
    for course_id in sorted(set(act.courses)):  # always in one order, so that two never wait for each other
        row = editable(ctx, course_id)
        before = (row.status, row.category_id)
        if act.action == "archive":
            if row.status == CourseStatus.PUBLISHED:
                archive(ctx, course_id)
        else:
            update(ctx, course_id, change=CourseChange(category=act.category))
        changed += (row.status, row.category_id) != before
    return changed


def _chosen(ctx: WriteCtx, course: Course, lesson_ids: Sequence[UUID]) -> list[Lesson]:
    """The lessons in the order of the outline."""
    wanted = set(lesson_ids)
    order = {each.id: number for number, each in enumerate(_in_order(ctx, course.id))}
    if not wanted <= order.keys():
        raise LessonNotFound()
    rows = ctx.session.execute(select(Lesson).where(Lesson.id.in_(wanted))).scalars()
    return sorted(rows, key=lambda lesson: order[lesson.id])


def _in_order(ctx: WriteCtx, course_id: UUID) -> list[Lesson]:
    return [row for row in queries.outline_rows(ctx, course_id) if row.id is not None]


def _move(ctx: WriteCtx, course: Course, lessons: Sequence[Lesson], module_id: UUID) -> None:
    target = module_of(ctx, course, module_id)
    left = {lesson.module_id for lesson in lessons} - {target.id}
    place([*(each for each in lessons_of(ctx, target.id) if each not in lessons), *lessons])
    for lesson in lessons:
        lesson.module_id = target.id
        ctx.emit(LessonMoved(course_id=course.id, lesson_id=lesson.id))
    ctx.session.flush()
    for each in left:
        place(lessons_of(ctx, each))
    touch(ctx, course)
    ctx.session.flush()


def _show(ctx: WriteCtx, course: Course, lessons: Sequence[Lesson], status: LessonStatus) -> None:
    changed = [lesson for lesson in lessons if lesson.status != status]
    present = ctx.session.execute(
        select(LessonVersion.lesson_id, LessonVersion.id)
        .join(Lesson, queries.current_version())
        .where(Lesson.id.in_([lesson.id for lesson in changed]))
    )
    versions = {row.lesson_id: row.id for row in present}
    for lesson in changed:
        lesson.status, lesson.updated_at = status, ctx.now
        ctx.emit(LessonChanged(course_id=course.id, lesson_id=lesson.id, version_id=versions[lesson.id]))
    ctx.session.flush()
    if changed:
        recount(ctx, course)


def _delete(ctx: WriteCtx, course: Course, lessons: Sequence[Lesson]) -> None:
    modules = {lesson.module_id for lesson in lessons}
    gone = [lesson.id for lesson in lessons]
    ctx.session.execute(delete(Lesson).where(Lesson.id.in_(gone)))
    for lesson_id in gone:
        ctx.emit(LessonDeleted(course_id=course.id, lesson_id=lesson_id))
    for module_id in modules:
        place(lessons_of(ctx, module_id))
    ctx.session.flush()
    unsettle_links(ctx, course)
    recount(ctx, course)
