"""Fetching a course for somebody: seen or refused in one place."""

from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import queries
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.content.courses.models import Course, Lesson
from lms_core.content.courses.policies import authorise
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.permissions import Permission


def access_course(
    ctx: ReadCtx,
    course: str | UUID,
    permission: Permission = Permission.COURSE_LEARN,
    *,
    even_archived: bool = False,
) -> CourseCard:
    """The course named by id or slug (its tags left out), if the actor holds `permission` there.

    CourseNotFound for whoever cannot see it (drafts are for editors; archived
    courses too, unless `even_archived`); Forbidden for who sees it but may not.
    One statement.
    """
    row = queries.card_row(ctx, course)
    authorise(ctx.actor, course_id=row.id, status=row.status, permission=permission, even_archived=even_archived)
    return queries.card(row)


def may_edit(ctx: ReadCtx, course_id: UUID) -> bool:
    """Whether the actor edits this course."""
    return ctx.actor.may(Permission.COURSE_EDIT, course_id=course_id)


def editable(ctx: WriteCtx, course: str | UUID) -> Course:
    """The course's row for an editor, locked so that its order has one writer at a time."""
    row = ctx.session.execute(select(Course).where(queries.named(course)).with_for_update()).scalar_one_or_none()
    if row is None:
        raise CourseNotFound()
    authorise(ctx.actor, course_id=row.id, status=row.status, permission=Permission.COURSE_EDIT)
    return row


def editable_lesson(ctx: WriteCtx, lesson_id: UUID) -> tuple[Course, Lesson]:
    """A lesson and its locked course, for an editor; LessonNotFound for others."""
    course_id = ctx.session.execute(select(Lesson.course_id).where(Lesson.id == lesson_id)).scalar_one_or_none()
    if course_id is None:
        raise LessonNotFound()
    try:
        course = editable(ctx, course_id)
    except CourseNotFound as error:
        raise LessonNotFound() from error
    # Read after the lock is held: another editor may have saved a moment ago.
    lesson = ctx.session.execute(select(Lesson).where(Lesson.id == lesson_id)).scalar_one_or_none()
    if lesson is None:
        raise LessonNotFound()
    return course, lesson
