"""Setting a gradebook up: the rules of its outermost level, its categories, and its columns."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Conflict, Invalid
from lms_core.learning.gradebook import queries, writing
from lms_core.learning.gradebook.book import category_view, column_view, load
from lms_core.learning.gradebook.errors import CategoryNotFound, ColumnNotFound, NotByHand, ScaleNotFound
from lms_core.learning.gradebook.models import Grade, Gradebook, GradeCategory, GradeItem, ItemKind
from lms_core.learning.gradebook.schemas import (
    CategoryIn,
    CategoryView,
    ColumnIn,
    ColumnView,
    SettingsIn,
    SettingsView,
)
from lms_core.learning.gradebook.service import feeding
from lms_core.learning.gradebook.service.access import access_setup

_OF_SOURCE = ("title", "due_at")  # a quiz's column has them from the quiz


def save_settings(ctx: WriteCtx, course: str | UUID, *, given: SettingsIn) -> SettingsView:
    """Replace the rules of the outermost level and the choice of letters. ScaleNotFound."""
    card = access_setup(ctx, course)
    if given.scale_id is not None and queries.scale(ctx, given.scale_id) is None:
        raise ScaleNotFound()
    row = _book(ctx, card.id)
    before = _told(row, given)
    for name, value in given:
        setattr(row, name, value)
    row.updated_at = ctx.now
    ctx.session.flush()
    writing.note_setup(ctx, card.id, subject="", before=before, after=_told(row, given))
    return load(ctx, card.id).settings


def add_category(ctx: WriteCtx, course: str | UUID, *, given: CategoryIn) -> CategoryView:
    """A new category. CategoryNotFound and Invalid for a parent that cannot be; Conflict for a name that is taken."""
    card = access_setup(ctx, course)
    _require_parent(ctx, card.id, given.parent_id, of=None)
    row = GradeCategory(course_id=card.id, **dict(given))
    _keep(ctx, row)
    writing.note_setup(ctx, card.id, subject=row.name, before="", after=_told(row, given))
    return category_view(row)


def change_category(ctx: WriteCtx, course: str | UUID, category_id: UUID, *, given: CategoryIn) -> CategoryView:
    """Replace a category's name, place and rules; refused as in `add_category`."""
    card = access_setup(ctx, course)
    row = _category(ctx, card.id, category_id)
    _require_parent(ctx, card.id, given.parent_id, of=row)
    before = _told(row, given)
    for name, value in given:
        setattr(row, name, value)
    _keep(ctx, row)
    writing.note_setup(ctx, card.id, subject=row.name, before=before, after=_told(row, given))
    return category_view(row)


def delete_category(ctx: WriteCtx, course: str | UUID, category_id: UUID) -> None:
    """Take a category away; what stood in it stands in none."""
    card = access_setup(ctx, course)
    row = _category(ctx, card.id, category_id)
    for table in (GradeItem.category_id, GradeCategory.parent_id):
        ctx.session.execute(update(table.class_).where(table == row.id).values({table.key: None}))
    writing.note_setup(ctx, card.id, subject=row.name, before=row.name, after="")
    ctx.session.delete(row)
    ctx.session.flush()


def add_column(ctx: WriteCtx, course: str | UUID, *, given: ColumnIn) -> ColumnView:
    """A column that is filled by hand. Invalid without title or points; CategoryNotFound."""
    card = access_setup(ctx, course)
    _require_whole(given)
    _require_category(ctx, card.id, given.category_id)
    row = GradeItem(course_id=card.id, kind=ItemKind.MANUAL, created_at=ctx.now, **dict(given))
    if "position" not in given.model_fields_set:
        last = select(func.max(GradeItem.position)).where(GradeItem.course_id == card.id)
        row.position = (ctx.session.execute(last).scalar() or 0) + 1
    ctx.add(row)
    writing.note_setup(ctx, card.id, subject=row.title, before="", after=_told(row, given), item=row.id)
    return column_view(row, None)


def change_column(ctx: WriteCtx, course: str | UUID, item_id: UUID, *, given: ColumnIn) -> ColumnView:
    """Replace what an instructor decides about a column. ColumnNotFound, CategoryNotFound.

    Other points for a column by hand keep the marks as they are (Invalid when one is higher); a quiz's marks are
    scaled. A column that is unlocked takes what its quiz said meanwhile.
    """
    card = access_setup(ctx, course)
    row = _item(ctx, card.id, item_id)
    by_hand = row.kind == ItemKind.MANUAL
    if by_hand:
        _require_whole(given)
    _require_category(ctx, card.id, given.category_id)
    before, was_locked = _told(row, given), row.locked
    if by_hand and given.maximum != row.maximum and given.maximum is not None:
        _keep_marks(ctx, row, given.maximum)
    for name, value in given:
        if by_hand or name not in _OF_SOURCE:
            setattr(row, name, value)
    ctx.session.flush()
    view = load(ctx, card.id).by_id.get(row.id)
    if view is None:
        raise ColumnNotFound()
    writing.note_setup(ctx, card.id, subject=view.title, before=before, after=_told(row, given), item=row.id)
    if was_locked and not row.locked and not by_hand:
        feeding.rebuild_course(ctx, card.id)
    return view


def delete_column(ctx: WriteCtx, course: str | UUID, item_id: UUID) -> None:
    """Take a column that is filled by hand away, with its grades; the history stays. NotByHand."""
    card = access_setup(ctx, course)
    row = _item(ctx, card.id, item_id)
    if row.kind != ItemKind.MANUAL:
        raise NotByHand()
    writing.note_setup(ctx, card.id, subject=row.title, before=row.title, after="")
    ctx.session.delete(row)
    ctx.session.flush()


def _book(ctx: WriteCtx, course_id: UUID) -> Gradebook:
    found = queries.book(ctx, course_id)
    if found is not None:
        return found
    try:
        with ctx.session.begin_nested():
            return ctx.add(Gradebook(course_id=course_id, updated_at=ctx.now))
    except IntegrityError:  # saved twice at once, on PostgreSQL
        found = queries.book(ctx, course_id)
        if found is None:
            raise
        return found


def _category(ctx: WriteCtx, course_id: UUID, category_id: UUID) -> GradeCategory:
    wanted = select(GradeCategory).where(GradeCategory.course_id == course_id, GradeCategory.id == category_id)
    found: GradeCategory | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    if found is None:
        raise CategoryNotFound()
    return found


def _item(ctx: WriteCtx, course_id: UUID, item_id: UUID) -> GradeItem:
    wanted = select(GradeItem).where(GradeItem.course_id == course_id, GradeItem.id == item_id)
    found: GradeItem | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    if found is None:
        raise ColumnNotFound()
    return found


def _require_category(ctx: WriteCtx, course_id: UUID, category_id: UUID | None) -> None:
    if category_id is not None:
        _category(ctx, course_id, category_id)


def _require_parent(ctx: WriteCtx, course_id: UUID, parent_id: UUID | None, *, of: GradeCategory | None) -> None:
    """Categories are nested one level: a parent has none itself, and what has categories inside stands in none."""
    if parent_id is None:
        return
    parent = _category(ctx, course_id, parent_id)
    inside = select(GradeCategory.id).where(GradeCategory.parent_id == of.id) if of is not None else None
    full = inside is not None and ctx.session.execute(inside).first() is not None
    if parent.parent_id is not None or full or (of is not None and parent.id == of.id):
        told = "Categories are nested one level: choose one that stands in no other."
        raise Invalid(told, fields=[{"field": "parent_id", "message": told}])


def _require_whole(given: ColumnIn) -> None:
    missing = []
    if not given.title:
        missing.append({"field": "title", "message": "Please write a title."})
    if given.maximum is None:
        missing.append({"field": "maximum", "message": "Please give the points of the column."})
    if missing:
        raise Invalid("A column needs a title and its points.", fields=missing)


def _keep_marks(ctx: WriteCtx, row: GradeItem, maximum: float) -> None:
    highest = queries.highest_mark(ctx, row.id)
    if highest > maximum:
        told = f"Somebody has {highest:g} points. Give the column as many or more."
        raise Invalid(told, fields=[{"field": "maximum", "message": told}])
    marked = update(Grade).where(Grade.item_id == row.id, Grade.earned.is_not(None))
    ctx.session.execute(marked.values(out_of=maximum, updated_at=ctx.now))


def _keep(ctx: WriteCtx, row: GradeCategory) -> None:
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("There is a category of this name already. Choose another name.") from error


def _told(row: Gradebook | GradeCategory | GradeItem, given: SettingsIn | CategoryIn | ColumnIn) -> str:
    """The settings of a row in one line, for the history: those that are not at their usual value."""
    usual = type(given).model_fields
    found = {name: getattr(row, name) for name in usual}
    return ", ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in found.items()
        if value not in (None, "", False) and value != usual[name].default
    )
