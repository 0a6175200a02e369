"""Background work: approved payouts to phones are handed to payments, which send each once."""

from uuid import UUID

import structlog

from lms_core.commerce.payments import service as payments
from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.models import BatchState, ItemState, PayoutItem
from lms_core.commerce.revenue.moving import returned
from lms_core.commerce.revenue.schemas import PhoneIn
from lms_core.commerce.revenue.sealing import opened
from lms_core.commerce.revenue.service.batches import SEND
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.jobs import job
from lms_core.kit.money import Currency, Money

PURPOSE = "payout_item"

log = structlog.get_logger(__name__)


@job(SEND, queue="io")
def send(work: Work, *, batch_id: str) -> None:
    """Hand over every payout of an approved batch that was not handed over before, each in its own transaction."""
    with work.write() as ctx:
        batch = queries.locked_batch(ctx, UUID(batch_id))
        if batch.state == BatchState.APPROVED:
            batch.state, batch.sent_at = BatchState.SENDING, ctx.now
            ctx.add(batch)
        waiting = [item.id for item in queries.items(ctx, batch.id) if item.state == ItemState.READY]
    for item_id in waiting:
        work.check_stop()
        with work.write() as ctx:
            _hand_over(ctx, item_id)


def _hand_over(ctx: WriteCtx, item_id: UUID) -> None:
    """Ask payments to send one payout; what they refuse comes back at once. The key is the payout's: never twice."""
    item = queries.item(ctx, item_id)
    batch = queries.locked_batch(ctx, item.batch_id)
    if item.state != ItemState.READY:
        return
    details = opened(ctx, item.sealed)
    assert isinstance(details, PhoneIn)  # a batch has one way
    try:
        with ctx.session.begin_nested():
            sent = payments.send_payout(
                ctx,
                purpose=(PURPOSE, item.id),
                phone=details.phone,
                name=item.name,
                amount=Money(amount=item.amount, currency=Currency(batch.currency)),
                remarks=f"Payout {batch.number}",
                key=f"payout-item-{item.id}",
            )
    except DomainError as refusal:
        log.warning("revenue.payout_refused", item_id=str(item.id), code=refusal.code)
        returned(ctx, item.id, reason=refusal.detail)
        return
    _note(ctx, item, sent.id)


def _note(ctx: WriteCtx, item: PayoutItem, payout_id: UUID) -> None:
    item.state, item.payout_id = ItemState.SENDING, payout_id
    ctx.add(item)
