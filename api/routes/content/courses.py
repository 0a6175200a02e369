"""`/courses`: the catalogue, a course, and its life from draft to archive; templates."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.answers import as_json
from api.deps import Reading, VisitorReading, Writing
from api.errors import errors
from api.routes.content.schemas import CourseDetail
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import (
    CourseNotFound,
    IsTemplate,
    NothingToPublish,
    OutlineChanged,
    SlugTaken,
    StillPublished,
)
from lms_core.content.courses.models import CourseStatus
from lms_core.content.courses.schemas import (
    CourseCard,
    CourseChange,
    CourseIn,
    ModuleView,
    OutlineOrder,
)
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release

router = APIRouter(tags=["courses"])

CourseName = Annotated[str, Path(max_length=80, description="The course's id or slug")]
Filter = Annotated[str, Query(max_length=200)]
Cursor = Annotated[str, Query(max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)]


@router.get("/courses", response_model=Page[CourseCard], responses=errors(Invalid))
def browse(
    ctx: VisitorReading,
    q: Filter = "",
    category: Filter = "",
    tag: Filter = "",
    language: Filter = "",
    sort: Literal["newest", "rating"] = "newest",
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Response:
    """The catalogue: published courses, newest or best rated first, those with every word of `q` where it is given."""
    found = courses.browse(
        ctx,
        q=q,
        category=category,
        tag=tag,
        language=language,
        by_rating=sort == "rating",
        cursor=cursor,
        limit=limit,
    )
    return as_json(found)


@router.get("/my-teaching", response_model=Page[CourseCard], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_manageable(
    ctx: Reading, status: CourseStatus | None = None, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[CourseCard]:
    """The courses the caller may edit, drafts and archived ones too."""
    courses.require_manager(ctx)
    return courses.manageable(ctx, status=status, cursor=cursor, limit=limit)


@router.post(
    "/courses",
    status_code=201,
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, SlugTaken, Invalid),
)
def create(ctx: Writing, course: CourseIn) -> CourseCard:
    """Make a course; it begins as a draft."""
    return courses.create(ctx, course=course)


@router.get("/courses/{course}", response_model=CourseDetail, responses=errors(CourseNotFound))
def read(ctx: VisitorReading, course: CourseName) -> Response:
    """A course with its modules and lessons; drafts only for editors, archived courses only for those in them."""
    card = courses.access_course(ctx, course, even_archived=True)
    may_edit = courses.may_edit(ctx, card.id)
    enrolled = enrolments.is_enrolled(ctx, card.id)
    if card.status == CourseStatus.ARCHIVED and not (may_edit or enrolled):
        raise CourseNotFound()
    modules = courses.outline(ctx, card.id, drafts=may_edit, revision=card.updated_at)
    locked = sorted(release.locked_in(ctx, card)) if enrolled else ()
    return as_json(
        CourseDetail(**dict(card), enrolled=enrolled, may_edit=may_edit, modules=modules, locked=tuple(locked))
    )


@router.patch(
    "/courses/{course}",
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def update(ctx: Writing, course: CourseName, change: CourseChange) -> CourseCard:
    """Describe the course anew; what is left out stays."""
    return courses.update(ctx, course, change=change)


@router.post(
    "/courses/{course}/publish",
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NothingToPublish, IsTemplate),
)
def publish(ctx: Writing, course: CourseName) -> CourseCard:
    """Put the course into the catalogue."""
    return courses.publish(ctx, course)


@router.post(
    "/courses/{course}/archive",
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def archive(ctx: Writing, course: CourseName) -> CourseCard:
    """Take the course out of the catalogue; those enrolled keep reading."""
    return courses.archive(ctx, course)


@router.put(
    "/courses/{course}/template",
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, StillPublished),
)
def offer_as_template(ctx: Writing, course: CourseName) -> CourseCard:
    """Offer a draft or archived course to the institution's authors to begin from."""
    return courses.set_template(ctx, course, template=True)


@router.delete(
    "/courses/{course}/template",
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def offer_no_longer(ctx: Writing, course: CourseName) -> CourseCard:
    """Let the course be no template any more; copies of it stay."""
    return courses.set_template(ctx, course, template=False)


@router.delete(
    "/courses/{course}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, StillPublished),
)
def delete(ctx: Writing, course: CourseName) -> None:
    """Delete a draft or archived course with everything in it."""
    courses.delete_course(ctx, course)


@router.put(
    "/courses/{course}/outline",
    response_model=list[ModuleView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, OutlineChanged),
)
def set_outline(ctx: Writing, course: CourseName, order: OutlineOrder) -> list[ModuleView]:
    """Put all modules and lessons in the given order at once."""
    return courses.set_outline(ctx, course, order=order)
