"""Verbs on payouts: money sent to a phone for a purpose, once, and settled by the provider's word alone."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import names, phones, polling, postings, queries, sealing
from lms_core.commerce.payments.errors import AccountInvalid, IdempotencyConflict, MethodUnavailable
from lms_core.commerce.payments.events import PayoutFailed, PayoutSettled
from lms_core.commerce.payments.gateways.port import GatewayError, Mode, Movement, PayoutAsk, State, Uncertain
from lms_core.commerce.payments.models import Payout, ProviderAccount
from lms_core.commerce.payments.policies import require_manager
from lms_core.commerce.payments.schemas import PayoutView
from lms_core.commerce.payments.service import telling
from lms_core.commerce.payments.service.accounts import Opened, gateways_of, opened
from lms_core.commerce.payments.states import MismatchKind, MoveState
from lms_core.kit.context import Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency, Money

SENT_WITHIN = timedelta(seconds=60)
MOST_TRIES, TRY_AGAIN = 5, timedelta(minutes=2)
OPEN = frozenset({MoveState.CREATED, MoveState.SENDING, MoveState.PENDING, MoveState.UNKNOWN})

log = structlog.get_logger(__name__)


def send_payout(
    ctx: WriteCtx,
    *,
    purpose: tuple[str, UUID],
    phone: str,
    name: str,
    amount: Money,
    remarks: str,
    key: str,
    account_id: UUID | None = None,
) -> PayoutView:
    """Send money to a phone, by a job. The same key with the same values: the first one.

    Forbidden, PhoneInvalid, MethodUnavailable: no account can, IdempotencyConflict.
    """
    require_manager(ctx.actor)
    return queue(
        ctx, purpose=purpose, phone=phone, name=name, amount=amount, remarks=remarks, key=key, account_id=account_id
    )


def queue(
    ctx: WriteCtx,
    *,
    purpose: tuple[str, UUID],
    phone: str,
    name: str,
    amount: Money,
    remarks: str,
    key: str,
    account_id: UUID | None = None,
) -> PayoutView:
    """`send_payout` for verbs that have authorised."""
    if amount.amount <= 0:
        raise Invalid("There is nothing to pay out.")
    number = phones.normal(phone)
    fingerprint = sealing.hashed(*purpose, number, amount.amount, amount.currency)
    hashed = sealing.hashed("payout", key)
    known = queries.find(ctx, Payout, Payout.key == hashed)
    if known is not None:
        if known.fingerprint != fingerprint:
            raise IdempotencyConflict()
        return view(known)
    chosen = account_id or account_for(ctx, currency=amount.currency)
    if chosen is None:
        raise MethodUnavailable("No account is set up that can send money to a phone.")
    row = Payout(
        id=new_id(), account_id=chosen, purpose_kind=purpose[0], purpose_id=purpose[1],
        sealed_to=sealing.seal(ctx, sealing.PERSON, {"phone": number, "name": name}),
        phone_hint=phones.masked(number), amount=amount.amount, currency=amount.currency, remarks=remarks[:100],
        key=hashed, fingerprint=fingerprint, asked_by=ctx.actor.user_id, created_at=ctx.now,
    )  # fmt: skip
    ctx.add(row)
    ctx.enqueue(names.SEND_PAYOUT, payout_id=str(row.id))
    return view(row)


def payouts_of(ctx: ReadCtx, purpose: tuple[str, UUID]) -> list[PayoutView]:
    """The payouts of a purpose, oldest first, for the slice that asked for them. One statement."""
    wanted = select(Payout).where(Payout.purpose_kind == purpose[0], Payout.purpose_id == purpose[1])
    return [view(row) for row in ctx.session.execute(wanted.order_by(Payout.id).limit(100)).scalars()]


def account_of(ctx: ReadCtx, purpose: tuple[str, UUID]) -> UUID | None:
    """The account that the last payout of a purpose went through."""
    wanted = select(Payout.account_id).where(Payout.purpose_kind == purpose[0], Payout.purpose_id == purpose[1])
    found: UUID | None = ctx.session.execute(wanted.order_by(Payout.id.desc()).limit(1)).scalars().first()
    return found


def account_for(ctx: ReadCtx, *, currency: Currency | str, mode: Mode | str = "") -> UUID | None:
    """An account that can send money to phones, the default first. One statement.

    Where any account is live, only live ones pay out: what was earned in earnest is not paid in play money.
    """
    wanted = select(ProviderAccount).where(ProviderAccount.enabled.is_(True))
    order = (ProviderAccount.is_default.desc(), ProviderAccount.id)
    rows: list[ProviderAccount] = list(ctx.session.execute(wanted.order_by(*order).limit(100)).scalars())
    meant = mode or (Mode.LIVE if any(row.mode == Mode.LIVE for row in rows) else Mode.TEST)
    for row in rows:
        gateway = gateways_of(ctx.resources).get(row.gateway)
        can = gateway is not None and gateway.capabilities.payouts and currency in gateway.capabilities.currencies
        if can and row.mode == meant:
            return row.id
    return None


def send(database: Database, tenant_id: UUID, payout_id: UUID) -> None:
    """Ask the provider to send the money, at most once in all. Safe to repeat."""
    actor = system_actor(tenant_id)
    with database.write(actor) as ctx:
        row = queries.get(ctx, Payout, payout_id, lock=True)
        if row.state not in (MoveState.CREATED, MoveState.SENDING):
            return
        if row.sent_at is not None:
            if ctx.now - row.sent_at >= SENT_WITHIN:  # it may have gone out: it is asked about, not sent again
                apply(ctx, payout_id, Movement(State.UNKNOWN, code="interrupted"))
            return
        try:
            found, ask = opened(ctx, queries.account(ctx, row.account_id)), _ask(ctx, row)
        except AccountInvalid:
            apply(ctx, payout_id, Movement(State.FAILED, code="account", reason="misconfigured"))
            return
        row.sent_at, row.state = ctx.now, MoveState.SENDING
    moved = _sent(found, ask, payout_id)
    with database.write(actor) as ctx:
        if moved is None and _put_off(ctx, payout_id):
            return
        apply(ctx, payout_id, moved or Movement(State.FAILED, code="unreachable", reason="unreachable"))


def ask_state(database: Database, tenant_id: UUID, payout_id: UUID, *, told: Movement | None = None) -> None:
    """Ask the provider how a payout stands. `told`: what its callback says, taken where the provider cannot tell."""
    actor = system_actor(tenant_id)
    with database.read(actor) as ctx:
        row = queries.get(ctx, Payout, payout_id)
        if row.state not in OPEN or row.sent_at is None:
            return
        try:
            found, ask = opened(ctx, queries.account(ctx, row.account_id)), _ask(ctx, row)
        except AccountInvalid:
            return
        provider_ref = row.provider_ref
    moved = _asked(found, ask, provider_ref)
    if told is not None and moved.state in (State.UNKNOWN, State.PENDING):
        moved = told
    with database.write(actor) as ctx:
        queries.get(ctx, Payout, payout_id, lock=True).polls += 1
        apply(ctx, payout_id, moved)


def apply(ctx: WriteCtx, payout_id: UUID, moved: Movement) -> None:
    """Take a provider's word for how a payout stands. Safe to repeat."""
    from lms_core.commerce.payments.service import refunds

    row = queries.get(ctx, Payout, payout_id, lock=True)
    if row.state not in OPEN:
        return
    row.provider_ref = moved.provider_ref[:255] or row.provider_ref
    row.receipt, row.code = moved.receipt[:255] or row.receipt, moved.code[:120]
    fact = {
        "payout_id": row.id, "purpose_kind": row.purpose_kind, "purpose_id": row.purpose_id,
        "amount": row.amount, "currency": Currency(row.currency), "at": ctx.now,
    }  # fmt: skip
    if moved.state is State.SUCCEEDED:
        row.state, row.settled_at, row.next_poll_at = MoveState.SUCCEEDED, ctx.now, None
        ctx.session.flush()
        if row.purpose_kind != "refund":
            postings.paid_out(ctx, row)
        ctx.emit(PayoutSettled(**fact, receipt=row.receipt))
    elif moved.state in (State.FAILED, State.REVERSED):
        row.state, row.settled_at, row.next_poll_at = MoveState.FAILED, ctx.now, None
        row.detail = moved.reason
        ctx.emit(PayoutFailed(**fact, reason=moved.reason))
    else:
        row.state = MoveState.PENDING if moved.state is State.PENDING else MoveState.UNKNOWN
        _plan(ctx, row)
    ctx.session.flush()
    if row.purpose_kind == "refund" and row.state in (MoveState.SUCCEEDED, MoveState.FAILED):
        ended = State.SUCCEEDED if row.state == MoveState.SUCCEEDED else State.FAILED
        refunds.apply(ctx, row.purpose_id, Movement(ended, receipt=row.receipt, code=row.code, reason=row.detail))


def view(row: Payout) -> PayoutView:
    """A payout as it is shown."""
    said = {name: getattr(row, name) for name in PayoutView.model_fields if name not in ("amount", "phone")}
    return PayoutView(**said, amount=queries.money(row.amount, row.currency), phone=row.phone_hint)


def _plan(ctx: WriteCtx, row: Payout) -> None:
    row.next_poll_at = polling.next_doubt(polls=row.polls, begun_at=row.sent_at or row.created_at, now=ctx.now)
    if row.next_poll_at is not None:
        ctx.enqueue(names.ASK_PAYOUT, delay=row.next_poll_at - ctx.now, payout_id=str(row.id))
        return
    telling.note(
        ctx, MismatchKind.UNDECIDED, account_id=row.account_id, about=f"payout:{row.id}",
        ours={"payout": str(row.id), "amount": row.amount}, theirs={"state": None},
    )  # fmt: skip


def _ask(ctx: ReadCtx, row: Payout) -> PayoutAsk:
    to = sealing.unseal(ctx, sealing.PERSON, row.sealed_to) or {"phone": "", "name": ""}
    return PayoutAsk(
        key=row.id.hex, phone=to["phone"], name=to["name"], amount=queries.money(row.amount, row.currency),
        remarks=row.remarks,
    )  # fmt: skip


def _put_off(ctx: WriteCtx, payout_id: UUID) -> bool:
    """Send it again in a while; False when that was tried often enough."""
    row = queries.get(ctx, Payout, payout_id, lock=True)
    if row.polls >= MOST_TRIES:
        return False
    row.polls, row.sent_at, row.state = row.polls + 1, None, MoveState.CREATED
    ctx.enqueue(names.SEND_PAYOUT, delay=TRY_AGAIN * row.polls, payout_id=str(payout_id))
    return True


def _sent(found: Opened, ask: PayoutAsk, payout_id: UUID) -> Movement | None:
    """The provider's answer; None: nothing moved, and the same call may succeed later."""
    try:
        return found.gateway.pay_out(found.account, ask)
    except GatewayError as error:
        if error.retryable:
            return None
        return Movement(State.FAILED, code=error.code, reason=error.reason)
    except Uncertain as error:
        log.warning("payments.payout_uncertain", payout_id=str(payout_id), error=repr(error))
        return Movement(State.UNKNOWN, code="uncertain")
    except Exception:
        log.exception("payments.payout_broken", payout_id=str(payout_id))
        return Movement(State.UNKNOWN, code="broken")


def _asked(found: Opened, ask: PayoutAsk, provider_ref: str) -> Movement:
    try:
        return found.gateway.payout_status(found.account, ask, provider_ref)
    except (GatewayError, Uncertain) as error:
        return Movement(State.UNKNOWN, code=getattr(error, "code", ""))
    except Exception:
        log.exception("payments.payout_ask_failed", gateway=found.gateway.name)
        return Movement(State.UNKNOWN)
