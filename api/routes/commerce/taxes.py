"""`/finance/taxes`: rates of tax. They are not edited, only offered or not."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import TaxRateNotFound
from lms_core.commerce.products.schemas import TaxRateIn, TaxRateView
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated

router = APIRouter(tags=["shop"])


class TaxRateChange(BaseModel):
    """Whether a rate is offered for products."""

    active: bool


@router.get("/finance/taxes", response_model=list[TaxRateView], responses=errors(Unauthenticated, Forbidden))
def list_all(ctx: Reading) -> list[TaxRateView]:
    """Every rate of tax, newest first."""
    return products.rates(ctx)


@router.post(
    "/finance/taxes",
    status_code=201,
    response_model=TaxRateView,
    responses=errors(Unauthenticated, Forbidden, Invalid),
)
def create(ctx: Writing, rate: TaxRateIn) -> TaxRateView:
    """A new rate of tax."""
    return products.add_rate(ctx, rate=rate)


@router.patch(
    "/finance/taxes/{rate_id}",
    response_model=TaxRateView,
    responses=errors(Unauthenticated, Forbidden, TaxRateNotFound, Invalid),
)
def change(ctx: Writing, rate_id: UUID, change: TaxRateChange) -> TaxRateView:
    """Offer a rate for products, or offer it no longer; products that have it keep it."""
    return products.set_rate_active(ctx, rate_id, active=change.active)
