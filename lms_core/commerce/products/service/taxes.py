"""Rates of tax. They are not edited: a new rate is a new row, and products are given it."""

from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.products.errors import TaxRateNotFound
from lms_core.commerce.products.models import TaxRate
from lms_core.commerce.products.policies import require_manager, require_reader
from lms_core.commerce.products.schemas import TaxRateIn, TaxRateView
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx

KENYA_VAT = TaxRateIn(name="VAT", basis_points=1600, inclusive=True, country="KE")  # VAT Act 2013, section 5(2)(b)
MOST = 200


def rates(ctx: ReadCtx) -> list[TaxRateView]:
    """Every rate, newest first. One statement. Forbidden without `finance:read`."""
    require_reader(ctx)
    rows = ctx.session.execute(select(TaxRate).order_by(TaxRate.id.desc()).limit(MOST)).scalars()
    return [TaxRateView.model_validate(row) for row in rows]


def add_rate(ctx: WriteCtx, *, rate: TaxRateIn) -> TaxRateView:
    """A new rate. Forbidden without `finance:manage`."""
    require_manager(ctx)
    row = ctx.add(TaxRate(**rate.model_dump(), created_at=ctx.now))
    audit.record(
        ctx, action="tax_rate.added", object=("tax_rate", row.id), name=row.name, basis_points=row.basis_points
    )
    return TaxRateView.model_validate(row)


def set_rate_active(ctx: WriteCtx, rate_id: UUID, *, active: bool) -> TaxRateView:
    """Offer a rate for products, or offer it no longer; products that have it keep it. TaxRateNotFound."""
    require_manager(ctx)
    wanted = select(TaxRate).where(TaxRate.id == rate_id).with_for_update(key_share=True)
    row: TaxRate | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise TaxRateNotFound()
    row.active = active
    ctx.session.flush()
    audit.record(ctx, action="tax_rate.offered", object=("tax_rate", row.id), active=active)
    return TaxRateView.model_validate(row)
