"""Finding courses: the catalogue with its facets, an editor's own list."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, literal, or_, select
from sqlmodel import col

from lms_core.content.courses import queries
from lms_core.content.courses.catalogue_schemas import Facets, LanguageFacet
from lms_core.content.courses.models import Course, CourseStatus, CourseTag, Tag
from lms_core.content.courses.policies import require_author
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.courses.service.shelving import all_shelves, views
from lms_core.content.courses.shelves import Shelf, way_to, within
from lms_core.content.courses.slugs import containing, folded, tag_slug
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import STAFF_PERMISSIONS, Permission

MAXIMUM_WORDS = 8
MAXIMUM_TEMPLATES = 100

_NEWEST = prepared(
    select(Course.id, Course.updated_at, literal(0).label("rank"))
    .where(Course.status == CourseStatus.PUBLISHED)
    .order_by(Course.id.desc())
    .limit(bindparam("rows", type_=Integer))
)
_REVISIONS = prepared(
    select(Course.id, Course.updated_at).where(Course.id.in_(bindparam("course_ids", expanding=True)))
)


def _counted(told: Collection[ColumnElement[bool]]) -> Select[Any]:
    """How many courses of which `told` is true are of each category and language."""
    counts: Select[Any] = select(Course.category_id, Course.language, func.count(Course.id).label("courses"))
    return counts.where(*told).group_by(Course.category_id, Course.language)


_ALL_COUNTED = prepared(_counted([col(Course.status) == CourseStatus.PUBLISHED]))


def browse(
    ctx: ReadCtx,
    *,
    q: str = "",
    category: str = "",
    tag: str = "",
    language: str = "",
    by_rating: bool = False,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[CourseCard]:
    """Published courses, newest first; with `q` those that hold every word in title, summary or tags, titles first.

    `by_rating`: the best rated first instead (`Course.rating_rank`). `category` is a slug and stands for all inside it,
    `tag` a name, `language` a BCP 47 tag or its first part. One statement, one more with a category, and two when this
    process has not read these revisions of the courses yet.
    """
    if not (q or category or tag or language or by_rating or cursor):
        return _page(ctx, _NEWEST, limit)
    words = _words(q)
    rank: Any = -col(Course.rating_rank) if by_rating else _rank(words)
    wanted: Select[Any] = select(Course.id, Course.updated_at, rank.label("rank")).where(*_told(words, tag))
    if category:
        wanted = wanted.where(Course.category_id.in_(_shelf_ids(all_shelves(ctx), category)))
    if language:
        wanted = wanted.where(_in_language(language.replace("\0", "")))
    if cursor:
        last_rank, last_id = _position(cursor, by_rating=by_rating)
        behind = col(Course.rating_rank) < -last_rank if by_rating else rank > last_rank
        wanted = wanted.where(or_(behind, and_(rank == last_rank, Course.id < last_id)))
    order = col(Course.rating_rank).desc() if by_rating else rank
    return _page(ctx, wanted.order_by(order, Course.id.desc()).limit(bindparam("rows", type_=Integer)), limit)


def facets(ctx: ReadCtx, *, q: str = "", category: str = "", tag: str = "", language: str = "") -> Facets:
    """What the same search by `browse` can be narrowed to, with numbers of courses. Two statements."""
    shelves = all_shelves(ctx)
    rows = ctx.session.execute(_counted(_told(_words(q), tag)) if q or tag else _ALL_COUNTED).all()
    inside = set(_shelf_ids(shelves, category)) if category else None
    by_shelf: dict[UUID | None, int] = {}
    by_language: dict[str, int] = {}
    total = 0
    for row in rows:
        spoken = not language or row.language == language or row.language.startswith(f"{language}-")
        here = inside is None or row.category_id in inside
        if spoken:
            by_shelf[row.category_id] = by_shelf.get(row.category_id, 0) + row.courses
        if here:
            by_language[row.language] = by_language.get(row.language, 0) + row.courses
        total += row.courses if spoken and here else 0
    shown = views(shelves, by_shelf)
    chosen = next((shelf.id for shelf in shelves if shelf.slug == category), None)
    way = [shelf.slug for shelf in way_to(shelves, chosen)]
    return Facets(
        total=total,
        categories=tuple(shown),
        languages=tuple(
            LanguageFacet(language=each, courses=number)
            for each, number in sorted(by_language.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
        breadcrumbs=tuple(each for slug in way for each in shown if each.slug == slug),
    )


def manageable(
    ctx: ReadCtx,
    *,
    status: CourseStatus | None = None,
    permissions: Collection[Permission] = (Permission.COURSE_EDIT,),
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[CourseCard]:
    """The courses in which the actor holds one of `permissions`, in any status, newest first.

    Those the actor edits, unless others are given. As many statements as `browse`.
    """
    wanted: Select[Any] = select(Course.id, Course.updated_at, literal(0).label("rank"))
    if not ctx.actor.may(Permission.COURSE_EDIT):
        wanted = wanted.where(Course.id.in_(ctx.actor.courses_with_any(permissions)))
    if status is not None:
        wanted = wanted.where(Course.status == status)
    if cursor:
        wanted = wanted.where(Course.id < _position(cursor)[1])
    return _page(ctx, wanted.order_by(Course.id.desc()).limit(bindparam("rows", type_=Integer)), limit)


def templates(ctx: ReadCtx) -> list[CourseCard]:
    """The institution's templates by title, for those who make courses. One to three statements."""
    require_author(ctx.actor)
    rows = ctx.session.execute(
        select(Course.id, Course.updated_at).where(Course.template).order_by(Course.title).limit(MAXIMUM_TEMPLATES)
    )
    return list(queries.cards(ctx, {row.id: row.updated_at for row in rows}).values())


def cards(ctx: ReadCtx, course_ids: Sequence[UUID]) -> dict[UUID, CourseCard]:
    """Cards by id, tags included; rights are the caller's to have checked. One to three statements."""
    if not course_ids:
        return {}
    rows = ctx.session.execute(_REVISIONS, {"course_ids": list(course_ids)})
    return queries.cards(ctx, {row.id: row.updated_at for row in rows})


def not_drafts(ctx: ReadCtx, course_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the courses that are published or archived. One statement."""
    found = select(Course.id).where(Course.id.in_(course_ids), Course.status != CourseStatus.DRAFT)
    return frozenset(ctx.session.execute(found).scalars())


def tags_of(ctx: ReadCtx, course_id: UUID) -> list[str]:
    """The tags of one course. One statement."""
    return queries.tags_of(ctx, [course_id])[course_id]


def require_manager(ctx: ReadCtx) -> None:
    """Forbidden for who neither makes courses nor belongs to the staff of any."""
    if not ctx.actor.may(Permission.COURSE_CREATE) and not ctx.actor.courses_with_any(STAFF_PERMISSIONS):
        raise Forbidden("Only instructors have courses to manage. Ask an administrator to make you one.")


def _words(q: str) -> list[str]:
    return folded(q.replace("\0", " ")).split()[:MAXIMUM_WORDS]


def _told(words: Sequence[str], tag: str) -> list[ColumnElement[bool]]:
    """The conditions that a course is published, holds every word, and carries the tag."""
    told: list[Any] = [Course.status == CourseStatus.PUBLISHED]
    told += [Course.search_text.like(containing(word), escape="\\") for word in words]
    if tag:
        told.append(Course.id.in_(_with_tag(tag)))
    return told


def _shelf_ids(shelves: list[Shelf], category: str) -> list[UUID]:
    chosen = next((shelf.id for shelf in shelves if shelf.slug == category), None)
    return [] if chosen is None else within(shelves, chosen)


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


def _position(cursor: str, *, by_rating: bool = False) -> tuple[int, UUID]:
    rank, written = decode_cursor(cursor, (int, str))
    course_id = parse_id(written)
    if course_id is None or (rank >= 0 if by_rating else rank not in (0, 1)):
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return rank, course_id


def _page(ctx: ReadCtx, wanted: Select[Any], limit: int) -> Page[CourseCard]:
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    rows = ctx.session.execute(wanted, {"rows": limit + 1}).all()
    ranks = {row.id: row.rank for row in rows}
    found = queries.cards(ctx, {row.id: row.updated_at for row in rows})
    return page(list(found.values()), limit, key=lambda card: (ranks[card.id], str(card.id)))
