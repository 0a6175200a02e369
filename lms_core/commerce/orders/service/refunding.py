"""Money that goes back: asked for by the finances, taken back by a bank; spread over lines, posted, and told."""

from collections.abc import Collection, Sequence
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import NothingToRefund
from lms_core.commerce.orders.events import OrderBoughtTwice, OrderRefunded, RefundedLine
from lms_core.commerce.orders.models import LineItem, Order, OrderRefund, RefundState
from lms_core.commerce.orders.schemas import RefundIn, RefundLine
from lms_core.commerce.orders.service import fulfilling
from lms_core.commerce.orders.transitions import HOLDING, OrderState, require
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import IdempotencyConflict, NotRefundable, RefundTooLarge
from lms_core.commerce.products import service as products
from lms_core.commerce.products.amounts import Back, back
from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.money import Currency, Money

TWICE = "Bought twice: another order opened the same before"

log = structlog.get_logger(__name__)


def refund(ctx: WriteCtx, order_id: UUID, *, refund: RefundIn, key: str) -> RefundLine:
    """Ask for money of an order to go back to who paid; the same key again: the same refund.

    Forbidden, OrderNotFound, NothingToRefund, IdempotencyConflict (the key came with something else); and what payments
    refuse (RefundTooLarge, NotRefundable).
    """
    products.require_manager(ctx)
    order = queries.locked(ctx, order_id)
    known = _with_key(ctx, order.id, key)
    if known is not None:
        if not _asks_the_same(refund, known):
            raise IdempotencyConflict()
        return RefundLine.model_validate(known)
    lines = queries.lines_of(ctx, [order.id])[order.id]
    chosen = [each for each in lines if refund.line_id in (None, each.id)]
    left = sum(each.total - each.back_total for each in chosen)
    amount = left if refund.amount is None else refund.amount
    if order.payment_id is None or order.state not in HOLDING or not 0 < amount <= left:
        raise NothingToRefund(left if order.payment_id is not None else 0, order.currency)
    asked = payments.ask_refund(
        ctx,
        payment_id=order.payment_id,
        amount=Money(amount=amount, currency=Currency(order.currency)),
        reason=refund.reason,
        key=f"order:{order.id}:{key}",
    )
    row = _write(ctx, order, chosen, amount=amount, refund_id=asked.id, key=key, reason=refund.reason)
    audit.record(
        ctx, action="order.refund_asked", object=("order", order.id), amount=amount, currency=str(order.currency)
    )
    return RefundLine.model_validate(row)


def bought_twice(ctx: WriteCtx, order: Order, lines: Sequence[LineItem], *, payment_id: UUID) -> None:
    """Money came for lines that another order of the buyer's opened before: it goes back, and everybody is told.

    The order is held, and was just paid. Where the payment cannot be given back, finance is told all the same.
    """
    amount, currency = sum(each.total - each.back_total for each in lines), Currency(order.currency)
    key = "bought-twice"
    try:
        asked = payments.ask_refund(
            ctx, payment_id=payment_id, amount=Money(amount=amount, currency=currency), reason=TWICE,
            key=f"order:{order.id}:{key}",
        )  # fmt: skip
        _write(ctx, order, lines, amount=amount, refund_id=asked.id, key=key, reason=TWICE)
    except (NotRefundable, RefundTooLarge) as error:
        log.error("orders.bought_twice_not_refundable", order=order.number, error=error.code)
    titles = [each.title for each in lines]
    payments.note_bought_twice(
        ctx, payment_id, ours={"order": order.number, "bought_before": titles}, theirs={"amount": amount}
    )
    told = Notice(
        recipients=(order.buyer_id,),
        kind="orders.bought_twice",
        variables={"number": order.number, "titles": ", ".join(titles)[:500], "order_id": str(order.id)},
    )
    ctx.emit(OrderBoughtTwice(order_id=order.id, payment_id=payment_id, amount=amount, at=ctx.now, notice=told))


def settled(ctx: WriteCtx, order_id: UUID, *, refund_id: UUID, amount: int) -> None:
    """Money of an order is back with who paid it. One asked for elsewhere is spread over all lines. Safe to repeat."""
    order = queries.locked(ctx, order_id)
    row = _with_refund(ctx, refund_id)
    if row is None:
        lines = queries.lines_of(ctx, [order.id])[order.id]
        amount = min(amount, sum(each.total - each.back_total for each in lines))
        if amount <= 0:
            return
        row = _write(ctx, order, lines, amount=amount, refund_id=refund_id, key=f"payments:{refund_id}", reason="")
    if row.state == RefundState.SETTLED:
        return
    if row.state == RefundState.FAILED:  # said to have failed, and arrived after all
        _put_back(ctx, order, row, sign=1)
    _close(ctx, order, row)


def failed(ctx: WriteCtx, order_id: UUID, *, refund_id: UUID) -> None:
    """Money did not go back: what was set aside for it counts as paid again. Safe to repeat."""
    order = queries.locked(ctx, order_id)
    row = _with_refund(ctx, refund_id)
    if row is None or row.state != RefundState.ASKED:
        return
    row.state = RefundState.FAILED
    _put_back(ctx, order, row, sign=-1)


def reversed_by_bank(ctx: WriteCtx, order_id: UUID, *, payment_id: UUID, amount: int) -> None:
    """The provider took the money of an order back: as a refund of what is left. Safe to repeat."""
    order = queries.locked(ctx, order_id)
    key = f"reversal:{payment_id}"
    if order.payment_id != payment_id or _with_key(ctx, order.id, key) is not None:
        return
    lines = queries.lines_of(ctx, [order.id])[order.id]
    amount = min(amount, sum(each.total - each.back_total for each in lines))
    if amount > 0:
        row = _write(ctx, order, lines, amount=amount, refund_id=payment_id, key=key, reason="Reversed by the bank")
        _close(ctx, order, row)


def _write(
    ctx: WriteCtx, order: Order, lines: Sequence[LineItem], *, amount: int, refund_id: UUID, key: str, reason: str
) -> OrderRefund:
    """Spread the amount over lines, set it aside there, and post it."""
    left = [Back(each.net - each.back_net, each.tax - each.back_tax, each.total - each.back_total) for each in lines]
    parts = [
        {"line_id": str(line.id), "net": part.net, "tax": part.tax, "total": part.total}
        for line, part in zip(lines, back(amount, left), strict=True)
        if part.total
    ]
    row = ctx.add(
        OrderRefund(
            order_id=order.id,
            refund_id=refund_id,
            key=key,
            amount=amount,
            reason=reason,
            lines=parts,
            asked_by=ctx.actor.user_id,
            asked_at=ctx.now,
        )
    )
    _put_back(ctx, order, row, sign=1)
    return row


def _put_back(ctx: WriteCtx, order: Order, row: OrderRefund, *, sign: int) -> None:
    """Count a refund on its lines and in the ledger; with `sign` -1 count it out again."""
    inside = {str(each.id): each for each in queries.lines_of(ctx, [order.id])[order.id]}
    for part in row.lines:
        line = inside[part["line_id"]]
        line.back_net += sign * part["net"]
        line.back_tax += sign * part["tax"]
        line.back_total += sign * part["total"]
    ctx.session.flush()
    currency = Currency(order.currency)
    posted = [
        Line(AccountKind.REFUNDS, sign * sum(part["net"] for part in row.lines), currency),
        Line(AccountKind.VAT, sign * sum(part["tax"] for part in row.lines), currency),
        Line(AccountKind.RECEIPTS, -sign * row.amount, currency),
    ]
    times = len(ledger.transactions_of(ctx, ("order_refund", row.id)))
    ledger.post(
        ctx,
        key=f"order_refund:{row.id}:{times}",
        kind="order.refund" if sign > 0 else "order.refund_failed",
        subject=("order_refund", row.id),
        description=f"Order {order.number}",
        lines=[each for each in posted if each.amount],
    )


def _close(ctx: WriteCtx, order: Order, row: OrderRefund) -> None:
    """Count a refund that arrived, tell it, and take away what is not paid for any more."""
    row.state, row.settled_at = RefundState.SETTLED, ctx.now
    order.refunded += row.amount
    whole = order.refunded >= order.total
    after = OrderState.REFUNDED if whole else OrderState.PARTIALLY_REFUNDED
    order.state = require(OrderState(order.state), after)
    ctx.session.flush()
    fulfilling.take_back(ctx, order, _given_back(ctx, order, whole=whole))
    told = Notice(
        recipients=(order.buyer_id,),
        kind="orders.refunded",
        variables={"number": order.number, "order_id": str(order.id)},
    )
    assert row.refund_id is not None
    ctx.emit(
        OrderRefunded(
            order_id=order.id,
            refund_id=row.refund_id,
            currency=Currency(order.currency),
            lines=tuple(RefundedLine.model_validate(part) for part in row.lines),
            at=ctx.now,
            notice=told,
        )
    )


def _given_back(ctx: WriteCtx, order: Order, *, whole: bool) -> Collection[UUID]:
    """The lines whose whole money is back; all of them with the order's."""
    lines = queries.lines_of(ctx, [order.id])[order.id]
    if whole:
        return {each.id for each in lines}
    arrived: dict[str, int] = {}
    for each in queries.refunds_of(ctx, order.id):
        if each.state == RefundState.SETTLED:
            for part in each.lines:
                arrived[part["line_id"]] = arrived.get(part["line_id"], 0) + part["total"]
    return {each.id for each in lines if 0 < each.total <= arrived.get(str(each.id), 0)}


def _asks_the_same(asked: RefundIn, known: OrderRefund) -> bool:
    """Whether a request with a known key is the one that it came with: no amount stands for all that was left."""
    of_line = asked.line_id is None or {part["line_id"] for part in known.lines} == {str(asked.line_id)}
    return of_line and asked.amount in (None, known.amount) and asked.reason == known.reason


def _with_key(ctx: WriteCtx, order_id: UUID, key: str) -> OrderRefund | None:
    wanted = select(OrderRefund).where(col(OrderRefund.order_id) == order_id, col(OrderRefund.key) == key)
    row: OrderRefund | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def _with_refund(ctx: WriteCtx, refund_id: UUID) -> OrderRefund | None:
    wanted = select(OrderRefund).where(col(OrderRefund.refund_id) == refund_id)
    row: OrderRefund | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row
