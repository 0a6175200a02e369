"""Coupons: made by the finances, found by their code, used once each time they are allowed to."""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from lms_core.commerce.products import queries
from lms_core.commerce.products.errors import CodeTaken, CouponNotFound, CouponUsedUp
from lms_core.commerce.products.models import Coupon, CouponProduct, CouponUse
from lms_core.commerce.products.policies import require_manager, require_reader
from lms_core.commerce.products.schemas import CouponChange, CouponIn, CouponView
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.pagination import MAXIMUM_LIMIT, Page, page

COUPONS_A_PAGE = 50


def coupons(ctx: ReadCtx, *, cursor: str = "", limit: int = COUPONS_A_PAGE) -> Page[CouponView]:
    """Every coupon, newest first. Two statements. Forbidden without `finance:read`."""
    require_reader(ctx)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(Coupon)
    if cursor:
        wanted = wanted.where(Coupon.id < queries.after(cursor))
    rows = list(ctx.session.execute(wanted.order_by(Coupon.id.desc()).limit(limit + 1)).scalars())
    inside = _products(ctx, [row.id for row in rows])
    return page([_view(row, inside) for row in rows], limit, key=lambda each: (str(each.id),))


def add_coupon(ctx: WriteCtx, *, coupon: CouponIn) -> CouponView:
    """A new coupon. Forbidden, CodeTaken, Invalid (a product that is not here)."""
    require_manager(ctx)
    given = coupon.model_dump(exclude={"products"})
    given["basis_points"] = coupon.basis_points or 0
    row = Coupon(**given, code_key=coupon.code.casefold(), created_at=ctx.now)
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise CodeTaken() from error
    products = list(dict.fromkeys(coupon.products))
    if len(queries.by_id(ctx, products)) < len(products):
        raise Invalid("A product that the coupon is for does not exist here. Choose from the list.")
    for product_id in products:
        ctx.add(CouponProduct(coupon_id=row.id, product_id=product_id))
    audit.record(ctx, action="coupon.added", object=("coupon", row.id), coupon=row.code)
    return _view(row, {row.id: products})


def change_coupon(ctx: WriteCtx, coupon_id: UUID, *, change: CouponChange) -> CouponView:
    """Stop a coupon, let it work longer or more often. CouponNotFound, Invalid (fewer uses than were made)."""
    require_manager(ctx)
    wanted = select(Coupon).where(Coupon.id == coupon_id).with_for_update(key_share=True)
    row: Coupon | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise CouponNotFound()
    if change.uses_allowed is not None and change.uses_allowed < row.used:
        raise Invalid(f"The code was used {row.used} times already. Allow as many or more, or stop it.")
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    ctx.session.flush()
    audit.record(ctx, action="coupon.changed", object=("coupon", row.id), coupon=row.code, active=row.active)
    return _view(row, _products(ctx, [row.id]))


def find_coupon(ctx: ReadCtx, code: str) -> CouponView:
    """The coupon with this code that works now, whether or not it has uses left. CouponNotFound. Two statements."""
    wanted = select(Coupon).where(Coupon.code_key == code.strip().casefold(), *_works(ctx))
    row: Coupon | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise CouponNotFound()
    return _view(row, _products(ctx, [row.id]))


def use_coupon(ctx: WriteCtx, coupon_id: UUID, *, subject_id: UUID, user_id: UUID) -> None:
    """Count a use by somebody for `subject_id`; for the same subject it counts once. CouponUsedUp.

    The update holds the coupon's row until the transaction ends, so whoever comes at the same moment counts after it.
    """
    known = (CouponUse.coupon_id == coupon_id, CouponUse.subject_id == subject_id)
    if ctx.session.execute(select(CouponUse.id).where(*known)).first() is not None:
        return
    room = or_(Coupon.uses_allowed.is_(None), Coupon.used < Coupon.uses_allowed)
    counted = ctx.session.execute(
        update(Coupon)
        .where(Coupon.id == coupon_id, room, *_works(ctx))
        .values(used=Coupon.used + 1)
        .returning(Coupon.uses_per_person)
    ).first()
    if counted is None:
        raise CouponUsedUp()
    if counted.uses_per_person is not None:
        own = select(func.count()).select_from(CouponUse)
        own = own.where(CouponUse.coupon_id == coupon_id, CouponUse.user_id == user_id)
        if ctx.session.execute(own).scalar_one() >= counted.uses_per_person:
            raise CouponUsedUp()
    ctx.add(CouponUse(coupon_id=coupon_id, subject_id=subject_id, user_id=user_id, at=ctx.now))


def release_coupon(ctx: WriteCtx, coupon_id: UUID, *, subject_id: UUID) -> None:
    """Give a use back that nothing came of. Safe to repeat."""
    gone = ctx.session.execute(
        delete(CouponUse)
        .where(CouponUse.coupon_id == coupon_id, CouponUse.subject_id == subject_id)
        .returning(CouponUse.id)
    ).first()
    if gone is not None:
        ctx.session.execute(update(Coupon).where(Coupon.id == coupon_id).values(used=Coupon.used - 1))


def _works(ctx: ReadCtx) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Coupon.active).is_(True),
        or_(Coupon.starts_at.is_(None), Coupon.starts_at <= ctx.now),
        or_(Coupon.ends_at.is_(None), Coupon.ends_at > ctx.now),
    )


def _products(ctx: ReadCtx, coupon_ids: list[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    if coupon_ids:
        wanted = select(CouponProduct).where(CouponProduct.coupon_id.in_(coupon_ids))
        for row in ctx.session.execute(wanted.order_by(CouponProduct.product_id)).scalars():
            found.setdefault(row.coupon_id, []).append(row.product_id)
    return found


def _view(row: Coupon, inside: dict[UUID, list[UUID]]) -> CouponView:
    shown = {name: getattr(row, name) for name in CouponView.model_fields if name != "products"}
    return CouponView(**shown, products=tuple(inside.get(row.id, ())))
