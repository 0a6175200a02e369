"""How a grade is changed: one place that writes the row, the line of history and the fact."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Notice
from lms_core.learning.gradebook import queries
from lms_core.learning.gradebook.events import GradeChanged
from lms_core.learning.gradebook.models import ChangeKind, Grade, GradeChange
from lms_core.learning.gradebook.totals import percent


def locked_grade(ctx: WriteCtx, *, course_id: UUID, item_id: UUID, user_id: UUID) -> Grade:
    """The grade of a learner in a column, made when there is none, held until the transaction ends."""
    found = queries.grade(ctx, item_id=item_id, user_id=user_id, locked=True)
    if found is not None:
        return found
    try:
        with ctx.session.begin_nested():
            return ctx.add(Grade(course_id=course_id, item_id=item_id, user_id=user_id, updated_at=ctx.now))
    except IntegrityError:  # two attempts marked in the same moment, on PostgreSQL
        found = queries.grade(ctx, item_id=item_id, user_id=user_id, locked=True)
        if found is None:
            raise
        return found


def new_grade(ctx: WriteCtx, *, course_id: UUID, item_id: UUID, user_id: UUID) -> Grade:
    """A grade that nobody has yet, written with the next flush: for many at once."""
    grade = Grade(course_id=course_id, item_id=item_id, user_id=user_id, updated_at=ctx.now)
    ctx.session.add(grade)
    return grade


def fraction_of(grade: Grade | Row[Any]) -> float | None:
    """What counts of a grade: the override, else what was marked."""
    if grade.override is not None and grade.override_of:
        return grade.override / grade.override_of
    if grade.earned is not None and grade.out_of:
        return grade.earned / grade.out_of
    return None


def points_of(fraction: float | None, maximum: float) -> float | None:
    """A fraction in points of a column, with two decimals."""
    return None if fraction is None else round(fraction * maximum, 2)


def written(points: float | None, maximum: float) -> str:
    """Points as the history says them."""
    return "" if points is None else f"{points:g} / {maximum:g}"


def note(
    ctx: WriteCtx,
    grade: Grade,
    what: ChangeKind,
    *,
    title: str,
    before: str,
    after: str,
    reason: str = "",
) -> None:
    """Write a line of history about a grade; the actor did it, unless it is the service itself."""
    ctx.session.add(
        GradeChange(
            course_id=grade.course_id,
            item_id=grade.item_id,
            user_id=grade.user_id,
            by=ctx.actor.user_id,
            at=ctx.now,
            what=what,
            subject=title[:300],
            before=before,
            after=after,
            reason=reason,
        )
    )


def note_setup(
    ctx: WriteCtx, course_id: UUID, *, subject: str, before: str, after: str, item: UUID | None = None
) -> None:
    """Write a line of history about columns, categories or rules; nothing when nothing changed."""
    if before == after:
        return
    ctx.session.add(
        GradeChange(
            course_id=course_id,
            item_id=item,
            by=ctx.actor.user_id,
            at=ctx.now,
            what=ChangeKind.SETUP,
            subject=subject[:300],
            before=before,
            after=after,
        )
    )


def tell(ctx: WriteCtx, grade: Grade, *, title: str, shown: bool) -> None:
    """Emit that a grade changed; its learner hears of it when a person changed what the learner sees."""
    by_person = ctx.actor.user_id is not None and ctx.actor.user_id != grade.user_id
    notice = None
    if by_person and shown:
        about = {"column": title, "course_id": str(grade.course_id)}
        notice = Notice(recipients=(grade.user_id,), kind="gradebook.grade_changed", variables=about)
    ctx.emit(
        GradeChanged(
            course_id=grade.course_id,
            item_id=grade.item_id,
            user_id=grade.user_id,
            percent=percent(fraction_of(grade)),
            notice=notice,
        )
    )
