"""Assignments in a copy of a course, with their rubrics and marking guides; groups and work handed in stay behind."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import STAY, Shift, copied, first_day
from lms_core.learning.assignments.models import Assignment, MarkingScheme


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID], shift: Shift = STAY) -> None:
    """Give `target` every assignment and marking scheme of `source`; lessons are in `ids` by now."""
    schemes = select(MarkingScheme).where(MarkingScheme.course_id == source).order_by(MarkingScheme.id)
    for scheme in ctx.session.execute(schemes).scalars().all():
        ids[scheme.id] = ctx.add(copied(scheme, course_id=target, updated_at=ctx.now)).id
    slugs = courses.slugs_of(ctx, source, target)
    assignments = select(Assignment).where(Assignment.course_id == source).order_by(Assignment.id)
    for assignment in ctx.session.execute(assignments).scalars().all():
        new = ctx.add(
            copied(
                assignment,
                course_id=target,
                lesson_id=ids.get(assignment.lesson_id) if assignment.lesson_id else None,
                scheme_id=ids.get(assignment.scheme_id) if assignment.scheme_id else None,
                instructions=courses.relinked(assignment.instructions, ids, slugs=slugs),
                opens_at=shift.moment(assignment.opens_at),
                due_at=shift.moment(assignment.due_at),
                cutoff_at=shift.moment(assignment.cutoff_at),
                reviews_due_at=shift.moment(assignment.reviews_due_at),
                reviews_drawn_at=None,
                reminded_at=None,
                created_at=ctx.now,
                updated_at=ctx.now,
            )
        )
        ids[assignment.id] = new.id


def first_date(ctx: ReadCtx, course_id: UUID, *, zone: str) -> date | None:
    """The first day that an assignment of the course names. The caller edits the course. One statement."""
    moments = (Assignment.opens_at, Assignment.due_at, Assignment.cutoff_at, Assignment.reviews_due_at)
    wanted = select(*(func.min(each) for each in moments)).where(Assignment.course_id == course_id)
    return first_day(ctx.session.execute(wanted).one(), zone=zone)
