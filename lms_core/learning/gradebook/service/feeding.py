"""Grades from their sources: after each fact about one learner, or all of a course read anew."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import WriteCtx
from lms_core.learning.gradebook import queries, writing
from lms_core.learning.gradebook.errors import GradeMoved
from lms_core.learning.gradebook.models import ChangeKind, Grade, GradeItem, ItemKind
from lms_core.learning.gradebook.schemas import RebuildView
from lms_core.learning.gradebook.service.access import access_setup
from lms_core.learning.gradebook.sources import SOURCES, Column, Result


def feed(ctx: WriteCtx, kind: ItemKind, *, course_id: UUID, source_id: UUID, user_id: UUID) -> None:
    """Let a learner's grade say what its source says now. Repeating it, or coming late, changes nothing.

    Nothing happens where the source is no column, or the grade or its column is locked.
    """
    found = _item(ctx, kind, course_id, source_id)
    if found is None:
        return
    item, column = found
    grade = writing.locked_grade(ctx, course_id=course_id, item_id=item.id, user_id=user_id)
    # Read after the lock is held: of two facts that arrive at once, the later reader writes last.
    results = SOURCES[kind].results(ctx, course_id, source_id=source_id, user_ids=[user_id])
    _let_say(ctx, grade, item, column, results[0] if results else None)
    ctx.session.flush()


def follow(ctx: WriteCtx, kind: ItemKind, *, course_id: UUID, source_id: UUID) -> None:
    """Make sure that a source has its column; a new one takes in what the source said before."""
    if _known_item(ctx, kind, course_id, source_id) is not None:
        return
    found = _item(ctx, kind, course_id, source_id)
    if found is not None:
        _reread(ctx, kind, course_id, {found[0].id: found})


def rebuild(ctx: WriteCtx, course: str | UUID) -> RebuildView:
    """Read every source of a course again, for its editors: columns that are missing, grades that differ."""
    return rebuild_course(ctx, access_setup(ctx, course).id)


def rebuild_course(ctx: WriteCtx, course_id: UUID) -> RebuildView:
    """The same without asking who; for jobs."""
    added = changed = 0
    for kind, source in SOURCES.items():
        columns = {each.id: each for each in source.columns(ctx, [course_id])}
        items = {each.source_id: each for each in queries.items(ctx, [course_id]) if each.kind == kind}
        for missing in columns.keys() - items.keys():
            if columns[missing].published:
                items[missing] = _add_item(ctx, kind, course_id, missing)
                added += 1
        changed += _drop_orphans(ctx, items, columns)
        by_item = {item.id: (item, columns[key]) for key, item in items.items() if key in columns}
        changed += _reread(ctx, kind, course_id, by_item)
    return RebuildView(columns=added, grades=changed)


def _reread(ctx: WriteCtx, kind: ItemKind, course_id: UUID, items: Mapping[UUID, tuple[GradeItem, Column]]) -> int:
    """How many grades of these columns were other than their source says."""
    grades = {
        (each.item_id, each.user_id): each
        for each in queries.grades(ctx, course_id, locked=True)
        if each.item_id in items
    }
    of_source = {column.id: item.id for item, column in items.values()}
    results = {
        (of_source[each.source_id], each.user_id): each
        for each in SOURCES[kind].results(ctx, course_id)
        if each.source_id in of_source
    }
    known = queries.learners_among(ctx, course_id, {user_id for _, user_id in results}) if results else set()
    changed = 0
    for key in sorted(results.keys() | grades.keys()):
        item, column = items[key[0]]
        grade = grades.get(key)
        if grade is None:
            if key[1] not in known:
                continue
            grade = writing.new_grade(ctx, course_id=course_id, item_id=item.id, user_id=key[1])
        changed += _let_say(ctx, grade, item, column, results.get(key))
    try:
        ctx.session.flush()
    except IntegrityError as error:  # a fact about one of them arrived in this moment, on PostgreSQL
        raise GradeMoved() from error
    return changed


def _let_say(ctx: WriteCtx, grade: Grade, item: GradeItem, column: Column, result: Result | None) -> bool:
    """Put a source's result into a grade; whether that changed anything."""
    said = (result.earned, result.out_of, result.marked_at) if result is not None else (None, None, None)
    if item.locked or grade.locked or (grade.earned, grade.out_of, grade.marked_at) == said:
        return False
    before = (grade.earned, grade.out_of)
    grade.earned, grade.out_of, grade.marked_at = said
    grade.updated_at = ctx.now
    if before == (grade.earned, grade.out_of):
        return True
    writing.note(
        ctx,
        grade,
        ChangeKind.SOURCE,
        title=column.title,
        before=writing.written(before[0], before[1] or 0.0),
        after=writing.written(grade.earned, grade.out_of or 0.0),
    )
    writing.tell(ctx, grade, title=column.title, shown=False)
    return True


def _item(ctx: WriteCtx, kind: ItemKind, course_id: UUID, source_id: UUID) -> tuple[GradeItem, Column] | None:
    column = next((each for each in SOURCES[kind].columns(ctx, [course_id]) if each.id == source_id), None)
    if column is None:
        return None
    item = _known_item(ctx, kind, course_id, source_id)
    if item is None and not column.published:
        return None
    return item or _add_item(ctx, kind, course_id, source_id), column


def _add_item(ctx: WriteCtx, kind: ItemKind, course_id: UUID, source_id: UUID) -> GradeItem:
    last = ctx.session.execute(select(func.max(GradeItem.position)).where(GradeItem.course_id == course_id)).scalar()
    position = 0 if last is None else last + 1
    try:
        with ctx.session.begin_nested():
            item = GradeItem(course_id=course_id, kind=kind, source_id=source_id, position=position, created_at=ctx.now)
            return ctx.add(item)
    except IntegrityError:  # two facts about a new quiz in the same moment, on PostgreSQL
        known = _known_item(ctx, kind, course_id, source_id)
        if known is None:
            raise
        return known


def _known_item(ctx: WriteCtx, kind: ItemKind, course_id: UUID, source_id: UUID) -> GradeItem | None:
    found: GradeItem | None = ctx.session.execute(
        select(GradeItem).where(
            GradeItem.course_id == course_id, GradeItem.kind == kind, GradeItem.source_id == source_id
        )
    ).scalar_one_or_none()
    return found


def _drop_orphans(ctx: WriteCtx, items: Mapping[UUID | None, GradeItem], columns: Mapping[UUID, Column]) -> int:
    """Delete columns whose source is gone; how many grades went with them."""
    gone = [item.id for key, item in items.items() if key not in columns]
    if not gone:
        return 0
    went: int = ctx.session.execute(select(func.count()).where(Grade.item_id.in_(gone))).scalar_one()
    ctx.session.execute(delete(GradeItem).where(GradeItem.id.in_(gone)))
    return went
