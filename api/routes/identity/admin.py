"""`/admin`: roles, closing accounts, and the audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.identity.access import service as access
from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.access.schemas import ClosedChoice, Member, RoleChoice
from lms_core.identity.accounts.schemas import SearchText
from lms_core.identity.audit import service as audit
from lms_core.identity.audit.schemas import AuditLine
from lms_core.identity.auth import service as auth
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page

router = APIRouter(prefix="/admin", tags=["admin"])


@router.put(
    "/users/{user_id}/role",
    response_model=Member,
    responses=errors(Unauthenticated, Forbidden, NotFound, LastAdmin),
)
def set_role(ctx: Writing, user_id: UUID, choice: RoleChoice, client: ClientDep) -> Member:
    """Give a person their role in the institution: learner, instructor or admin."""
    return access.set_role(ctx, user_id=user_id, role=choice.role, ip=client.ip)


@router.put(
    "/users/{user_id}/closed",
    response_model=Member,
    responses=errors(Unauthenticated, Forbidden, NotFound, LastAdmin),
)
def set_closed(ctx: Writing, user_id: UUID, choice: ClosedChoice, client: ClientDep) -> Member:
    """Close an account, which logs the person out everywhere, or open it again."""
    return auth.set_closed(ctx, user_id=user_id, closed=choice.closed, ip=client.ip)


@router.get("/audit", response_model=Page[AuditLine], responses=errors(Unauthenticated, Forbidden, Invalid))
def read_audit(
    ctx: Reading,
    action: Annotated[SearchText, Query()] = "",
    actor_id: UUID | None = None,
    cursor: Annotated[str, Query(max_length=600)] = "",
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = DEFAULT_LIMIT,
) -> Page[AuditLine]:
    """What was done in the institution, newest first, for administrators."""
    return audit.entries(ctx, action=action, actor_id=actor_id, cursor=cursor, limit=limit)
