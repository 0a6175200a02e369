"""The tree of categories: read, added to, renamed, moved, taken down.

Whoever makes courses may add a category; arranging them is for the catalogue's editors. Each change of the tree locks
all of it, so that two at once cannot close a circle. Courses begin a new revision with the name they show.
"""

from uuid import UUID

from sqlalchemy import func, select

from lms_core.content.courses.catalogue_schemas import CategoryChange, CategoryIn, CategoryView
from lms_core.content.courses.models import Category, Course, CourseStatus
from lms_core.content.courses.ordering import moved
from lms_core.content.courses.policies import require_author, require_catalogue_editor
from lms_core.content.courses.service.authoring import touch
from lms_core.content.courses.shelves import DEEPEST, Shelf, beside, height, in_order, totals, way_to, within
from lms_core.content.courses.slugs import slug_of
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Conflict, Invalid, NotFound

_SHELVES = prepared(select(Category.id, Category.slug, Category.name, Category.parent_id, Category.position))
_STANDING = prepared(
    select(Course.category_id, func.count(Course.id).label("courses"))
    .where(Course.status == CourseStatus.PUBLISHED, Course.category_id.is_not(None))
    .group_by(Course.category_id)
)


def all_shelves(ctx: ReadCtx) -> list[Shelf]:
    """Every category as plain data. One statement."""
    return [Shelf(**row._mapping) for row in ctx.session.execute(_SHELVES)]


def categories(ctx: ReadCtx) -> list[CategoryView]:
    """Every category, each before those inside it, with its numbers of published courses. Two statements."""
    counts = {row.category_id: row.courses for row in ctx.session.execute(_STANDING)}
    return views(all_shelves(ctx), counts)


def add_category(ctx: WriteCtx, *, category: CategoryIn) -> CategoryView:
    """A new category, for those who make courses. Conflict: there is one of this name. Invalid: too deep."""
    require_author(ctx.actor)
    slug = slug_of(category.name, otherwise="")
    if not slug:
        raise Invalid("A category's name needs a letter or digit of the Latin alphabet, for its address.")
    rows = _locked(ctx)
    if any(row.slug == slug for row in rows.values()):
        raise Conflict(f"There is a category {slug!r} already. Use it, or choose another name.")
    parent = None if category.parent is None else _named(rows, category.parent)
    shelves = _plain(rows)
    if parent is not None:
        _refuse_too_deep(shelves, parent.id, levels=1)
    place = len(beside(shelves, parent.id if parent else None))
    added = ctx.add(Category(slug=slug, name=category.name, parent_id=parent.id if parent else None, position=place))
    return _view_of(ctx, added.slug)


def change_category(ctx: WriteCtx, slug: str, *, change: CategoryChange) -> CategoryView:
    """Rename a category or put it elsewhere, with all inside it. NotFound; Invalid: into itself, or too deep."""
    require_catalogue_editor(ctx.actor)
    rows = _locked(ctx)
    row = _named(rows, slug)
    if change.name is not None and change.name != row.name:
        row.name = change.name
        _renew_courses(ctx, row.id)
    if change.parent is not None:
        _put_into(rows, row, change.parent)
    if change.position is not None:
        neighbours = beside(_plain(rows), row.parent_id)
        here = next(each for each in neighbours if each.id == row.id)
        _number(rows, moved(neighbours, here, to=change.position))
    ctx.session.flush()
    return _view_of(ctx, slug)


def delete_category(ctx: WriteCtx, slug: str, *, to: str = "") -> None:
    """Take a category down: what is inside it moves one level out, its courses go to the category `to`, or to none."""
    require_catalogue_editor(ctx.actor)
    rows = _locked(ctx)
    row = _named(rows, slug)
    target = _named(rows, to) if to else None
    if target is row:
        raise Invalid("The courses cannot stay in the category that goes. Choose another one, or none.")
    for course in _courses_in(ctx, row.id):
        course.category_id = target.id if target else None
        touch(ctx, course)
    children = [rows[each.id] for each in beside(_plain(rows), row.id)]
    order = beside(_plain(rows), row.parent_id)
    place = next(index for index, each in enumerate(order) if each.id == row.id)
    for child in children:
        child.parent_id = row.parent_id
    after = [rows[each.id] for each in order]
    for position, each in enumerate([*after[:place], *children, *after[place + 1 :]]):
        each.position = position
    ctx.session.flush()
    ctx.session.delete(row)
    ctx.session.flush()


def views(shelves: list[Shelf], counts: dict[UUID | None, int]) -> list[CategoryView]:
    """Categories as they are shown, each before those inside it; `counts` are courses directly in each."""
    slugs = {shelf.id: shelf.slug for shelf in shelves}
    sums = totals(shelves, counts)
    return [
        CategoryView(
            slug=shelf.slug,
            name=shelf.name,
            parent=slugs.get(shelf.parent_id) if shelf.parent_id else None,
            depth=depth,
            position=shelf.position,
            courses=counts.get(shelf.id, 0),
            total=sums[shelf.id],
        )
        for shelf, depth in in_order(shelves)
    ]


def _locked(ctx: WriteCtx) -> dict[UUID, Category]:
    found = select(Category).order_by(Category.id).with_for_update(key_share=True)
    return {row.id: row for row in ctx.session.execute(found).scalars()}


def _named(rows: dict[UUID, Category], slug: str) -> Category:
    found = next((row for row in rows.values() if row.slug == slug), None)
    if found is None:
        raise NotFound(f"There is no category {slug[:60]!r}. Load the page again.")
    return found


def _plain(rows: dict[UUID, Category]) -> list[Shelf]:
    return [Shelf(row.id, row.slug, row.name, row.parent_id, row.position) for row in rows.values()]


def _put_into(rows: dict[UUID, Category], row: Category, parent: str) -> None:
    into = _named(rows, parent).id if parent else None
    if into == row.parent_id:
        return
    shelves = _plain(rows)
    if into in within(shelves, row.id):
        raise Invalid("A category cannot go into itself, or into one inside it.")
    if into is not None:
        _refuse_too_deep(shelves, into, levels=height(shelves, row.id))
    left = [each for each in beside(shelves, row.parent_id) if each.id != row.id]
    row.position = len(beside(shelves, into))
    row.parent_id = into
    _number(rows, left)


def _refuse_too_deep(shelves: list[Shelf], parent_id: UUID, *, levels: int) -> None:
    if len(way_to(shelves, parent_id)) + levels > DEEPEST:
        raise Invalid(f"Categories go {DEEPEST} levels deep at most. Choose one further out.")


def _number(rows: dict[UUID, Category], order: list[Shelf]) -> None:
    for position, shelf in enumerate(order):
        rows[shelf.id].position = position


def _courses_in(ctx: WriteCtx, category_id: UUID) -> list[Course]:
    found = select(Course).where(Course.category_id == category_id).order_by(Course.id).with_for_update(key_share=True)
    return list(ctx.session.execute(found).scalars())


def _renew_courses(ctx: WriteCtx, category_id: UUID) -> None:
    for course in _courses_in(ctx, category_id):
        touch(ctx, course)


def _view_of(ctx: ReadCtx, slug: str) -> CategoryView:
    return next(each for each in categories(ctx) if each.slug == slug)
