"""`/courses/{course}/copies`, `/copies`, `/beginnings`: courses made from courses and from templates."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound, SlugTaken
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.media.errors import QuotaExceeded
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.learning.copying import service as copying
from lms_core.learning.copying.errors import BeginningNotFound, CopyNotFound
from lms_core.learning.copying.schemas import BeginIn, BeginningView, CopyIn, CopyView

router = APIRouter(tags=["courses"])


@router.post(
    "/courses/{course}/copies",
    status_code=202,
    response_model=CopyView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, SlugTaken, QuotaExceeded, Invalid),
)
def duplicate(ctx: Writing, course: CourseName, copy: CopyIn) -> CopyView:
    """Copy a course, or a template of the institution: a draft of the caller, filled in the background."""
    return copying.duplicate(ctx, course, copy=copy)


@router.get("/copies/{copy_id}", response_model=CopyView, responses=errors(Unauthenticated, CopyNotFound))
def read_copy(ctx: Reading, copy_id: UUID) -> CopyView:
    """How far a copy is."""
    return copying.access_copy(ctx, copy_id)


@router.get("/course-templates", response_model=list[CourseCard], responses=errors(Unauthenticated, Forbidden))
def list_templates(ctx: Reading) -> list[CourseCard]:
    """The institution's templates, for those who make courses."""
    return courses.templates(ctx)


@router.get("/beginnings", response_model=list[BeginningView], responses=errors(Unauthenticated))
def list_beginnings(
    ctx: Reading, language: Annotated[str, Query(pattern="^[a-z]{2}$", description="en or sw")] = "en"
) -> list[BeginningView]:
    """The templates that come with the product."""
    return copying.all_beginnings(language)


@router.post(
    "/beginnings",
    status_code=201,
    response_model=CourseCard,
    responses=errors(Unauthenticated, Forbidden, BeginningNotFound, SlugTaken, Invalid),
)
def begin(ctx: Writing, course: BeginIn) -> CourseCard:
    """Make a course from a template that comes with the product."""
    return copying.begin(ctx, course=course)
