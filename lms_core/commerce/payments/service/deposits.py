"""Verbs on deposits: money that came by itself finds its purpose by the account number typed, or by a person."""

from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.payments import phones, postings, queries, references, sealing
from lms_core.commerce.payments.errors import AlreadyDecided, AmountDiffers, IntentClosed
from lms_core.commerce.payments.events import DepositArrived
from lms_core.commerce.payments.gateways.port import Heard, State, Status
from lms_core.commerce.payments.models import Deposit, Payment, PaymentIntent, ProviderAccount
from lms_core.commerce.payments.policies import require_manager, require_reader
from lms_core.commerce.payments.schemas import DepositView
from lms_core.commerce.payments.service import settling, telling
from lms_core.commerce.payments.states import DepositKind, DepositState, IntentState, MismatchKind, Way
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.money import Money

SUGGESTED = 5


def expected(ctx: ReadCtx, heard: Heard) -> bool:
    """Whether an open intent waits for exactly this money under this account number: what M-Pesa asks beforehand."""
    intent = _intent_of(ctx, heard.reference)
    amount = heard.status.amount if heard.status is not None else None
    return (
        intent is not None
        and intent.state == IntentState.OPEN
        and intent.expires_at > ctx.now
        and amount == queries.money(intent.amount, intent.currency)
    )


def arrive(ctx: WriteCtx, account: ProviderAccount, heard: Heard) -> None:
    """Money came: it settles the attempt or the intent its account number names, else it waits. Safe to repeat."""
    status = heard.status
    if status is None or status.amount is None or status.amount.amount <= 0 or not status.receipt:
        return
    receipt = status.receipt[:255]
    if _known(ctx, account.id, receipt):
        return
    intent = _intent_of(ctx, heard.reference, lock=True)
    attempt = _attempt_of(ctx, account, intent, heard.reference)
    if attempt is not None:  # the other channel of a prompt: the same money, told twice
        settling.apply(ctx, attempt.id, Status(**{**_fields(status), "reference": attempt.reference}))
        return
    row = ctx.add(_new(ctx, account, heard, receipt, status.amount))
    postings.deposited(ctx, row)
    fits = intent is not None and status.amount == queries.money(intent.amount, intent.currency)
    if intent is not None and fits and intent.state != IntentState.PAID:
        _give(ctx, row, intent)
        return
    ctx.emit(DepositArrived(deposit_id=row.id, amount=row.amount, currency=status.amount.currency, at=ctx.now))
    telling.note(
        ctx, MismatchKind.DEPOSIT, account_id=account.id, about=receipt,
        ours={"reference": intent.reference, "amount": intent.amount} if intent is not None else {},
        theirs={"receipt": receipt, "reference": row.reference, "amount": row.amount},
    )  # fmt: skip


def match(ctx: WriteCtx, deposit_id: UUID, *, intent_id: UUID, note: str = "") -> DepositView:
    """Finance says what a deposit was for: the intent is settled with it.

    PaymentNotFound, Forbidden, AlreadyDecided, AmountDiffers, IntentClosed: it is paid.
    """
    require_manager(ctx.actor)
    intent = queries.get(ctx, PaymentIntent, intent_id, lock=True)
    row = queries.get(ctx, Deposit, deposit_id, lock=True)
    if row.state != DepositState.UNMATCHED:
        raise AlreadyDecided()
    if intent.state == IntentState.PAID:
        raise IntentClosed(intent.state)
    if (row.amount, row.currency) != (intent.amount, intent.currency):
        raise AmountDiffers()
    _give(ctx, row, intent)
    row.note, row.decided_by = note, ctx.actor.user_id
    audit.record(ctx, action="deposit.matched", object=("deposit", row.id), intent=str(intent_id))
    return view(ctx, row)


def send_back(ctx: WriteCtx, deposit_id: UUID, *, note: str) -> DepositView:
    """Finance sent a deposit back from the bank. A surplus is refunded as its payment instead.

    PaymentNotFound, Forbidden, AlreadyDecided.
    """
    require_manager(ctx.actor)
    row = queries.get(ctx, Deposit, deposit_id, lock=True)
    if row.state != DepositState.UNMATCHED:
        raise AlreadyDecided()
    if row.kind == DepositKind.SURPLUS:
        raise AlreadyDecided("This came with a second payment. Refund that payment: the money goes back the same way.")
    row.state, row.note = DepositState.RETURNED, note
    row.decided_by, row.decided_at = ctx.actor.user_id, ctx.now
    ctx.session.flush()
    postings.deposit_returned(ctx, row)
    audit.record(ctx, action="deposit.returned", object=("deposit", row.id), note=note[:200])
    return view(ctx, row)


def access_deposit(ctx: ReadCtx, deposit_id: UUID) -> DepositView:
    """A deposit with open intents it may be meant for. PaymentNotFound, Forbidden. Three statements."""
    require_reader(ctx.actor)
    row = queries.get(ctx, Deposit, deposit_id)
    same = select(PaymentIntent).where(
        PaymentIntent.amount == row.amount,
        PaymentIntent.currency == row.currency,
        PaymentIntent.state != IntentState.PAID,
    )
    found = list(ctx.session.execute(same.order_by(PaymentIntent.id.desc()).limit(50)).scalars())
    typed = row.reference.upper()
    found.sort(key=lambda each: -_likeness(typed, each.reference))
    views = tuple(queries.intent_views(ctx, found[:SUGGESTED]))
    return view(ctx, row).model_copy(update={"suggestions": views})


def intent_named(ctx: ReadCtx, typed: str) -> UUID:
    """The intent of a reference as somebody in finance types it, an attempt's too. Forbidden; Invalid: there is none.

    One statement, none for what is no reference.
    """
    require_reader(ctx.actor)
    intent = _intent_of(ctx, typed)
    if intent is None:
        what = "nothing has this reference; it has eleven characters, such as those an order shows"
        raise Invalid("Nothing has this reference.", fields=[{"field": "reference", "message": what}])
    return intent.id


def view(ctx: ReadCtx, row: Deposit) -> DepositView:
    """A deposit as it is shown."""
    payer = (sealing.unseal(ctx, sealing.PERSON, row.sealed_from) or {}).get("name", "")
    taken = ("amount", "payer", "phone", "suggestions")
    said = {name: getattr(row, name) for name in DepositView.model_fields if name not in taken}
    return DepositView(**said, amount=queries.money(row.amount, row.currency), payer=payer, phone=row.phone_hint)


def _give(ctx: WriteCtx, row: Deposit, intent: PaymentIntent) -> None:
    """A deposit settles an intent: an attempt of its own, which begins and ends here. Both rows are locked."""
    account = queries.account(ctx, row.account_id)
    place = len(queries.payments_of(ctx, [intent.id])[intent.id]) + 1
    own = row.kind == DepositKind.SENT
    payment = Payment(
        id=new_id(), intent_id=intent.id, account_id=row.account_id, gateway=account.gateway, mode=account.mode,
        way=Way.DEPOSIT, number=place, reference=f"{intent.reference[:10]}{place:02d}",
        key=sealing.hashed("deposit", row.id), receipt=row.receipt if own else None,
        amount=row.amount, currency=row.currency, state=PaymentState.SUCCEEDED, phone_hint=row.phone_hint,
        begun_at=row.at, created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.add(payment)
    row.state, row.payment_id, row.decided_at = DepositState.MATCHED, row.payment_id or payment.id, ctx.now
    ctx.session.flush()
    postings.deposit_matched(ctx, row)
    settling.settle(ctx, intent, payment)
    ctx.session.flush()


def _new(ctx: WriteCtx, account: ProviderAccount, heard: Heard, receipt: str, amount: Money) -> Deposit:
    return Deposit(
        account_id=account.id, kind=DepositKind.SENT, receipt=receipt, amount=amount.amount, currency=amount.currency,
        reference=heard.reference[:64],
        sealed_from=sealing.seal(ctx, sealing.PERSON, {"name": heard.name, "phone": heard.phone}),
        phone_hint=phones.masked(heard.phone) if heard.phone.isdigit() else "", at=ctx.now,
    )  # fmt: skip


def _known(ctx: ReadCtx, account_id: UUID, receipt: str) -> bool:
    paid = select(Payment.id).where(Payment.account_id == account_id, Payment.receipt == receipt)
    if ctx.session.execute(paid).first() is not None:
        return True
    sent = select(Deposit.id).where(Deposit.account_id == account_id, Deposit.receipt == receipt)
    return ctx.session.execute(sent).first() is not None


def _intent_of(ctx: ReadCtx, typed: str, *, lock: bool = False) -> PaymentIntent | None:
    found = references.read(typed)
    return queries.find(ctx, PaymentIntent, PaymentIntent.reference == found[0], lock=lock) if found else None


def _attempt_of(ctx: ReadCtx, account: ProviderAccount, intent: PaymentIntent | None, typed: str) -> Payment | None:
    """The attempt at this account that has no receipt yet and whose reference was sent as the account number."""
    found = references.read(typed)
    if intent is None or found is None or not found[1]:
        return None
    row = queries.find(ctx, Payment, Payment.reference == found[0] + found[1], Payment.account_id == account.id)
    return row if row is not None and not row.receipt else None


def _fields(status: Status) -> dict[str, object]:
    return {
        "state": State.SUCCEEDED, "amount": status.amount, "receipt": status.receipt, "live": status.live,
        "fee": status.fee, "paid_at": status.paid_at, "code": status.code,
    }  # fmt: skip


def _likeness(typed: str, reference: str) -> int:
    """How many characters at the same place are the same."""
    return sum(one == other for one, other in zip(typed, reference, strict=False))
