"""Products that are subscribed to: kept on the shelf by the slice that owns their plans, never by hand."""

from sqlalchemy import delete, select

from lms_core.commerce.products import queries
from lms_core.commerce.products.models import Price, Product, ProductKind
from lms_core.commerce.products.schemas import ProductView, Subscribed
from lms_core.kit.context import WriteCtx


def shelve(ctx: WriteCtx, given: Subscribed) -> ProductView:
    """Make the product of a plan say what the plan says, prices included. The caller has authorised. Safe to repeat."""
    held = select(Product).where(Product.id == given.id).with_for_update(key_share=True)
    row: Product | None = ctx.session.execute(held).scalar_one_or_none()
    if row is None:
        row = ctx.add(
            Product(
                id=given.id, kind=ProductKind.PLAN, subject_id=given.id, title=given.title,
                created_at=ctx.now, updated_at=ctx.now,
            )
        )  # fmt: skip
    row.title, row.summary, row.active, row.updated_at = given.title, given.summary, given.active, ctx.now
    ctx.session.flush()
    kept = [each.id for each in given.prices]
    ctx.session.execute(delete(Price).where(Price.product_id == row.id, Price.id.not_in(kept)))
    known = set(ctx.session.execute(select(Price.id).where(Price.product_id == row.id)).scalars())
    for each in given.prices:
        if each.id not in known:
            ctx.add(Price(product_id=row.id, **each.model_dump()))
    ctx.session.flush()
    return queries.views(ctx, [row])[0]
