"""How a term's money is asked for: the one place that calls payments. They move no money in this transaction."""

from datetime import timedelta
from uuid import UUID

import structlog

from lms_core.commerce.payments import phones
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import IntentClosed, MethodUnavailable, PaymentUnderWay, PhoneInvalid
from lms_core.commerce.payments.gateways.port import Payer
from lms_core.commerce.subscriptions.models import Subscription, Term, Way
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.money import Money

log = structlog.get_logger(__name__)

PURPOSE = "subscription_period"
SEALED_FOR = "subscriptions.phone"
INTENT_LASTS = timedelta(days=45)  # longer than the days of grace and those of an unpaid subscription together


def sealed_phone(ctx: ReadCtx, typed: str) -> str:
    """A number as it is stored, however it was typed. PhoneInvalid."""
    return ctx.resources.get(Keys).encrypt(SEALED_FOR, phones.normal(typed).encode()).decode()


def phone_of(ctx: ReadCtx, row: Subscription) -> str:
    """The number that prompts go to; "" for none."""
    return ctx.resources.get(Keys).decrypt(SEALED_FOR, row.phone_sealed.encode()).decode() if row.phone_sealed else ""


def intent_of(ctx: WriteCtx, row: Subscription, term: Term, *, title: str) -> UUID | None:
    """What payments know the term by, made when it has none. None: its person is gone, so nobody can pay."""
    if term.intent_id is not None or row.user_id is None:
        return term.intent_id
    account = accounts.account(ctx, user_id=row.user_id)
    intent = payments.open_intent(
        ctx,
        purpose=(PURPOSE, term.id),
        amount=Money(amount=term.amount, currency=term.currency),
        payer_id=row.user_id,
        payer=Payer(email=account.email, name=account.full_name, phone=phone_of(ctx, row)),
        description=title,
        key=f"term:{term.id.hex}:{ctx.now:%y%m%d%H%M%S}",
        return_url="/subscription",
        expires_in=INTENT_LASTS,
        save=row.way == Way.SAVED and row.method_id is None,
    )
    term.intent_id = intent.id
    ctx.session.flush()
    return intent.id


def ask(ctx: WriteCtx, row: Subscription, term: Term, *, number: int, title: str) -> Way:
    """Ask for a term's money the way its subscriber chose; the way that was possible.

    A prompt or charge that is still open counts as asked; what payments refuse is left to be paid by hand.
    """
    intent_id = intent_of(ctx, row, term, title=title)
    key, phone = f"attempt:{number}:{term.id.hex}", phone_of(ctx, row)
    way = Way.BY_HAND
    try:
        if intent_id is not None and row.way == Way.SAVED and row.method_id is not None:
            way = Way.SAVED
            payments.charge_saved(ctx, intent_id=intent_id, method_id=row.method_id, key=key)
        elif intent_id is not None and row.way == Way.PHONE and phone:
            way = Way.PHONE
            payments.ask_phone(ctx, intent_id=intent_id, phone=phone, key=key)
    except PaymentUnderWay:
        return way
    except (MethodUnavailable, PhoneInvalid, IntentClosed) as refused:
        log.info("subscriptions.not_asked", term_id=str(term.id), code=refused.code)
        return Way.BY_HAND
    return way


def forget(ctx: WriteCtx, term: Term) -> None:
    """Nobody waits for this money any more; what comes late, or is here and not heard of yet, is kept as credit."""
    if term.intent_id is None:
        return
    try:
        payments.cancel(ctx, term.intent_id)
    except IntentClosed:
        log.info("subscriptions.paid_meanwhile", term_id=str(term.id))


def access_method(ctx: ReadCtx, method_id: UUID) -> None:
    """MethodUnavailable for a saved method that is not the caller's."""
    if method_id not in {each.id for each in payments.saved_methods(ctx)}:
        raise MethodUnavailable("This way to pay is no longer kept. Choose another one.")


def paying(ctx: ReadCtx, intent_id: UUID | None) -> str:
    """The state of the latest attempt to pay an intent; "" where there is none. Two statements."""
    last = payments.view(ctx, intent_id).last if intent_id is not None else None
    return str(last.state) if last is not None else ""
