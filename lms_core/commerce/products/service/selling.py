"""Putting something up for sale: products, what is in a bundle, prices that replace one another."""

from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.products import queries
from lms_core.commerce.products.errors import AlreadySold, ProductNotFound, TaxRateNotFound
from lms_core.commerce.products.models import BundleItem, Price, Product, ProductKind, TaxRate
from lms_core.commerce.products.policies import require_manager, require_reader
from lms_core.commerce.products.schemas import PriceIn, ProductChange, ProductIn, ProductView
from lms_core.content.courses import service as courses
from lms_core.content.courses.errors import CourseNotFound
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.pagination import MAXIMUM_LIMIT, Page, page
from lms_core.learning.paths import service as paths

PRODUCTS_A_PAGE = 50
NOT_IN_BUNDLES = (ProductKind.BUNDLE, ProductKind.PLAN, ProductKind.SEAT)


def create(ctx: WriteCtx, *, product: ProductIn) -> ProductView:
    """Put something up for sale. Forbidden, AlreadySold, CourseNotFound, PathNotFound, TaxRateNotFound, Invalid."""
    require_manager(ctx)
    _not_a_plan(product.kind)
    _require_rate(ctx, product.tax_rate_id)
    row = Product(
        kind=product.kind,
        subject_id=product.subject_id,
        title=product.title or _title_of(ctx, product),
        summary=product.summary,
        on_reversal=product.on_reversal,
        tax_rate_id=product.tax_rate_id,
        active=product.active,
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise AlreadySold() from error
    _fill_bundle(ctx, row.id, product.items)
    for price in product.prices:
        _replace(ctx, row, price)
    audit.record(ctx, action="product.created", object=("product", row.id), kind=product.kind, title=row.title)
    return queries.views(ctx, [row])[0]


def change(ctx: WriteCtx, product_id: UUID, *, change: ProductChange) -> ProductView:
    """Describe a product anew, or take it off the shelf; what is left out stays. ProductNotFound, TaxRateNotFound."""
    require_manager(ctx)
    row = queries.locked(ctx, product_id)
    _not_a_plan(row.kind)
    _require_rate(ctx, change.tax_rate_id)
    given = change.model_dump(exclude_none=True, exclude={"untaxed"})
    if change.untaxed:
        given["tax_rate_id"] = None
    for name, value in given.items():
        setattr(row, name, value)
    row.updated_at = ctx.now
    ctx.session.flush()
    told = {name: str(value) for name, value in given.items()}
    audit.record(ctx, action="product.changed", object=("product", row.id), **told)
    return queries.views(ctx, [row])[0]


def set_price(ctx: WriteCtx, product_id: UUID, *, price: PriceIn) -> ProductView:
    """Give a product a new price in a currency; the one before ends where it begins. ProductNotFound, Invalid."""
    require_manager(ctx)
    row = queries.locked(ctx, product_id)
    _not_a_plan(row.kind)
    _replace(ctx, row, price)
    audit.record(
        ctx, action="product.priced", object=("product", row.id), amount=price.amount, currency=price.currency.value
    )
    return queries.views(ctx, [row])[0]


def managed(ctx: ReadCtx, product_id: UUID) -> ProductView:
    """A product, sold or not, for who reads the finances. ProductNotFound. Four statements at most."""
    require_reader(ctx)
    found = queries.by_id(ctx, [product_id]).get(product_id)
    if found is None:
        raise ProductNotFound()
    return found


def manageable(
    ctx: ReadCtx, *, kind: ProductKind | None = None, cursor: str = "", limit: int = PRODUCTS_A_PAGE
) -> Page[ProductView]:
    """Every product, newest first, for who reads the finances. Four statements at most."""
    require_reader(ctx)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(Product)
    if kind is not None:
        wanted = wanted.where(Product.kind == kind)
    if cursor:
        wanted = wanted.where(Product.id < queries.after(cursor))
    rows = ctx.session.execute(wanted.order_by(Product.id.desc()).limit(limit + 1)).scalars().all()
    return page(queries.views(ctx, rows), limit, key=lambda each: (str(each.id),))


def _title_of(ctx: ReadCtx, product: ProductIn) -> str:
    """What a product is called that was given no title: as what it is of."""
    if product.kind == ProductKind.BUNDLE or product.subject_id is None:
        raise Invalid("Give it a title, under which it is sold.")
    if product.kind == ProductKind.PATH:
        return paths.access_path(ctx, product.subject_id).title
    card = courses.cards(ctx, [product.subject_id]).get(product.subject_id)
    if card is None:
        raise CourseNotFound()
    return card.title


def _fill_bundle(ctx: WriteCtx, bundle_id: UUID, items: list[UUID]) -> None:
    if not items:
        return
    known = queries.by_id(ctx, items)
    if len(known) < len(items) or any(each.kind in NOT_IN_BUNDLES for each in known.values()):
        raise Invalid("A bundle holds products of courses, paths and certificates that exist here. Choose others.")
    for position, product_id in enumerate(items):
        ctx.add(BundleItem(bundle_id=bundle_id, product_id=product_id, position=position))


def _replace(ctx: WriteCtx, row: Product, price: PriceIn) -> None:
    """End what holds when the new price begins; prices that were to come are dropped."""
    begins = price.valid_from or ctx.now
    if begins < ctx.now:
        raise Invalid("A price begins now or later: what people were asked for stays as it was.")
    same = (Price.product_id == row.id, Price.currency == price.currency, Price.interval == price.interval)
    ctx.session.execute(delete(Price).where(*same, Price.valid_from >= begins))
    overlapping = select(Price).where(*same, or_(Price.valid_to.is_(None), Price.valid_to > begins))
    for each in ctx.session.execute(overlapping).scalars():
        each.valid_to = begins
    ctx.session.flush()
    ctx.add(
        Price(
            product_id=row.id,
            currency=price.currency,
            amount=price.amount,
            interval=price.interval,
            valid_from=begins,
        )
    )
    row.updated_at = ctx.now
    ctx.session.flush()


def _not_a_plan(kind: ProductKind) -> None:
    if kind == ProductKind.PLAN:
        raise Invalid("A plan stands on the shelf by itself. Make it, and set its prices, among the plans.")


def _require_rate(ctx: ReadCtx, tax_rate_id: UUID | None) -> None:
    if tax_rate_id is None:
        return
    found = ctx.session.execute(select(TaxRate.id).where(TaxRate.id == tax_rate_id, TaxRate.active)).first()
    if found is None:
        raise TaxRateNotFound()
