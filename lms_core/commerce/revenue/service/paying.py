"""Payouts through the institution's bank: the file for it, and what the bank then says of each."""

from uuid import UUID

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.errors import BatchMoved, BatchNotFound
from lms_core.commerce.revenue.models import BatchState, ItemState, PayoutBatch, PayoutWay
from lms_core.commerce.revenue.moving import arrived, returned
from lms_core.commerce.revenue.policies import require
from lms_core.commerce.revenue.schemas import BankIn, BatchView, FailedIn, PaidIn
from lms_core.commerce.revenue.sealing import opened
from lms_core.commerce.revenue.service.batches import access_batch
from lms_core.identity.access import reauthentication
from lms_core.identity.audit import service as audit
from lms_core.kit.context import WriteCtx
from lms_core.kit.money import Currency, Money, to_major
from lms_core.kit.permissions import Permission
from lms_core.kit.spreadsheets import csv_lines

HEADER = ("Reference", "Name", "Bank", "Branch", "Account", "Amount", "Currency", "Remarks")


def bank_file(ctx: WriteCtx, batch_id: UUID) -> tuple[str, str]:
    """The payouts of an approved batch that are not paid yet as CSV, and a name for the file. With the first one the
    batch is being sent.

    It names whole account numbers: it asks for a fresh proof and is written down. Forbidden, ConfirmFirst,
    BatchNotFound, BatchMoved.
    """
    require(ctx, Permission.FINANCE_MANAGE)
    reauthentication.ensure_fresh(ctx)
    batch = _sendable(ctx, batch_id)
    rows = []
    for item in queries.items(ctx, batch.id):
        if item.state not in (ItemState.READY, ItemState.SENDING):
            continue
        details = opened(ctx, item.sealed)
        assert isinstance(details, BankIn)  # a batch has one way
        amount = to_major(Money(amount=item.amount, currency=Currency(batch.currency)))
        reference = f"P{batch.number}-{item.id.hex[-8:].upper()}"
        rows.append(
            (reference, item.name, details.bank, details.branch, details.account, amount, batch.currency, "Mwalimu")
        )
        item.state, item.reference = ItemState.SENDING, reference
        ctx.add(item)
    if batch.state == BatchState.APPROVED:
        batch.state, batch.sent_at = BatchState.SENDING, ctx.now
        ctx.add(batch)
    audit.record(ctx, action="payout_batch.bank_file", object=("payout_batch", batch.id), payouts=len(rows))
    return "".join(csv_lines(HEADER, rows)), f"payouts-{batch.number}.csv"


def bank_paid(ctx: WriteCtx, batch_id: UUID, item_id: UUID, *, given: PaidIn) -> BatchView:
    """The bank carried this payout out. Forbidden, BatchNotFound, BatchMoved."""
    batch = _told(ctx, batch_id, item_id)
    item = queries.item(ctx, item_id)
    arrived(ctx, item_id, reference=given.reference or item.reference, at_bank=True)
    audit.record(ctx, action="payout.paid", object=("payout_item", item_id), number=batch.number)
    return access_batch(ctx, batch_id)


def bank_returned(ctx: WriteCtx, batch_id: UUID, item_id: UUID, *, given: FailedIn) -> BatchView:
    """The bank did not carry this payout out; what it held is due again. Forbidden, BatchNotFound, BatchMoved."""
    batch = _told(ctx, batch_id, item_id)
    returned(ctx, item_id, reason=given.reason)
    audit.record(ctx, action="payout.returned", object=("payout_item", item_id), number=batch.number)
    return access_batch(ctx, batch_id)


def all_paid(ctx: WriteCtx, batch_id: UUID) -> BatchView:
    """The bank carried out every payout of the batch that is still open. Forbidden, BatchNotFound, BatchMoved."""
    require(ctx, Permission.FINANCE_MANAGE)
    batch = _sendable(ctx, batch_id)
    waiting = [item for item in queries.items(ctx, batch.id) if item.state == ItemState.SENDING]
    for item in waiting:
        arrived(ctx, item.id, reference=item.reference, at_bank=True)
    audit.record(ctx, action="payout_batch.paid", object=("payout_batch", batch_id), payouts=len(waiting))
    return access_batch(ctx, batch_id)


def _sendable(ctx: WriteCtx, batch_id: UUID) -> PayoutBatch:
    """A batch for the bank that is approved and not done, locked."""
    batch = queries.locked_batch(ctx, batch_id)
    if batch.way != PayoutWay.BANK or batch.state not in (BatchState.APPROVED, BatchState.SENDING):
        raise BatchMoved(batch.state)
    return batch


def _told(ctx: WriteCtx, batch_id: UUID, item_id: UUID) -> PayoutBatch:
    """The batch the bank speaks of, once its file was made; the payout is one of its own."""
    require(ctx, Permission.FINANCE_MANAGE)
    batch = _sendable(ctx, batch_id)
    item = queries.item(ctx, item_id)
    if item.batch_id != batch.id:
        raise BatchNotFound()
    if item.state != ItemState.SENDING:
        raise BatchMoved(item.state)
    return batch
