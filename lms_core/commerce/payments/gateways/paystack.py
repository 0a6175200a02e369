"""Paystack: a hosted page for cards and mobile money, or a prompt on the payer's phone in Kenya.

A transaction is known by our reference from beginning to end; its number there is the receipt. Callbacks carry no
time and no event number, so they can be replayed: they are hints, and `status` asks. Refunds have no idempotency key:
ours stands in the refund's note, where `refund_status` finds it after an unclear answer.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from lms_core.commerce.payments.gateways import paystack_words as words
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
    Movement,
    RefundAsk,
    SavedCharge,
    State,
    Status,
    Uncertain,
)
from lms_core.commerce.payments.gateways.reading import (
    asks_phone,
    decided,
    page_of,
    part,
    reason_of,
    require_mode,
    same,
    text,
)
from lms_core.commerce.payments.gateways.wire import Wire, read_json
from lms_core.kit.money import Currency

BASE = "https://api.paystack.co"
PAGE = 100
MOST_PAGES = 100


class Paystack(NoPayouts):
    """The gateway; stateless."""

    name = "paystack"
    title = "Paystack"
    fields: Sequence[Field] = (
        Field("secret_key", "Secret key", help="Dashboard, Settings, API keys & webhooks: sk_test_… or sk_live_…"),
        Field(
            "phone_prompt",
            "Ask M-Pesa on the phone",
            secret=False,
            required=False,
            help="“yes”: who pays in shillings and gave a Kenyan number gets a prompt on the phone instead of the page",
        ),
    )  # fmt: skip
    capabilities = Capabilities(
        currencies=frozenset({Currency.KES, Currency.NGN, Currency.USD}),
        step="redirect",
        refunds="partial",
        saved_methods=True,
        lists_transactions=True,
        smallest={Currency.KES: 300, Currency.NGN: 5000, Currency.USD: 200},
        poll_seconds=(15, 30, 60, 120, 300),
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def begin(self, account: Account, charge: Charge) -> Begun:
        """A page to pay on; or, where the account asks phones, a prompt."""
        if asks_phone(account, charge):
            return self._prompt(account, charge)
        body = {
            "email": charge.payer.email,
            "amount": charge.amount.amount,
            "currency": charge.amount.currency.value,
            "reference": charge.reference,
            "callback_url": charge.return_url,
            "metadata": {
                "reference": charge.reference,
                "save": "1" if charge.save else "0",
                "cancel_action": charge.cancel_url,
            },
        }
        data = self._post(account, "/transaction/initialize", body)
        url = page_of(data.get("authorization_url"), self.title)
        return Begun(Status(State.PENDING, charge.reference, reference=charge.reference), url=url)

    def status(self, account: Account, known: Known) -> Status:
        """By our reference. A full refund of ours also reads "reversed" there: then the charge did succeed."""
        address = f"/transaction/verify/{quote(known.reference, safe='')}"
        try:
            data = self._get(account, address)
        except GatewayError as error:
            return Status(State.UNKNOWN, known.provider_ref, code=error.code or error.reason, reason=error.reason)
        status = words.charge(data)
        if status.state is State.REVERSED and self._refunded(account, status):
            return replace(status, state=State.SUCCEEDED, code="refunded")
        return status

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Charge a card kept before. The bank may want its holder: then there is an address to send them to."""
        body = {
            "email": charge.customer or charge.payer.email,
            "amount": charge.amount.amount,
            "currency": charge.amount.currency.value,
            "authorization_code": charge.token,
            "reference": charge.reference,
            "metadata": {"reference": charge.reference},
        }
        data = self._post(account, "/transaction/charge_authorization", body)
        if data.get("paused") is True:
            waiting = Status(State.PENDING, charge.reference, reference=charge.reference, code="paused")
            return Begun(waiting, url=text(data.get("authorization_url")))
        return Begun(words.charge({"reference": charge.reference, **data}))

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """The signature is HMAC-SHA512 of the raw body under the secret key itself."""
        key, given = account.credentials.get("secret_key", ""), callback.headers.get("x-paystack-signature", "")
        if not given:
            raise Forged("the header x-paystack-signature is missing")
        if not same(signature(key, callback.body) if key else "", given.strip().lower()):
            raise Forged("the signature does not fit the body")
        event = read_json(callback.body)
        if not isinstance(event, dict) or not isinstance(event.get("data"), dict):
            raise Malformed("no event with data")
        return words.heard(text(event.get("event")), event["data"], callback.body)

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Paystack wants 200 and reads nothing."""
        return Answer()

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Queued there: PENDING until it is processed."""
        body = {
            "transaction": ask.receipt or ask.reference,
            "amount": ask.amount.amount,
            "currency": ask.amount.currency.value,
            "customer_note": ask.reason[:200],
            "merchant_note": _note(ask),
        }
        return words.refund(self._post(account, "/refund", body))

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """By its number; without one, the refund of this transaction that carries our key."""
        try:
            if provider_ref:
                return words.refund(self._get(account, f"/refund/{quote(provider_ref, safe='')}"))
            number = ask.receipt or text(self._get(account, f"/transaction/verify/{ask.reference}").get("id"))
            rows = self._rows(account, "/refund", {"transaction": number})
            mine = next((row for row in rows if _note(ask) in text(row.get("merchant_note"))), None)
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code or error.reason, reason=error.reason)
        return words.refund(mine) if mine else Movement(State.UNKNOWN, code="not_found")

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """What was paid from `since` up to, not including, `until`."""
        opened = since - timedelta(days=1)  # Paystack's filter goes by when a page was made
        rows = self._rows(account, "/transaction", {"from": opened.isoformat(), "to": until.isoformat()})
        found = (words.entry(row) for row in rows)
        return [each for each in found if each and since <= each.at < until]

    def check(self, account: Account) -> Health:
        """Asks for the balance."""
        try:
            self._get(account, "/balance")
        except GatewayError as error:
            return Health(False, error.detail)
        return Health(True)

    def _prompt(self, account: Account, charge: Charge) -> Begun:
        body = {
            "email": charge.payer.email,
            "amount": charge.amount.amount,
            "currency": charge.amount.currency.value,
            "reference": charge.reference,
            "mobile_money": {"phone": f"+{charge.payer.phone}", "provider": "mpesa"},
            "metadata": {"reference": charge.reference},
        }
        data = self._post(account, "/charge", body)
        return Begun(words.charge({"reference": charge.reference, **data}), message=text(data.get("display_text")))

    def _refunded(self, account: Account, status: Status) -> bool:
        """Whether refunds, and no dispute, explain that a transaction reads as reversed; unknown counts as no."""
        if status.amount is None or not status.receipt:
            return False
        try:
            rows = self._rows(account, "/refund", {"transaction": status.receipt})
        except GatewayError:
            return False
        back = [words.refund(row) for row in rows]
        given = sum(each.amount.amount for each in back if each.amount and each.state is State.SUCCEEDED)
        return given >= status.amount.amount

    def _rows(self, account: Account, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            asked = {**params, "perPage": str(PAGE), "page": str(page)}
            rows = self._call(account, "GET", path, params=asked).get("data")
            if not isinstance(rows, list):
                raise GatewayError("Paystack gave no list", code="no_list", retryable=True)
            found += [row for row in rows if isinstance(row, dict)]
            if len(rows) < PAGE:
                return found
        raise GatewayError("Paystack's list is longer than ten thousand rows: ask for fewer days", code="too_long")

    def _get(self, account: Account, path: str) -> dict[str, Any]:
        return part(self._call(account, "GET", path), "data")

    def _post(self, account: Account, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return part(self._call(account, "POST", path, body=body), "data")

    def _call(
        self,
        account: Account,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The whole answer. Every POST here moves money and has no idempotency key: it is sent once."""
        key, moves = account.credentials.get("secret_key", ""), method == "POST"
        require_mode(account, key, test=("sk_test_",), live=("sk_live_",), provider=self.title)
        url = self._wire.base(account, BASE) + path
        headers = {"Authorization": f"Bearer {key}"}
        reply = self._wire.call(method, url, headers=headers, body=body, params=params, moves_money=moves)
        found = decided(reply, self.title, moves_money=moves)
        if found.get("status") is True and reply.status < 300:
            return found
        code = text(found.get("code")) or text(found.get("type")) or str(reply.status)
        if code == "duplicate_reference":
            raise Uncertain("Paystack knows this reference: it was asked for before")
        missing = reply.status == 404 or code == "transaction_not_found" or "not found" in text(found.get("message"))
        raise GatewayError(
            f"Paystack refused: {code}",
            code="not_found" if missing else code,
            reason=reason_of(found.get("message")),
        )


def signature(key: str, body: bytes) -> str:
    """What Paystack writes into `x-paystack-signature`."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def _note(ask: RefundAsk) -> str:
    return f"refund {ask.key}"
