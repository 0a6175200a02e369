"""`/users`: the people of an institution."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading
from api.errors import errors
from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts.schemas import SearchText
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page

router = APIRouter(prefix="/users", tags=["users"])


@router.get("", response_model=Page[Member], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_users(
    ctx: Reading,
    q: Annotated[SearchText, Query()] = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)] = DEFAULT_LIMIT,
) -> Page[Member]:
    """The people of the institution, for administrators; `q` is part of a name or address."""
    return access.members(ctx, q=q, cursor=cursor, limit=limit)


@router.get("/{user_id}", response_model=Member, responses=errors(Unauthenticated, NotFound))
def read_user(ctx: Reading, user_id: UUID) -> Member:
    """One person: oneself, or anybody for administrators."""
    return access.member(ctx, user_id=user_id)
