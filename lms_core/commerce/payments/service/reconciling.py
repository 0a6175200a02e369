"""Verbs of reconciliation: every night, and when somebody asks, our books are held against each provider's word.

First every attempt that nobody knows the end of is asked about, then the provider's own list is compared where it has
one. What differs and cannot be settled by asking is written down for a person.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select

from lms_core.commerce.payments import names, queries
from lms_core.commerce.payments.errors import AlreadyDecided
from lms_core.commerce.payments.gateways.port import Entry, GatewayError, State, Status, Uncertain
from lms_core.commerce.payments.models import Deposit, Mismatch, Payment, ProviderAccount, ReconciliationRun
from lms_core.commerce.payments.policies import require_manager
from lms_core.commerce.payments.schemas import MismatchView, ReconcileIn, RunView
from lms_core.commerce.payments.service import asking, telling
from lms_core.commerce.payments.service.accounts import opened
from lms_core.commerce.payments.states import MismatchKind, RunState
from lms_core.commerce.payments.transitions import SETTLED, PaymentState
from lms_core.identity.audit import service as audit
from lms_core.kit.context import Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.ids import new_id

WINDOW = timedelta(days=2)
LONGEST = timedelta(days=92)
SETTLING = timedelta(hours=1)  # how far a provider's clock and ours may be apart before something is missing
UNSURE = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN, PaymentState.EXPIRED, PaymentState.FAILED)
AT_MOST = 5000

log = structlog.get_logger(__name__)


def start_reconciliation(ctx: WriteCtx, *, wanted: ReconcileIn, key: str = "") -> RunView:
    """Compare an account with its provider, by a job. The same key: the same run.

    AccountNotFound, Forbidden; Invalid: more than three months, or nothing.
    """
    require_manager(ctx.actor)
    account = queries.account(ctx, wanted.account_id)
    until = wanted.until or ctx.now
    since = wanted.since or until - WINDOW
    if since.tzinfo is None or until.tzinfo is None or not timedelta(0) < until - since <= LONGEST:
        raise Invalid("Compare a time of at most three months, with a time zone.")
    run_id = new_id()
    named = key[:64] or run_id.hex
    known = queries.find(
        ctx, ReconciliationRun, ReconciliationRun.account_id == account.id, ReconciliationRun.key == named
    )
    if known is not None:
        return RunView.model_validate(known)
    row = ctx.add(
        ReconciliationRun(
            id=run_id, account_id=account.id, key=named, since=since, until=until, started_at=ctx.now,
            started_by=ctx.actor.user_id,
        )
    )  # fmt: skip
    ctx.enqueue(names.RECONCILE, run_id=str(row.id))
    return RunView.model_validate(row)


def run(database: Database, tenant_id: UUID, run_id: UUID) -> None:
    """Do a comparison that was started. Safe to repeat."""
    actor = system_actor(tenant_id)
    with database.read(actor) as view:
        row = queries.get(view, ReconciliationRun, run_id)
        if row.state == RunState.DONE:
            return
        unsure = _unsure(view, row)
    for payment_id in unsure:
        asking.ask(database, tenant_id, payment_id)
    listed, error = _listed(database, tenant_id, row.account_id, row.since, row.until)
    late = [entry for entry in listed if entry.state is State.SUCCEEDED]
    for payment_id, entry in _to_ask(database, tenant_id, row.account_id, late):
        # Its list is the provider's own word too, and counts where it can tell nothing of the charge itself.
        asking.ask(database, tenant_id, payment_id, proof=_told(entry), last=True)
    with database.write(actor) as ctx:
        row = queries.get(ctx, ReconciliationRun, run_id, lock=True)
        if row.state == RunState.DONE:
            return
        found = _compare(ctx, row, listed) if not error else 0
        row.state = RunState.FAILED if error else RunState.DONE
        row.asked, row.listed, row.error = len(unsure), len(listed), error
        row.mismatches, row.finished_at = found, ctx.now
        row.settled = _settled_of(ctx, unsure)


def resolve_mismatch(ctx: WriteCtx, mismatch_id: UUID, *, note: str) -> MismatchView:
    """Finance dealt with a difference, and says how. PaymentNotFound, Forbidden, AlreadyDecided."""
    require_manager(ctx.actor)
    row = queries.get(ctx, Mismatch, mismatch_id, lock=True)
    if row.resolved_at is not None:
        raise AlreadyDecided()
    row.resolved_at, row.resolved_by, row.note = ctx.now, ctx.actor.user_id, note
    ctx.session.flush()
    audit.record(ctx, action="payment.mismatch_resolved", object=("mismatch", row.id), kind=str(row.kind))
    return MismatchView.model_validate(row)


def _unsure(ctx: ReadCtx, row: ReconciliationRun) -> list[UUID]:
    """Attempts of the time whose end may be other than we think."""
    wanted = select(Payment.id).where(
        Payment.account_id == row.account_id,
        Payment.state.in_(UNSURE),
        Payment.begun_at >= row.since,
        Payment.begun_at < row.until,
        Payment.code != "mismatch",
    )
    return list(ctx.session.execute(wanted.order_by(Payment.id).limit(AT_MOST)).scalars())


def _settled_of(ctx: ReadCtx, ids: Sequence[UUID]) -> int:
    settled = 0
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = ctx.session.execute(select(Payment.state).where(Payment.id.in_(part))).scalars()
        settled += sum(state in SETTLED for state in rows)
    return settled


def _listed(
    database: Database, tenant_id: UUID, account_id: UUID, since: datetime, until: datetime
) -> tuple[list[Entry], str]:
    """The provider's own list, and why there is none."""
    with database.read(system_actor(tenant_id)) as view:
        try:
            found = opened(view, queries.account(view, account_id))
        except DomainError as error:
            return [], error.detail
    if not found.gateway.capabilities.lists_transactions:
        return [], ""
    try:
        return list(found.gateway.transactions(found.account, since, until)), ""
    except (GatewayError, Uncertain) as error:
        return [], str(error)[:500]
    except Exception as error:
        log.exception("payments.list_failed", gateway=found.gateway.name)
        return [], f"the list could not be read ({type(error).__name__})"


def _of_entries(ctx: ReadCtx, account_id: UUID, entries: Sequence[Entry]) -> dict[int, Payment]:
    """Our attempt for each entry, by its place: by the provider's number, its receipt, or our reference."""
    found: dict[int, Payment] = {}
    for start in range(0, len(entries), 200):
        part = entries[start : start + 200]
        wanted = select(Payment).where(
            Payment.account_id == account_id,
            or_(
                and_(Payment.provider_ref != "", Payment.provider_ref.in_([each.provider_ref for each in part])),
                Payment.receipt.in_([each.receipt for each in part if each.receipt]),
                Payment.reference.in_([each.reference for each in part if each.reference]),
            ),
        )
        rows = list(ctx.session.execute(wanted).scalars())
        by_ref = {row.provider_ref: row for row in rows if row.provider_ref}
        by_receipt = {row.receipt: row for row in rows if row.receipt}
        by_own = {row.reference: row for row in rows}
        for place, each in enumerate(part, start):
            row = by_ref.get(each.provider_ref) or by_receipt.get(each.receipt) or by_own.get(each.reference)
            if row is not None:
                found[place] = row
    return found


def _to_ask(
    database: Database, tenant_id: UUID, account_id: UUID, entries: Sequence[Entry]
) -> list[tuple[UUID, Entry]]:
    """Attempts that the provider lists as paid and we do not have so."""
    with database.read(system_actor(tenant_id)) as view:
        ours = _of_entries(view, account_id, entries)
        return [
            (row.id, entries[place])
            for place, row in ours.items()
            if row.state not in SETTLED and row.code != "mismatch"
        ]


def _told(entry: Entry) -> Status:
    """What a row of the provider's list says of a charge."""
    number = entry.provider_ref if entry.provider_ref != entry.receipt else ""  # a receipt is not what it is asked by
    return Status(
        entry.state, provider_ref=number, amount=entry.amount, receipt=entry.receipt, reference=entry.reference or None,
        fee=entry.fee, paid_at=entry.at,
    )  # fmt: skip


def _compare(ctx: WriteCtx, row: ReconciliationRun, entries: Sequence[Entry]) -> int:
    """Write down what differs; how many differences are new."""
    ours = _of_entries(ctx, row.account_id, entries)
    found = 0
    for place, entry in enumerate(entries):
        found += _differs(ctx, row, entry, ours.get(place))
    if entries or _lists(ctx, row.account_id):
        found += _missing_there(ctx, row, {payment.id for payment in ours.values()})
    return found


def _differs(ctx: WriteCtx, row: ReconciliationRun, entry: Entry, payment: Payment | None) -> int:
    theirs = {
        "provider_ref": entry.provider_ref[:255], "reference": entry.reference[:64], "receipt": entry.receipt[:255],
        "amount": entry.amount.amount, "currency": entry.amount.currency.value, "state": entry.state.value,
    }  # fmt: skip
    about = entry.provider_ref or entry.receipt or entry.reference
    if payment is None:
        sent = select(Deposit.id).where(Deposit.account_id == row.account_id, Deposit.receipt == entry.receipt)
        if entry.state is not State.SUCCEEDED or (entry.receipt and ctx.session.execute(sent).first() is not None):
            return 0
        new = telling.note(
            ctx, MismatchKind.UNKNOWN_HERE, account_id=row.account_id, about=about, ours={}, theirs=theirs,
            run_id=row.id,
        )  # fmt: skip
        return int(new)
    ours = {"reference": payment.reference, "amount": payment.amount, "currency": str(payment.currency),
            "state": str(payment.state)}  # fmt: skip
    kind = None
    if (entry.amount.amount, entry.amount.currency) != (payment.amount, payment.currency):
        kind = MismatchKind.AMOUNT
    elif (entry.state is State.SUCCEEDED) != (payment.state in SETTLED) and payment.code != "mismatch":
        gone = payment.state in (PaymentState.REVERSED, PaymentState.REFUNDED)
        kind = None if gone else MismatchKind.STATE
    if kind is None:
        return 0
    new = telling.note(
        ctx, kind, account_id=row.account_id, payment_id=payment.id, about=payment.reference, ours=ours,
        theirs=theirs, run_id=row.id,
    )  # fmt: skip
    return int(new)


def _missing_there(ctx: WriteCtx, row: ReconciliationRun, seen: set[UUID]) -> int:
    """What we hold for paid, and the provider does not list."""
    wanted = select(Payment).where(
        Payment.account_id == row.account_id,
        Payment.state.in_((PaymentState.SUCCEEDED, PaymentState.PARTIALLY_REFUNDED)),
        Payment.settled_at >= row.since + SETTLING,
        Payment.settled_at < row.until - SETTLING,
        Payment.provider_ref != "",
    )
    found = 0
    for payment in ctx.session.execute(wanted.limit(AT_MOST)).scalars():
        if payment.id not in seen:
            found += telling.note(
                ctx, MismatchKind.UNKNOWN_THERE, account_id=row.account_id, payment_id=payment.id,
                about=payment.reference, theirs={},
                ours={"reference": payment.reference, "amount": payment.amount, "currency": payment.currency},
                run_id=row.id,
            )  # fmt: skip
    return found


def _lists(ctx: ReadCtx, account_id: UUID) -> bool:
    account = queries.get(ctx, ProviderAccount, account_id)
    return opened(ctx, account).gateway.capabilities.lists_transactions
