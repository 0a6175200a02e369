"""The staff of a course as a page: who teaches it, who is asked to, and giving it away."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.staff import service as staff
from lms_core.content.staff.schemas import Chosen, InvitationIn
from lms_core.identity.access.schemas import CourseRoleChoice
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=400)]
PAGE = "/courses/{slug}/staff"


@router.get(PAGE)
def staff_page(request: Request, ctx: Reading, slug: str) -> Response:
    """Everybody on the staff, open invitations, and how to ask somebody."""
    return _page(request, ctx, slug, errors={}, values={}, status=200)


@router.post(PAGE + "/invitations")
def invite(request: Request, ctx: Writing, slug: str, email: Line = "", role: Line = "assistant") -> Response:
    """Ask somebody by mail."""
    try:
        given = InvitationIn.model_validate({"email": email, **_choice(role)})
        with ctx.session.begin_nested():
            staff.invite(ctx, slug, invitation=given)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, slug, error, {"email": email, "role": role})
    return redirect(f"/teach/courses/{slug}/staff", notice="staff-invited")


@router.post(PAGE + "/invitations/{invitation_id}/withdraw")
def withdraw(ctx: Writing, slug: str, invitation_id: UUID) -> Response:
    """Take an invitation back."""
    staff.withdraw(ctx, slug, invitation_id=invitation_id)
    return redirect(f"/teach/courses/{slug}/staff", notice="saved")


@router.post(PAGE)
def add(request: Request, ctx: Writing, slug: str, user_id: Line = "", role: Line = "instructor") -> Response:
    """Put a colleague on the staff at once."""
    try:
        chosen = Chosen.model_validate({"user_id": user_id, **_choice(role)})
        with ctx.session.begin_nested():
            staff.add(ctx, slug, chosen=chosen)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, slug, error, {"user_id": user_id, "role": role})
    return redirect(f"/teach/courses/{slug}/staff", notice="saved")


@router.post(PAGE + "/{user_id}")
def change(request: Request, ctx: Writing, slug: str, user_id: UUID, role: Line = "") -> Response:
    """Give somebody another role."""
    try:
        with ctx.session.begin_nested():
            staff.change(ctx, slug, user_id=user_id, choice=CourseRoleChoice.model_validate(_choice(role)))
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, slug, error, {})
    return redirect(f"/teach/courses/{slug}/staff", notice="saved")


@router.post(PAGE + "/{user_id}/remove")
def remove(request: Request, ctx: Writing, slug: str, user_id: UUID) -> Response:
    """Take somebody, or oneself, off the staff."""
    try:
        with ctx.session.begin_nested():
            staff.remove(ctx, slug, user_id=user_id)
    except DomainError as error:
        return _refused(request, ctx, slug, error, {})
    leaving = user_id == ctx.actor.user_id
    return redirect("/teach" if leaving else f"/teach/courses/{slug}/staff", notice="saved")


@router.post(PAGE + "/{user_id}/give")
def give(ctx: Writing, slug: str, user_id: UUID) -> Response:
    """Give the course to somebody on its staff."""
    staff.transfer(ctx, slug, user_id=user_id)
    return redirect(f"/teach/courses/{slug}/staff", notice="course-given")


def _choice(role: str) -> dict[str, str]:
    """A role as a form names it: by its name, or by the id of one of the institution's own."""
    return {"role_id": role} if parse_id(role) is not None else {"role": role}


def _refused(
    request: Request, ctx: WriteCtx, slug: str, error: ValidationError | DomainError, values: dict[str, str]
) -> Response:
    told = errors_told(words(request, ctx.actor), error)
    return _page(request, ctx, slug, errors=told, values=values, status=getattr(error, "status", 422))


def _page(
    request: Request, ctx: ReadCtx, slug: str, *, errors: Errors, values: dict[str, str], status: int
) -> Response:
    found = staff.staff(ctx, slug)
    return page(
        request,
        ctx.actor,
        "teach/staff.html",
        status=status,
        course=courses.access_course(ctx, slug, even_archived=True),
        staff=found,
        errors=errors,
        values=values,
        tab="staff",
    )
