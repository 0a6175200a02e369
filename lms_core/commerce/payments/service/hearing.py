"""What becomes of an accepted callback: its payment, refund, payout or deposit is found, and the provider asked."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import names, queries
from lms_core.commerce.payments.gateways.port import About, Heard, Movement, State, Status
from lms_core.commerce.payments.models import CallbackRecord, Payment, Payout, ProviderAccount, Refund
from lms_core.commerce.payments.service import asking, callbacks, deposits, disputes, payouts, refunds, telling
from lms_core.commerce.payments.states import MismatchKind, MoveState, RefundWay
from lms_core.kit.context import Database, ReadCtx, system_actor

AGAIN = (5, 10, 20, 40)  # seconds until the provider is asked again whether it agrees with its callback

log = structlog.get_logger(__name__)


def process(database: Database, tenant_id: UUID, record_id: UUID, *, tries: int = 0) -> None:
    """Work on a stored callback. Safe to repeat; what its provider does not confirm yet is looked at again."""
    found = callbacks.reread(database, tenant_id, record_id)
    agreed, why = True, "it cannot be read any more"
    if found is not None:
        account_id, heard = found
        agreed, why = _work(database, tenant_id, account_id, heard, last=tries >= len(AGAIN))
    with database.write(system_actor(tenant_id)) as ctx:
        record = queries.get(ctx, CallbackRecord, record_id, lock=True)
        record.error = why
        if not agreed and tries < len(AGAIN):
            ctx.enqueue(names.HEAR, delay=timedelta(seconds=AGAIN[tries]), record_id=str(record_id), tries=tries + 1)
        else:
            record.processed_at = ctx.now


def _work(database: Database, tenant_id: UUID, account_id: UUID, heard: Heard, *, last: bool) -> tuple[bool, str]:
    """Whether it is done, and why not. `last`: it will not be tried again."""
    if heard.about is About.CHARGE:
        return _charge(database, tenant_id, account_id, heard, last=last)
    if heard.about is About.REFUND:
        return _refund(database, tenant_id, account_id, heard)
    if heard.about is About.PAYOUT:
        return _payout(database, tenant_id, account_id, heard)
    with database.write(system_actor(tenant_id)) as ctx:
        account = queries.account(ctx, account_id)
        if heard.about is About.DEPOSIT:
            deposits.arrive(ctx, account, heard)
            return True, ""
        payment = _payment(ctx, account_id, heard)
        if payment is None:
            return True, "it is about a payment that is not ours"
        disputes.tell(ctx, account, payment, heard)
    return True, ""


def _charge(database: Database, tenant_id: UUID, account_id: UUID, heard: Heard, *, last: bool) -> tuple[bool, str]:
    with database.read(system_actor(tenant_id)) as view:
        payment = _payment(view, account_id, heard)
    if payment is None:
        if heard.status is not None and heard.status.state is State.SUCCEEDED:
            _not_ours(database, tenant_id, account_id, heard, heard.status)
        return True, "it is about a payment that is not ours"
    proof = replace(heard.status, provider_ref=heard.provider_ref) if heard.proof and heard.status else None
    told = asking.ask(database, tenant_id, payment.id, proof=proof, hint=heard.provider_ref, last=last)
    return told.agreed, "" if told.agreed else "the provider does not confirm it yet"


def _refund(database: Database, tenant_id: UUID, account_id: UUID, heard: Heard) -> tuple[bool, str]:
    with database.read(system_actor(tenant_id)) as view:
        payment = _payment(view, account_id, heard)
        ids = _refund_ids(view, account_id, payment, heard)
    if not ids and payment is None:
        return True, "it is about a refund that is not ours"
    if not ids and payment is not None:
        with database.write(system_actor(tenant_id)) as ctx:
            telling.note(
                ctx, MismatchKind.FOREIGN_REFUND, account_id=account_id, payment_id=payment.id,
                about=heard.subject or heard.dedupe,
                ours={"reference": payment.reference, "refunded": payment.refunded},
                theirs={"refund": heard.subject[:255]},
            )  # fmt: skip
        return True, "finance was told: nobody asked for this refund here"
    for refund_id in ids:
        refunds.ask_state(database, tenant_id, refund_id, told=_movement(heard) if len(ids) == 1 else None)
    return True, ""


def _payout(database: Database, tenant_id: UUID, account_id: UUID, heard: Heard) -> tuple[bool, str]:
    with database.read(system_actor(tenant_id)) as view:
        payout_id = _payout_id(view, account_id, heard)
        refund_ids = [] if payout_id is not None else _refund_ids(view, account_id, None, heard)
    if payout_id is not None:
        payouts.ask_state(database, tenant_id, payout_id, told=_movement(heard))
        return True, ""
    for refund_id in refund_ids:  # M-Pesa tells of reversals as it tells of payouts
        refunds.ask_state(database, tenant_id, refund_id, told=_movement(heard))
    return True, "" if refund_ids else "it is about a payout that is not ours"


def _payment(ctx: ReadCtx, account_id: UUID, heard: Heard) -> Payment | None:
    """The attempt at this account that a callback is about: by the provider's number, else by ours."""
    receipt = heard.status.receipt if heard.status is not None and heard.about is not About.CHARGE else ""
    for column, value in (
        (Payment.provider_ref, heard.provider_ref), (Payment.reference, heard.reference), (Payment.receipt, receipt),
    ):  # fmt: skip
        if value:
            wanted = select(Payment).where(Payment.account_id == account_id, column == value[:255])
            row: Payment | None = ctx.session.execute(wanted.order_by(Payment.id.desc()).limit(1)).scalars().first()
            if row is not None:
                return row
    return None


def _refund_ids(ctx: ReadCtx, account_id: UUID, payment: Payment | None, heard: Heard) -> list[UUID]:
    ours = select(Refund.id).join(Payment, Payment.id == Refund.payment_id).where(Payment.account_id == account_id)
    for value in (heard.subject, heard.provider_ref):
        if value:
            by_ref = ctx.session.execute(ours.where(Refund.provider_ref == value[:255]).limit(5)).scalars().all()
            if by_ref:
                return list(by_ref)
    for key in _ids(heard):
        by_key = ctx.session.execute(ours.where(Refund.id == key)).scalars().all()
        if by_key:
            return list(by_key)
    if payment is None:
        return []
    waiting = select(Refund.id).where(
        Refund.payment_id == payment.id,
        Refund.way == RefundWay.GATEWAY,
        Refund.provider_ref == "",
        Refund.state.in_((MoveState.SENDING, MoveState.PENDING, MoveState.UNKNOWN)),
    )
    return list(ctx.session.execute(waiting.order_by(Refund.id)).scalars())


def _payout_id(ctx: ReadCtx, account_id: UUID, heard: Heard) -> UUID | None:
    ours = select(Payout.id).where(Payout.account_id == account_id)
    for key in _ids(heard):
        by_key: UUID | None = ctx.session.execute(ours.where(Payout.id == key)).scalars().first()
        if by_key is not None:
            return by_key
    for value in (heard.subject, heard.provider_ref):
        if value:
            found: UUID | None = ctx.session.execute(ours.where(Payout.provider_ref == value[:255])).scalars().first()
            if found is not None:
                return found
    return None


def _ids(heard: Heard) -> list[UUID]:
    """Our keys among what a callback names: the hexadecimal ids that were sent."""
    found = []
    for value in (heard.reference, heard.subject, heard.provider_ref):
        try:
            found.append(UUID(hex=value))
        except ValueError:
            continue
    return found


def _movement(heard: Heard) -> Movement | None:
    """What a callback with proof says of a refund or payout."""
    if not heard.proof or heard.status is None:
        return None
    said = heard.status
    return Movement(
        said.state, provider_ref=said.provider_ref or heard.subject, receipt=said.receipt, amount=said.amount,
        code=said.code, reason=said.reason,
    )  # fmt: skip


def _not_ours(database: Database, tenant_id: UUID, account_id: UUID, heard: Heard, status: Status) -> None:
    """Somebody paid into our account by another way: finance wants to know."""
    with database.write(system_actor(tenant_id)) as ctx:
        queries.get(ctx, ProviderAccount, account_id)
        telling.note(
            ctx, MismatchKind.UNKNOWN_HERE, account_id=account_id, about=heard.provider_ref or heard.reference,
            ours={},
            theirs={
                "provider_ref": heard.provider_ref[:255], "reference": heard.reference[:64], "receipt": status.receipt,
                "amount": status.amount.amount if status.amount is not None else None,
            },
        )  # fmt: skip
