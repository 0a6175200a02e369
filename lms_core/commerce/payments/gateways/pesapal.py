"""Pesapal (API 3.0): an order paid on Pesapal's page, by M-Pesa, Airtel Money or card.

Its notifications (IPN) are not signed and do not say how the order stands, so the query decides everything. Errors come
as HTTP 200 with an `error` inside as well as by status. Sources: docs/payments/pesapal.md.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from lms_core.commerce.payments.gateways import reading
from lms_core.commerce.payments.gateways.lacking import NoPayouts, NoSavedMethods
from lms_core.commerce.payments.gateways.port import (
    About,
    Account,
    Answer,
    Begun,
    Callback,
    Capabilities,
    Charge,
    Entry,
    Field,
    GatewayError,
    Health,
    Heard,
    Known,
    Malformed,
    Mode,
    Movement,
    RefundAsk,
    State,
    Status,
    Uncertain,
)  # fmt: skip
from lms_core.commerce.payments.gateways.wire import Reply, Wire, read_json
from lms_core.kit.money import Currency, to_major

BASES = {Mode.TEST: "https://cybqa.pesapal.com/pesapalv3", Mode.LIVE: "https://pay.pesapal.com/v3"}
TOKEN_LIFE = 300  # seconds
IPN_KEPT = 30 * 24 * 3600  # seconds that the id of our registered address is kept
NAIROBI = timezone(timedelta(hours=3))
HEARD_APART = 5  # seconds; see `hear`

STALE = {"invalid_access_token", "token_expired", "invalid_api_credentials_provided"}
STRANGE_IPN = {"invalid_ipn_id", "invalid_notification_id"}
NOT_YET = {"payment_details_not_found", "pending_payment"}  # how an order that nobody paid yet may be answered
REASONS = {
    "invalid_consumer_key_or_secret_provided": "misconfigured", "duplicate_merchant_reference": "duplicate",
    "maximum_amount_limit_exceeded": "limit", "minimum_amount_limit": "limit", **dict.fromkeys(STALE, "misconfigured"),
}  # fmt: skip
PAID, FAILED, REVERSED = 1, 2, 3
_TRACKING = re.compile(r"[0-9A-Za-z-]{8,64}")
_REFERENCE = re.compile(r"[0-9A-Za-z._-]{1,50}")


class Pesapal(NoPayouts, NoSavedMethods):
    """The gateway."""

    name = "pesapal"
    title = "Pesapal"
    fields: Sequence[Field] = (
        Field("consumer_key", "Consumer key"),
        Field("consumer_secret", "Consumer secret"),
        Field("refund_user", "Name on refund requests", secret=False, required=False, help="Pesapal shows it to you."),
    )
    capabilities = Capabilities(
        currencies=frozenset({Currency.KES, Currency.UGX, Currency.TZS, Currency.USD}),
        step="redirect",
        refunds="full",  # parts only of card payments, and one refund a payment
        signed_callbacks=False,
        smallest={Currency.KES: 100},
        poll_seconds=(15, 30, 60, 120, 300),
        expires_after=3600,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def begin(self, account: Account, charge: Charge) -> Begun:
        """An order. Pesapal takes no key for repetition, so a call that was cut off is Uncertain."""
        reading.refuse_currency(self, charge)
        reply = self._submit(account, charge, self._ipn(account))
        if _error(reply) in STRANGE_IPN:
            reply = self._submit(account, charge, self._ipn(account, fresh=True))
        order = self._done(reply).found
        tracking = reading.text(order.get("order_tracking_id"))
        if not _TRACKING.fullmatch(tracking) or order.get("merchant_reference") != charge.reference:
            raise Uncertain("Pesapal's answer is not about this order")
        return Begun(
            Status(State.PENDING, provider_ref=tracking, reference=charge.reference),
            url=reading.page_of(order.get("redirect_url"), self.title),
        )

    def status(self, account: Account, known: Known) -> Status:
        """The query, by Pesapal's id: without one it cannot be asked. Nobody has a link to such an order."""
        if not _TRACKING.fullmatch(known.provider_ref):
            return Status(State.UNKNOWN, code="no_tracking_id")
        try:
            return self._judged(self._query(account, known.provider_ref), known)
        except GatewayError as error:
            return Status(State.UNKNOWN, known.provider_ref, code=error.code, reason=error.reason)

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """A hint that an order changed; nothing in it is to be believed.

        The words are the same for every change of an order, a failed card and then M-Pesa on the same page among them.
        So that the second is not taken for a repetition of the first, only what comes within five seconds is one.
        """
        given = _given(callback)
        tracking, kind = given.get("ordertrackingid", ""), given.get("ordernotificationtype", "")
        if not _TRACKING.fullmatch(tracking) or not reading.code(kind):
            raise Malformed("a notification of Pesapal has an order and a type")
        slot = int(callback.received_at.timestamp()) // HEARD_APART
        reference = given.get("ordermerchantreference", "")
        if not _REFERENCE.fullmatch(reference):
            raise Malformed("a notification of Pesapal has our reference")
        return [Heard(About.CHARGE, f"{kind}:{tracking}:{slot}", tracking, reference)]

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Its own words back, and whether we took it; Pesapal repeats what we did not."""
        given = _given(callback)
        said = {
            "orderNotificationType": given.get("ordernotificationtype", ""),
            "orderTrackingId": given.get("ordertrackingid", ""),
            "orderMerchantReference": given.get("ordermerchantreference", ""),
            "status": 200 if accepted else 500,
        }
        return Answer(200, json.dumps(said, separators=(",", ":")).encode())

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """A request that Pesapal's people decide on. Only the whole payment, and only once."""
        if ask.amount != ask.paid:
            raise GatewayError(
                "Pesapal gives back whole payments only; send a part by another way", code="partial", reason="limit"
            )
        body = {
            "confirmation_code": ask.receipt,
            "amount": str(to_major(ask.amount)),
            "username": reading.setting(account, "refund_user") or "Mwalimu",
            "remarks": ask.reason[:100] or "Refund",
        }
        reply = self._call(account, "POST", "/api/Transactions/RefundRequest", body=body, moves_money=True)
        self._done(reply)
        return Movement(State.PENDING, f"refund-{ask.receipt}", amount=ask.amount)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """Done when the payment is REVERSED. Until then: waiting when Pesapal took the request, else unknown."""
        try:
            told = self._query(account, ask.provider_ref).found
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code, reason=error.reason)
        if told.get("status_code") == REVERSED:
            return Movement(State.SUCCEEDED, provider_ref or f"refund-{ask.receipt}", ask.receipt, ask.amount)
        return Movement(State.PENDING if provider_ref else State.UNKNOWN, provider_ref, amount=ask.amount)

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Pesapal has no list."""
        return []

    def check(self, account: Account) -> Health:
        """A fresh token, and our address registered for notifications."""
        try:
            self._token(account, fresh=True)
            self._ipn(account, fresh=True)
        except GatewayError as error:
            return Health(False, error.detail)
        return Health(True)

    def _submit(self, account: Account, charge: Charge, ipn: str) -> Reply:
        first, _, last = charge.payer.name.strip().partition(" ")
        body = {
            "id": charge.reference,
            "currency": charge.amount.currency.value,
            "amount": to_major(charge.amount),
            "description": charge.description[:100],
            "callback_url": charge.return_url,
            "cancellation_url": charge.cancel_url,
            "redirect_mode": "TOP_WINDOW",
            "notification_id": ipn,
            "billing_address": {
                "email_address": charge.payer.email,
                "phone_number": charge.payer.phone,
                "country_code": charge.payer.country,
                "first_name": first,
                "last_name": last.strip(),
            },
        }
        return self._call(account, "POST", "/api/Transactions/SubmitOrderRequest", body=body, moves_money=True)

    def _query(self, account: Account, tracking: str) -> Reply:
        params = {"orderTrackingId": tracking}
        reply = self._call(account, "GET", "/api/Transactions/GetTransactionStatus", params=params)
        if _error(reply) not in NOT_YET:
            self._answered(reply)
        return reply

    def _judged(self, reply: Reply, known: Known) -> Status:
        told = reply.found
        common: dict[str, Any] = {
            "provider_ref": known.provider_ref,
            "reference": reading.text(told.get("merchant_reference")) or None,
            "raw": {"status_code": told.get("status_code"), "payment_method": told.get("payment_method")},
        }
        how = told.get("status_code")
        if how in {PAID, REVERSED}:
            amount = reading.major(told.get("amount"), told.get("currency"))
            if amount is None:  # in a currency that we do not know: a person has to look
                return Status(State.UNKNOWN, **common, code=reading.code(told.get("currency")))
            return Status(
                State.SUCCEEDED if how == PAID else State.REVERSED,
                **common,
                amount=amount,
                receipt=reading.text(told.get("confirmation_code")),
                paid_at=reading.moment(told.get("created_date"), NAIROBI),
            )
        if how == FAILED:
            return Status(State.FAILED, **common, code=str(FAILED), reason=reading.reason_of(told.get("description")))
        return Status(State.PENDING, **common)

    def _token(self, account: Account, *, fresh: bool = False) -> str:
        base = self._wire.base(account, BASES[account.mode])
        keys = {name: reading.setting(account, name) for name in ("consumer_key", "consumer_secret")}

        def fetch() -> tuple[str, int]:
            reply = self._wire.call("POST", base + "/api/Auth/RequestToken", body=keys)
            self._answered(reply)
            token = reply.found.get("token")
            if not isinstance(token, str) or not token:
                raise GatewayError("Pesapal gave no token; check the consumer key and secret", reason="misconfigured")
            return token, TOKEN_LIFE

        return self._wire.token(account, fetch, fresh=fresh)

    def _ipn(self, account: Account, *, fresh: bool = False) -> str:
        """The id under which our callback address is registered: found in Pesapal's list, or registered now."""
        url = account.callback_url
        scope = f"ipn:{reading.digest(url, 32)}"

        def fetch() -> tuple[str, int]:
            listed = self._answered(self._call(account, "GET", "/api/URLSetup/GetIpnList")).data
            for each in reading.rows(listed):
                if each.get("url") == url and reading.text(each.get("ipn_id")):
                    return reading.text(each["ipn_id"]), IPN_KEPT
            body = {"url": url, "ipn_notification_type": "POST"}
            made = self._answered(self._call(account, "POST", "/api/URLSetup/RegisterIPN", body=body)).found
            if not reading.text(made.get("ipn_id")):
                raise GatewayError("Pesapal did not register our address for notifications", reason="misconfigured")
            return reading.text(made["ipn_id"]), IPN_KEPT

        return self._wire.token(account, fetch, scope=scope, fresh=fresh)

    def _call(self, account: Account, method: str, path: str, **more: Any) -> Reply:
        """One call; a token that Pesapal no longer takes is renewed once (a refused token did nothing)."""
        base = self._wire.base(account, BASES[account.mode])
        for fresh in (False, True):
            login = {"Authorization": f"Bearer {self._token(account, fresh=fresh)}"}
            reply = self._wire.call(method, base + path, headers=login, **more)
            if reply.status != 401 and _error(reply) not in STALE:
                break
        return reply

    def _answered(self, reply: Reply) -> Reply:
        """The answer to a call that moves nothing, when it is one; else GatewayError."""
        told = _error(reply)
        if not told and reply.status < 300:
            return reply
        if told in REASONS or (reply.status < 500 and not (reply.status < 300 and told == "500")):
            raise reading.refusal(reply, self.title, told=told, reasons=REASONS)
        raise GatewayError("Pesapal does not answer now", code=told, reason="unreachable", retryable=True)

    def _done(self, reply: Reply) -> Reply:
        """The answer to a call that moves money, when it says that it was done; else Uncertain or GatewayError."""
        told = _error(reply)
        if not told:
            reading.accepted(reply, self.title, moves_money=True)
            return reply
        if reply.status >= 500 and told not in REASONS:
            raise Uncertain(f"Pesapal answered {reply.status}")
        raise reading.refusal(reply, self.title, told=told, reasons=REASONS)


def _error(reply: Reply) -> str:
    """The code of the error inside an answer; "500" for a status inside that says so without a code; "" for none."""
    inside = reading.part(reply.found, "error")
    told = reading.code(inside.get("code")) or reading.code(inside.get("error_type"))
    if told:
        return told
    return "500" if str(reply.found.get("status")) == "500" else ""


def _given(callback: Callback) -> dict[str, str]:
    """What a notification says, by query (GET) or as JSON (POST), names in lower case."""
    body = read_json(callback.body) if callback.body else None
    said: dict[str, Any] = {**callback.query, **(body if isinstance(body, dict) else {})}
    return {name.lower(): value for name, value in said.items() if isinstance(value, str)}
