"""What people earn of a sale, and what a refund takes back of it; written down here and in the ledger together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.orders.events import OrderPaid, OrderRefunded, PaidLine
from lms_core.commerce.revenue import queries, sums
from lms_core.commerce.revenue.affiliates import affiliate
from lms_core.commerce.revenue.events import RevenueShared
from lms_core.commerce.revenue.models import EarnerKind, Earning, RevenueSale
from lms_core.commerce.revenue.service.terms import in_force
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency

ACCOUNTS = {EarnerKind.INSTRUCTOR: AccountKind.INSTRUCTOR, EarnerKind.AFFILIATE: AccountKind.AFFILIATE}

NOT_TAKEN_OVER = frozenset({"id", "tenant_id", "item_id"})  # by what takes an earning back


class SaleMissing(LookupError):
    """A refund was told of before the sale it is of: trying again in a moment is right."""


def for_sale(ctx: WriteCtx, event: OrderPaid) -> int:
    """Share a paid order among those who earn of it, once. What they earn together, in minor units."""
    if queries.sale(ctx, event.order_id) is not None:
        return 0
    ctx.add(RevenueSale(sale_id=event.order_id, nets={str(line.line_id): line.net for line in event.lines}))
    made = _earned(ctx, event)
    for row in made:
        ctx.add(row)
    _post(ctx, made, tag=f"revenue:{event.order_id}", sale_id=event.order_id, number=event.number)
    return sum(row.amount for row in made)


def for_refund(ctx: WriteCtx, event: OrderRefunded) -> int:
    """Take back what was earned of what went back, once. The sum, not positive. SaleMissing before its sale."""
    sale = queries.locked_sale(ctx, event.order_id)
    if sale is None:
        raise SaleMissing(f"order {event.order_id} is not shared yet")
    known = queries.earned_of(ctx, event.order_id)
    if any(row.refund_id == event.refund_id for row in known):
        return 0
    returned = dict(sale.returned)
    made = []
    for line in event.lines:
        name = str(line.line_id)
        returned[name] = returned.get(name, 0) + line.net
        of_line = [row for row in known if row.line_id == line.line_id]
        made += _taken_back(of_line, event, net=sale.nets.get(name, 0), returned=returned[name])
    sale.returned = returned
    ctx.add(sale)
    for row in made:
        ctx.add(row)
    number = made[0].sale_number if made else ""
    _post(ctx, made, tag=f"revenue:refund:{event.refund_id}", sale_id=event.order_id, number=number)
    return sum(row.amount for row in made)


def _earned(ctx: ReadCtx, event: OrderPaid) -> list[Earning]:
    terms = in_force(ctx)
    shares = _shares(ctx, event, owner_share=terms.owner_share)
    partner = affiliate(ctx, event.affiliate_id) if event.affiliate_id is not None else None
    if partner is not None and partner.user_id == event.buyer_id:
        partner = None  # nobody earns by sending themselves
    made: list[Earning] = []
    for line in event.lines:
        if line.net <= 0:
            continue
        taken = 0
        parts = sums.by_course(line.net, len(line.course_ids))
        for course_id, part in zip(line.course_ids, parts, strict=True):
            people = shares.get(course_id, [])
            amounts = sums.of_course(part, [points for _, points in people]) if people else []
            for (user_id, points), amount in zip(people, amounts, strict=True):
                taken += amount
                made.append(
                    _row(event, line, EarnerKind.INSTRUCTOR, user_id, str(user_id), course_id, part, points, amount)
                )
        if partner is not None:
            points, owner = partner.basis_points, str(partner.id)
            amount = sums.of_affiliate(line.net, points, taken=taken)
            made.append(_row(event, line, EarnerKind.AFFILIATE, partner.user_id, owner, None, line.net, points, amount))
    held_until = event.at + timedelta(days=terms.hold_days)
    for row in made:
        row.held_until = held_until
    return [row for row in made if row.amount > 0]


def _shares(ctx: ReadCtx, event: OrderPaid, *, owner_share: int) -> dict[UUID, list[tuple[UUID, int]]]:
    """By course, who has which share of it: those that were set, else the owner's usual one."""
    ids = sorted({course_id for line in event.lines for course_id in line.course_ids})
    found: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for row in queries.shares_at(ctx, ids, event.at):
        found[row.course_id].append((row.user_id, row.basis_points))
    rest = [course_id for course_id in ids if course_id not in found]
    if owner_share and rest:
        for course_id, card in courses.cards(ctx, rest).items():
            if card.owner_id is not None:
                found[course_id] = [(card.owner_id, owner_share)]
    return found


def _row(
    event: OrderPaid,
    line: PaidLine,
    kind: EarnerKind,
    user_id: UUID,
    owner: str,
    course_id: UUID | None,
    basis: int,
    basis_points: int,
    amount: int,
) -> Earning:
    return Earning(
        origin=f"{line.line_id}:{course_id or ''}:{kind}:{owner}",
        kind=kind,
        user_id=user_id,
        owner=owner,
        sale_id=event.order_id,
        sale_number=event.number,
        line_id=line.line_id,
        course_id=course_id,
        title=line.title[:300],
        currency=event.currency,
        basis=basis,
        basis_points=basis_points,
        amount=amount,
        at=event.at,
        held_until=event.at,
    )


def _taken_back(of_line: Sequence[Earning], event: OrderRefunded, *, net: int, returned: int) -> list[Earning]:
    """Negative earnings that bring what was taken back of each earning of a line to where it belongs."""
    made = []
    for row in of_line:
        if row.refund_id is not None:
            continue
        so_far = -sum(each.amount for each in of_line if each.refund_id is not None and _same(each, row))
        amount = sums.taken_back(row.amount, net=net, returned=returned) - so_far
        if amount > 0:
            values = {name: getattr(row, name) for name in Earning.model_fields if name not in NOT_TAKEN_OVER}
            values |= {
                "origin": f"{event.refund_id}:{row.id}",
                "refund_id": event.refund_id,
                "amount": -amount,
                "at": event.at,
                # What is still held is cancelled where it is held; what could be paid out already counts at once.
                "held_until": max(row.held_until, event.at),
            }
            made.append(Earning(**values))
    return made


def _same(each: Earning, other: Earning) -> bool:
    return (each.kind, each.owner, each.course_id) == (other.kind, other.owner, other.course_id)


def _post(ctx: WriteCtx, made: Iterable[Earning], *, tag: str, sale_id: UUID, number: str) -> None:
    """The expense and what is owed to each, in the ledger; and the fact. Nothing where nobody earns."""
    owed: dict[tuple[EarnerKind, str], int] = defaultdict(int)
    currency: Currency | None = None
    for row in made:
        owed[row.kind, row.owner] += row.amount
        currency = Currency(row.currency)
    whole = sum(owed.values())
    if currency is None or whole == 0:
        return
    lines = [Line(AccountKind.SHARES, whole, currency)]
    lines += [
        Line(ACCOUNTS[kind], -amount, currency, owner) for (kind, owner), amount in sorted(owed.items()) if amount
    ]
    ledger.post(
        ctx,
        key=tag,
        kind="revenue.shared" if whole > 0 else "revenue.taken_back",
        subject=("order", sale_id),
        description=f"Shares of {number}",
        lines=lines,
    )
    ctx.emit(RevenueShared(sale_id=sale_id, amount=whole, currency=currency))
