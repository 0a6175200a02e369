"""The gradebook of a copy of a course: how totals are made, its categories and columns; no grade, no history."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.copies import STAY, Shift, copied, first_day
from lms_core.learning.gradebook.models import Gradebook, GradeCategory, GradeItem


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID], shift: Shift = STAY) -> None:
    """Give `target` the scheme of `source`. Columns follow the copy's own quizzes and assignments, in `ids` by now."""
    book = ctx.session.execute(select(Gradebook).where(Gradebook.course_id == source)).scalar_one_or_none()
    if book is not None:
        ctx.add(copied(book, course_id=target, updated_at=ctx.now))
    rows = select(GradeCategory).where(GradeCategory.course_id == source).order_by(GradeCategory.id)
    categories = list(ctx.session.execute(rows).scalars())
    made = {row.id: ctx.add(copied(row, course_id=target, parent_id=None)) for row in categories}
    for row in categories:
        made[row.id].parent_id = made[row.parent_id].id if row.parent_id in made else None
        ids[row.id] = made[row.id].id
    items = select(GradeItem).where(GradeItem.course_id == source).order_by(GradeItem.id)
    for item in ctx.session.execute(items).scalars().all():
        source_id = ids.get(item.source_id) if item.source_id else None
        if item.source_id is not None and source_id is None:
            continue  # a column whose quiz or assignment is gone
        category_id = ids.get(item.category_id) if item.category_id else None
        new = copied(
            item,
            course_id=target,
            source_id=source_id,
            category_id=category_id,
            due_at=shift.moment(item.due_at),
            locked=False,
            created_at=ctx.now,
        )
        ids[item.id] = ctx.add(new).id
    ctx.session.flush()


def first_date(ctx: ReadCtx, course_id: UUID, *, zone: str) -> date | None:
    """The first day that a column of the gradebook names. The caller edits the course. One statement."""
    wanted = select(func.min(GradeItem.due_at)).where(GradeItem.course_id == course_id)
    return first_day(ctx.session.execute(wanted).one(), zone=zone)
