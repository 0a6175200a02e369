"""`/admin/roles`: the institution's own roles, and who holds them."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.content.courses import service as courses
from lms_core.identity.access import custom
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput, CustomRoleView, HeldRole
from lms_core.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated

router = APIRouter(prefix="/admin/roles", tags=["admin"])


@router.get("", response_model=list[CustomRoleView], responses=errors(Unauthenticated, Forbidden))
def list_roles(ctx: Reading) -> list[CustomRoleView]:
    """The institution's own roles."""
    return custom.roles(ctx)


@router.post("", status_code=201, response_model=CustomRoleView, responses=errors(Unauthenticated, Forbidden, Conflict))
def make_role(ctx: Writing, role: CustomRoleInput) -> CustomRoleView:
    """Make a role out of permissions."""
    return custom.make(ctx, role=role)


@router.put(
    "/{role_id}", response_model=CustomRoleView, responses=errors(Unauthenticated, Forbidden, NotFound, Conflict)
)
def change_role(ctx: Writing, role_id: UUID, role: CustomRoleInput) -> CustomRoleView:
    """Change a role for all who hold it."""
    return custom.change(ctx, role_id=role_id, role=role)


@router.delete(
    "/{role_id}", status_code=204, response_model=None, responses=errors(Unauthenticated, Forbidden, NotFound)
)
def remove_role(ctx: Writing, role_id: UUID) -> None:
    """Take a role away from everybody."""
    custom.remove(ctx, role_id=role_id)


@router.get(
    "/{role_id}/grants",
    response_model=list[CustomRoleGrantView],
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def list_grants(ctx: Reading, role_id: UUID) -> list[CustomRoleGrantView]:
    """Who holds a role."""
    return custom.grants(ctx, role_id=role_id)


@router.post(
    "/{role_id}/grants",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def grant_role(ctx: Writing, role_id: UUID, given: CustomRoleGrantView) -> None:
    """Give a role to a person, in the institution or in one course."""
    if given.course_id is not None and not courses.cards(ctx, [given.course_id]):
        raise NotFound("There is no such course here.")
    custom.grant(ctx, role_id=role_id, given=given)


@router.post(
    "/{role_id}/grants/withdraw",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def withdraw_role(ctx: Writing, role_id: UUID, given: CustomRoleGrantView) -> None:
    """Take a role from a person."""
    custom.withdraw(ctx, role_id=role_id, given=given)


@router.get(
    "/held-by/{user_id}",
    response_model=list[HeldRole],
    responses=errors(Unauthenticated, NotFound),
)
def list_held(ctx: Reading, user_id: UUID) -> list[HeldRole]:
    """The institution's own roles that a person holds, and in which courses."""
    return custom.held_by(ctx, user_id=user_id)
