"""Making a path: what it says, which courses in which order, whether learners find it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.slugs import containing, searchable, slug_of
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.content.media import service as media
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import Page, page
from lms_core.kit.permissions import Permission
from lms_core.learning.paths import covers, queries
from lms_core.learning.paths.covers import COVER
from lms_core.learning.paths.errors import PathNotReady, PathSlugTaken
from lms_core.learning.paths.models import LearningPath, PathCourse, PathStatus
from lms_core.learning.paths.policies import require_editor, require_maker
from lms_core.learning.paths.schemas import PathCard, PathChange, PathCourseIn, PathCoursesIn, PathDetail, PathIn
from lms_core.learning.paths.service.following import PATHS_A_PAGE, access_path, after


def create(ctx: WriteCtx, *, path: PathIn) -> PathDetail:
    """A new draft of the actor. Forbidden; PathSlugTaken."""
    require_maker(ctx.actor)
    row = LearningPath(
        slug=_free_slug(ctx, path), owner_id=ctx.actor.user_id, created_at=ctx.now, updated_at=ctx.now,
        **path.model_dump(exclude={"slug"}),
    )  # fmt: skip
    _describe(row)
    ctx.add(row)
    return access_path(ctx, row.id)


def change(ctx: WriteCtx, path: str | UUID, *, change: PathChange) -> PathDetail:
    """Describe a path anew; what is left out stays. PathNotFound, Forbidden."""
    row = _editable(ctx, path)
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    _describe(row)
    _touch(ctx, row)
    return access_path(ctx, row.id)


def set_courses(ctx: WriteCtx, path: str | UUID, *, given: PathCoursesIn) -> PathDetail:
    """Make these the courses of the path, in this order. Invalid for a course its maker cannot see.

    A published path keeps at least one course; of those that are new to it, all must be published.
    """
    row = _editable(ctx, path)
    known = {each.course_id: each for each in queries.courses_of(ctx, [row.id])[row.id]}
    cards = courses.cards(ctx, [each.course_id for each in given.courses])
    for each in given.courses:
        card = cards.get(each.course_id)
        if card is None or (each.course_id not in known and not _visible(ctx, each.course_id)):
            raise Invalid("A course of the path is not there, or you may not see it. Load the page again.")
        if row.status == PathStatus.PUBLISHED and each.course_id not in known and card.status != CourseStatus.PUBLISHED:
            raise PathNotReady()
    if row.status == PathStatus.PUBLISHED and not given.courses:
        raise PathNotReady()
    _write(ctx, row, given.courses)
    _touch(ctx, row)
    return access_path(ctx, row.id)


def publish(ctx: WriteCtx, path: str | UUID) -> PathDetail:
    """Let learners find the path. PathNotReady."""
    row = _editable(ctx, path)
    cards = courses.cards(ctx, [each.course_id for each in queries.courses_of(ctx, [row.id])[row.id]])
    if not cards or any(card.status != CourseStatus.PUBLISHED for card in cards.values()):
        raise PathNotReady()
    row.status = PathStatus.PUBLISHED
    _touch(ctx, row)
    return access_path(ctx, row.id)


def unpublish(ctx: WriteCtx, path: str | UUID) -> PathDetail:
    """Hide the path from who does not follow it."""
    row = _editable(ctx, path)
    row.status = PathStatus.DRAFT
    _touch(ctx, row)
    return access_path(ctx, row.id)


def delete_path(ctx: WriteCtx, path: str | UUID) -> None:
    """Remove the path; its courses, and who is in them, stay."""
    row = _editable(ctx, path)
    files.remove(ctx, owner_id=row.id)
    ctx.session.execute(delete(LearningPath).where(LearningPath.id == row.id))


def keep_cover(ctx: ReadCtx, path: str | UUID, *, content: bytes) -> dict[str, StoredFile]:
    """Draw an uploaded picture anew and store it with its smaller variants, for `set_cover`. Refused.

    By the path each gets among the files of the learning path. Call it outside a transaction.
    """
    row = queries.path(ctx, path)
    require_editor(ctx.actor, row)
    drawn = media.draw_cover(ctx.resources, content)
    contents = {COVER: drawn.content}
    for width, made in drawn.variants.items():
        contents |= {covers.variant(width, kind): picture for kind, picture in made.items()}
    return {
        name: files.upload(ctx.resources, tenant_id=ctx.tenant_id, owner_id=row.id, source=picture)
        for name, picture in contents.items()
    }


def set_cover(ctx: WriteCtx, path: str | UUID, *, stored: dict[str, StoredFile]) -> PathDetail:
    """Make the picture that `keep_cover` stored the path's cover."""
    row = _editable(ctx, path)
    files.remove(ctx, owner_id=row.id, keep=list(stored))
    for name, picture in stored.items():
        files.attach(ctx, owner_id=row.id, path=name, stored=picture)
    row.cover, row.cover_alt = stored[COVER].sha256, ""
    _touch(ctx, row)
    return access_path(ctx, row.id)


def drop_cover(ctx: WriteCtx, path: str | UUID) -> PathDetail:
    """Show the drawn cover again."""
    row = _editable(ctx, path)
    files.remove(ctx, owner_id=row.id)
    row.cover, row.cover_alt = "", ""
    _touch(ctx, row)
    return access_path(ctx, row.id)


def manageable(ctx: ReadCtx, *, cursor: str = "") -> Page[PathCard]:
    """The paths the actor may change, newest first. Three statements, five when courses are not known yet."""
    require_maker(ctx.actor)
    wanted = select(LearningPath).order_by(LearningPath.id.desc()).limit(PATHS_A_PAGE + 1)
    if not ctx.actor.may(Permission.CATALOGUE_EDIT):
        wanted = wanted.where(LearningPath.owner_id == ctx.actor.user_id)
    if cursor:
        wanted = wanted.where(LearningPath.id < after(cursor))
    rows = list(ctx.session.execute(wanted).scalars())
    return page(queries.cards(ctx, rows), PATHS_A_PAGE, key=lambda card: (str(card.id),))


def _editable(ctx: WriteCtx, path: str | UUID) -> LearningPath:
    row = queries.locked(ctx, path)
    require_editor(ctx.actor, row)
    return row


def _visible(ctx: ReadCtx, course_id: UUID) -> bool:
    try:
        courses.access_course(ctx, course_id)
    except CourseNotFound:
        return False
    return True


def _write(ctx: WriteCtx, row: LearningPath, given: Sequence[PathCourseIn]) -> None:
    ctx.session.execute(delete(PathCourse).where(PathCourse.path_id == row.id))
    ctx.session.add_all(
        PathCourse(path_id=row.id, course_id=each.course_id, position=place, optional=each.optional)
        for place, each in enumerate(given)
    )
    ctx.session.flush()


def _describe(row: LearningPath) -> None:
    row.search_text = searchable(f"{row.title} {row.summary}")


def _touch(ctx: WriteCtx, row: LearningPath) -> None:
    row.updated_at = ctx.now
    ctx.session.flush()


def _free_slug(ctx: WriteCtx, path: PathIn) -> str:
    wanted = path.slug or slug_of(path.title, otherwise="path")
    if parse_id(wanted) is not None:
        raise Invalid("A slug must not look like an id.", fields=[{"field": "slug", "message": "looks like an id"}])
    near = select(LearningPath.slug).where(LearningPath.slug.like(containing(wanted).removeprefix("%"), escape="\\"))
    taken = set(ctx.session.execute(near).scalars())
    if wanted not in taken:
        return wanted
    if path.slug is not None:
        raise PathSlugTaken(wanted)
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{wanted}-{number}") not in taken)
