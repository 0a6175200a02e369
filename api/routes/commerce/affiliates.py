"""`/finance/affiliates`: who sends buyers and earns a share; `/affiliates/{code}`: that somebody came by a link."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import AffiliateNotFound, AlreadyAffiliate, CodeTaken
from lms_core.commerce.products.schemas import AffiliateChange, AffiliateIn, AffiliateView
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["shop"])

Cursor = Annotated[str, Query(max_length=600)]


@router.get(
    "/finance/affiliates", response_model=Page[AffiliateView], responses=errors(Unauthenticated, Forbidden, Invalid)
)
def list_all(ctx: Reading, cursor: Cursor = "") -> Page[AffiliateView]:
    """Every affiliate, newest first."""
    return products.affiliates(ctx, cursor=cursor)


@router.post(
    "/finance/affiliates",
    status_code=201,
    response_model=AffiliateView,
    responses=errors(Unauthenticated, Forbidden, NotFound, AlreadyAffiliate, CodeTaken, Invalid),
)
def create(ctx: Writing, affiliate: AffiliateIn) -> AffiliateView:
    """Let somebody earn a share of what the buyers they send pay."""
    return products.add_affiliate(ctx, affiliate=affiliate)


@router.patch(
    "/finance/affiliates/{affiliate_id}",
    response_model=AffiliateView,
    responses=errors(Unauthenticated, Forbidden, AffiliateNotFound, Invalid),
)
def change(ctx: Writing, affiliate_id: UUID, change: AffiliateChange) -> AffiliateView:
    """Change the share or the window, or let the code count no longer."""
    return products.change_affiliate(ctx, affiliate_id, change=change)


@router.post(
    "/affiliates/{code}", status_code=204, response_model=None, responses=errors(Unauthenticated, AffiliateNotFound)
)
def attribute(ctx: Writing, code: Annotated[str, Path(max_length=40)]) -> None:
    """Note that the caller came by this code; the last one counts."""
    products.attribute(ctx, code)
