"""PayPal: orders (v2) that we capture once the payer approved them, refunds of captures, webhooks, reports.

Approval moves nothing: the money moves when `status` captures an approved order, and it captures only an order that is
for what was asked, in amount, currency and reference. Every call that moves money carries a PayPal-Request-Id made
from our own key, so it may be repeated. PayPal does not trade in shillings. Sources: docs/payments/paypal.md.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lms_core.commerce.payments.gateways import paypal_webhook, reading
from lms_core.commerce.payments.gateways.lacking import NoPayouts, NoSavedMethods
from lms_core.commerce.payments.gateways.paypal_orders import asked_for, judged, live, movement, payments, written
from lms_core.commerce.payments.gateways.port import (
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
    Mode,
    Movement,
    RefundAsk,
    State,
    Status,
    Uncertain,
)  # fmt: skip
from lms_core.commerce.payments.gateways.wire import Reply, Wire
from lms_core.kit.clock import Clock, SystemClock
from lms_core.kit.money import Currency

BASES = {Mode.TEST: "https://api-m.sandbox.paypal.com", Mode.LIVE: "https://api-m.paypal.com"}
ORDER_LIFE = timedelta(hours=6)  # then PayPal forgets an order that nobody approved
REPORT_DAYS = 31  # what one report may span
PAGE = 100

REASONS = {
    "INSTRUMENT_DECLINED": "declined", "PAYER_CANNOT_PAY": "declined", "TRANSACTION_REFUSED": "declined",
    "COMPLIANCE_VIOLATION": "declined", "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": "limit",
    "DUPLICATE_INVOICE_ID": "duplicate", "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": "declined",
    "REFUND_FAILED_INSUFFICIENT_FUNDS": "insufficient_funds", "REFUND_AMOUNT_EXCEEDED": "limit",
    "CAPTURE_FULLY_REFUNDED": "duplicate", "REFUND_TIME_LIMIT_EXCEEDED": "expired", "invalid_client": "misconfigured",
}  # fmt: skip
STILL_OPEN = {"ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED", "ORDER_COMPLETION_IN_PROGRESS"}
REPORTED = {"S": State.SUCCEEDED, "P": State.PENDING, "V": State.REVERSED, "D": State.FAILED}


class PayPal(NoPayouts, NoSavedMethods):
    """The gateway."""

    name = "paypal"
    title = "PayPal"
    fields: Sequence[Field] = (
        Field("client_id", "Client id", secret=False),
        Field("client_secret", "Client secret"),
        Field("webhook_id", "Webhook id", secret=False, help="PayPal shows it when the webhook's address is saved."),
        Field("brand", "Name on PayPal's page", secret=False, required=False),
    )
    capabilities = Capabilities(
        currencies=frozenset({Currency.USD, Currency.EUR}),
        step="redirect",
        lists_transactions=True,
        poll_seconds=(15, 30, 60, 120, 300),
        expires_after=int(ORDER_LIFE.total_seconds()),
    )

    def __init__(self, wire: Wire, clock: Clock | None = None) -> None:
        self._wire, self._clock = wire, clock or SystemClock()

    def begin(self, account: Account, charge: Charge) -> Begun:
        """An order to approve on PayPal's page. The same key gives the same order for six hours."""
        reading.refuse_currency(self, charge)
        context = {
            "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
            "user_action": "PAY_NOW",
            "shipping_preference": "NO_SHIPPING",
            "return_url": charge.return_url,
            "cancel_url": charge.cancel_url,
        }
        if brand := reading.setting(account, "brand"):
            context["brand_name"] = brand[:127]
        unit = {
            "reference_id": "default",
            "custom_id": charge.reference,
            "invoice_id": charge.reference,
            "description": charge.description[:127],
            "amount": written(charge.amount),
        }
        body = {
            "intent": "CAPTURE",
            "purchase_units": [unit],
            "payment_source": {"paypal": {"experience_context": context}},
        }
        reply = self._moving(account, "/v2/checkout/orders", body, reading.digest(f"order:{charge.key}"))
        order = self._done(reply).found
        status = Status(
            State.PENDING,
            provider_ref=reading.text(order.get("id")),
            reference=charge.reference,
            live=live(order),
            raw={"status": order.get("status")},
        )
        links = {link.get("rel"): link.get("href") for link in reading.rows(order.get("links"))}
        return Begun(status, url=reading.page_of(links.get("payer-action") or links.get("approve"), self.title))

    def status(self, account: Account, known: Known) -> Status:
        """The order decides; when it is approved, and for what was asked, it is captured here."""
        try:
            if not known.provider_ref:
                return self._reported(account, known)
            order = self._order(account, known.provider_ref)
            if order is None:
                return self._forgotten(known)
            if order.get("status") == "APPROVED":
                return self._captured(account, order, known)
            return judged(order)
        except Uncertain:
            return Status(State.UNKNOWN, known.provider_ref, reason="busy")
        except GatewayError as error:
            return Status(State.UNKNOWN, known.provider_ref, code=error.code, reason=error.reason)

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """One signed event. GatewayError when PayPal's certificate cannot be had now: let PayPal repeat it."""
        paypal_webhook.verify(self._wire, account, callback, lambda question: self._sent_it(account, question))
        return paypal_webhook.read(callback.body)

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Any 2xx; otherwise PayPal repeats it up to 25 times in three days."""
        return Answer(200 if accepted else 400)

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Full or part, of the capture."""
        capture = ask.receipt or self._receipt(account, ask)
        body = {"amount": written(ask.amount), "custom_id": reading.digest(ask.key)}
        path = f"/v2/payments/captures/{_id(capture)}/refund"
        reply = self._moving(account, path, body, reading.digest(f"refund:{ask.key}"))
        if reply.status == 409:  # PREVIOUS_REQUEST_IN_PROGRESS
            raise Uncertain("PayPal is still busy with this refund")
        return movement(self._done(reply).found, ask.amount)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """By its id, or found in the order by the id of our own that it carries."""
        try:
            if provider_ref:
                return movement(self._asked(account, f"/v2/payments/refunds/{_id(provider_ref)}").found, None)
            order = self._order(account, ask.provider_ref) or {}
        except Uncertain:
            return Movement(State.UNKNOWN, provider_ref, reason="busy")
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code, reason=error.reason)
        for refund in reading.rows(payments(order).get("refunds")):
            if refund.get("custom_id") == reading.digest(ask.key):
                return movement(refund, None)
        return Movement(State.UNKNOWN, code="not_found")

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Payments received, from PayPal's reports, which are up to three hours behind."""
        found: list[Entry] = []
        for told in self._report(account, since, until):
            paid, fee = reading.part(told, "transaction_amount"), reading.part(told, "fee_amount")
            amount = reading.major(paid.get("value"), paid.get("currency_code"))
            at = reading.moment(told.get("transaction_initiation_date"))
            if amount is None or at is None or amount.amount <= 0:
                continue  # a refund, a withdrawal, or a currency that we do not trade in
            kept = reading.major(fee.get("value"), fee.get("currency_code"))
            order = told.get("paypal_reference_id") if told.get("paypal_reference_id_type") == "ODR" else ""
            found.append(
                Entry(
                    reading.text(order),
                    reading.text(told.get("custom_field")) or reading.text(told.get("invoice_id")),
                    reading.text(told.get("transaction_id")),
                    amount,
                    REPORTED.get(reading.text(told.get("transaction_status")), State.UNKNOWN),
                    at,
                    -kept if kept else None,
                )
            )
        return found

    def check(self, account: Account) -> Health:
        """A fresh token, and the webhook that signatures are bound to."""
        try:
            self._token(account, fresh=True)
            webhook = reading.setting(account, "webhook_id")
            reply = self._call(account, "GET", f"/v1/notifications/webhooks/{_id(webhook)}")
        except GatewayError as error:
            return Health(False, error.detail)
        if reply.status == 404:
            return Health(False, "PayPal does not know the webhook id; copy it from the webhook's row in the dashboard")
        return Health(reply.status == 200, "" if reply.status == 200 else f"PayPal answered {reply.status}")

    def _token(self, account: Account, *, fresh: bool = False) -> str:
        base = self._wire.base(account, BASES[account.mode])
        login = (reading.setting(account, "client_id"), reading.setting(account, "client_secret"))

        def fetch() -> tuple[str, int]:
            form = {"grant_type": "client_credentials"}
            reply = self._wire.call("POST", base + "/v1/oauth2/token", form=form, auth=login)
            found = reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS)
            token, life = reading.text(found.get("access_token")), reading.integer(found.get("expires_in"))
            if not token or not life:
                raise GatewayError("PayPal gave no access token", code="token", reason="busy", retryable=True)
            return token, life

        return self._wire.token(account, fetch, fresh=fresh)

    def _call(self, account: Account, method: str, path: str, **more: Any) -> Reply:
        """One call; a token that PayPal no longer takes is renewed once (a 401 did nothing)."""
        base = self._wire.base(account, BASES[account.mode])
        headers = more.pop("headers", {})
        for fresh in (False, True):
            login = {"Authorization": f"Bearer {self._token(account, fresh=fresh)}"}
            reply = self._wire.call(method, base + path, headers=headers | login, **more)
            if reply.status != 401:
                break
        return reply

    def _sent_it(self, account: Account, question: bytes) -> bool:
        """Whether PayPal says that it sent a delivery."""
        reply = self._call(account, "POST", "/v1/notifications/verify-webhook-signature", content=question)
        found = reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS)
        return found.get("verification_status") == "SUCCESS"

    def _moving(self, account: Account, path: str, body: dict[str, Any], key: str) -> Reply:
        headers = {"PayPal-Request-Id": key, "Prefer": "return=representation"}
        return self._call(account, "POST", path, body=body, headers=headers, moves_money=True, repeatable=True)

    def _done(self, reply: Reply) -> Reply:
        reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS, moves_money=True)
        return reply

    def _asked(self, account: Account, path: str, params: dict[str, str] | None = None) -> Reply:
        reply = self._call(account, "GET", path, params=params)
        if reply.status != 404:
            reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS)
        return reply

    def _order(self, account: Account, order_id: str) -> dict[str, Any] | None:
        reply = self._asked(account, f"/v2/checkout/orders/{_id(order_id)}")
        return None if reply.status == 404 else reply.found

    def _forgotten(self, known: Known) -> Status:
        """PayPal drops an order that was not approved in time; sooner, the 404 tells nothing."""
        gone = self._clock.now() - known.begun_at > ORDER_LIFE
        state, reason = (State.FAILED, "expired") if gone else (State.UNKNOWN, "")
        return Status(state, known.provider_ref, code="RESOURCE_NOT_FOUND", reason=reason)

    def _captured(self, account: Account, order: dict[str, Any], known: Known) -> Status:
        told = judged(order)
        if asked_for(order) != known.amount or told.reference != known.reference:
            return Status(  # not captured: the payer keeps the money
                State.FAILED,
                known.provider_ref,
                amount=asked_for(order),
                reference=told.reference,
                code="NOT_AS_ASKED",
            )
        path = f"/v2/checkout/orders/{_id(known.provider_ref)}/capture"
        # Approved once more after a decline it is another capture, so the moment of approval is part of the key.
        key = reading.digest(f"capture:{known.provider_ref}:{order.get('update_time')}")
        reply = self._moving(account, path, {}, key)
        issue = _code(reply)
        if issue == "ORDER_ALREADY_CAPTURED":
            return judged(self._order(account, known.provider_ref) or {})
        if issue in STILL_OPEN:
            return Status(State.PENDING, known.provider_ref, reference=known.reference, code=issue)
        if reply.status == 422:
            reason = REASONS.get(issue, "other")
            return Status(State.FAILED, known.provider_ref, reference=known.reference, code=issue, reason=reason)
        return judged(self._done(reply).found)

    def _receipt(self, account: Account, ask: RefundAsk) -> str:
        captures = reading.rows(payments(self._order(account, ask.provider_ref) or {}).get("captures"))
        if not captures:
            raise GatewayError("PayPal has no capture of this payment to refund", code="not_found")
        return reading.text(captures[0].get("id"))

    def _reported(self, account: Account, known: Known) -> Status:
        """Without an order's id: a payment in the reports that carries our reference. No word in them is no answer."""
        for entry in self.transactions(account, known.begun_at - timedelta(hours=1), self._clock.now()):
            if entry.reference == known.reference:
                return Status(
                    entry.state,
                    entry.provider_ref,
                    amount=entry.amount,
                    receipt=entry.receipt,
                    reference=entry.reference,
                    fee=entry.fee,
                    paid_at=entry.at,
                )
        return Status(State.UNKNOWN, code="not_found")

    def _report(self, account: Account, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        begin = since
        while begin < until:
            end = min(begin + timedelta(days=REPORT_DAYS), until)
            page, pages = 1, 1
            while page <= pages:
                params = {
                    "start_date": begin.astimezone(UTC).isoformat(timespec="seconds"),
                    "end_date": end.astimezone(UTC).isoformat(timespec="seconds"),
                    "fields": "transaction_info",
                    "page_size": str(PAGE),
                    "page": str(page),
                }
                report = self._asked(account, "/v1/reporting/transactions", params).found
                told = report.get("total_pages")
                pages = told if isinstance(told, int) else page
                for row in reading.rows(report.get("transaction_details")):
                    yield reading.part(row, "transaction_info")
                page += 1
            begin = end


def _code(reply: Reply) -> str:
    details = reading.rows(reply.found.get("details"))
    issue = reading.code(details[0].get("issue")) if details else ""
    return issue or reading.code(reply.found.get("name")) or reading.code(reply.found.get("error"))


def _id(given: str) -> str:
    return reading.path_part(given, PayPal.title)
