"""`POST /admin/users`: administrators make accounts, with a role and a confirmed address."""

from fastapi import APIRouter

from api.deps import Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts.errors import EmailTaken, WeakPassword
from lms_core.identity.accounts.schemas import Registration
from lms_core.kit.errors import Forbidden, Unauthenticated
from lms_core.kit.permissions import Permission, Role, TenantRole

router = APIRouter(prefix="/admin", tags=["admin"])


class NewMember(Registration):
    """A person and the role they begin with."""

    role: TenantRole = Role.LEARNER


@router.post(
    "/users",
    status_code=201,
    response_model=Member,
    responses=errors(Unauthenticated, Forbidden, EmailTaken, WeakPassword),
)
def add_user(ctx: Writing, new: NewMember, client: ClientDep) -> Member:
    """Make an account."""
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators manage people. Ask one of them.")
    access.ensure_above(ctx, [new.role])
    registration = Registration.model_validate(new.model_dump(exclude={"role"}))
    return access.add_member(ctx, registration=registration, role=new.role, verified=True, ip=client.ip)
