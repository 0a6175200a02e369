"""The selects of products."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from lms_core.commerce.products.errors import ProductNotFound
from lms_core.commerce.products.models import BundleItem, Price, Product, TaxRate
from lms_core.commerce.products.schemas import PriceView, ProductView
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import decode_cursor


def holds(now: datetime) -> ColumnElement[bool]:
    """That a price holds at this moment."""
    ended = or_(col(Price.valid_to).is_(None), col(Price.valid_to) > now)
    return and_(col(Price.valid_from) <= now, ended)


def locked(ctx: WriteCtx, product_id: UUID) -> Product:
    """The row of a product, whose prices have one writer at a time; ProductNotFound."""
    wanted = select(Product).where(Product.id == product_id).with_for_update(key_share=True)
    row: Product | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise ProductNotFound()
    return row


def views(ctx: ReadCtx, rows: Sequence[Product]) -> list[ProductView]:
    """Products with their prices of now. Three statements at most, none without products."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    prices: dict[UUID, list[PriceView]] = {}
    wanted = select(Price).where(Price.product_id.in_(ids), holds(ctx.now))
    for price in ctx.session.execute(wanted.order_by(Price.currency, Price.interval)).scalars():
        prices.setdefault(price.product_id, []).append(PriceView.model_validate(price))
    rates = rates_of(ctx, {row.tax_rate_id for row in rows if row.tax_rate_id is not None})
    bundles = [row.id for row in rows if row.kind == "bundle"]
    inside = items_of(ctx, bundles)
    return [
        ProductView(
            **{name: getattr(row, name) for name in _OWN},
            tax_rate=rates[row.tax_rate_id].basis_points if row.tax_rate_id is not None else 0,
            tax_inclusive=rates[row.tax_rate_id].inclusive if row.tax_rate_id is not None else True,
            prices=tuple(prices.get(row.id, ())),
            items=tuple(inside.get(row.id, ())),
        )
        for row in rows
    ]


_OWN = ("id", "kind", "subject_id", "title", "summary", "active", "on_reversal", "tax_rate_id")


def rates_of(ctx: ReadCtx, ids: Collection[UUID]) -> dict[UUID, TaxRate]:
    """Rates of tax by id. One statement, none without ids."""
    if not ids:
        return {}
    rows = ctx.session.execute(select(TaxRate).where(TaxRate.id.in_(ids))).scalars()
    return {row.id: row for row in rows}


def items_of(ctx: ReadCtx, bundle_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The products in each bundle, in order. One statement, none without bundles."""
    found: dict[UUID, list[UUID]] = {}
    if bundle_ids:
        wanted = select(BundleItem).where(BundleItem.bundle_id.in_(bundle_ids))
        for row in ctx.session.execute(wanted.order_by(BundleItem.position, BundleItem.product_id)).scalars():
            found.setdefault(row.bundle_id, []).append(row.product_id)
    return found


def by_id(ctx: ReadCtx, ids: Iterable[UUID]) -> dict[UUID, ProductView]:
    """Products by id, sold or not. Four statements at most."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    rows = ctx.session.execute(select(Product).where(Product.id.in_(wanted))).scalars().all()
    return {each.id: each for each in views(ctx, rows)}


def after(cursor: str) -> UUID:
    """The id that a list goes on after. Invalid for a cursor of another list."""
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last
