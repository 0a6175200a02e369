"""Banks and their categories: made, listed, renamed, moved, deleted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, update

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import pools
from lms_core.learning.assessments.errors import BankInUse, BankNotFound
from lms_core.learning.assessments.models import BankCategory, BankQuestion, BankQuestionTag, QuestionBank, QuizSlot
from lms_core.learning.assessments.schemas.banks import (
    DEEPEST,
    MAXIMUM_CATEGORIES,
    BankCard,
    BankCategoryIn,
    BankCategoryView,
    BankChange,
    BankDetail,
    BankIn,
)
from lms_core.learning.assessments.service.banks import access

ONLY_SHARERS = "Banks of the whole institution are made by who may. Ask an administrator, or make one of your course."


def create(ctx: WriteCtx, *, bank: BankIn) -> BankDetail:
    """A new bank, of a course for its editors, of the institution for who may. CourseNotFound, Forbidden."""
    if bank.course is None:
        if not access.teaches(ctx.actor):
            raise BankNotFound()
        if not ctx.actor.may(Permission.BANK_EDIT):
            raise Forbidden(ONLY_SHARERS)
        course_id = None
    else:
        course_id = courses.access_course(ctx, bank.course, Permission.COURSE_EDIT).id
    row = QuestionBank(
        course_id=course_id,
        name=bank.name,
        description=bank.description,
        created_by=ctx.actor.user_id,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    return read(ctx, ctx.add(row).id)


def change(ctx: WriteCtx, bank_id: UUID, *, bank: BankChange) -> BankDetail:
    """Rename or describe a bank."""
    row = access.editable(ctx, bank_id)
    row.name, row.description, row.updated_at = bank.name, bank.description, ctx.now
    ctx.session.flush()
    return read(ctx, bank_id)


def delete_bank(ctx: WriteCtx, bank_id: UUID) -> None:
    """Delete a bank with all that is in it; BankInUse while a quiz uses it."""
    row = access.editable(ctx, bank_id)
    _refuse_used(ctx, QuizSlot.bank_id == row.id)
    ctx.session.execute(delete(QuestionBank).where(QuestionBank.id == row.id))


def browse(
    ctx: ReadCtx, *, course: str | UUID | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[BankCard]:
    """The banks the actor may use, newest first; those of one course and the institution's where a course is named.

    Nothing for who teaches nowhere. Two statements at most.
    """
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    shared = QuestionBank.course_id.is_(None)
    wanted = _with_counts()
    if course is not None:
        card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
        wanted = wanted.where(or_(shared, QuestionBank.course_id == card.id))
    elif not access.teaches(ctx.actor):
        return Page(items=[])
    elif not ctx.actor.may(Permission.COURSE_EDIT):
        mine = ctx.actor.courses_where(Permission.COURSE_EDIT)
        wanted = wanted.where(or_(shared, QuestionBank.course_id.in_(mine)))
    if cursor:
        wanted = wanted.where(QuestionBank.id < last_of(cursor))
    rows = ctx.session.execute(wanted.order_by(QuestionBank.id.desc()).limit(limit + 1)).all()
    cards = [BankCard(**_fields(ctx, row.QuestionBank, row.questions)) for row in rows]
    return page(cards, limit, key=lambda each: (str(each.id),))


def read(ctx: ReadCtx, bank_id: UUID) -> BankDetail:
    """A bank with its categories and tags; BankNotFound. Four statements."""
    bank = access.readable(ctx, bank_id)
    counts = _counts_by_category(ctx, bank.id)
    tags = (
        select(BankQuestionTag.tag, func.count().label("questions"))
        .join(BankQuestion, BankQuestion.id == BankQuestionTag.question_id)
        .where(BankQuestion.bank_id == bank.id)
        .group_by(BankQuestionTag.tag)
        .order_by(BankQuestionTag.tag)
    )
    return BankDetail(
        **_fields(ctx, bank, sum(counts.values())),
        categories=_tree(_categories(ctx, bank.id), counts),
        tags={row.tag: row.questions for row in ctx.session.execute(tags)},
    )


def add_category(ctx: WriteCtx, bank_id: UUID, *, category: BankCategoryIn) -> BankDetail:
    """A new category. Invalid for a name that its neighbour has, or too many or too deep ones."""
    bank = access.editable(ctx, bank_id)
    insert_category(ctx, bank, name=category.name, parent_id=category.parent_id)
    access.changed(ctx, bank)
    return read(ctx, bank_id)


def change_category(ctx: WriteCtx, bank_id: UUID, category_id: UUID, *, category: BankCategoryIn) -> BankDetail:
    """Rename a category or put it, with all that is in it, into another one; never into itself."""
    bank = access.editable(ctx, bank_id)
    row = access.category_in(ctx, bank, category_id)
    assert row is not None
    access.category_in(ctx, bank, category.parent_id)
    tree = pools.tree_of(ctx, [bank.id])
    if category_id in pools.above(tree, category.parent_id):
        raise _refused("parent_id", "A category cannot stand in itself. Choose another place for it.")
    height = max(len(pools.above(tree, each)) for each in pools.below(tree, category_id)) - len(
        pools.above(tree, category_id)
    )
    _check_place(_categories(ctx, bank.id), tree, category.parent_id, category.name, height=height, but=category_id)
    row.name, row.parent_id = category.name, category.parent_id
    access.changed(ctx, bank)
    return read(ctx, bank_id)


def delete_category(ctx: WriteCtx, bank_id: UUID, category_id: UUID) -> BankDetail:
    """Delete a category; what is in it moves up to where it stood. BankInUse while a quiz draws from it."""
    bank = access.editable(ctx, bank_id)
    row = access.category_in(ctx, bank, category_id)
    assert row is not None
    _refuse_used(ctx, QuizSlot.category_id == row.id)
    others = [each for each in _categories(ctx, bank.id) if each.id != row.id]
    beside = {each.name.casefold() for each in others if each.parent_id == row.parent_id}
    if any(each.name.casefold() in beside for each in others if each.parent_id == row.id):
        raise _refused("name", "A category in it has the name of one that stands beside it. Rename one of them first.")
    up = {"parent_id": row.parent_id}
    ctx.session.execute(update(BankCategory).where(BankCategory.parent_id == row.id).values(up))
    moved = update(BankQuestion).where(BankQuestion.category_id == row.id)
    ctx.session.execute(moved.values(category_id=row.parent_id))
    ctx.session.execute(delete(BankCategory).where(BankCategory.id == row.id))
    access.changed(ctx, bank)
    return read(ctx, bank_id)


def category_at(ctx: WriteCtx, bank: QuestionBank, path: Sequence[str]) -> UUID | None:
    """The category at this path of names, made where it is missing; None for the top. The bank is locked."""
    parent_id: UUID | None = None
    for name in path:
        known = {(each.parent_id, each.name.casefold()): each.id for each in _categories(ctx, bank.id)}
        found = known.get((parent_id, name.strip().casefold()))
        parent_id = found or insert_category(ctx, bank, name=name.strip(), parent_id=parent_id).id
    return parent_id


def insert_category(ctx: WriteCtx, bank: QuestionBank, *, name: str, parent_id: UUID | None) -> BankCategory:
    """A category of a locked bank."""
    access.category_in(ctx, bank, parent_id)
    _check_place(_categories(ctx, bank.id), pools.tree_of(ctx, [bank.id]), parent_id, name)
    return ctx.add(BankCategory(bank_id=bank.id, parent_id=parent_id, name=name))


def last_of(cursor: str) -> UUID:
    """The id at which a list goes on; Invalid."""
    found = parse_id(decode_cursor(cursor, (str,))[0])
    if found is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return found


def _check_place(
    categories: Sequence[BankCategory],
    tree: pools.Tree,
    parent_id: UUID | None,
    name: str,
    *,
    height: int = 0,
    but: UUID | None = None,
) -> None:
    neighbours = [each for each in categories if each.parent_id == parent_id and each.id != but]
    if any(each.name.casefold() == name.casefold() for each in neighbours):
        raise _refused("name", "There is a category of this name already. Choose another name.")
    if len(pools.above(tree, parent_id)) + 1 + height > DEEPEST:
        raise _refused("parent_id", f"Categories stand in each other at most {DEEPEST} deep. Put it further up.")
    if len(categories) >= MAXIMUM_CATEGORIES + (but is not None):
        raise _refused("name", f"A bank has at most {MAXIMUM_CATEGORIES} categories. Use tags, or another bank.")


def _refused(field: str, told: str) -> Invalid:
    return Invalid(told, fields=[{"field": field, "message": told}])


def _refuse_used(ctx: ReadCtx, where: Any) -> None:
    quizzes = ctx.session.execute(select(func.count(QuizSlot.quiz_id.distinct())).where(where)).scalar_one()
    if quizzes:
        raise BankInUse(quizzes)


def _with_counts() -> Select[Any]:
    count = select(func.count()).where(BankQuestion.bank_id == QuestionBank.id).correlate(QuestionBank)
    columns: Select[Any] = select(QuestionBank, count.scalar_subquery().label("questions"))
    return columns


def _counts_by_category(ctx: ReadCtx, bank_id: UUID) -> dict[UUID | None, int]:
    counted = select(BankQuestion.category_id, func.count().label("questions")).where(BankQuestion.bank_id == bank_id)
    rows = ctx.session.execute(counted.group_by(BankQuestion.category_id))
    return {row.category_id: row.questions for row in rows}


def _categories(ctx: ReadCtx, bank_id: UUID) -> list[BankCategory]:
    return list(ctx.session.execute(select(BankCategory).where(BankCategory.bank_id == bank_id)).scalars())


def _tree(categories: Sequence[BankCategory], counts: dict[UUID | None, int]) -> tuple[BankCategoryView, ...]:
    """The categories by name, each followed by what stands in it."""
    inner: dict[UUID | None, list[BankCategory]] = {}
    for each in sorted(categories, key=lambda each: (each.name.casefold(), each.id)):
        inner.setdefault(each.parent_id, []).append(each)

    def walk(parent_id: UUID | None, depth: int) -> list[BankCategoryView]:
        found: list[BankCategoryView] = []
        for each in inner.get(parent_id, ()):
            fields = {"id": each.id, "parent_id": each.parent_id, "name": each.name, "depth": depth}
            found += [BankCategoryView(**fields, questions=counts.get(each.id, 0)), *walk(each.id, depth + 1)]
        return found

    return tuple(walk(None, 0))


def _fields(ctx: ReadCtx, bank: QuestionBank, questions: int) -> dict[str, Any]:
    names = ("id", "course_id", "name", "description", "updated_at")
    told = {name: getattr(bank, name) for name in names}
    return told | {"questions": questions, "editable": access.may_change(ctx.actor, bank)}
