"""What is for sale, as buyers see it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.products import queries
from lms_core.commerce.products.errors import ProductNotFound
from lms_core.commerce.products.models import Price, Product, ProductKind
from lms_core.commerce.products.schemas import ProductView
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency
from lms_core.kit.pagination import MAXIMUM_LIMIT, Page, page

PRODUCTS_A_PAGE = 24
SHOWN = tuple(ProductKind)


def browse(
    ctx: ReadCtx, *, kinds: Collection[ProductKind] = SHOWN, cursor: str = "", limit: int = PRODUCTS_A_PAGE
) -> Page[ProductView]:
    """What is for sale now, newest first: active, with a price. Four statements at most."""
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    priced = select(Price.product_id).where(queries.holds(ctx.now))
    wanted = select(Product).where(Product.active, Product.kind.in_(list(kinds)), Product.id.in_(priced))
    if cursor:
        wanted = wanted.where(Product.id < queries.after(cursor))
    rows = ctx.session.execute(wanted.order_by(Product.id.desc()).limit(limit + 1)).scalars().all()
    return page(queries.views(ctx, rows), limit, key=lambda each: (str(each.id),))


def access_product(ctx: ReadCtx, product_id: UUID) -> ProductView:
    """A product that is for sale; ProductNotFound for others. Four statements at most."""
    found = queries.by_id(ctx, [product_id]).get(product_id)
    if found is None or not found.active:
        raise ProductNotFound()
    return found


def by_id(ctx: ReadCtx, ids: Iterable[UUID]) -> dict[UUID, ProductView]:
    """Products by id, sold or not, for callers who have authorised. Four statements at most."""
    return queries.by_id(ctx, ids)


def of_subject(ctx: ReadCtx, subject_id: UUID, *, kind: ProductKind) -> ProductView | None:
    """The active product of this kind for a course, path or plan. One statement when there is none, else three."""
    wanted = select(Product).where(Product.kind == kind, Product.subject_id == subject_id, Product.active)
    row = ctx.session.execute(wanted).scalar_one_or_none()
    return None if row is None else queries.views(ctx, [row])[0]


def of_courses(ctx: ReadCtx, course_ids: Collection[UUID]) -> dict[UUID, ProductView]:
    """The active product of each of the courses that is sold. One statement when none is, else three; none for none."""
    if not course_ids:
        return {}
    wanted = select(Product).where(
        Product.kind == ProductKind.COURSE, Product.subject_id.in_(list(course_ids)), Product.active
    )
    rows = ctx.session.execute(wanted).scalars().all()
    return {each.subject_id: each for each in queries.views(ctx, rows) if each.subject_id is not None}


def sold_of(ctx: ReadCtx, subject_id: UUID) -> dict[ProductKind, ProductView]:
    """Every active product of a course, path or plan, by kind. One statement when there is none, else three."""
    wanted = select(Product).where(Product.subject_id == subject_id, Product.active)
    rows = ctx.session.execute(wanted).scalars().all()
    return {each.kind: each for each in queries.views(ctx, rows)}


def currencies(ctx: ReadCtx) -> frozenset[Currency]:
    """Those in which anything has a price now. One statement."""
    wanted = select(Price.currency).where(queries.holds(ctx.now)).distinct()
    return frozenset(Currency(each) for each in ctx.session.execute(wanted).scalars())


def sold_among(ctx: ReadCtx, ids: Collection[UUID], *, kinds: Collection[ProductKind]) -> frozenset[UUID]:
    """Those of the courses, paths or plans that have an active product of these kinds. One statement."""
    if not ids:
        return frozenset()
    wanted = select(Product.subject_id).where(
        Product.subject_id.in_(list(ids)), Product.active, Product.kind.in_(list(kinds))
    )
    return frozenset(each for each in ctx.session.execute(wanted).scalars() if each is not None)
