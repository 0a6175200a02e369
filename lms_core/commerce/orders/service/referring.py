"""What was bought through the links of affiliates."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from lms_core.commerce.orders.models import Order
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency


@dataclass(frozen=True, slots=True)
class Referred:
    """How many orders were paid through an affiliate in a currency, and what they came to less what went back."""

    affiliate_id: UUID
    currency: Currency
    orders: int
    sold: int


def referred(ctx: ReadCtx, affiliate_ids: Iterable[UUID]) -> list[Referred]:
    """Of these affiliates, for callers who have authorised; those without a paid order are left out. One statement."""
    wanted = (
        select(col(Order.affiliate_id), col(Order.currency), func.count(), func.sum(Order.total - Order.refunded))
        .where(col(Order.affiliate_id).in_(list(affiliate_ids)), col(Order.paid_at).is_not(None))
        .group_by(col(Order.affiliate_id), col(Order.currency))
        .order_by(col(Order.affiliate_id), col(Order.currency))
    )
    return [
        Referred(affiliate_id=row[0], currency=Currency(row[1]), orders=int(row[2]), sold=int(row[3]))
        for row in ctx.session.execute(wanted)
    ]
