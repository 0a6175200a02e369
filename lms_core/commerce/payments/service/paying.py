"""Verbs that ask for money: by a chosen account, by a kept method, by a prompt without a browser.

An attempt is written down before its provider hears of it, and marked as begun before the call goes out. So a crash in
between leaves an attempt that is `unknown`, which is asked about by our reference and never begun a second time.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import guards, names, phones, queries, references, sealing
from lms_core.commerce.payments.errors import (
    AccountInvalid,
    IdempotencyConflict,
    IntentClosed,
    MethodUnavailable,
    PaymentNotFound,
    PaymentUnderWay,
    PhoneInvalid,
)
from lms_core.commerce.payments.gateways.port import (
    Begun,
    Charge,
    Gateway,
    GatewayError,
    Mode,
    Payer,
    SavedCharge,
    State,
    Status,
    Uncertain,
)
from lms_core.commerce.payments.models import Payment, PaymentIntent, ProviderAccount, SavedMethod
from lms_core.commerce.payments.schemas import IntentView, MethodIn
from lms_core.commerce.payments.service import intents, settling
from lms_core.commerce.payments.service.accounts import Opened, gateways_of, opened
from lms_core.commerce.payments.states import IntentState, Way
from lms_core.commerce.payments.transitions import OPEN, PaymentState
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency

BEGUN_WITHIN = timedelta(seconds=60)  # less than a job's lease: a job that is run again finds a call that was lost
LOOK_AFTER = timedelta(seconds=90)
OPEN_PROMPT = timedelta(seconds=75)  # how long an unanswered prompt keeps another one away

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    """What goes out: everything a gateway needs, read before the transaction ended."""

    opened: Opened
    charge: Charge | SavedCharge


def pay(
    database: Database, actor: Actor, *, intent_id: UUID, method: MethodIn, key: str, request_id: str = ""
) -> IntentView:
    """Ask for an intent's money; the same key again answers with what it began.

    PaymentNotFound, IntentClosed, PaymentUnderWay, MethodUnavailable, PhoneInvalid, IdempotencyConflict; and what the
    purpose's guard refuses. A refusal by the provider is no error: the attempt is `failed` with its reason.
    """
    with database.write(actor, request_id=request_id) as ctx:
        intent = _payable(ctx, intent_id, key=key)
        payment, fresh = _attempt(ctx, intent, method.account_id, phone=method.phone, key=key)
        if fresh:
            ctx.enqueue(names.BEGIN, delay=LOOK_AFTER, payment_id=str(payment.id))
    if fresh:
        begin(database, actor.tenant_id, payment.id)
    with database.read(actor, request_id=request_id) as view:
        return intents.view(view, intent_id)


def ask_phone(ctx: WriteCtx, *, intent_id: UUID, phone: str, key: str, account_id: UUID | None = None) -> IntentView:
    """Prompt a phone for an intent's money without a browser, by a job. Errors as `pay`, but for the provider's."""
    intent = _payable(ctx, intent_id, key=key)
    chosen = account_id or _prompting(ctx, intent)
    payment, fresh = _attempt(ctx, intent, chosen, phone=phone, key=key)
    if fresh:
        ctx.enqueue(names.BEGIN, payment_id=str(payment.id))
    return intents.view(ctx, intent_id)


def charge_saved(ctx: WriteCtx, *, intent_id: UUID, method_id: UUID, key: str) -> IntentView:
    """Charge a kept method of the intent's payer, by a job. MethodUnavailable: it is gone. Other errors as `pay`."""
    intent = _payable(ctx, intent_id, key=key)
    method = queries.find(ctx, SavedMethod, SavedMethod.id == method_id)
    if method is None or method.user_id != intent.payer_id:
        raise MethodUnavailable("This way to pay is no longer kept. Choose another one.")
    payment, fresh = _attempt(ctx, intent, method.account_id, phone="", key=key, method=method)
    if fresh:
        ctx.enqueue(names.BEGIN, payment_id=str(payment.id))
    return intents.view(ctx, intent_id)


def begin(database: Database, tenant_id: UUID, payment_id: UUID) -> None:
    """Ask the provider for the money of a created attempt, at most once in all. Safe to repeat."""
    actor = system_actor(tenant_id)
    with database.write(actor) as ctx:
        intent, payment = queries.locked(ctx, payment_id)
        if payment.state != PaymentState.CREATED:
            return
        if payment.begun_at is not None:
            if ctx.now - payment.begun_at >= BEGUN_WITHIN:  # whoever called did not live to tell
                settling.apply(ctx, payment_id, Status(State.UNKNOWN, code="interrupted"))
            return
        payment.begun_at = ctx.now
        try:
            call = _call(ctx, intent, payment)
        except AccountInvalid:
            settling.end_unpaid(ctx, intent, payment, reason="misconfigured", code="account")
            return
    begun = _asked(call, payment_id)
    with database.write(actor) as ctx:
        settling.take_begun(ctx, payment_id, begun)


def _asked(call: _Call, payment_id: UUID) -> Begun:
    gateway, account = call.opened.gateway, call.opened.account
    try:
        if isinstance(call.charge, SavedCharge):
            return gateway.charge_saved(account, call.charge)
        return gateway.begin(account, call.charge)
    except GatewayError as error:
        log.info("payments.refused", gateway=gateway.name, code=error.code, reason=error.reason)
        return Begun(Status(State.FAILED, code=error.code, reason=error.reason))
    except Uncertain as error:
        log.warning("payments.uncertain", gateway=gateway.name, payment_id=str(payment_id), error=repr(error))
        return Begun(Status(State.UNKNOWN, code="uncertain"))
    except Exception:
        log.exception("payments.begin_failed", gateway=gateway.name, payment_id=str(payment_id))
        return Begun(Status(State.UNKNOWN, code="broken"))


def _payable(ctx: WriteCtx, intent_id: UUID, *, key: str) -> PaymentIntent:
    """The intent, locked, when it is the actor's to pay and its purpose's guard lets it. PaymentNotFound."""
    intent = queries.get(ctx, PaymentIntent, intent_id)
    if not intents.may_pay(ctx.actor, intent):
        raise PaymentNotFound()
    begun = queries.find(ctx, Payment, Payment.intent_id == intent_id, Payment.key == sealing.hashed("pay", key))
    if begun is None:
        guards.ask(ctx, intent.purpose_kind, intent.purpose_id)
    return queries.get(ctx, PaymentIntent, intent_id, lock=True)


def _attempt(
    ctx: WriteCtx, intent: PaymentIntent, account_id: UUID, *, phone: str, key: str, method: SavedMethod | None = None
) -> tuple[Payment, bool]:
    """A new attempt, or the one of this key (False). The intent is locked."""
    hashed = sealing.hashed("pay", key)
    fingerprint = sealing.hashed(account_id, phone, method.id if method is not None else "")
    before = queries.payments_of(ctx, [intent.id])[intent.id]
    known = next((each for each in before if each.key == hashed), None)
    if known is not None:
        if known.fingerprint != fingerprint:
            raise IdempotencyConflict()
        return known, False
    if intent.state != IntentState.OPEN or intent.expires_at <= ctx.now:
        raise IntentClosed(intent.state if intent.state != IntentState.OPEN else IntentState.EXPIRED)
    _refuse_second_prompt(ctx, before)
    row, gateway = _usable(ctx, intent, account_id)
    number = _normal(ctx, intent, gateway, phone)
    if len(before) >= references.MOST_ATTEMPTS:
        raise MethodUnavailable("This was tried too often. Order again, or ask for help.")
    place = len(before) + 1
    way = Way.SAVED if method is not None else Way.PROMPT if gateway.capabilities.step == "prompt" else Way.REDIRECT
    payment = Payment(
        id=new_id(), intent_id=intent.id, account_id=row.id, gateway=row.gateway, mode=row.mode, way=way, number=place,
        reference=references.attempt_reference(intent.reference, place), key=hashed, fingerprint=fingerprint,
        amount=intent.amount, currency=intent.currency, sealed_phone=sealing.seal(ctx, sealing.PERSON, number),
        phone_hint=phones.masked(number), method_id=method.id if method is not None else None,
        created_at=ctx.now, updated_at=ctx.now,
    )  # fmt: skip
    if method is not None:
        method.last_used_at = ctx.now
    return ctx.add(payment), True


def _refuse_second_prompt(ctx: WriteCtx, before: list[Payment]) -> None:
    """Two prompts on a phone are two chances to pay twice."""
    for each in before:
        if each.way == Way.PROMPT and each.state in OPEN and ctx.now - each.created_at < OPEN_PROMPT:
            raise PaymentUnderWay()


def _usable(ctx: ReadCtx, intent: PaymentIntent, account_id: UUID) -> tuple[ProviderAccount, Gateway]:
    """An account that takes this intent from this person. MethodUnavailable."""
    row = queries.find(ctx, ProviderAccount, ProviderAccount.id == account_id, ProviderAccount.enabled.is_(True))
    gateway = gateways_of(ctx.resources).get(row.gateway) if row is not None else None
    live = select(ProviderAccount.id).where(ProviderAccount.enabled.is_(True), ProviderAccount.mode == Mode.LIVE)
    any_live = ctx.session.execute(live.limit(1)).first() is not None
    if row is None or gateway is None or not intents.offered(ctx.actor, row, any_live=any_live):
        raise MethodUnavailable()
    if not intents.takes(gateway.capabilities, Currency(intent.currency), intent.amount):
        raise MethodUnavailable()
    return row, gateway


def _prompting(ctx: ReadCtx, intent: PaymentIntent) -> UUID:
    offers = intents.methods(ctx, currency=Currency(intent.currency), amount=intent.amount)
    known = gateways_of(ctx.resources)
    able = [each for each in offers if each.step == "prompt" or known[each.gateway].capabilities.prompts]
    chosen = next(iter(sorted(able, key=lambda each: each.step != "prompt")), None)
    if chosen is None:
        raise MethodUnavailable("No account is set up that can prompt a phone.")
    return chosen.account_id


def _normal(ctx: ReadCtx, intent: PaymentIntent, gateway: Gateway, phone: str) -> str:
    """The number to prompt: the one given, else the payer's. PhoneInvalid where one is needed."""
    payer = intents.payer_of(ctx, intent)
    given = phone or (payer.phone if gateway.capabilities.needs_phone else "")
    if given:
        return phones.normal(given, country=payer.country)
    if gateway.capabilities.needs_phone:
        raise PhoneInvalid()
    return ""


def _call(ctx: ReadCtx, intent: PaymentIntent, payment: Payment) -> _Call:
    """What to send for an attempt. AccountInvalid: the account, or the kept method, cannot be used."""
    assert payment.account_id is not None
    found = opened(ctx, queries.account(ctx, payment.account_id))
    known = intents.payer_of(ctx, intent)
    phone = sealing.unseal(ctx, sealing.PERSON, payment.sealed_phone) or known.phone
    payer = Payer(email=known.email, name=known.name, phone=phone, country=known.country)
    amount = queries.money(payment.amount, payment.currency)
    if payment.way == Way.SAVED:
        method = queries.find(ctx, SavedMethod, SavedMethod.id == payment.method_id)
        if method is None:
            raise AccountInvalid("The kept method is gone.")
        kept = sealing.unseal(ctx, sealing.METHOD, method.sealed_token)
        return _Call(
            found,
            SavedCharge(
                reference=payment.reference, key=payment.id.hex, amount=amount, payer=payer,
                description=intent.description, token=kept["token"], customer=kept["customer"],
            ),
        )  # fmt: skip
    back = intents.absolute(ctx, intent.return_url)
    charge = Charge(
        reference=payment.reference, key=payment.id.hex, amount=amount, payer=payer, description=intent.description,
        return_url=back, cancel_url=back,
        save=intent.save_method and found.gateway.capabilities.saved_methods,
    )  # fmt: skip
    return _Call(found, charge)
