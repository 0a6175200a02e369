"""Finding courses: the catalogue, an editor's own list, categories."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, literal, or_, select

from lms_core.content.courses import queries
from lms_core.content.courses.models import Category, Course, CourseStatus, CourseTag, Tag
from lms_core.content.courses.policies import require_author
from lms_core.content.courses.schemas import CategoryIn, CategoryView, CourseCard
from lms_core.content.courses.slugs import containing, folded, slug_of, tag_slug
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Conflict, Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission

MAXIMUM_WORDS = 8

_NEWEST = prepared(
    queries.card_columns()
    .add_columns(literal(0).label("rank"))
    .where(Course.status == CourseStatus.PUBLISHED)
    .order_by(Course.id.desc())
    .limit(bindparam("rows", type_=Integer))
)
_CATEGORIES = prepared(
    select(Category.slug, Category.name, func.count(Course.id).label("courses"))
    .outerjoin(Course, and_(Course.category_id == Category.id, Course.status == CourseStatus.PUBLISHED))
    .group_by(Category.id, Category.slug, Category.name)
    .order_by(Category.name)
)


def browse(
    ctx: ReadCtx,
    *,
    q: str = "",
    category: str = "",
    tag: str = "",
    language: str = "",
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[CourseCard]:
    """Published courses, newest first; with `q` those that hold every word in title, summary or tags, titles first.

    `category` is a slug, `tag` a name, `language` a BCP 47 tag or its first part. Two statements.
    """
    if not (q or category or tag or language or cursor):
        return _page(ctx, _NEWEST, limit)
    words = folded(q.replace("\0", " ")).split()[:MAXIMUM_WORDS]
    rank = _rank(words)
    wanted = queries.card_columns().add_columns(rank.label("rank")).where(Course.status == CourseStatus.PUBLISHED)
    for word in words:
        wanted = wanted.where(Course.search_text.like(containing(word), escape="\\"))
    if category:
        wanted = wanted.where(Category.slug == category.replace("\0", ""))
    if tag:
        wanted = wanted.where(Course.id.in_(_with_tag(tag)))
    if language:
        wanted = wanted.where(_in_language(language.replace("\0", "")))
    if cursor:
        last_rank, last_id = _position(cursor)
        wanted = wanted.where(or_(rank > last_rank, and_(rank == last_rank, Course.id < last_id)))
    return _page(ctx, wanted.order_by(rank, Course.id.desc()).limit(bindparam("rows", type_=Integer)), limit)


def manageable(
    ctx: ReadCtx, *, status: CourseStatus | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[CourseCard]:
    """The courses the actor may edit, in any status, newest first. Two statements."""
    wanted = queries.card_columns().add_columns(literal(0).label("rank"))
    if not ctx.actor.may(Permission.COURSE_EDIT):
        own = [course_id for course_id in ctx.actor.course_roles if _edits(ctx, course_id)]
        wanted = wanted.where(Course.id.in_(own))
    if status is not None:
        wanted = wanted.where(Course.status == status)
    if cursor:
        wanted = wanted.where(Course.id < _position(cursor)[1])
    return _page(ctx, wanted.order_by(Course.id.desc()).limit(bindparam("rows", type_=Integer)), limit)


def cards(ctx: ReadCtx, course_ids: Sequence[UUID]) -> dict[UUID, CourseCard]:
    """Cards by id, tags included; rights are the caller's to have checked. Two statements."""
    if not course_ids:
        return {}
    rows = ctx.session.execute(queries.card_columns().where(Course.id.in_(course_ids))).all()
    return {card.id: card for card in queries.with_tags(ctx, rows)}


def not_drafts(ctx: ReadCtx, course_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the courses that are published or archived. One statement."""
    found = select(Course.id).where(Course.id.in_(course_ids), Course.status != CourseStatus.DRAFT)
    return frozenset(ctx.session.execute(found).scalars())


def tags_of(ctx: ReadCtx, course_id: UUID) -> list[str]:
    """The tags of one course. One statement."""
    return queries.tags_of(ctx, [course_id])[course_id]


def categories(ctx: ReadCtx) -> list[CategoryView]:
    """Every category by name, with its number of published courses. One statement."""
    return [CategoryView(**row._mapping) for row in ctx.session.execute(_CATEGORIES)]


def add_category(ctx: WriteCtx, *, category: CategoryIn) -> CategoryView:
    """A new shelf, for those who make courses. Conflict when there is one of this name."""
    require_author(ctx.actor)
    slug = slug_of(category.name, otherwise="")
    if not slug:
        raise Invalid("A category's name needs a letter or digit of the Latin alphabet, for its address.")
    if ctx.session.execute(select(Category.id).where(Category.slug == slug)).first() is not None:
        raise Conflict(f"There is a category {slug!r} already. Use it, or choose another name.")
    ctx.add(Category(slug=slug, name=category.name))
    return CategoryView(slug=slug, name=category.name, courses=0)


def require_manager(ctx: ReadCtx) -> None:
    """Forbidden for who neither makes courses nor edits any."""
    if not ctx.actor.may(Permission.COURSE_CREATE) and not any(_edits(ctx, each) for each in ctx.actor.course_roles):
        raise Forbidden("Only instructors have courses to manage. Ask an administrator to make you one.")


def _edits(ctx: ReadCtx, course_id: UUID) -> bool:
    return ctx.actor.may(Permission.COURSE_EDIT, course_id=course_id)


def _rank(words: Sequence[str]) -> ColumnElement[int]:
    if not words:
        return literal(0)
    in_title = and_(*(func.lower(Course.title).like(containing(word), escape="\\") for word in words))
    return case((in_title, 0), else_=1)


def _with_tag(tag: str) -> Select[Any]:
    carrying: Select[Any] = select(CourseTag.course_id).join(Tag, Tag.id == CourseTag.tag_id)
    return carrying.where(Tag.slug == tag_slug(tag.replace("\0", "")))


def _in_language(language: str) -> ColumnElement[bool]:
    regional = Course.language.like(containing(language).removeprefix("%").removesuffix("%") + "-%", escape="\\")
    return or_(Course.language == language, regional)


def _position(cursor: str) -> tuple[int, UUID]:
    rank, written = decode_cursor(cursor, (int, str))
    course_id = parse_id(written)
    if course_id is None or rank not in (0, 1):
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return rank, course_id


def _page(ctx: ReadCtx, wanted: Select[Any], limit: int) -> Page[CourseCard]:
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = ctx.session.execute(wanted, {"rows": limit + 1}).all()
    ranks = {row.id: row.rank for row in rows}
    return page(queries.with_tags(ctx, rows), limit, key=lambda card: (ranks[card.id], str(card.id)))
