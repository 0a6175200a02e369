"""A course's own life: made, described, published, archived, deleted."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, select

from lms_core.content.courses import queries
from lms_core.content.courses.errors import IsTemplate, NothingToPublish, SlugTaken, StillPublished
from lms_core.content.courses.events import CourseArchived, CourseDeleted, CoursePublished
from lms_core.content.courses.models import (
    Category,
    Course,
    CourseStatus,
    CourseTag,
    CoverFocus,
    Lesson,
    LessonStatus,
    Tag,
)
from lms_core.content.courses.policies import require_author
from lms_core.content.courses.schemas import CourseCard, CourseChange, CourseIn
from lms_core.content.courses.service.access import access_course, editable
from lms_core.content.courses.slugs import containing, searchable, slug_of, tag_slug
from lms_core.content.files import service as files
from lms_core.identity.access import service as access
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission, Role


def create(ctx: WriteCtx, *, course: CourseIn, kind: str = "authored") -> CourseCard:
    """A new draft, owned by the actor; `kind` names the source it comes from.

    SlugTaken; Invalid for a category that is not there.
    """
    require_author(ctx.actor)
    row = ctx.add(
        Course(
            slug=_free_slug(ctx, course),
            title=course.title,
            summary=course.summary,
            language=course.language,
            access=course.access,
            kind=kind,
            category_id=_category_id(ctx, course.category),
            cover=course.cover,
            owner_id=ctx.actor.user_id,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    )
    if ctx.actor.user_id is not None:
        access.grant(ctx, user_id=ctx.actor.user_id, role=Role.OWNER, course_id=row.id)
        ctx.actor = ctx.actor.with_course_role(row.id, Role.OWNER)
    describe(row, _set_tags(ctx, row.id, course.tags))
    return _card(ctx, row.id)


def update(ctx: WriteCtx, course: str | UUID, *, change: CourseChange) -> CourseCard:
    """Describe the course anew; what `change` leaves out stays. The slug never changes."""
    row = editable(ctx, course)
    for name in ("title", "summary", "language", "access", "cover", "cover_alt", "cover_focus"):
        value = getattr(change, name)
        if value is not None:
            setattr(row, name, value)
    if change.category is not None:
        row.category_id = _category_id(ctx, change.category)
    tags = queries.tags_of(ctx, [row.id])[row.id] if change.tags is None else _set_tags(ctx, row.id, change.tags)
    describe(row, tags)
    touch(ctx, row)
    return _card(ctx, row.id)


def publish(ctx: WriteCtx, course: str | UUID) -> CourseCard:
    """Put the course into the catalogue. NothingToPublish without a lesson to read; IsTemplate. Again: no change."""
    row = editable(ctx, course)
    if row.template:
        raise IsTemplate()
    if row.status != CourseStatus.PUBLISHED:
        readable = select(Lesson.id).where(Lesson.course_id == row.id, Lesson.status == LessonStatus.PUBLISHED)
        if ctx.session.execute(readable.limit(1)).first() is None:
            raise NothingToPublish()
        row.status = CourseStatus.PUBLISHED
        row.published_at = ctx.now
        touch(ctx, row)
        ctx.emit(CoursePublished(course_id=row.id))
    return _card(ctx, row.id)


def archive(ctx: WriteCtx, course: str | UUID) -> CourseCard:
    """Take the course out of the catalogue; those enrolled keep reading. Again: no change."""
    row = editable(ctx, course)
    if row.status != CourseStatus.ARCHIVED:
        row.status = CourseStatus.ARCHIVED
        touch(ctx, row)
        ctx.emit(CourseArchived(course_id=row.id))
    return _card(ctx, row.id)


def set_template(ctx: WriteCtx, course: str | UUID, *, template: bool) -> CourseCard:
    """Offer the course to the institution's authors to begin from, or take the offer back. StillPublished."""
    require_author(ctx.actor)
    row = editable(ctx, course)
    if template and row.status == CourseStatus.PUBLISHED:
        raise StillPublished()
    row.template = template
    touch(ctx, row)
    ctx.session.flush()
    return _card(ctx, row.id)


def set_cover(ctx: WriteCtx, course: str | UUID, *, path: str) -> CourseCard:
    """Make a file of the course its cover ("": the drawn one). Alt text and focus belong to the picture before."""
    row = editable(ctx, course)
    row.cover, row.cover_alt, row.cover_focus = path, "", CoverFocus.CENTER
    touch(ctx, row)
    ctx.session.flush()
    return _card(ctx, row.id)


def delete_course(ctx: WriteCtx, course: str | UUID) -> None:
    """Remove the course, its lessons and files, and what learners did in it. StillPublished: archive first.

    Forbidden for who edits the course and does not own it.
    """
    row = editable(ctx, course, Permission.COURSE_OWN)
    if row.status == CourseStatus.PUBLISHED:
        raise StillPublished()
    files.remove(ctx, owner_id=row.id)
    access.forget_course(ctx, course_id=row.id)
    ctx.session.execute(delete(Course).where(Course.id == row.id))
    ctx.emit(CourseDeleted(course_id=row.id))


def set_owner(ctx: WriteCtx, course_id: UUID, *, owner_id: UUID | None) -> None:
    """Write down whose course it is. The caller has authorised, and gives the roles."""
    row = ctx.session.execute(select(Course).where(Course.id == course_id).with_for_update(key_share=True)).scalar_one()
    row.owner_id = owner_id
    touch(ctx, row)


def set_rating(ctx: WriteCtx, course_id: UUID, *, count: int, total: int, rank: int) -> None:
    """Write down how the course is rated: as in `Course`. The caller has locked the course."""
    row = ctx.session.execute(select(Course).where(Course.id == course_id)).scalar_one()
    row.rating_count, row.rating_total, row.rating_rank = count, total, rank
    touch(ctx, row)


def recount(ctx: WriteCtx, course: Course) -> None:
    """Bring the course's numbers of lessons and minutes up to date. One statement."""
    required = func.coalesce(func.sum(case((Lesson.optional.is_(False), 1), else_=0)), 0)
    count, minutes, needed = ctx.session.execute(
        select(func.count(Lesson.id), func.coalesce(func.sum(Lesson.minutes), 0), required).where(
            Lesson.course_id == course.id,
            Lesson.status == LessonStatus.PUBLISHED,
            Lesson.translation_of_id.is_(None),
        )
    ).one()
    course.lesson_count, course.minutes, course.required_count = count, minutes, int(needed)
    touch(ctx, course)
    ctx.session.flush()


def renew_pages(ctx: WriteCtx, course_id: UUID) -> None:
    """Begin a new revision of a course, since something its pages show was made meanwhile; gone is fine."""
    locked = select(Course).where(Course.id == course_id).with_for_update(key_share=True)
    row: Course | None = ctx.session.execute(locked).scalar_one_or_none()
    if row is not None:
        touch(ctx, row)


def touch(ctx: WriteCtx, course: Course) -> None:
    """Give the locked course its next revision: every change to it, its modules or its lessons ends here.

    `updated_at` always moves on, even when the clock does not, since readers keep what they read under it.
    """
    course.updated_at = max(ctx.now, course.updated_at + timedelta(microseconds=1))


def _card(ctx: ReadCtx, course_id: UUID) -> CourseCard:
    return access_course(ctx, course_id, Permission.COURSE_EDIT)


def _free_slug(ctx: WriteCtx, course: CourseIn) -> str:
    wanted = course.slug or slug_of(course.title, otherwise="course")
    if parse_id(wanted) is not None:
        raise Invalid("A slug must not look like an id.", fields=[{"field": "slug", "message": "looks like an id"}])
    near = select(Course.slug).where(Course.slug.like(containing(wanted).removeprefix("%"), escape="\\"))
    taken = set(ctx.session.execute(near).scalars())
    if wanted not in taken:
        return wanted
    if course.slug is not None:
        raise SlugTaken(f"Another course has the address {wanted!r}. Choose another slug.")
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{wanted}-{number}") not in taken)


def _category_id(ctx: WriteCtx, slug: str | None) -> UUID | None:
    if not slug:
        return None
    found: UUID | None = ctx.session.execute(select(Category.id).where(Category.slug == slug)).scalar_one_or_none()
    if found is None:
        message = f"There is no category {slug!r}. Choose one of the list, or make it first."
        raise Invalid(message, fields=[{"field": "category", "message": message}])
    return found


def _set_tags(ctx: WriteCtx, course_id: UUID, names: Sequence[str]) -> list[str]:
    by_slug = {tag_slug(name): name for name in reversed(names)}
    wanted = [slug for slug in dict.fromkeys(tag_slug(name) for name in names) if slug]
    known = {tag.slug: tag for tag in ctx.session.execute(select(Tag).where(Tag.slug.in_(wanted))).scalars()}
    for slug in wanted:
        if slug not in known:
            known[slug] = ctx.add(Tag(slug=slug, name=by_slug[slug]))
    ctx.session.execute(delete(CourseTag).where(CourseTag.course_id == course_id))
    ctx.session.add_all(
        CourseTag(course_id=course_id, tag_id=known[slug].id, position=place) for place, slug in enumerate(wanted)
    )
    ctx.session.flush()
    return [known[slug].name for slug in wanted]


def describe(course: Course, tags: Sequence[str]) -> None:
    """Write down by what words the course is found, after its title, summary or tags changed."""
    course.search_text = searchable(" ".join((course.title, course.summary, *tags)))
