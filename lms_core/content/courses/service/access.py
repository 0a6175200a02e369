"""Fetching a course for somebody: seen or refused in one place."""

from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import policies, queries
from lms_core.content.courses.errors import CourseNotFound, LessonNotFound
from lms_core.content.courses.models import Course, Lesson
from lms_core.content.courses.policies import authorise, require_author
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
    """The course named by id or slug, if the actor holds `permission` there.

    CourseNotFound for whoever cannot see it (drafts are for editors; archived
    courses too, unless `even_archived`); Forbidden for who sees it but may not.
    One statement; three when this process has not read this revision of the course yet.
    """
    row = queries.standing(ctx, course)
    authorise(ctx.actor, course_id=row.id, status=row.status, permission=permission, even_archived=even_archived)
    found = queries.cards(ctx, {row.id: row.updated_at}).get(row.id)
    if found is None:  # deleted between the two statements
        raise CourseNotFound()
    return found


def access_source(ctx: ReadCtx, course: str | UUID) -> CourseCard:
    """A course to make another from: one the actor edits, or a template, where they may make courses.

    CourseNotFound, Forbidden. Statements as `access_course`.
    """
    row = queries.standing(ctx, course)
    card = queries.cards(ctx, {row.id: row.updated_at}).get(row.id)
    if card is None:
        raise CourseNotFound()
    if not (card.template and ctx.actor.may(Permission.COURSE_CREATE)):
        authorise(ctx.actor, course_id=row.id, status=row.status, permission=Permission.COURSE_EDIT)
    require_author(ctx.actor)
    return card


def may_edit(ctx: ReadCtx, course_id: UUID) -> bool:
    """Whether the actor edits this course."""
    return ctx.actor.may(Permission.COURSE_EDIT, course_id=course_id)


def is_staff(ctx: ReadCtx, course_id: UUID) -> bool:
    """Whether the actor edits this course, or helps in it: marks, answers, supervises."""
    return policies.is_staff(ctx.actor, course_id)


def editable(ctx: WriteCtx, course: str | UUID, permission: Permission = Permission.COURSE_EDIT) -> Course:
    """The course's row for an editor, locked so that its order has one writer at a time."""
    locked = select(Course).where(queries.named(course)).with_for_update(key_share=True)
    row: Course | None = ctx.session.execute(locked).scalar_one_or_none()
    if row is None:
        raise CourseNotFound()
    authorise(ctx.actor, course_id=row.id, status=row.status, permission=permission)
    return row


def hold(ctx: WriteCtx, course_id: UUID) -> None:
    """Be alone with a course until the transaction ends, for who sums something up on it and has authorised."""
    held = select(Course.id).where(Course.id == course_id).with_for_update(key_share=True)
    if ctx.session.execute(held).first() is None:
        raise CourseNotFound()


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
