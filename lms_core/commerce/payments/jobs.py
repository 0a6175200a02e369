"""The work of payments that nobody waits for in a request, and what happens by itself."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from lms_core.commerce.payments import names, queries
from lms_core.commerce.payments.events import IntentExpired
from lms_core.commerce.payments.models import CallbackRecord, Payment, PaymentIntent, Payout, ProviderAccount, Refund
from lms_core.commerce.payments.schemas import ReconcileIn
from lms_core.commerce.payments.service import asking, callbacks, hearing, paying, payouts, reconciling, refunds
from lms_core.commerce.payments.service.accounts import check_account
from lms_core.commerce.payments.states import IntentState, MoveState
from lms_core.commerce.payments.transitions import OPEN
from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import every, job

AT_ONCE = 200
OVERDUE = timedelta(minutes=2)
AT_NIGHT = 2  # o'clock
NIGHT = ZoneInfo("Africa/Nairobi")  # where institutions are: their books are compared while they sleep


@job(names.BEGIN, queue="answer")
def begin(work: Work, *, payment_id: str) -> None:
    """Ask a provider for the money of an attempt, or see that its call was lost."""
    paying.begin(work.database, work.actor.tenant_id, UUID(payment_id))


@job(names.ASK, queue="money")
def ask(work: Work, *, payment_id: str) -> None:
    """Ask how an open attempt stands, when it is time."""
    if asking.is_due(work.database, work.actor.tenant_id, UUID(payment_id)):
        asking.ask(work.database, work.actor.tenant_id, UUID(payment_id))


@job(names.HEAR, queue="money", attempts=8)
def hear(work: Work, *, record_id: str, tries: int = 0) -> None:
    """Work on a callback."""
    hearing.process(work.database, work.actor.tenant_id, UUID(record_id), tries=tries)


@job(names.SEND_REFUND, queue="io")
def send_refund(work: Work, *, refund_id: str) -> None:
    """Give money back."""
    refunds.send(work.database, work.actor.tenant_id, UUID(refund_id))


@job(names.ASK_REFUND, queue="io")
def ask_refund(work: Work, *, refund_id: str) -> None:
    """Ask how a refund stands."""
    refunds.ask_state(work.database, work.actor.tenant_id, UUID(refund_id))


@job(names.SEND_PAYOUT, queue="io")
def send_payout(work: Work, *, payout_id: str) -> None:
    """Send money to a phone."""
    payouts.send(work.database, work.actor.tenant_id, UUID(payout_id))


@job(names.ASK_PAYOUT, queue="io")
def ask_payout(work: Work, *, payout_id: str) -> None:
    """Ask how a payout stands."""
    payouts.ask_state(work.database, work.actor.tenant_id, UUID(payout_id))


@job(names.RECONCILE, queue="idle")
def reconcile(work: Work, *, run_id: str) -> None:
    """Hold our books against a provider's word."""
    reconciling.run(work.database, work.actor.tenant_id, UUID(run_id))


@every(timedelta(minutes=30), "payments.reconcile_nightly", queue="idle")
def reconcile_nightly(work: Work) -> None:
    """From two at night on, each account that was used is compared once."""
    with work.read() as view:
        here = view.now.astimezone(NIGHT)
        wanted = select(ProviderAccount.tenant_id, ProviderAccount.id).order_by(ProviderAccount.id)
        accounts = list(view.session.execute(wanted)) if here.hour == AT_NIGHT else []
    for tenant_id, account_id in accounts:
        with work.database.write(system_actor(tenant_id)) as ctx:
            reconciling.start_reconciliation(
                ctx, wanted=ReconcileIn(account_id=account_id), key=f"night:{here.date().isoformat()}"
            )


@every(timedelta(hours=6), "payments.check_accounts", queue="idle")
def check_accounts(work: Work) -> None:
    """Ask each provider whether its account still works: passwords and keys run out."""
    with work.read() as view:
        wanted = select(ProviderAccount.tenant_id, ProviderAccount.id).where(ProviderAccount.enabled.is_(True))
        accounts = list(view.session.execute(wanted))
    for tenant_id, account_id in accounts:
        work.check_stop()
        check_account(work.database, system_actor(tenant_id), account_id=account_id)


@every(timedelta(minutes=1), "payments.expire")
def expire(work: Work) -> None:
    """Close intents whose time is over, but for those with an attempt that nobody knows the end of yet."""
    waiting = select(Payment.id).where(Payment.intent_id == PaymentIntent.id, Payment.state.in_(OPEN)).exists()
    with work.read() as view:
        due = select(PaymentIntent.tenant_id, PaymentIntent.id).where(
            PaymentIntent.state == IntentState.OPEN, PaymentIntent.expires_at <= view.now, ~waiting
        )
        found = list(view.session.execute(due.order_by(PaymentIntent.expires_at).limit(AT_ONCE)))
    for tenant_id, intent_id in found:
        work.check_stop()
        with work.database.write(system_actor(tenant_id)) as ctx:
            row = queries.get(ctx, PaymentIntent, intent_id, lock=True)
            if row.state != IntentState.OPEN:
                continue
            row.state, row.updated_at = IntentState.EXPIRED, ctx.now
            ctx.session.flush()
            ctx.emit(
                IntentExpired(intent_id=row.id, purpose_kind=row.purpose_kind, purpose_id=row.purpose_id, at=ctx.now)
            )


@every(timedelta(minutes=5), "payments.sweep")
def sweep(work: Work) -> None:
    """Ask about what should have been asked about: jobs that were lost, calls whose process did not live to tell."""
    for table, open_states, name, column in (
        (Payment, OPEN, names.ASK, "payment_id"),
        (Refund, _MOVING, names.ASK_REFUND, "refund_id"),
        (Payout, _MOVING, names.ASK_PAYOUT, "payout_id"),
    ):
        with work.read() as view:
            due = select(table.tenant_id, table.id).where(
                table.state.in_(open_states), table.next_poll_at < view.now - OVERDUE
            )
            found = list(view.session.execute(due.order_by(table.next_poll_at).limit(AT_ONCE)))
        for tenant_id, row_id in found:
            with work.database.write(system_actor(tenant_id)) as ctx:
                ctx.enqueue(name, **{column: str(row_id)})


_MOVING = (MoveState.SENDING, MoveState.PENDING, MoveState.UNKNOWN)


@every(timedelta(hours=12), "payments.forget_callbacks", queue="idle")
def forget_callbacks(work: Work) -> None:
    """Empty callbacks that are three months old; that they came stays known, so that a repetition is no news."""
    with work.write() as ctx:
        ctx.session.execute(
            update(CallbackRecord)
            .where(CallbackRecord.received_at < ctx.now - callbacks.KEPT, CallbackRecord.sealed_raw != "")
            .values(sealed_raw="", headers={})
            .execution_options(synchronize_session=False)
        )
