"""Stripe: its hosted page (Checkout) for the first payment, and cards kept there for later ones.

Card numbers never come here. A payment is first a Checkout Session (`cs_`), a charge of a kept card a PaymentIntent
(`pi_`); both carry our reference in their metadata, and `status` takes either. The SDK is imported by the first call
to Stripe and never by a callback: a web process verifies those by itself in microseconds.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lms_core.commerce.payments.gateways import stripe_words as words
from lms_core.commerce.payments.gateways.lacking import NoPayouts
from lms_core.commerce.payments.gateways.port import (
    Account,
    Answer,
    Begun,
    Callback,
    Capabilities,
    Charge,
    Entry,
    Field,
    Forged,
    GatewayError,
    Health,
    Heard,
    Known,
    Malformed,
    Mode,
    Movement,
    RefundAsk,
    SavedCharge,
    State,
    Status,
)
from lms_core.commerce.payments.gateways.reading import page_of, part, require_mode, same, text
from lms_core.commerce.payments.gateways.wire import Wire, read_json
from lms_core.kit.money import Currency

if TYPE_CHECKING:
    from lms_core.commerce.payments.gateways.stripe_sdk import Client

BASE = "https://api.stripe.com"
TOLERANCE = timedelta(seconds=300)
# UGX is left out: Stripe takes it with two decimals that must be 00, against ISO 4217, and has changed that before.
CURRENCIES = frozenset({Currency.KES, Currency.TZS, Currency.NGN, Currency.USD, Currency.EUR, Currency.INR})


class StripeCards(NoPayouts):
    """The gateway; stateless."""

    name = "stripe"
    title = "Stripe"
    fields: Sequence[Field] = (
        Field("secret_key", "Secret key", help="Dashboard, Developers, API keys: sk_…, or a restricted rk_…"),
        Field(
            "webhook_secret",
            "Signing secret",
            help="Dashboard, Developers, Webhooks: whsec_…; while it changes, the old and the new with a space between",
        ),
        Field(
            "payment_methods",
            "Ways to pay",
            secret=False,
            required=False,
            help="Empty: cards. As Stripe writes them, with commas; “automatic”: what its dashboard switches on",
        ),
    )  # fmt: skip
    capabilities = Capabilities(
        currencies=CURRENCIES,
        step="redirect",
        refunds="partial",
        saved_methods=True,
        lists_transactions=True,
        # Half a dollar after conversion is Stripe's least; with room for exchange rates.
        smallest={
            Currency.USD: 50,
            Currency.EUR: 50,
            Currency.INR: 5000,
            Currency.KES: 10_000,
            Currency.TZS: 200_000,
            Currency.NGN: 100_000,
        },
        largest=dict.fromkeys(CURRENCIES, 99_999_999),  # eight digits
        poll_seconds=(15, 30, 60, 120, 300),
        expires_after=24 * 3600,  # a page's own life when we name none; naming one would make a repeated call differ
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def begin(self, account: Account, charge: Charge) -> Begun:
        """A page to pay on."""
        ours = {"reference": charge.reference}
        intent: dict[str, Any] = {"metadata": ours, "description": charge.description}
        params: dict[str, Any] = {
            "mode": "payment",
            "client_reference_id": charge.reference,
            "metadata": ours,
            "customer_email": charge.payer.email,
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": charge.amount.currency.value.lower(),
                        "unit_amount": charge.amount.amount,
                        "product_data": {"name": charge.description},
                    },
                }
            ],
            "payment_intent_data": intent,
            "adaptive_pricing": {"enabled": False},  # or the payer may pay another currency than we ask
            "success_url": charge.return_url,
            "cancel_url": charge.cancel_url,
        }
        if charge.save:
            intent["setup_future_usage"] = "off_session"
            params["customer_creation"] = "always"
        if methods := _methods(account):
            params["payment_method_types"] = methods
        made = self._client(account).begin_session(params, f"charge:{charge.key}")
        return Begun(words.session(made), url=page_of(made.get("url"), self.title))

    def status(self, account: Account, known: Known) -> Status:
        """By the session or intent; without either (a crash at the beginning), by our reference among those of then."""
        try:
            client = self._client(account)
            number = known.provider_ref or self._found(client, known)
            if not number:
                return Status(State.UNKNOWN, code="not_found")
            if number.startswith("pi_"):
                intent = client.intent(number)
                status = words.declined(words.intent(intent))
            else:
                session = client.session(number)
                intent = part(session, "payment_intent")
                status = words.session(session)
            if status.state is State.SUCCEEDED and part(intent, "latest_charge").get("disputed"):
                status = words.after_disputes(status, client.disputes(status.receipt))
            return status
        except GatewayError as error:
            return Status(State.UNKNOWN, known.provider_ref, code=error.code or error.reason, reason=error.reason)

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Charge a kept card while its holder is away. A bank that wants them refuses with "authentication"."""
        params = {
            "amount": charge.amount.amount,
            "currency": charge.amount.currency.value.lower(),
            "customer": charge.customer,
            "payment_method": charge.token,
            "off_session": True,
            "confirm": True,
            "description": charge.description,
            "metadata": {"reference": charge.reference},
            "expand": ["latest_charge.balance_transaction"],
        }
        made = self._client(account).begin_intent(params, f"charge:{charge.key}")
        return Begun(words.declined(words.intent(made)))

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """Verify by our own means, then read. Thin events (v2) and what is not ours say nothing."""
        secrets = account.credentials.get("webhook_secret", "").split()
        verify(callback.body, callback.headers.get("stripe-signature", ""), secrets, callback.received_at)
        event = read_json(callback.body)
        if not isinstance(event, dict) or not text(event.get("object")):
            raise Malformed("no event")
        if event["object"] != "event":
            return []
        if not text(event.get("id")) or not part(part(event, "data"), "object"):
            raise Malformed("an event without its number or its object")
        return words.heard(event)

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Stripe wants 200 and reads nothing."""
        return Answer()

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Give money back; the same key never does so twice."""
        client = self._client(account)
        params: dict[str, Any] = {
            **self._paid_by(client, ask),
            "amount": ask.amount.amount,
            "reason": "requested_by_customer",
            "metadata": {"refund": ask.key, "reference": ask.reference},
        }
        return words.refund(client.begin_refund(params, f"refund:{ask.key}"))

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """By its number; without one, the refund of this charge that carries our key."""
        try:
            client = self._client(account)
            if provider_ref:
                return words.refund(client.refund(provider_ref))
            rows = client.refunds(self._paid_by(client, ask))
            mine = next((row for row in rows if part(row, "metadata").get("refund") == ask.key), None)
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code or error.reason, reason=error.reason)
        return words.refund(mine) if mine else Movement(State.UNKNOWN, code="not_found")

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Charges of ours by Stripe's balance, from `since` up to, not including, `until`."""
        rows = self._client(account).movements(words.seconds(since), words.seconds(until))
        return [each for each in map(words.entry, rows) if each]

    def check(self, account: Account) -> Health:
        """Asks for the balance; the signing secret can only be seen to be there."""
        try:
            found = self._client(account).balance()
        except GatewayError as error:
            return Health(False, error.detail)
        if found.get("livemode") is not (account.mode is Mode.LIVE):
            return Health(False, f"the secret key is not one for {account.mode.value} payments: enter the other one")
        if not account.credentials.get("webhook_secret", "").startswith("whsec_"):
            return Health(False, "enter the signing secret of the webhook endpoint, which begins with whsec_")
        return Health(True)

    def _client(self, account: Account) -> "Client":
        from lms_core.commerce.payments.gateways.stripe_sdk import Client

        key = account.credentials.get("secret_key", "")
        require_mode(account, key, test=("sk_test_", "rk_test_"), live=("sk_live_", "rk_live_"), provider=self.title)
        return Client(self._wire, key=key, base=self._wire.base(account, BASE))

    def _found(self, client: "Client", known: Known) -> str:
        """The session or intent that was made for our reference around the time it was begun; "" when there is none.

        Stripe searches by metadata only after a minute or so; a list by time is exact at once.
        """
        window = (words.seconds(known.begun_at) - 300, words.seconds(known.begun_at) + 900)
        both: tuple[Iterator[dict[str, Any]], ...] = (client.sessions(*window), client.intents(*window))
        for rows in both:
            for row in rows:
                if part(row, "metadata").get("reference") == known.reference:
                    return text(row.get("id"))
        return ""

    def _paid_by(self, client: "Client", ask: RefundAsk) -> dict[str, str]:
        """What Stripe calls the charge: by its own number, or through the session it was paid on."""
        if ask.receipt.startswith(("ch_", "py_")):
            return {"charge": ask.receipt}
        if ask.provider_ref.startswith("cs_"):
            return {"payment_intent": text(part(client.session(ask.provider_ref), "payment_intent").get("id"))}
        return {"payment_intent": ask.provider_ref}


def verify(body: bytes, header: str, secrets: Sequence[str], received_at: datetime) -> None:
    """Forged unless one `v1` of the header is the signature of time and body under one of the secrets, not too old."""
    pairs = [piece.partition("=") for piece in header.split(",")]
    times = [value.strip() for name, _, value in pairs if name.strip() == "t"]
    given = [value.strip() for name, _, value in pairs if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isascii() or not times[0].isdigit() or not given:
        raise Forged("the header stripe-signature is missing or no signature")
    expected = [signature(secret, times[0], body) for secret in secrets]
    if not any(same(right, value) for right in expected for value in given):
        raise Forged("the signature does not fit the body")
    if int(times[0][:12]) < received_at.timestamp() - TOLERANCE.total_seconds():
        raise Forged("the signature is older than five minutes")


def signature(secret: str, at: str, body: bytes) -> str:
    """Stripe's scheme v1: HMAC-SHA256 in hexadecimal of the time, a point and the raw body."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def _methods(account: Account) -> list[str]:
    wanted = [each.strip() for each in account.options.get("payment_methods", "").split(",") if each.strip()]
    return [] if wanted == ["automatic"] else wanted or ["card"]
