"""An instructor's courses: the list, a new one, and what a course says of itself, its cover included."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.web.forms import Errors, errors_of
from api.web.refusals import errors_told
from api.web.rendering import language_of, page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.catalogue_schemas import CoursesAction
from lms_core.content.courses.models import CoverFocus
from lms_core.content.courses.schemas import NO_CONTROL, CourseCard, CourseChange, CourseIn
from lms_core.content.media import service as media
from lms_core.content.media.service.covering import LARGEST
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import STAFF_PERMISSIONS, Permission
from lms_core.learning.copying import service as copying

router = APIRouter(prefix="/teach", include_in_schema=False)

COURSES_A_PAGE = 24
Line = Annotated[str, Form(max_length=6000)]
AltLine = Annotated[str, Form(max_length=300, pattern=NO_CONTROL)]
SLUG_OR_NOTHING = r"^([a-z0-9]+(-[a-z0-9]+)*)?$"


@router.get("")
def my_teaching(request: Request, ctx: Reading, cursor: Annotated[str, Query(max_length=400)] = "") -> Response:
    """The courses of whose staff one is, in any status; five statements."""
    courses.require_manager(ctx)
    found = courses.manageable(ctx, permissions=STAFF_PERMISSIONS, cursor=cursor, limit=COURSES_A_PAGE)
    return page(request, ctx.actor, "teach/courses.html", found=found, categories=courses.categories(ctx))


@router.post("/many")
def change_many(
    ctx: Writing,
    course: Annotated[list[UUID] | None, Form(max_length=500)] = None,
    action: Annotated[Literal["archive", "categorise"], Form()] = "categorise",
    category: Annotated[str, Form(pattern=SLUG_OR_NOTHING, max_length=60)] = "",
) -> Response:
    """Archive the chosen courses, or put them into a category."""
    courses.require_manager(ctx)
    if not course:
        return redirect("/teach", notice="none-chosen")
    courses.change_courses(ctx, act=CoursesAction(courses=course, action=action, category=category))
    return redirect("/teach", notice="saved")


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
    makes = ctx.actor.may(Permission.COURSE_CREATE)
    return page(
        request,
        ctx.actor,
        "teach/new.html",
        status=status,
        values=values,
        errors=errors,
        beginnings=copying.all_beginnings(language_of(request, ctx.actor)) if makes else [],
        templates=courses.templates(ctx) if makes else [],
    )


@router.get("/courses/{slug}")
def course_page(request: Request, ctx: Reading, slug: str) -> Response:
    """How a course stands and what it says of itself; four statements. Assistants begin with what they mark."""
    card = courses.access_course(ctx, slug)
    if courses.is_staff(ctx, card.id) and not courses.may_edit(ctx, card.id):
        marks = ctx.actor.may(Permission.ATTEMPT_GRADE, course_id=card.id)
        return redirect(f"/teach/courses/{card.slug}/{'assignments' if marks else 'questions'}")
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    return _course_page(request, ctx, card, values=_values(ctx, card), errors={}, status=200)


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


@router.post("/courses/{slug}/cover")
def set_cover(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    slug: str,
    file: Annotated[UploadFile | None, File()] = None,
    remove: Line = "",
) -> Response:
    """Give the course a picture, or the drawn cover again; a picture that is not taken is told beside the form."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    if remove:
        with runtime.database.write(ctx.actor) as writing:
            media.drop_cover(writing, slug)
        return redirect(f"/teach/courses/{slug}", notice="saved")
    try:
        content = file.file.read(LARGEST + 1) if file is not None else b""
        kept = media.keep_cover(ctx, slug, content=content, name=(file.filename if file else "") or "")
        with runtime.database.write(ctx.actor) as writing:
            media.set_cover(writing, slug, kept=kept)
    except DomainError as error:
        told = {"cover": next(iter(errors_told(words(request, ctx.actor), error).values()))}
        return _course_page(request, ctx, card, values=_values(ctx, card), errors=told, status=error.status)
    return redirect(f"/teach/courses/{slug}#cover", notice="cover-saved")


@router.post("/courses/{slug}/cover/look")
def describe_cover(
    ctx: Writing, slug: str, cover_alt: AltLine = "", cover_focus: Annotated[CoverFocus, Form()] = CoverFocus.CENTER
) -> Response:
    """Keep what the cover shows and which part of it stays visible."""
    courses.update(ctx, slug, change=CourseChange(cover_alt=cover_alt, cover_focus=cover_focus))
    return redirect(f"/teach/courses/{slug}#cover", notice="saved")


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


def _values(ctx: ReadCtx, card: CourseCard) -> dict[str, str]:
    tags = ", ".join(courses.tags_of(ctx, card.id))
    values = {"title": card.title, "summary": card.summary, "language": card.language, "tags": tags}
    return values | {"category": card.category or "", "access": card.access}


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
        categories=[(each.slug, "– " * (each.depth - 1) + each.name) for each in courses.categories(ctx)],
        places=[place.value for place in CoverFocus],
        tab="course",
    )
