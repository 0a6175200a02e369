"""Verbs on bank slips: a payer hands one in, a person in finance looks whether the money came."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.payments import postings, queries, sealing
from lms_core.commerce.payments.errors import AlreadyDecided, IdempotencyConflict, IntentClosed, PaymentNotFound
from lms_core.commerce.payments.events import ManualPaymentHandedIn, ManualPaymentRejected
from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.models import ManualPayment, Payment, PaymentIntent
from lms_core.commerce.payments.policies import require_manager
from lms_core.commerce.payments.schemas import Decision, ManualPaymentView
from lms_core.commerce.payments.service import intents, settling, telling
from lms_core.commerce.payments.states import IntentState, ManualState, Way
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.identity.audit import service as audit
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid, TooLarge
from lms_core.kit.events import Notice
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission

LARGEST = 5 * 1024 * 1024
KINDS = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp"})
GATEWAY = "bank"


@dataclass(frozen=True, slots=True)
class Slip:
    """Where the bytes of a slip lie."""

    storage_key: str
    media_type: str
    size: int


def hand_in(
    database: Database,
    actor: Actor,
    *,
    intent_id: UUID,
    bank_reference: str,
    note: str,
    slip: bytes,
    key: str,
    request_id: str = "",
) -> ManualPaymentView:
    """Hand in a slip (PDF or picture, 5 MB at most) for an intent; finance is told. The same key: the first one.

    PaymentNotFound, IntentClosed, Invalid, TooLarge, IdempotencyConflict.
    """
    reference = bank_reference.strip()[:64]
    if not reference:
        raise Invalid("Write the bank's reference.", fields=[{"field": "bank_reference", "message": "this is needed"}])
    if len(slip) > LARGEST:
        raise TooLarge("A slip has at most 5 MB. Send a smaller picture.")
    with database.read(actor, request_id=request_id) as view:
        if not intents.may_pay(actor, queries.get(view, PaymentIntent, intent_id)):
            raise PaymentNotFound()
    stored = files.upload(database.resources, tenant_id=actor.tenant_id, owner_id=intent_id, source=slip)
    if stored.media_type not in KINDS:
        raise Invalid("A slip is a PDF or a picture.", fields=[{"field": "slip", "message": "send a PDF or a picture"}])
    with database.write(actor, request_id=request_id) as ctx:
        return _hand_in(ctx, intent_id, reference, note.strip()[:500], stored, key)


def decide(ctx: WriteCtx, manual_id: UUID, *, decision: Decision) -> ManualPaymentView:
    """Finance found the money (the intent is settled), or did not (the payer is told why).

    PaymentNotFound, AlreadyDecided (also by a bank reference that paid before), IntentClosed: it is paid. Forbidden,
    also for whoever handed it in: nobody says of their own slip that the money came.
    """
    require_manager(ctx.actor)
    intent_id = queries.get(ctx, ManualPayment, manual_id).intent_id
    intent = queries.get(ctx, PaymentIntent, intent_id, lock=True)
    _hold_reference(ctx, manual_id)
    row = queries.get(ctx, ManualPayment, manual_id, lock=True)
    if row.state != ManualState.WAITING:
        raise AlreadyDecided()
    if row.user_id is not None and row.user_id == ctx.actor.user_id:
        raise Forbidden("You handed this slip in yourself. Somebody else in finance looks whether the money came.")
    if decision.approve:
        _approve(ctx, intent, row)
    else:
        row.state = ManualState.REJECTED
        whom = (row.user_id,) if row.user_id is not None else ()
        notice = Notice(recipients=whom, kind="payments.slip_rejected", variables={"reason": decision.answer or "-"})
        ctx.emit(
            ManualPaymentRejected(
                manual_id=row.id, purpose_kind=intent.purpose_kind, purpose_id=intent.purpose_id, notice=notice
            )
        )
    row.answer, row.decided_by, row.decided_at = decision.answer, ctx.actor.user_id, ctx.now
    ctx.session.flush()
    audit.record(ctx, action="payment.slip_decided", object=("manual_payment", row.id), approved=decision.approve)
    return view(row, intent)


def slip_of(ctx: ReadCtx, manual_id: UUID) -> Slip:
    """Where a slip lies, for finance and whoever handed it in. PaymentNotFound."""
    row = queries.get(ctx, ManualPayment, manual_id)
    own = row.user_id is not None and row.user_id == ctx.actor.user_id
    if not own and not ctx.actor.may(Permission.FINANCE_READ):
        raise PaymentNotFound()
    return Slip(row.storage_key, row.media_type, row.size)


def slips_of(ctx: ReadCtx, intent_id: UUID) -> list[ManualPaymentView]:
    """The slips of an intent, for its payer. PaymentNotFound. Two statements."""
    intent = queries.get(ctx, PaymentIntent, intent_id)
    if not intents.may_see(ctx.actor, intent):
        raise PaymentNotFound()
    wanted = select(ManualPayment).where(ManualPayment.intent_id == intent_id).order_by(ManualPayment.id)
    return [view(row, intent) for row in ctx.session.execute(wanted.limit(50)).scalars()]


def view(row: ManualPayment, intent: PaymentIntent) -> ManualPaymentView:
    """A slip as it is shown."""
    taken = ("reference", "amount", "description")
    said = {name: getattr(row, name) for name in ManualPaymentView.model_fields if name not in taken}
    return ManualPaymentView(
        **said,
        reference=intent.reference,
        amount=queries.money(intent.amount, intent.currency),
        description=intent.description,
    )


def _hand_in(
    ctx: WriteCtx, intent_id: UUID, reference: str, note: str, stored: StoredFile, key: str
) -> ManualPaymentView:
    intent = queries.get(ctx, PaymentIntent, intent_id, lock=True)
    hashed = sealing.hashed("slip", key)
    known = queries.find(ctx, ManualPayment, ManualPayment.intent_id == intent_id, ManualPayment.key == hashed)
    if known is not None:
        if (known.bank_reference, known.storage_key) != (reference, stored.storage_key):
            raise IdempotencyConflict()
        return view(known, intent)
    if intent.state != IntentState.OPEN:
        raise IntentClosed(intent.state)
    row = ctx.add(
        ManualPayment(
            intent_id=intent_id, user_id=ctx.actor.user_id, key=hashed, bank_reference=reference, note=note,
            storage_key=stored.storage_key, media_type=stored.media_type, size=stored.size, created_at=ctx.now,
        )
    )  # fmt: skip
    deciders = Permission.FINANCE_MANAGE
    notice = telling.to_finance(ctx, "payments.slip_handed_in", right=deciders, reference=intent.reference)
    ctx.emit(ManualPaymentHandedIn(manual_id=row.id, notice=notice))
    return view(row, intent)


def _hold_reference(ctx: WriteCtx, manual_id: UUID) -> None:
    """Lock every slip with this one's bank reference, in one order: two of them are not approved at the same moment."""
    named = select(ManualPayment.bank_reference).where(ManualPayment.id == manual_id).scalar_subquery()
    wanted = select(ManualPayment.id).where(ManualPayment.bank_reference == named).order_by(ManualPayment.id)
    ctx.session.execute(wanted.with_for_update(key_share=True)).all()


def _approve(ctx: WriteCtx, intent: PaymentIntent, row: ManualPayment) -> None:
    if intent.state == IntentState.PAID:
        raise IntentClosed(intent.state)
    used = select(ManualPayment.id).where(
        ManualPayment.bank_reference == row.bank_reference, ManualPayment.state == ManualState.APPROVED
    )
    if ctx.session.execute(used).first() is not None:
        raise AlreadyDecided("A slip with this bank reference was approved before: one transfer pays once.")
    place = len(queries.payments_of(ctx, [intent.id])[intent.id]) + 1
    payment = Payment(
        id=new_id(), intent_id=intent.id, gateway=GATEWAY, mode=Mode.LIVE, way=Way.MANUAL, number=place,
        reference=f"{intent.reference[:10]}{place:02d}", key=sealing.hashed("slip", row.id),
        receipt=row.bank_reference, amount=intent.amount, currency=intent.currency, state=PaymentState.SUCCEEDED,
        begun_at=row.created_at, created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    ctx.add(payment)
    row.state, row.payment_id = ManualState.APPROVED, payment.id
    settling.settle(ctx, intent, payment)
    ctx.session.flush()
    postings.settled(ctx, payment)
