"""A batch's way to its approval: drawn up, handed in, approved by one person or two; or cancelled on the way."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.errors import BatchMoved, NothingDue, SecondPersonNeeded
from lms_core.commerce.revenue.events import PayoutApproved, PayoutBatchHandedIn
from lms_core.commerce.revenue.models import BatchState, Earning, ItemState, PayoutBatch, PayoutItem, PayoutWay
from lms_core.commerce.revenue.moving import approved
from lms_core.commerce.revenue.policies import require
from lms_core.commerce.revenue.schemas import BatchIn, BatchRow, BatchView, DueRow, ItemView, Person
from lms_core.commerce.revenue.sealing import opened
from lms_core.commerce.revenue.service.owing import owed
from lms_core.commerce.revenue.service.terms import in_force
from lms_core.identity.access import holders, reauthentication
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.events import Notice
from lms_core.kit.ids import parse_id
from lms_core.kit.money import Currency, Money, to_major
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission

SEND = "revenue.send"
AT_ONCE = 500  # payouts of one batch


def batches(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[BatchRow]:
    """The batches, newest first. One statement. Forbidden, Invalid."""
    require(ctx, Permission.FINANCE_READ)
    count = (
        (select(func.count()).select_from(PayoutItem).where(PayoutItem.batch_id == PayoutBatch.id))
        .correlate(PayoutBatch)
        .scalar_subquery()
    )
    wanted = select(PayoutBatch, count).order_by(PayoutBatch.id.desc()).limit(limit + 1)
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(PayoutBatch.id < last)
    rows = [BatchRow(**_said(row), count=int(number)) for row, number in ctx.session.execute(wanted)]
    return page(rows, limit, lambda each: [str(each.id)])


def access_batch(ctx: ReadCtx, batch_id: UUID) -> BatchView:
    """A batch whole. Three statements. Forbidden, BatchNotFound."""
    require(ctx, Permission.FINANCE_READ)
    row = queries.batch(ctx, batch_id)
    found = queries.items(ctx, row.id)
    signed = ((row.made_by, row.made_at), (row.first_by, row.first_at), (row.second_by, row.second_at))
    names = accounts.names_of(ctx, [user_id for user_id, _ in signed if user_id is not None])
    made, first, second = (
        Person(user_id=user_id, name=names.get(user_id, ""), at=at) if user_id is not None and at is not None else None
        for user_id, at in signed
    )
    awaited = row.state == BatchState.WAITING and ctx.actor.may(Permission.FINANCE_APPROVE)
    return BatchView(
        **_said(row),
        count=len(found),
        made=made,
        first=first,
        second=second,
        items=tuple(ItemView(**{name: getattr(each, name) for name in ItemView.model_fields}) for each in found),
        may_approve=awaited and row.first_by != ctx.actor.user_id,
    )


def draw_up(ctx: WriteCtx, *, given: BatchIn) -> BatchView:
    """A draft with everybody who can be paid this way in this currency now. Forbidden, NothingDue."""
    require(ctx, Permission.FINANCE_MANAGE)
    tenants.one_at_a_time(ctx)  # two who draw up at once must not both take the same earnings
    wanted = [
        each for each in owed(ctx) if not each.obstacle and each.way == given.way and each.currency == given.currency
    ][:AT_ONCE]
    if not wanted:
        raise NothingDue()
    last = ctx.session.execute(select(func.max(PayoutBatch.number))).scalar_one()
    batch = ctx.add(
        PayoutBatch(
            number=(last or 0) + 1,
            way=given.way,
            currency=given.currency,
            total=0,
            made_by=ctx.actor.user_id,
            made_at=ctx.now,
        )
    )
    known = queries.details(ctx, [each.user_id for each in wanted])
    total = sum(_take(ctx, batch, each, sealed=known[each.user_id].sealed) for each in wanted)
    if not total:
        ctx.session.delete(batch)
        ctx.session.flush()
        raise NothingDue()
    batch.total = total
    ctx.add(batch)
    audit.record(
        ctx, action="payout_batch.drawn_up", object=("payout_batch", batch.id), number=batch.number, total=total
    )
    return access_batch(ctx, batch.id)


def hand_in(ctx: WriteCtx, batch_id: UUID) -> BatchView:
    """Ask for the approval of a draft: by two people above the limit, and in currencies that have none.

    Forbidden, BatchNotFound, BatchMoved.
    """
    require(ctx, Permission.FINANCE_MANAGE)
    row = _locked(ctx, batch_id, BatchState.DRAFT)
    row.two = row.total > in_force(ctx).two_above.get(row.currency, 0)
    row.state = BatchState.WAITING
    ctx.add(row)
    ctx.emit(PayoutBatchHandedIn(batch_id=row.id, notice=_to_approvers(ctx, row)))
    audit.record(ctx, action="payout_batch.handed_in", object=("payout_batch", row.id), number=row.number, two=row.two)
    return access_batch(ctx, row.id)


def approve(ctx: WriteCtx, batch_id: UUID) -> BatchView:
    """Sign a batch. With the last signature it is approved, and payouts to phones begin.

    Forbidden, ConfirmFirst, BatchNotFound, BatchMoved, SecondPersonNeeded.
    """
    require(ctx, Permission.FINANCE_APPROVE)
    reauthentication.ensure_fresh(ctx)
    row = _locked(ctx, batch_id, BatchState.WAITING)
    if row.first_by is None:
        row.first_by, row.first_at = ctx.actor.user_id, ctx.now
    elif row.first_by == ctx.actor.user_id:
        raise SecondPersonNeeded()
    else:
        row.second_by, row.second_at = ctx.actor.user_id, ctx.now
    if row.second_at is not None or not row.two:
        row.state = BatchState.APPROVED
        for item in queries.items(ctx, row.id):
            approved(ctx, row, item)
        ctx.emit(PayoutApproved(batch_id=row.id))
        if row.way == PayoutWay.PHONE:
            ctx.enqueue(SEND, batch_id=str(row.id))
    ctx.add(row)
    audit.record(
        ctx, action="payout_batch.approved", object=("payout_batch", row.id), number=row.number, total=row.total
    )
    return access_batch(ctx, row.id)


def cancel(ctx: WriteCtx, batch_id: UUID) -> BatchView:
    """Give up a batch that is not approved; what it held is due again. Forbidden, BatchNotFound, BatchMoved."""
    require(ctx, Permission.FINANCE_MANAGE)
    row = _locked(ctx, batch_id, BatchState.DRAFT, BatchState.WAITING)
    held = select(PayoutItem.id).where(PayoutItem.batch_id == row.id)
    ctx.session.execute(update(Earning).where(Earning.item_id.in_(held)).values(item_id=None), execution_options=APART)
    for item in queries.items(ctx, row.id):
        item.state, item.ended_at, item.sealed = ItemState.CANCELLED, ctx.now, ""
        ctx.add(item)
    row.state, row.done_at = BatchState.CANCELLED, ctx.now
    ctx.add(row)
    audit.record(ctx, action="payout_batch.cancelled", object=("payout_batch", row.id), number=row.number)
    return access_batch(ctx, row.id)


APART = {"synchronize_session": False}


def _to_approvers(ctx: ReadCtx, batch: PayoutBatch) -> Notice:
    """A notice to all who may approve batches, but whoever hands it in knows already."""
    amount = to_major(Money(amount=batch.total, currency=Currency(batch.currency)))
    said = {"number": str(batch.number), "amount": f"{batch.currency} {amount:,}", "batch_id": str(batch.id)}
    whom = tuple(each for each in holders.of(ctx, Permission.FINANCE_APPROVE) if each != ctx.actor.user_id)
    return Notice(recipients=whom, kind="revenue.batch_waits", variables=said)


def _take(ctx: WriteCtx, batch: PayoutBatch, wanted: DueRow, *, sealed: str) -> int:
    """Put what is due to somebody into a payout of their own; the sum is of what was really taken. 0: nothing was."""
    details = opened(ctx, sealed)
    item = ctx.add(
        PayoutItem(
            batch_id=batch.id,
            user_id=wanted.user_id,
            name=details.name,
            sealed=sealed,
            shown=wanted.shown,
            amount=wanted.amount,
        )
    )
    taken = ctx.session.execute(
        update(Earning)
        .where(
            Earning.user_id == wanted.user_id,
            Earning.currency == batch.currency,
            Earning.item_id.is_(None),
            Earning.held_until <= ctx.now,
        )
        .values(item_id=item.id)
        .returning(Earning.kind, Earning.owner, Earning.amount),
        execution_options=APART,
    ).all()
    parts: dict[tuple[str, str], int] = defaultdict(int)
    for kind, owner, amount in taken:
        parts[str(kind), owner] += amount
    total = sum(parts.values())
    if total <= 0:  # a refund came in between
        ctx.session.execute(
            update(Earning).where(Earning.item_id == item.id).values(item_id=None), execution_options=APART
        )
        ctx.session.delete(item)
        ctx.session.flush()
        return 0
    item.amount = total
    item.parts = [[kind, owner, amount] for (kind, owner), amount in sorted(parts.items()) if amount]
    ctx.add(item)
    return total


def _locked(ctx: WriteCtx, batch_id: UUID, *states: BatchState) -> PayoutBatch:
    row = queries.locked_batch(ctx, batch_id)
    if row.state not in states:
        raise BatchMoved(row.state)
    return row


def _said(row: PayoutBatch) -> dict[str, object]:
    return {name: getattr(row, name) for name in BatchRow.model_fields if name != "count"}
