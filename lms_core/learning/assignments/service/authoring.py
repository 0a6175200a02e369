"""Making an assignment: its rules, and whether learners see it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Notice
from lms_core.kit.permissions import Permission
from lms_core.learning.assignments import queries, views
from lms_core.learning.assignments.errors import AssignmentInUse, SchemeNotFound
from lms_core.learning.assignments.events import AssignmentPublished
from lms_core.learning.assignments.models import Assignment, AssignmentStatus
from lms_core.learning.assignments.schemas import AssignmentCard, AssignmentDetail, AssignmentIn, AssignmentRow
from lms_core.learning.assignments.service.access import editable, staffed
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release
from lms_core.learning.release.schemas import Marked


def create(ctx: WriteCtx, course: str | UUID, *, assignment: AssignmentIn) -> AssignmentDetail:
    """A new assignment of a course, a draft, for the course's editors. Invalid, SchemeNotFound."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    _check_places(ctx, card, assignment)
    fields = assignment.model_dump()
    row = ctx.add(Assignment(course_id=card.id, created_at=ctx.now, updated_at=ctx.now, **fields))
    return views.detail(row, card, submissions=0)


def change(ctx: WriteCtx, assignment_id: UUID, *, assignment: AssignmentIn) -> AssignmentDetail:
    """Replace the rules. Marks keep their points, and the maximum and scheme they were given by.

    AssignmentInUse when learners wrote something alone and now should in groups, or the other way round.
    """
    row, card = editable(ctx, assignment_id)
    _check_places(ctx, card, assignment)
    if assignment.grouped != row.grouped and queries.any_work(ctx, row.id):
        raise AssignmentInUse("Some began it already, so it stays as it is: alone, or in groups. Make another one.")
    if row.due_at != assignment.due_at:
        row.reminded_at = None
    for name, value in assignment.model_dump().items():
        setattr(row, name, value)
    row.updated_at = ctx.now
    ctx.session.flush()
    return views.detail(row, card, submissions=queries.handed_in(ctx, row.id))


def publish(ctx: WriteCtx, assignment_id: UUID) -> AssignmentDetail:
    """Let learners see the assignment; they are told once it is. Again: no change."""
    row, card = editable(ctx, assignment_id)
    if row.status != AssignmentStatus.PUBLISHED:
        row.status, row.updated_at = AssignmentStatus.PUBLISHED, ctx.now
        ctx.session.flush()
        about = {"assignment": row.title, "course": card.title, "assignment_id": str(row.id)}
        learners = tuple(enrolments.learners_of(ctx, row.course_id))
        notice = Notice(recipients=learners, kind="assignments.published", variables=about)
        ctx.emit(AssignmentPublished(assignment_id=row.id, course_id=row.course_id, notice=notice))
    return views.detail(row, card, submissions=queries.handed_in(ctx, row.id))


def unpublish(ctx: WriteCtx, assignment_id: UUID) -> AssignmentDetail:
    """Hide the assignment; what was handed in is kept."""
    row, card = editable(ctx, assignment_id)
    row.status, row.updated_at = AssignmentStatus.DRAFT, ctx.now
    ctx.session.flush()
    return views.detail(row, card, submissions=queries.handed_in(ctx, row.id))


def delete_assignment(ctx: WriteCtx, assignment_id: UUID) -> None:
    """Delete an assignment nobody began; AssignmentInUse otherwise."""
    row, _ = editable(ctx, assignment_id)
    if queries.any_work(ctx, row.id):
        raise AssignmentInUse("Deleting it would delete what they wrote. Unpublish it instead.")
    ctx.session.execute(delete(Assignment).where(Assignment.id == row.id))
    release.forget(ctx, course_id=row.course_id, object_id=row.id)


def read_source(ctx: ReadCtx, assignment_id: UUID) -> AssignmentDetail:
    """An assignment with its rules, for its editors. Four statements."""
    row, card = staffed(ctx, assignment_id, Permission.COURSE_EDIT)
    return views.detail(row, card, submissions=queries.handed_in(ctx, row.id))


def cards(ctx: ReadCtx, course_id: UUID, *, drafts: bool = False) -> list[AssignmentCard]:
    """The assignments of a course, oldest first; `drafts` for editors only. The caller has accessed the course.

    One statement.
    """
    rows = _rows(ctx, course_id) if drafts else queries.cards_in(ctx, course_id)
    return [views.card(row) for row in rows]


def assignments_in(ctx: ReadCtx, course: str | UUID) -> list[AssignmentCard]:
    """The same for who reads the course, drafts for its editors. CourseNotFound. Three statements."""
    card = enrolments.access_reading(ctx, course)
    return cards(ctx, card.id, drafts=courses.may_edit(ctx, card.id))


def beside(ctx: ReadCtx, lesson_id: UUID) -> list[AssignmentCard]:
    """The published assignments of a lesson the caller has accessed, oldest first. One statement."""
    return [views.card(row) for row in queries.beside(ctx, lesson_id)]


def marked_in(ctx: ReadCtx, course_id: UUID) -> dict[UUID, Marked]:
    """The assignments of a course as rules of release name them, drafts too. The caller edits it. One statement."""
    return {
        row.id: Marked(
            kind="assignment",
            title=row.title,
            lesson_id=row.lesson_id,
            published=row.status == AssignmentStatus.PUBLISHED,
        )
        for row in _rows(ctx, course_id)
    }


def rows_of(ctx: ReadCtx, course: str | UUID) -> list[AssignmentRow]:
    """The assignments of a course with how much was handed in and marked, for who marks. Three statements."""
    card = courses.access_course(ctx, course, Permission.ATTEMPT_GRADE, even_archived=True)
    rows = _rows(ctx, card.id)
    known = queries.figures(ctx, [row.id for row in rows])
    found = []
    for row in rows:
        one = known.get(row.id)
        figures = {name: int(getattr(one, name)) if one else 0 for name in ("submitted", "unmarked", "unreleased")}
        found.append(AssignmentRow(**views.card(row).model_dump(), **figures))
    return found


def _rows(ctx: ReadCtx, course_id: UUID) -> Sequence[Assignment]:
    wanted = select(Assignment).where(Assignment.course_id == course_id).order_by(Assignment.id)
    return list(ctx.session.execute(wanted).scalars())


def _check_places(ctx: ReadCtx, card: CourseCard, given: AssignmentIn) -> None:
    scheme = queries.scheme(ctx, given.scheme_id)
    if given.scheme_id is not None and (scheme is None or scheme.course_id != card.id):
        raise SchemeNotFound()
    if given.lesson_id is None:
        return
    modules = courses.outline(ctx, card.id, drafts=True)
    if not any(lesson.id == given.lesson_id for module in modules for lesson in module.lessons):
        told = "Choose a lesson of this course, or none."
        raise Invalid("The lesson is not one of this course.", fields=[{"field": "lesson_id", "message": told}])
