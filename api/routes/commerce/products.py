"""`/products`: what is for sale; `/finance/products`: putting it up for sale."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, VisitorReading, Writing
from api.errors import errors
from lms_core.commerce.products import service as products
from lms_core.commerce.products.errors import AlreadySold, ProductNotFound, TaxRateNotFound
from lms_core.commerce.products.models import ProductKind
from lms_core.commerce.products.schemas import PriceIn, ProductChange, ProductIn, ProductView
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["shop"])

Cursor = Annotated[str, Query(max_length=600)]


@router.get("/products", response_model=Page[ProductView], responses=errors(Invalid))
def browse(ctx: VisitorReading, cursor: Cursor = "") -> Page[ProductView]:
    """What is for sale now with its prices, newest first; plans have a list of their own."""
    return products.browse(ctx, cursor=cursor)


@router.get("/products/{product_id}", response_model=ProductView, responses=errors(ProductNotFound))
def read(ctx: VisitorReading, product_id: UUID) -> ProductView:
    """A product that is for sale."""
    return products.access_product(ctx, product_id)


@router.get(
    "/finance/products", response_model=Page[ProductView], responses=errors(Unauthenticated, Forbidden, Invalid)
)
def list_all(ctx: Reading, kind: ProductKind | None = None, cursor: Cursor = "") -> Page[ProductView]:
    """Every product, sold or not, newest first."""
    return products.manageable(ctx, kind=kind, cursor=cursor)


@router.post(
    "/finance/products",
    status_code=201,
    response_model=ProductView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, TaxRateNotFound, AlreadySold, Invalid),
)
def create(ctx: Writing, product: ProductIn) -> ProductView:
    """Put something up for sale."""
    return products.create(ctx, product=product)


@router.get(
    "/finance/products/{product_id}",
    response_model=ProductView,
    responses=errors(Unauthenticated, Forbidden, ProductNotFound),
)
def read_managed(ctx: Reading, product_id: UUID) -> ProductView:
    """A product, sold or not."""
    return products.managed(ctx, product_id)


@router.patch(
    "/finance/products/{product_id}",
    response_model=ProductView,
    responses=errors(Unauthenticated, Forbidden, ProductNotFound, TaxRateNotFound, Invalid),
)
def change(ctx: Writing, product_id: UUID, change: ProductChange) -> ProductView:
    """Describe a product anew, or take it off the shelf; what is left out stays."""
    return products.change(ctx, product_id, change=change)


@router.post(
    "/finance/products/{product_id}/prices",
    response_model=ProductView,
    responses=errors(Unauthenticated, Forbidden, ProductNotFound, Invalid),
)
def set_price(ctx: Writing, product_id: UUID, price: PriceIn) -> ProductView:
    """Give a product a new price in a currency, from now on or from a moment to come."""
    return products.set_price(ctx, product_id, price=price)
