"""An instructor's courses: the list, a new one, and the page from which one course is run."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard, CourseChange, CourseIn
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/teach", include_in_schema=False)

COURSES_A_PAGE = 24
Line = Annotated[str, Form(max_length=6000)]


@router.get("")
def my_teaching(request: Request, ctx: Reading, cursor: Annotated[str, Query(max_length=400)] = "") -> Response:
    """The courses one may edit, in any status; three statements."""
    courses.require_manager(ctx)
    found = courses.manageable(ctx, cursor=cursor, limit=COURSES_A_PAGE)
    return page(request, ctx.actor, "teach/courses.html", found=found)


@router.get("/new")
def new_course(request: Request, ctx: Reading) -> Response:
    """Two ways to a course: bring files, or begin empty."""
    courses.require_manager(ctx)
    return _new_page(request, ctx, values={"language": "en"}, errors={}, status=200)


@router.post("/new")
def create(request: Request, ctx: Writing, title: Line = "", summary: Line = "", language: Line = "en") -> Response:
    """Begin an empty course."""
    values = {"title": title, "summary": summary, "language": language}
    try:
        card = courses.create(ctx, course=CourseIn.model_validate(values))
    except (ValidationError, DomainError) as error:
        status = getattr(error, "status", 422)
        return _new_page(request, ctx, values=values, errors=errors_of(error, words(request, ctx.actor)), status=status)
    return redirect(f"/teach/courses/{card.slug}/outline")


def _new_page(request: Request, ctx: ReadCtx, *, values: dict[str, str], errors: Errors, status: int) -> Response:
    return page(request, ctx.actor, "teach/new.html", status=status, values=values, errors=errors)


@router.get("/courses/{slug}")
def course_page(request: Request, ctx: Reading, slug: str) -> Response:
    """How a course stands and what it says of itself; four statements."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    tags = ", ".join(courses.tags_of(ctx, card.id))
    values = {"title": card.title, "summary": card.summary, "language": card.language, "tags": tags}
    values |= {"category": card.category or "", "access": card.access}
    return _course_page(request, ctx, card, values=values, errors={}, status=200)


@router.post("/courses/{slug}")
def save(
    request: Request,
    ctx: Writing,
    slug: str,
    title: Line = "",
    summary: Line = "",
    language: Line = "",
    category: Line = "",
    access: Line = "open",
    tags: Line = "",
) -> Response:
    """Keep what the course says of itself."""
    values = {"title": title, "summary": summary, "language": language, "category": category, "access": access}
    names = [name.strip() for name in tags.split(",") if name.strip()]
    try:
        change = CourseChange.model_validate({**values, "tags": names})
        courses.update(ctx, slug, change=change)
    except ValidationError as error:
        card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
        errors = errors_of(error, words(request, ctx.actor))
        return _course_page(request, ctx, card, values={**values, "tags": tags}, errors=errors, status=422)
    return redirect(f"/teach/courses/{slug}", notice="saved")


@router.post("/courses/{slug}/publish")
def publish(request: Request, ctx: Writing, slug: str) -> Response:
    """Put the course into the catalogue."""
    courses.publish(ctx, slug)
    return redirect(f"/teach/courses/{slug}", notice="published")


@router.post("/courses/{slug}/archive")
def archive(ctx: Writing, slug: str) -> Response:
    """Take the course out of the catalogue."""
    courses.archive(ctx, slug)
    return redirect(f"/teach/courses/{slug}", notice="archived")


@router.post("/courses/{slug}/delete")
def delete(ctx: Writing, slug: str) -> Response:
    """Delete a draft or archived course with everything in it."""
    courses.delete_course(ctx, slug)
    return redirect("/teach", notice="deleted")


def _course_page(
    request: Request, ctx: ReadCtx, card: CourseCard, *, values: dict[str, str], errors: Errors, status: int
) -> Response:
    return page(
        request,
        ctx.actor,
        "teach/course.html",
        status=status,
        course=card,
        values=values,
        errors=errors,
        categories=[(each.slug, each.name) for each in courses.categories(ctx)],
        tab="course",
    )
