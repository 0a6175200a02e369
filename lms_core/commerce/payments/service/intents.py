"""Verbs on intents: what is to be paid, opened once per key, seen by its payer, and the ways to pay it."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.payments import queries, references, sealing
from lms_core.commerce.payments.errors import IdempotencyConflict, IntentClosed, PaymentNotFound
from lms_core.commerce.payments.gateways.port import Capabilities, Mode, Payer
from lms_core.commerce.payments.models import PaymentIntent, ProviderAccount, SavedMethod
from lms_core.commerce.payments.schemas import IntentView, MethodView, SavedMethodView
from lms_core.commerce.payments.service.accounts import gateways_of
from lms_core.commerce.payments.states import IntentState
from lms_core.kit.context import Actor, ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, NotFound
from lms_core.kit.money import EXPONENTS, Currency, Money
from lms_core.kit.permissions import Permission
from lms_core.kit.settings import Settings

Purpose = tuple[str, UUID]


def open_intent(
    ctx: WriteCtx,
    *,
    purpose: Purpose,
    amount: Money,
    payer_id: UUID | None,
    payer: Payer,
    description: str,
    key: str,
    return_url: str,
    expires_in: timedelta = timedelta(hours=24),
    save: bool = False,
) -> IntentView:
    """Open what `purpose` is to be paid with. The same key with the same values gives the first one again.

    `return_url`: a path of ours, or an address below the public one. IdempotencyConflict; Invalid: no positive amount.
    """
    if amount.amount <= 0:
        raise Invalid("There is nothing to pay.")
    check_return(ctx, return_url)
    person = {"email": payer.email, "name": payer.name, "phone": payer.phone, "country": payer.country}
    fingerprint = sealing.hashed(
        *purpose, amount.amount, amount.currency, payer_id, *person.values(), description, return_url, save
    )
    hashed = sealing.hashed("intent", payer_id or purpose, key)
    known = _known(ctx, hashed)
    if known is None:
        row = PaymentIntent(
            purpose_kind=purpose[0], purpose_id=purpose[1], payer_id=payer_id,
            sealed_payer=sealing.seal(ctx, sealing.PERSON, person), amount=amount.amount, currency=amount.currency,
            description=description[:200], reference=references.new_reference(), key=hashed, fingerprint=fingerprint,
            return_url=return_url, save_method=save, expires_at=ctx.now + expires_in,
            created_at=ctx.now, updated_at=ctx.now,
        )  # fmt: skip
        try:
            with ctx.session.begin_nested():
                ctx.add(row)
            return queries.intent_view(row, ())
        except IntegrityError:  # the same request at the same moment, on PostgreSQL
            known = _known(ctx, hashed)
            if known is None:
                raise
    if known.fingerprint != fingerprint:
        raise IdempotencyConflict()
    return queries.intent_views(ctx, [known])[0]


def view(ctx: ReadCtx, intent_id: UUID) -> IntentView:
    """An intent, for the slice that opened it, which authorises. PaymentNotFound. Two statements."""
    return queries.intent_views(ctx, [queries.get(ctx, PaymentIntent, intent_id)])[0]


def access_intent(ctx: ReadCtx, intent_id: UUID) -> IntentView:
    """An intent, for its payer and who reads the finances. PaymentNotFound. Two statements."""
    row = queries.get(ctx, PaymentIntent, intent_id)
    if not may_see(ctx.actor, row):
        raise PaymentNotFound()
    return queries.intent_views(ctx, [row])[0]


def may_see(actor: Actor, row: PaymentIntent) -> bool:
    """Whether an intent is the actor's to see."""
    own = actor.user_id is not None and actor.user_id == row.payer_id
    return own or actor.may(Permission.FINANCE_READ)


def may_pay(actor: Actor, row: PaymentIntent) -> bool:
    """Whether an intent is the actor's to pay."""
    return actor.is_system or (actor.user_id is not None and actor.user_id == row.payer_id)


def of_purpose(ctx: ReadCtx, purpose: Purpose) -> list[IntentView]:
    """The intents of a purpose, oldest first. Two statements."""
    wanted = select(PaymentIntent).where(
        PaymentIntent.purpose_kind == purpose[0],
        PaymentIntent.purpose_id == purpose[1],
    )
    rows = list(ctx.session.execute(wanted.order_by(PaymentIntent.id).limit(100)).scalars())
    return queries.intent_views(ctx, rows)


def views(ctx: ReadCtx, intent_ids: Collection[UUID]) -> list[IntentView]:
    """Intents, for the slice that opened them, which authorises. Two statements, none without ids."""
    if not intent_ids:
        return []
    wanted = select(PaymentIntent).where(PaymentIntent.id.in_(list(intent_ids))).order_by(PaymentIntent.id)
    return queries.intent_views(ctx, list(ctx.session.execute(wanted).scalars()))


def cancel(ctx: WriteCtx, intent_id: UUID) -> IntentView:
    """Close an intent that nobody shall pay any more; money that comes late still settles it. Again: no change.

    PaymentNotFound; IntentClosed: it is paid.
    """
    row = queries.get(ctx, PaymentIntent, intent_id, lock=True)
    if not may_pay(ctx.actor, row) and not ctx.actor.may(Permission.FINANCE_MANAGE):
        raise PaymentNotFound()
    if row.state == IntentState.PAID:
        raise IntentClosed(row.state)
    if row.state == IntentState.OPEN:
        row.state, row.updated_at = IntentState.CANCELLED, ctx.now
        ctx.session.flush()
    return queries.intent_views(ctx, [row])[0]


def methods(ctx: ReadCtx, *, currency: Currency, amount: int) -> list[MethodView]:
    """The ways to pay so much, the default first. One statement.

    Test accounts are offered to everybody only where no live one is on; else to who manages the finances.
    """
    wanted = select(ProviderAccount).where(ProviderAccount.enabled.is_(True))
    rows = list(
        ctx.session.execute(wanted.order_by(ProviderAccount.is_default.desc(), ProviderAccount.id).limit(100)).scalars()
    )
    any_live = any(row.mode == Mode.LIVE for row in rows)
    found = []
    for row in rows:
        gateway = gateways_of(ctx.resources).get(row.gateway)
        if gateway is None or not takes(gateway.capabilities, currency, amount):
            continue
        if not offered(ctx.actor, row, any_live=any_live):
            continue
        able = gateway.capabilities
        found.append(
            MethodView(
                account_id=row.id, gateway=row.gateway, title=gateway.title, step=able.step,
                needs_phone=able.needs_phone, is_test=row.mode == Mode.TEST, can_save=able.saved_methods,
            )
        )  # fmt: skip
    return found


def offered(actor: Actor, row: ProviderAccount, *, any_live: bool) -> bool:
    """Whether an account is there for this person. `any_live`: a live one is on."""
    return row.mode == Mode.LIVE or not any_live or actor.may(Permission.FINANCE_MANAGE)


def takes(able: Capabilities, currency: Currency, amount: int) -> bool:
    """Whether a gateway takes this amount (minor units)."""
    if currency not in able.currencies or amount < able.smallest.get(currency, 1):
        return False
    if currency in able.largest and amount > able.largest[currency]:
        return False
    return not able.whole_units or amount % 10 ** EXPONENTS[currency] == 0


def saved_methods(ctx: ReadCtx, *, user_id: UUID | None = None) -> list[SavedMethodView]:
    """The kept methods of a person: the actor's, or `user_id`'s for another slice. Newest first. One statement."""
    wanted = (
        select(SavedMethod, ProviderAccount.gateway)
        .join(ProviderAccount, ProviderAccount.id == SavedMethod.account_id)
        .where(SavedMethod.user_id == (user_id or ctx.actor.user_id), ProviderAccount.enabled.is_(True))
        .order_by(SavedMethod.id.desc())
        .limit(50)
    )
    return [
        SavedMethodView(
            id=row.id, account_id=row.account_id, gateway=gateway, label=row.label, expires=row.expires,
            created_at=row.created_at, last_used_at=row.last_used_at,
        )
        for row, gateway in ctx.session.execute(wanted)
    ]  # fmt: skip


def forget_method(ctx: WriteCtx, method_id: UUID) -> None:
    """Let a provider's method be charged no more. NotFound: no such method of the actor."""
    row = queries.find(ctx, SavedMethod, SavedMethod.id == method_id, lock=True)
    if row is None or row.user_id != ctx.actor.user_id:
        raise NotFound("There is no such payment method.")
    ctx.session.delete(row)
    ctx.session.flush()


def payer_of(ctx: ReadCtx, row: PaymentIntent) -> Payer:
    """Who pays an intent; with nothing but the country once the person was erased."""
    known = sealing.unseal(ctx, sealing.PERSON, row.sealed_payer) or {"email": ""}
    return Payer(**known)


def check_return(ctx: ReadCtx, return_url: str) -> None:
    """Invalid unless the address is ours: nobody is sent elsewhere after paying."""
    ours = ctx.resources.get(Settings).public_url.rstrip("/")
    local = return_url.startswith("/") and not return_url.startswith(("//", "/\\"))
    if not local and not return_url.startswith(f"{ours}/"):
        raise Invalid("The return address must be a page of this site.")


def absolute(ctx: ReadCtx, path: str) -> str:
    """A path of ours as providers need it."""
    ours = ctx.resources.get(Settings).public_url.rstrip("/")
    return ours + path if path.startswith("/") else path


def _known(ctx: ReadCtx, key: str) -> PaymentIntent | None:
    return queries.find(ctx, PaymentIntent, PaymentIntent.key == key)
