"""Payouts in the ledger and in their states: approved, arrived, returned, arrived after all."""

from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import AccountKind, Line
from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.events import PayoutPaid, PayoutReturned
from lms_core.commerce.revenue.models import (
    BatchState,
    EarnerKind,
    Earning,
    ItemState,
    PayoutBatch,
    PayoutItem,
)
from lms_core.kit.context import WriteCtx
from lms_core.kit.events import Event, Notice
from lms_core.kit.money import Currency, Money, to_major

ACCOUNTS = {EarnerKind.INSTRUCTOR: AccountKind.INSTRUCTOR, EarnerKind.AFFILIATE: AccountKind.AFFILIATE}
OPEN = (ItemState.READY, ItemState.SENDING)


def approved(ctx: WriteCtx, batch: PayoutBatch, item: PayoutItem) -> None:
    """What was owed to the person is on its way now."""
    _post(ctx, batch, item, step="approved", sign=1)


def arrived(ctx: WriteCtx, item_id: UUID, *, reference: str, at_bank: bool) -> None:
    """The money reached the person; saying so again changes nothing.

    `at_bank`: it left the institution's bank account, which is posted here; what leaves through a provider is posted
    by payments. After it was thought to have failed, what its earnings gave is owed to nobody any more.
    """
    batch, item = _both(ctx, item_id)
    if item.state == ItemState.PAID:
        return
    if item.state == ItemState.FAILED:
        _post(ctx, batch, item, step="late", sign=1)
        _owe_back(ctx, batch, item)
    if at_bank:
        currency = Currency(batch.currency)
        ledger.post(
            ctx,
            key=f"payout:{item.id}:bank",
            kind="payout.bank",
            subject=("payout_item", item.id),
            description=f"Payout {batch.number} through the bank",
            lines=[Line(AccountKind.PAYOUTS, item.amount, currency), Line(AccountKind.BANK, -item.amount, currency)],
        )
    item.state, item.reference, item.reason, item.ended_at = ItemState.PAID, reference[:80], "", ctx.now
    ctx.add(item)
    notice = _notice(batch, item, kind="revenue.paid_out")
    _ended(ctx, batch, PayoutPaid(item_id=item.id, user_id=item.user_id, notice=notice))


def returned(ctx: WriteCtx, item_id: UUID, *, reason: str) -> None:
    """The money did not reach the person: what was earned is due again. Nothing once the payout has ended."""
    batch, item = _both(ctx, item_id)
    if item.state not in OPEN:
        return
    _post(ctx, batch, item, step="returned", sign=-1)
    free = update(Earning).where(Earning.item_id == item.id).values(item_id=None)
    ctx.session.execute(free, execution_options={"synchronize_session": False})
    item.state, item.reason, item.ended_at = ItemState.FAILED, reason[:300], ctx.now
    ctx.add(item)
    notice = _notice(batch, item, kind="revenue.payout_returned")
    _ended(ctx, batch, PayoutReturned(item_id=item.id, user_id=item.user_id, notice=notice))


def _both(ctx: WriteCtx, item_id: UUID) -> tuple[PayoutBatch, PayoutItem]:
    """The batch, locked first so that two who end its last payouts see each other, and the payout. BatchNotFound."""
    batch = queries.locked_batch(ctx, queries.item(ctx, item_id).batch_id)
    ctx.session.expire_all()  # what was read before the lock may have changed while waiting for it
    return queries.batch(ctx, batch.id), queries.item(ctx, item_id)


def _post(ctx: WriteCtx, batch: PayoutBatch, item: PayoutItem, *, step: str, sign: int) -> None:
    currency = Currency(batch.currency)
    lines = [Line(ACCOUNTS[EarnerKind(kind)], sign * amount, currency, owner) for kind, owner, amount in item.parts]
    ledger.post(
        ctx,
        key=f"payout:{item.id}:{step}",
        kind=f"payout.{step}",
        subject=("payout_item", item.id),
        description=f"Payout {batch.number}",
        lines=[*lines, Line(AccountKind.PAYOUTS, -sign * item.amount, currency)],
    )


def _owe_back(ctx: WriteCtx, batch: PayoutBatch, item: PayoutItem) -> None:
    """Take from what is due to the person what reached them after it was given back to them."""
    for kind, owner, amount in item.parts:
        ctx.add(
            Earning(
                origin=f"late:{item.id}:{kind}:{owner}",
                kind=EarnerKind(kind),
                user_id=item.user_id,
                owner=owner,
                sale_id=item.id,
                sale_number=f"{batch.number}",
                line_id=item.id,
                title=f"Payout {batch.number} arrived after all",
                currency=batch.currency,
                basis=amount,
                basis_points=0,
                amount=-amount,
                at=ctx.now,
                held_until=ctx.now,
            )
        )


def _notice(batch: PayoutBatch, item: PayoutItem, *, kind: str) -> Notice:
    currency = Currency(batch.currency)
    amount = f"{currency} {to_major(Money(amount=item.amount, currency=currency)):,}"
    return Notice(recipients=(item.user_id,), kind=kind, variables={"amount": amount, "shown": item.shown})


def _ended(ctx: WriteCtx, batch: PayoutBatch, fact: Event) -> None:
    """Tell of a payout that ended, and end its batch with the last one."""
    ctx.session.flush()
    still = (
        select(func.count()).select_from(PayoutItem).where(PayoutItem.batch_id == batch.id, PayoutItem.state.in_(OPEN))
    )
    if batch.state in (BatchState.APPROVED, BatchState.SENDING) and not ctx.session.execute(still).scalar_one():
        batch.state, batch.done_at = BatchState.DONE, ctx.now
        ctx.add(batch)
    ctx.emit(fact)
