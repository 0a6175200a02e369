"""What is printed about seller and buyer on documents to come."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from lms_core.commerce.documents import queries
from lms_core.commerce.documents.models import BillingDetails, SellerSettings
from lms_core.commerce.documents.schemas import BillingIn, BillingView, SellerIn, SellerView
from lms_core.identity.audit import service as audit
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Conflict, Forbidden, Unauthenticated
from lms_core.kit.permissions import Permission


def seller(ctx: ReadCtx) -> SellerView:
    """Who sells, for who reads the finances. Two statements. Forbidden."""
    require(ctx, Permission.FINANCE_READ)
    return as_printed(ctx)


def as_printed(ctx: ReadCtx) -> SellerView:
    """Who sells; before anybody said so, the institution by its name. Two statements at most."""
    row = queries.seller(ctx)
    if row is None:
        row = SellerSettings(legal_name=tenants.name(ctx), updated_at=ctx.now)
        return SellerView(**_said(row), complete=False, updated_at=None)
    return SellerView(**_said(row), complete=bool(row.pin and row.address), updated_at=row.updated_at)


def set_seller(ctx: WriteCtx, *, given: SellerIn) -> SellerView:
    """Say who sells, from the next document on. Forbidden; Conflict when somebody else saves in the same moment."""
    require(ctx, Permission.FINANCE_MANAGE)
    row = queries.seller(ctx)
    values = given.model_dump() | {"updated_at": ctx.now}
    if row is None:
        row = SellerSettings(**values)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("Somebody else saved these settings in the same moment. Load them again.") from error
    audit.record(
        ctx,
        action="seller.changed",
        object=("seller", row.id),
        pin=given.pin,
        vat_registered=given.vat_registered,
        etims=given.etims,
    )
    return as_printed(ctx)


def billing(ctx: ReadCtx) -> BillingView:
    """What is printed about the actor as a buyer. One statement. Unauthenticated."""
    row = queries.billing(ctx, own(ctx))
    return (
        BillingView(name=row.name, address=row.address, pin=row.pin)
        if row
        else BillingView(name="", address="", pin="")
    )


def set_billing(ctx: WriteCtx, *, given: BillingIn) -> BillingView:
    """Say what is printed about the actor from the next document on. Unauthenticated; Conflict as above."""
    user_id = own(ctx)
    row = queries.billing(ctx, user_id) or BillingDetails(user_id=user_id, updated_at=ctx.now)
    row.name, row.address, row.pin, row.updated_at = given.name, given.address, given.pin, ctx.now
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("You saved this in another window in the same moment. Load the page again.") from error
    return billing(ctx)


def own(ctx: ReadCtx) -> UUID:
    """Who asks about their own documents. Unauthenticated."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to see your invoices.")
    return ctx.actor.user_id


def require(ctx: ReadCtx, permission: Permission) -> None:
    """Forbidden without this right on the institution's finances."""
    if not ctx.actor.may(permission):
        raise Forbidden("This is for those who look after the finances. Ask an administrator for the right.")


def _said(row: SellerSettings) -> dict[str, object]:
    return {name: getattr(row, name) for name in SellerIn.model_fields}
