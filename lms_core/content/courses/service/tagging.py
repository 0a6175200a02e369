"""Tags across the catalogue: suggested while one types, renamed, merged, taken away."""

from typing import Any

from sqlalchemy import Select, delete, func, select

from lms_core.content.courses import queries
from lms_core.content.courses.catalogue_schemas import TagChange, TagView
from lms_core.content.courses.models import Course, CourseTag, Tag
from lms_core.content.courses.policies import require_catalogue_editor
from lms_core.content.courses.service.authoring import describe, touch
from lms_core.content.courses.slugs import containing, tag_slug
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, NotFound
from lms_core.kit.pagination import Page, decode_cursor, page

SUGGESTED = 8
TAGS_A_PAGE = 100


def suggest_tags(ctx: ReadCtx, *, q: str, limit: int = SUGGESTED) -> list[TagView]:
    """Tags whose name holds what was typed, those that begin with it first, then the most used. One statement."""
    typed = tag_slug(q.replace("\0", " "))
    if not typed:
        return []
    begins = Tag.slug.like(containing(typed).removeprefix("%"), escape="\\")
    wanted = _counted().where(Tag.slug.like(containing(typed), escape="\\"))
    wanted = wanted.order_by(begins.desc(), func.count(CourseTag.course_id).desc(), Tag.slug).limit(limit)
    return [TagView(**row._mapping) for row in ctx.session.execute(wanted)]


def tags(ctx: ReadCtx, *, cursor: str = "") -> Page[TagView]:
    """Every tag by its slug, for the catalogue's editors; a hundred at a time. One statement."""
    require_catalogue_editor(ctx.actor)
    wanted = _counted().order_by(Tag.slug).limit(TAGS_A_PAGE + 1)
    if cursor:
        wanted = wanted.where(Tag.slug > decode_cursor(cursor, (str,))[0])
    rows = [TagView(**row._mapping) for row in ctx.session.execute(wanted)]
    return page(rows, TAGS_A_PAGE, key=lambda tag: (tag.slug,))


def change_tag(ctx: WriteCtx, slug: str, *, change: TagChange) -> TagView:
    """Give a tag another name; when another tag has it, its courses carry that one from now on. NotFound."""
    require_catalogue_editor(ctx.actor)
    row = _named(ctx, slug)
    wanted = tag_slug(change.name)
    if not wanted:
        raise Invalid("A tag needs a letter or digit.", fields=[{"field": "name", "message": "A tag needs a letter."}])
    courses = _carrying(ctx, row)
    other: Tag | None = ctx.session.execute(select(Tag).where(Tag.slug == wanted)).scalar_one_or_none()
    if other is None or other.id == row.id:
        row.slug, row.name = wanted, change.name
    else:
        _merge(ctx, row, into=other)
        row = other
    ctx.session.flush()
    _renew(ctx, courses)
    found = ctx.session.execute(_counted().where(Tag.id == row.id)).one()
    return TagView(**found._mapping)


def delete_tag(ctx: WriteCtx, slug: str) -> None:
    """Take a tag off every course. NotFound."""
    require_catalogue_editor(ctx.actor)
    row = _named(ctx, slug)
    courses = _carrying(ctx, row)
    ctx.session.execute(delete(CourseTag).where(CourseTag.tag_id == row.id))
    ctx.session.delete(row)
    ctx.session.flush()
    _renew(ctx, courses)


def _counted() -> Select[Any]:
    counted: Select[Any] = select(Tag.slug, Tag.name, func.count(CourseTag.course_id).label("courses"))
    return counted.outerjoin(CourseTag, CourseTag.tag_id == Tag.id).group_by(Tag.id, Tag.slug, Tag.name)


def _named(ctx: WriteCtx, slug: str) -> Tag:
    wanted = select(Tag).where(Tag.slug == slug).with_for_update(key_share=True)
    found: Tag | None = ctx.session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such tag any more. Load the page again.")
    return found


def _carrying(ctx: WriteCtx, tag: Tag) -> list[Course]:
    """The rows of the courses that carry a tag, locked in one order."""
    marked = select(CourseTag.course_id).where(CourseTag.tag_id == tag.id)
    found = select(Course).where(Course.id.in_(marked)).order_by(Course.id).with_for_update(key_share=True)
    return list(ctx.session.execute(found).scalars())


def _merge(ctx: WriteCtx, tag: Tag, *, into: Tag) -> None:
    """Let the courses of one tag carry another, each once and at the better of both places."""
    kept = {
        row.course_id: row
        for row in ctx.session.execute(select(CourseTag).where(CourseTag.tag_id == into.id)).scalars()
    }
    gone = list(ctx.session.execute(select(CourseTag).where(CourseTag.tag_id == tag.id)).scalars())
    for row in gone:
        known = kept.get(row.course_id)
        if known is None:
            ctx.session.add(CourseTag(course_id=row.course_id, tag_id=into.id, position=row.position))
        else:
            known.position = min(known.position, row.position)
        ctx.session.delete(row)
    ctx.session.flush()
    ctx.session.delete(tag)


def _renew(ctx: WriteCtx, courses: list[Course]) -> None:
    names = queries.tags_of(ctx, [course.id for course in courses])
    for course in courses:
        describe(course, names[course.id])
        touch(ctx, course)
    ctx.session.flush()
