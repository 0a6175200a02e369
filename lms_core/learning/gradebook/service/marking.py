"""Changing grades: a mark, an override with its reason, excused, locked, a comment; one by one or many at once."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.gradebook import queries, writing
from lms_core.learning.gradebook.book import is_shown, load
from lms_core.learning.gradebook.errors import ColumnNotFound, GradeLocked, GradeMoved, LearnerNotFound
from lms_core.learning.gradebook.models import ChangeKind, Grade, ItemKind
from lms_core.learning.gradebook.schemas import (
    CellChange,
    CellIn,
    CellView,
    ColumnView,
    GradeIn,
    ImportDone,
    ImportIn,
)
from lms_core.learning.gradebook.service.access import access_marking
from lms_core.learning.gradebook.views import cell

REASON_NEEDED = "Say why: this takes the place of what the quiz gave."
SMALLEST = 0.005  # points are shown with two decimals: what differs by less is the same


def change_grade(ctx: WriteCtx, course: str | UUID, *, item_id: UUID, user_id: UUID, given: GradeIn) -> CellView:
    """Change what was sent of one grade, for who marks in the course.

    ColumnNotFound, LearnerNotFound, GradeLocked, GradeMoved; Invalid for too many points, or an override without
    a reason.
    """
    card = access_marking(ctx, course)
    column = load(ctx, card.id).by_id.get(item_id)
    if column is None:
        raise ColumnNotFound()
    if not queries.is_learner(ctx, card.id, user_id):
        raise LearnerNotFound()
    grade = writing.locked_grade(ctx, course_id=card.id, item_id=column.id, user_id=user_id)
    _change(ctx, grade, column, given)
    ctx.session.flush()
    return cell(grade, column)


def apply_import(ctx: WriteCtx, course: str | UUID, *, given: ImportIn) -> ImportDone:
    """Set many cells at once, all or (on an error) none; cells that were changed or locked meanwhile are left.

    ColumnNotFound and LearnerNotFound for ids that do not belong to the course.
    """
    card = access_marking(ctx, course)
    book = load(ctx, card.id)
    wanted = {each.user_id for each in given.cells}
    if not wanted <= queries.learners_among(ctx, card.id, wanted):
        raise LearnerNotFound()
    changed, left = 0, []
    names = accounts.names_of(ctx, wanted)
    # Locked together, in one order: two imports never wait for each other.
    grades = {(each.user_id, each.item_id): each for each in queries.grades(ctx, card.id, user_ids=wanted, locked=True)}
    for each in given.cells:
        column = book.by_id.get(each.item_id)
        if column is None:
            raise ColumnNotFound()
        grade = grades.get((each.user_id, each.item_id)) or writing.new_grade(
            ctx, course_id=card.id, item_id=each.item_id, user_id=each.user_id
        )
        grades[each.user_id, each.item_id] = grade
        try:
            _change(ctx, grade, column, GradeIn(points=each.points, reason=given.reason, expected=each.expected))
            changed += 1
        except (GradeMoved, GradeLocked):
            left.append(_left(each, column, names.get(each.user_id, "")))
    try:
        ctx.session.flush()
    except IntegrityError as error:  # somebody gave one of them its first mark in this moment, on PostgreSQL
        raise GradeMoved() from error
    return ImportDone(changed=changed, left=tuple(left))


def _change(ctx: WriteCtx, grade: Grade, column: ColumnView, given: GradeIn) -> None:
    """Change what was sent of a locked grade; the caller flushes."""
    sent = given.model_fields_set
    if "locked" in sent and grade.locked != given.locked:
        _flag(ctx, grade, ChangeKind.LOCKED, column, given.locked, given.reason)
        grade.locked = given.locked
    before = _shown(grade, column)
    if "expected" in sent and not _same(before, given.expected):
        raise GradeMoved()
    changes = sent & {"points", "excused", "comment"}
    if changes and (grade.locked or column.locked):
        raise GradeLocked()
    if "points" in sent:
        _set_points(ctx, grade, column, given.points, given.reason)
    if "excused" in sent and grade.excused != given.excused:
        _flag(ctx, grade, ChangeKind.EXCUSED, column, given.excused, given.reason)
        grade.excused = given.excused
    if "comment" in sent and grade.comment != given.comment:
        written = {"before": grade.comment, "after": given.comment}
        writing.note(ctx, grade, ChangeKind.COMMENT, title=column.title, reason=given.reason, **written)
        grade.comment = given.comment
    if ctx.session.is_modified(grade):
        grade.updated_at = ctx.now
        writing.tell(ctx, grade, title=column.title, shown=is_shown(column))


def _set_points(ctx: WriteCtx, grade: Grade, column: ColumnView, points: float | None, reason: str) -> None:
    """The mark of a manual column; in a quiz's column an override, or taking one back."""
    _require_fitting(column, points)
    before, by_hand = _shown(grade, column), column.kind == ItemKind.MANUAL
    overridden = grade.override is not None
    if _same(before, points) and (points is not None or not overridden):
        return
    if by_hand:
        grade.earned, grade.out_of = points, None if points is None else column.maximum
        grade.marked_at = None if points is None else ctx.now
    else:
        if points is None and not overridden:
            return
        if not reason:
            raise Invalid(REASON_NEEDED, fields=[{"field": "reason", "message": REASON_NEEDED}])
        grade.override, grade.override_of = points, None if points is None else column.maximum
    writing.note(
        ctx,
        grade,
        ChangeKind.MARK if by_hand else ChangeKind.OVERRIDE,
        title=column.title,
        before=writing.written(before, column.maximum),
        after=writing.written(_shown(grade, column), column.maximum),
        reason=reason,
    )


def _flag(ctx: WriteCtx, grade: Grade, what: ChangeKind, column: ColumnView, after: bool, reason: str) -> None:
    yes = {True: "yes", False: "no"}
    writing.note(ctx, grade, what, title=column.title, before=yes[not after], after=yes[after], reason=reason)


def _require_fitting(column: ColumnView, points: float | None) -> None:
    if points is not None and points > column.maximum:
        told = f"The column has {column.maximum:g} points. Give as many or fewer."
        raise Invalid(told, fields=[{"field": "points", "message": told}])


def _shown(grade: Grade, column: ColumnView) -> float | None:
    return writing.points_of(writing.fraction_of(grade), column.maximum)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < SMALLEST


def _left(each: CellIn, column: ColumnView, name: str) -> CellChange:
    return CellChange(
        item_id=each.item_id,
        user_id=each.user_id,
        name=name,
        title=column.title,
        before=each.expected,
        after=each.points,
        override=column.kind != ItemKind.MANUAL,
        conflict=True,
    )
