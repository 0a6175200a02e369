"""Courses made from courses: copying one, following the copy, offering a course as a template."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission
from lms_core.learning.copying import service as copying
from lms_core.learning.copying.schemas import BeginIn, CopyIn

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=6000)]


@router.get("/courses/{slug}/copy")
def copy_page(request: Request, ctx: Reading, slug: str) -> Response:
    """How a course is copied or offered to copy; the copy that is on its way to become it."""
    return _copy_page(request, ctx, slug)


@router.post("/courses/{slug}/copy")
def duplicate(request: Request, ctx: Writing, slug: str, title: Line = "", starts_on: Line = "") -> Response:
    """Begin a copy; the page of the new draft tells how far it is."""
    given = {"title": title.strip() or None, "starts_on": starts_on.strip() or None}
    try:
        copy = copying.duplicate(ctx, slug, copy=CopyIn.model_validate(given))
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        status = getattr(error, "status", 422)
        return _copy_page(request, ctx, slug, title=title, starts_on=starts_on, errors=told, status=status)
    return redirect(f"/teach/courses/{copy.target_slug}/copy", notice="copy-begun")


@router.post("/courses/{slug}/template")
def offer(ctx: Writing, slug: str, template: Line = "") -> Response:
    """Offer a course as a template, or no longer."""
    courses.set_template(ctx, slug, template=bool(template))
    return redirect(f"/teach/courses/{slug}/copy", notice="saved")


@router.post("/new/from/{beginning}")
def begin(
    ctx: Writing,
    beginning: Annotated[str, Path(pattern="^[a-z]{1,20}$")],
    title: Annotated[str, Form(min_length=1, max_length=200, pattern=NO_CONTROL)],
    language: Annotated[Literal["en", "sw"], Form()] = "en",
) -> Response:
    """A new course from a template that comes with the product."""
    given = BeginIn(title=title.strip() or beginning, language=language, beginning=beginning)
    return redirect(f"/teach/courses/{copying.begin(ctx, course=given).slug}/outline")


def _copy_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    title: str = "",
    starts_on: str = "",
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT)
    assert ctx.actor.user_id is not None
    zone = accounts.account(ctx, user_id=ctx.actor.user_id).time_zone
    return page(
        request,
        ctx.actor,
        "teach/copy.html",
        status=status,
        course=card,
        copy=copying.under_way(ctx, card.id),
        values={"title": title or card.title, "starts_on": starts_on},
        first_date=copying.first_date(ctx, card.id, zone=zone),
        errors=errors or {},
        may_make=ctx.actor.may(Permission.COURSE_CREATE),
        tab="copy",
    )
