"""Administrators' pages on roles: what each grants as a matrix, and the institution's own roles."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.permissions import PERMISSIONS
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.identity.access import custom
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError, NotFound
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import COURSE_PERMISSIONS, TENANT_PERMISSIONS, Permission, Role

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=500)]
Ticked = Annotated[list[str] | None, Form(max_length=100)]
SHOWN_IN_MATRIX = 8


@router.get("/admin/roles")
def list_roles(request: Request, ctx: Reading) -> Response:
    """Every role and what it grants."""
    return _roles_page(request, ctx)


@router.post("/admin/roles")
def make_role(
    request: Request, ctx: Writing, name: Line = "", description: Line = "", permissions: Ticked = None
) -> Response:
    """Make a role out of permissions."""
    given = {"name": name, "description": description, "permissions": permissions or []}
    try:
        made = custom.make(ctx, role=CustomRoleInput.model_validate(given))
    except (ValidationError, DomainError) as error:
        errors, status = errors_told(words(request, ctx.actor), error), getattr(error, "status", 422)
        return _roles_page(request, ctx, given=given, errors=errors, status=status)
    return redirect(f"/admin/roles/{made.id}", notice="saved")


@router.get("/admin/roles/{role_id}")
def role(request: Request, ctx: Reading, role_id: UUID) -> Response:
    """One role: what it grants, and who holds it."""
    return _role_page(request, ctx, role_id)


@router.post("/admin/roles/{role_id}")
def change_role(
    request: Request,
    ctx: Writing,
    role_id: UUID,
    name: Line = "",
    description: Line = "",
    permissions: Ticked = None,
) -> Response:
    """Change a role for all who hold it."""
    given = {"name": name, "description": description, "permissions": permissions or []}
    try:
        custom.change(ctx, role_id=role_id, role=CustomRoleInput.model_validate(given))
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, role_id, error, given=given)
    return redirect(f"/admin/roles/{role_id}", notice="saved")


@router.post("/admin/roles/{role_id}/delete")
def remove_role(ctx: Writing, role_id: UUID) -> Response:
    """Take a role away from everybody."""
    custom.remove(ctx, role_id=role_id)
    return redirect("/admin/roles", notice="deleted")


@router.post("/admin/roles/{role_id}/grants")
def grant(request: Request, ctx: Writing, role_id: UUID, email: Line = "", course: Line = "") -> Response:
    """Give the role to the person with this address, everywhere or in one course."""
    try:
        custom.grant(ctx, role_id=role_id, given=_given(ctx, email, course))
    except (ValueError, DomainError) as error:
        told = error if isinstance(error, DomainError) else NotFound("Nobody here has this address.")
        return _refused(request, ctx, role_id, told)
    return redirect(f"/admin/roles/{role_id}", notice="role-given")


@router.post("/admin/roles/{role_id}/grants/withdraw")
def withdraw(ctx: Writing, role_id: UUID, user_id: Line = "", course_id: Line = "") -> Response:
    """Take the role from a person."""
    person = parse_id(user_id)
    if person is None:
        raise NotFound("There is no such person here.")
    custom.withdraw(ctx, role_id=role_id, given=CustomRoleGrantView(user_id=person, course_id=parse_id(course_id)))
    return redirect(f"/admin/roles/{role_id}", notice="saved")


def _given(ctx: ReadCtx, email: str, course: str) -> CustomRoleGrantView:
    """Who is to hold a role, and where. ValueError when nobody has the address, CourseNotFound."""
    person = accounts.account_with_email(ctx, email=email)
    if person is None:
        raise ValueError("nobody has this address")
    course_id = courses.access_course(ctx, course.strip(), Permission.COURSE_EDIT).id if course.strip() else None
    return CustomRoleGrantView(user_id=person.id, course_id=course_id)


def _refused(
    request: Request,
    ctx: WriteCtx,
    role_id: UUID,
    error: ValidationError | DomainError,
    *,
    given: dict[str, object] | None = None,
) -> Response:
    errors = errors_told(words(request, ctx.actor), error)
    return _role_page(request, ctx, role_id, given=given, errors=errors, status=getattr(error, "status", 422))


def _roles_page(
    request: Request,
    ctx: ReadCtx,
    *,
    given: dict[str, object] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    own = custom.roles(ctx)
    built_in = (TENANT_PERMISSIONS[Role.LEARNER], TENANT_PERMISSIONS[Role.INSTRUCTOR])
    in_course = (COURSE_PERMISSIONS[role] for role in (Role.ASSISTANT, Role.INSTRUCTOR, Role.OWNER))
    columns = (*built_in, *in_course, TENANT_PERMISSIONS[Role.ADMIN])
    return page(
        request,
        ctx.actor,
        "admin/roles.html",
        status=status,
        own_roles=own,
        in_matrix=own[:SHOWN_IN_MATRIX],
        columns=columns,
        labels=PERMISSIONS,
        mine={each for each in Permission if ctx.actor.may(each)},
        values=given or {"name": "", "description": "", "permissions": []},
        errors=errors or {},
    )


def _role_page(
    request: Request,
    ctx: ReadCtx,
    role_id: UUID,
    *,
    given: dict[str, object] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    shown = next((each for each in custom.roles(ctx) if each.id == role_id), None)
    if shown is None:
        raise NotFound("There is no such role here.")
    holders = custom.grants(ctx, role_id=role_id)
    return page(
        request,
        ctx.actor,
        "admin/role.html",
        status=status,
        role=shown,
        holders=holders,
        names=accounts.names_of(ctx, [each.user_id for each in holders]),
        courses=courses.cards(ctx, list({each.course_id for each in holders if each.course_id is not None})),
        labels=PERMISSIONS,
        mine={each for each in Permission if ctx.actor.may(each)},
        values=given or shown.model_dump(),
        errors=errors or {},
    )
