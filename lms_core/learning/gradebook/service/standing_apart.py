"""Grades that do not follow their source: overridden or locked by a person; and taking an override back."""

from uuid import UUID

from sqlalchemy import or_, select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.gradebook import writing
from lms_core.learning.gradebook.models import ChangeKind, Grade, GradeItem, ItemKind
from lms_core.learning.gradebook.sources import SOURCES


def standing_apart(ctx: ReadCtx, kind: ItemKind, *, course_id: UUID, source_id: UUID) -> set[UUID]:
    """Learners whose grade in the source's column stays when the source's mark changes. The caller marks here.

    One statement.
    """
    wanted = (
        select(Grade.user_id)
        .join(GradeItem, GradeItem.id == Grade.item_id)
        .where(
            GradeItem.course_id == course_id,
            GradeItem.kind == kind,
            GradeItem.source_id == source_id,
            or_(Grade.override.is_not(None), Grade.locked, GradeItem.locked),
        )
    )
    return set(ctx.session.execute(wanted).scalars())


def lift_override(
    ctx: WriteCtx, kind: ItemKind, *, course_id: UUID, source_id: UUID, user_id: UUID, reason: str
) -> None:
    """Take what a person put in the place of the source's mark back, with a line of history; locked grades stay."""
    wanted = select(GradeItem).where(
        GradeItem.course_id == course_id, GradeItem.kind == kind, GradeItem.source_id == source_id
    )
    item = ctx.session.execute(wanted).scalar_one_or_none()
    if item is None or item.locked:
        return
    grade = writing.locked_grade(ctx, course_id=course_id, item_id=item.id, user_id=user_id)
    if grade.locked or grade.override is None:
        return
    column = next((each for each in SOURCES[kind].columns(ctx, [course_id]) if each.id == source_id), None)
    title = column.title if column is not None else item.title
    before = writing.written(grade.override, grade.override_of or 0.0)
    grade.override, grade.override_of, grade.updated_at = None, None, ctx.now
    after = writing.written(grade.earned, grade.out_of or 0.0)
    writing.note(ctx, grade, ChangeKind.OVERRIDE, title=title, before=before, after=after, reason=reason)
    writing.tell(ctx, grade, title=title, shown=False)
    ctx.session.flush()
