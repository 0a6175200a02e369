"""Asking a provider how a charge stands. No transaction is open while it is asked."""

from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import queries
from lms_core.commerce.payments.errors import AccountInvalid
from lms_core.commerce.payments.gateways.port import GatewayError, Known, State, Status, Uncertain
from lms_core.commerce.payments.models import Payment
from lms_core.commerce.payments.policies import require_manager
from lms_core.commerce.payments.schemas import PaymentDetail
from lms_core.commerce.payments.service import settling
from lms_core.commerce.payments.service.accounts import Opened, opened
from lms_core.commerce.payments.transitions import OPEN, PaymentState
from lms_core.kit.context import Actor, Database, ReadCtx, system_actor

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """How it came out. `agreed` False: a callback claims what the provider does not confirm yet."""

    state: PaymentState
    agreed: bool = True


def ask(
    database: Database,
    tenant_id: UUID,
    payment_id: UUID,
    *,
    proof: Status | None = None,
    hint: str = "",
    last: bool = False,
) -> Asked:
    """Ask how a charge stands, and take the answer. `proof`: what its callback says, which has to agree.

    `hint`: the provider's number as a callback names it, for where a crash lost ours; it is kept only when the provider
    says that it goes with our reference. `last`: nobody will ask again for this callback, so it counts where the
    provider cannot tell. PaymentNotFound.
    """
    actor = system_actor(tenant_id)
    with database.read(actor) as view:
        payment = queries.get(view, Payment, payment_id)
        found = of_payment(view, payment)
        known = known_of(payment)
        brought = proof.provider_ref if proof is not None else hint
        found_anew = not known.provider_ref and _is_new(view, payment, brought)
        if found_anew:
            known = replace(known, provider_ref=brought)  # a crash lost it, and the callback brings it
    status = answered(found, known) if found is not None else Status(State.UNKNOWN, code="no_account")
    if found_anew and proof is None and status.reference != known.reference:
        status = Status(State.UNKNOWN, code="not_ours")  # whoever named it may have made it up
    said, agreed = joined(status, proof, last=last)
    with database.write(actor) as ctx:
        queries.locked(ctx, payment_id)[1].polls += 1
        row = settling.apply(ctx, payment_id, said)
        return Asked(PaymentState(row.state), agreed)


def ask_again(database: Database, actor: Actor, *, payment_id: UUID, request_id: str = "") -> PaymentDetail:
    """Ask now, for somebody in finance. PaymentNotFound, Forbidden."""
    from lms_core.commerce.payments.service import lists

    require_manager(actor)
    ask(database, actor.tenant_id, payment_id)
    with database.read(actor, request_id=request_id) as view:
        return lists.access_payment(view, payment_id)


def is_due(database: Database, tenant_id: UUID, payment_id: UUID) -> bool:
    """Whether it is time to ask: a plan made later than this job's puts it off."""
    with database.read(system_actor(tenant_id)) as view:
        row = queries.find(view, Payment, Payment.id == payment_id)
        return row is not None and row.state in OPEN and row.next_poll_at is not None and row.next_poll_at <= view.now


def _is_new(ctx: ReadCtx, payment: Payment, provider_ref: str) -> bool:
    """Whether no other attempt at this account goes by the provider's number: one charge never pays for two."""
    if not provider_ref:
        return False
    wanted = select(Payment.id).where(Payment.account_id == payment.account_id, Payment.provider_ref == provider_ref)
    return ctx.session.execute(wanted).first() is None


def of_payment(ctx: ReadCtx, payment: Payment) -> Opened | None:
    """The account of a payment, ready to be used; None when it cannot be."""
    if payment.account_id is None:
        return None
    try:
        return opened(ctx, queries.account(ctx, payment.account_id))
    except AccountInvalid as error:
        log.error("payments.account_unusable", account_id=str(payment.account_id), detail=error.detail)
        return None


def known_of(payment: Payment) -> Known:
    """What we know of a charge."""
    return Known(
        reference=payment.reference,
        provider_ref=payment.provider_ref,
        receipt=payment.receipt or "",
        amount=queries.money(payment.amount, payment.currency),
        begun_at=payment.begun_at or payment.created_at,
    )


def answered(found: Opened, known: Known) -> Status:
    """The provider's answer; what cannot be told is unknown, and never a failure."""
    try:
        return found.gateway.status(found.account, known)
    except (GatewayError, Uncertain) as error:
        return Status(State.UNKNOWN, code=getattr(error, "code", ""))
    except Exception:
        log.exception("payments.ask_failed", gateway=found.gateway.name, reference=known.reference)
        return Status(State.UNKNOWN)


def joined(status: Status, proof: Status | None, *, last: bool = False) -> tuple[Status, bool]:
    """What the provider answered, completed by what its callback tells; and whether the two agree.

    A success that a callback tells counts once the provider confirms it, or at last when the provider can tell nothing.
    A failure counts unless the provider knows better, since a failure can be mended and money that was not paid cannot.
    """
    if proof is None or status.state is State.REVERSED:
        return status, True
    if proof.state is State.REVERSED:
        return proof, True
    if proof.state is State.SUCCEEDED:
        if last and status.state is State.UNKNOWN:
            return proof, True
        if status.state is not State.SUCCEEDED:
            return status, False
        return (
            replace(
                status,
                receipt=status.receipt or proof.receipt,
                amount=proof.amount or status.amount,
                reference=status.reference if status.reference is not None else proof.reference,
                paid_at=status.paid_at or proof.paid_at,
                fee=status.fee or proof.fee,
                saved=status.saved or proof.saved,
            ),
            True,
        )
    if proof.state is State.FAILED and status.state in (State.PENDING, State.UNKNOWN):
        return proof, True
    return status, True
