"""What finance reads: lists by page, details, and what should be looked at. Forbidden without `finance:read`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Select, func, or_, select
from sqlmodel import SQLModel, col

from lms_core.commerce.payments import queries
from lms_core.commerce.payments.models import (
    CallbackRecord,
    Deposit,
    Dispute,
    ManualPayment,
    Mismatch,
    Payment,
    PaymentIntent,
    Payout,
    ProviderAccount,
    ReconciliationRun,
    Refund,
)
from lms_core.commerce.payments.policies import require_manager, require_reader
from lms_core.commerce.payments.schemas import (
    CallbackView,
    DepositView,
    DisputeView,
    ManualPaymentView,
    MismatchView,
    Overview,
    PaymentDetail,
    PaymentFilter,
    PaymentLine,
    PayoutView,
    RefundView,
    RunView,
)
from lms_core.commerce.payments.service import callbacks, deposits, manual, payouts, refunds
from lms_core.commerce.payments.states import DepositState, DisputeState, ManualState, MoveState, Verdict
from lms_core.commerce.payments.transitions import OPEN, REFUNDABLE, PaymentState
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page

Shown = TypeVar("Shown", bound=BaseModel)
DAY = timedelta(days=1)


def list_payments(
    ctx: ReadCtx, *, wanted: PaymentFilter | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[PaymentLine]:
    """The newest attempts first, of those wanted. One statement."""
    require_reader(ctx.actor)
    asked = wanted or PaymentFilter()
    chosen = select(Payment, PaymentIntent).join(PaymentIntent, PaymentIntent.id == Payment.intent_id)
    if asked.state is not None:
        chosen = chosen.where(Payment.state == asked.state)
    if asked.gateway:
        chosen = chosen.where(Payment.gateway == asked.gateway)
    if asked.q:
        typed = asked.q.upper()
        chosen = chosen.where(
            or_(
                col(Payment.reference).startswith(typed, autoescape=True),
                col(Payment.receipt).startswith(asked.q, autoescape=True),
                col(Payment.receipt).startswith(typed, autoescape=True),
            )
        )
    rows = ctx.session.execute(_after(chosen, Payment, cursor, limit)).all()
    lines = [_line(payment, intent) for payment, intent in rows]
    return page(lines, limit, lambda line: [str(line.payment.id)])


def access_payment(ctx: ReadCtx, payment_id: UUID) -> PaymentDetail:
    """An attempt with its refunds, disputes and differences. PaymentNotFound. Six statements."""
    require_reader(ctx.actor)
    payment = queries.get(ctx, Payment, payment_id)
    intent = queries.get(ctx, PaymentIntent, payment.intent_id)
    given_back = ctx.session.execute(select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id))
    disputed = ctx.session.execute(select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.id))
    differing = ctx.session.execute(select(Mismatch).where(Mismatch.payment_id == payment_id).order_by(Mismatch.id))
    left = refunds.refundable(ctx, payment) if payment.state in REFUNDABLE else 0
    return PaymentDetail(
        **dict(_line(payment, intent)),
        refunds=tuple(queries.refund_view(row, payment, intent) for row in given_back.scalars()),
        disputes=tuple(_dispute(row) for row in disputed.scalars()),
        mismatches=tuple(MismatchView.model_validate(row) for row in differing.scalars()),
        refundable=queries.money(left, payment.currency),
    )


def list_refunds(
    ctx: ReadCtx, *, state: MoveState | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[RefundView]:
    """The newest refunds first. One statement."""
    require_reader(ctx.actor)
    wanted = (
        select(Refund, Payment, PaymentIntent)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(PaymentIntent, PaymentIntent.id == Payment.intent_id)
    )
    if state is not None:
        wanted = wanted.where(Refund.state == state)
    rows = ctx.session.execute(_after(wanted, Refund, cursor, limit)).all()
    return page([queries.refund_view(*row) for row in rows], limit, lambda view: [str(view.id)])


def list_payouts(
    ctx: ReadCtx, *, state: MoveState | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[PayoutView]:
    """The newest payouts first. One statement."""
    require_reader(ctx.actor)
    wanted = select(Payout) if state is None else select(Payout).where(Payout.state == state)
    return _page(ctx, wanted, Payout, payouts.view, cursor, limit)


def list_disputes(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[DisputeView]:
    """The newest disputes first. One statement."""
    require_reader(ctx.actor)
    return _page(ctx, select(Dispute), Dispute, _dispute, cursor, limit)


def list_deposits(
    ctx: ReadCtx, *, state: DepositState | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[DepositView]:
    """The newest deposits first. One statement."""
    require_reader(ctx.actor)
    wanted = select(Deposit) if state is None else select(Deposit).where(Deposit.state == state)
    return _page(ctx, wanted, Deposit, lambda row: deposits.view(ctx, row), cursor, limit)


def list_manual(
    ctx: ReadCtx, *, state: ManualState | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[ManualPaymentView]:
    """The newest slips first. One statement."""
    require_reader(ctx.actor)
    wanted = select(ManualPayment, PaymentIntent).join(PaymentIntent, PaymentIntent.id == ManualPayment.intent_id)
    if state is not None:
        wanted = wanted.where(ManualPayment.state == state)
    rows = ctx.session.execute(_after(wanted, ManualPayment, cursor, limit)).all()
    return page([manual.view(row, intent) for row, intent in rows], limit, lambda view: [str(view.id)])


def list_callbacks(
    ctx: ReadCtx,
    *,
    verdict: Verdict | None = None,
    failed: bool = False,
    account_id: UUID | None = None,
    between: tuple[datetime, datetime] | None = None,
    cursor: str = "",
    limit: int = DEFAULT_LIMIT,
) -> Page[CallbackView]:
    """The newest callbacks first; of one account, and that came `between` two moments, where wanted. One statement.

    `failed`: those that are genuine and could not be worked on, or not yet.
    """
    require_reader(ctx.actor)
    wanted = select(CallbackRecord)
    if verdict is not None:
        wanted = wanted.where(CallbackRecord.verdict == verdict)
    if failed:
        undone = or_(CallbackRecord.error != "", CallbackRecord.processed_at.is_(None))
        wanted = wanted.where(CallbackRecord.verdict == Verdict.ACCEPTED, undone)
    if account_id is not None:
        wanted = wanted.where(CallbackRecord.account_id == account_id)
    if between is not None:
        since, until = between
        wanted = wanted.where(CallbackRecord.received_at >= since, CallbackRecord.received_at <= until)
    return _page(ctx, wanted, CallbackRecord, CallbackView.model_validate, cursor, limit)


def replay_callback(ctx: WriteCtx, record_id: UUID) -> CallbackView:
    """Work on an accepted callback once more. PaymentNotFound, Forbidden; Invalid: it was refused, or is emptied."""
    require_manager(ctx.actor)
    row = queries.get(ctx, CallbackRecord, record_id, lock=True)
    if row.verdict != Verdict.ACCEPTED or not row.sealed_raw:
        raise Invalid("Only a callback that was accepted in the last three months can be worked on again.")
    callbacks.again(ctx, row)
    ctx.session.flush()
    audit.record(ctx, action="payment.callback_replayed", object=("payment_callback", row.id))
    return CallbackView.model_validate(row)


def list_runs(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[RunView]:
    """The newest reconciliations first. One statement."""
    require_reader(ctx.actor)
    return _page(ctx, select(ReconciliationRun), ReconciliationRun, RunView.model_validate, cursor, limit)


def access_run(ctx: ReadCtx, run_id: UUID) -> RunView:
    """A reconciliation. PaymentNotFound. One statement."""
    require_reader(ctx.actor)
    return RunView.model_validate(queries.get(ctx, ReconciliationRun, run_id))


def list_mismatches(
    ctx: ReadCtx, *, unresolved: bool = True, run_id: UUID | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[MismatchView]:
    """The newest differences first; `unresolved`: only those that wait. One statement."""
    require_reader(ctx.actor)
    wanted = select(Mismatch)
    if unresolved:
        wanted = wanted.where(Mismatch.resolved_at.is_(None))
    if run_id is not None:
        wanted = wanted.where(Mismatch.run_id == run_id)
    return _page(ctx, wanted, Mismatch, MismatchView.model_validate, cursor, limit)


def overview(ctx: ReadCtx) -> Overview:
    """What finance should look at now. Ten statements."""
    require_reader(ctx.actor)
    moving = (MoveState.CREATED, MoveState.SENDING, MoveState.PENDING, MoveState.UNKNOWN)
    return Overview(
        waiting=_count(ctx, Payment, Payment.state.in_(OPEN)),
        unknown=_count(ctx, Payment, Payment.state == PaymentState.UNKNOWN),
        open_refunds=_count(ctx, Refund, Refund.state.in_(moving)),
        failed_refunds=_count(ctx, Refund, Refund.state == MoveState.FAILED),
        unmatched_deposits=_count(ctx, Deposit, Deposit.state == DepositState.UNMATCHED),
        open_mismatches=_count(ctx, Mismatch, Mismatch.resolved_at.is_(None)),
        open_disputes=_count(ctx, Dispute, Dispute.state == DisputeState.OPEN),
        waiting_slips=_count(ctx, ManualPayment, ManualPayment.state == ManualState.WAITING),
        forged_callbacks=_count(
            ctx, CallbackRecord, CallbackRecord.verdict == Verdict.FORGED, CallbackRecord.received_at > ctx.now - DAY
        ),
        unhealthy_accounts=_count(
            ctx, ProviderAccount, ProviderAccount.healthy.is_(False), ProviderAccount.enabled.is_(True)
        ),
    )


def _line(payment: Payment, intent: PaymentIntent) -> PaymentLine:
    return PaymentLine(
        payment=queries.payment_view(payment),
        purpose_kind=intent.purpose_kind,
        purpose_id=intent.purpose_id,
        payer_id=intent.payer_id,
        description=intent.description,
    )


def _dispute(row: Dispute) -> DisputeView:
    said = {name: getattr(row, name) for name in DisputeView.model_fields if name != "amount"}
    return DisputeView(**said, amount=queries.money(row.amount, row.currency))


def _after(wanted: Select[Any], table: type[SQLModel], cursor: str, limit: int) -> Select[Any]:
    """The rows of one page and one more, newest first. Invalid for a cursor of another list."""
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(table.id < last)
    return wanted.order_by(table.id.desc()).limit(limit + 1)


def _page(
    ctx: ReadCtx, wanted: Select[Any], table: type[SQLModel], shown: Callable[[Any], Shown], cursor: str, limit: int
) -> Page[Shown]:
    rows = ctx.session.execute(_after(wanted, table, cursor, limit)).scalars()
    return page([shown(row) for row in rows], limit, lambda view: [str(view.id)])


def _count(ctx: ReadCtx, table: type[SQLModel], *where: Any) -> int:
    return int(ctx.session.execute(select(func.count()).select_from(table).where(*where)).scalar_one())
