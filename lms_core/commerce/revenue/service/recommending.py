"""What affiliates bring and earn: as the finances see all of them, and as one of them sees their own."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, func, select

from lms_core.commerce.orders import service as orders
from lms_core.commerce.products import service as products
from lms_core.commerce.products.schemas import AffiliateView
from lms_core.commerce.revenue.models import EarnerKind, Earning, ItemState, PayoutItem
from lms_core.commerce.revenue.schemas import Recommendation, Recommended
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency
from lms_core.kit.pagination import Page


def affiliates(ctx: ReadCtx, *, cursor: str = "") -> Page[Recommendation]:
    """Every affiliate with what came of their link, newest first. Five statements. Forbidden, Invalid."""
    found = products.affiliates(ctx, cursor=cursor)
    return Page(items=_with_figures(ctx, found.items), next_cursor=found.next_cursor)


def own_recommendation(ctx: ReadCtx) -> Recommendation | None:
    """What came of the actor's own link; None for who has none. Five statements, one without a link."""
    mine = products.own_affiliate(ctx)
    return _with_figures(ctx, [mine])[0] if mine is not None else None


def _with_figures(ctx: ReadCtx, found: Sequence[AffiliateView]) -> list[Recommendation]:
    people = [each.user_id for each in found if each.user_id is not None]
    names, emails = accounts.names_of(ctx, people), accounts.emails_of(ctx, people)
    counts: dict[UUID, int] = defaultdict(int)
    sums: dict[UUID, dict[Currency, dict[str, int]]] = defaultdict(dict)
    for each in orders.referred(ctx, [each.id for each in found]):
        counts[each.affiliate_id] += each.orders
        sums[each.affiliate_id][each.currency] = {"sold": each.sold, "earned": 0, "paid": 0}
    for affiliate_id, currency, earned, paid in _earned(ctx, [each.id for each in found]):
        held = sums[affiliate_id].setdefault(currency, {"sold": 0, "earned": 0, "paid": 0})
        held["earned"], held["paid"] = earned, paid
    return [
        Recommendation(
            **{name: getattr(each, name) for name in AffiliateView.model_fields},
            name=names.get(each.user_id, "") if each.user_id is not None else "",
            email=emails.get(each.user_id, "") if each.user_id is not None else "",
            orders=counts[each.id],
            sums=tuple(Recommended(currency=name, **held) for name, held in sorted(sums[each.id].items())),
        )
        for each in found
    ]


def _earned(ctx: ReadCtx, ids: Sequence[UUID]) -> list[tuple[UUID, Currency, int, int]]:
    """(affiliate, currency, earned less what refunds took back, paid out of it). One statement."""
    paid = func.sum(case((PayoutItem.state == ItemState.PAID, Earning.amount), else_=0))
    wanted = (
        select(Earning.owner, Earning.currency, func.sum(Earning.amount), paid)
        .outerjoin(PayoutItem, PayoutItem.id == Earning.item_id)
        .where(Earning.kind == EarnerKind.AFFILIATE, Earning.owner.in_([str(each) for each in ids]))
        .group_by(Earning.owner, Earning.currency)
    )
    return [(UUID(row[0]), Currency(row[1]), int(row[2]), int(row[3])) for row in ctx.session.execute(wanted)]
