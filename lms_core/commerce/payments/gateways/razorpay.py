"""Razorpay: payment links (a page of the provider's), their payments, refunds and disputes.

A link's `reference_id` is ours and unique at Razorpay, so a creation that was cut off is repeated without harm and
found again. Whether a key is for testing is told by the key itself. Sources: docs/payments/razorpay.md.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
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
    Forged,
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
from lms_core.kit.clock import Clock, SystemClock
from lms_core.kit.money import Currency

BASE = "https://api.razorpay.com/v1"
LINK_LIFE = timedelta(minutes=60)  # Razorpay takes no less than 15 minutes
PAGE = 100
PAGES = 200  # 20,000 payments in one reconciliation, then it is cut with an error rather than silently

REASONS = {
    "payment_cancelled": "cancelled", "insufficient_funds": "insufficient_funds",
    "insufficient_balance": "insufficient_funds", "payment_timed_out": "timeout", "payment_session_expired": "timeout",
    "incorrect_pin": "wrong_pin", "incorrect_otp": "wrong_pin", "authentication_failed": "authentication",
    "transaction_limit_exceeded": "limit", "card_declined": "declined", "payment_declined": "declined",
    "payment_risk_check_failed": "declined", "gateway_technical_error": "unreachable", "bank_technical_error":
    "unreachable",
}  # fmt: skip
REFUNDS = {"pending": State.PENDING, "processed": State.SUCCEEDED, "failed": State.FAILED}
DISPUTES = {"won": State.SUCCEEDED, "lost": State.REVERSED}
LINKS = {"paid": State.SUCCEEDED, "cancelled": State.FAILED, "expired": State.FAILED}


class Razorpay(NoPayouts, NoSavedMethods):
    """The gateway."""

    name = "razorpay"
    title = "Razorpay"
    fields: Sequence[Field] = (
        Field("key_id", "Key id", secret=False, help="rzp_test_… for a test account, rzp_live_… for a live one."),
        Field("key_secret", "Key secret"),
        Field("webhook_secret", "Webhook secret", help="The one you set for the webhook; it is not the key secret."),
        Field(
            "old_webhook_secret",
            "Webhook secret before",
            required=False,
            help="For a day after a change: deliveries that Razorpay repeats are signed with the old one.",
        ),
    )
    capabilities = Capabilities(
        currencies=frozenset({Currency.INR, Currency.USD, Currency.EUR, Currency.KES}),
        step="redirect",
        lists_transactions=True,
        smallest={Currency.INR: 100, Currency.USD: 100, Currency.EUR: 100, Currency.KES: 100},
        poll_seconds=(15, 30, 60, 120, 300),
        expires_after=int(LINK_LIFE.total_seconds()),
    )

    def __init__(self, wire: Wire, clock: Clock | None = None) -> None:
        self._wire, self._clock = wire, clock or SystemClock()

    def begin(self, account: Account, charge: Charge) -> Begun:
        """A payment link. Repeated with the same reference it is the same link."""
        reading.refuse_currency(self, charge)
        body = {
            "amount": charge.amount.amount,
            "currency": charge.amount.currency.value,
            "accept_partial": False,
            "reference_id": charge.reference,
            "description": charge.description[:2048],
            "customer": _customer(charge),
            "notify": {"sms": False, "email": False},
            "reminder_enable": False,
            "notes": {"reference": charge.reference},
            "callback_url": charge.return_url,
            "callback_method": "get",
            "expire_by": int((self._clock.now() + LINK_LIFE).timestamp()),
        }
        reply = self._call(account, "POST", "/payment_links", body=body, moves_money=True, repeatable=True)
        if reply.status == 400 and "already exists" in _described(reply):
            link = self._link_of(account, charge.reference)
            if link is None or reading.minor(link.get("amount"), link.get("currency")) != charge.amount:
                raise GatewayError(
                    "Razorpay has another charge with this reference; begin again",
                    code=_code(reply),
                    reason="duplicate",
                )
        else:
            link = self._done(reply).found
        return Begun(
            Status(
                State.PENDING,
                provider_ref=reading.text(link.get("id")),
                reference=reading.text(link.get("reference_id")),
                live=_live(account),
                raw={"id": link.get("id"), "status": link.get("status")},
            ),
            url=reading.page_of(link.get("short_url"), self.title),
        )

    def status(self, account: Account, known: Known) -> Status:
        """The link's payments decide; an unpaid link is pending until Razorpay calls it expired or cancelled."""
        try:
            link = self._link(account, known)
            if link is None:
                return Status(State.UNKNOWN, known.provider_ref, code="not_found")
            return self._judged(account, link, self._payments(account, link))
        except Uncertain:
            return Status(State.UNKNOWN, known.provider_ref, reason="busy")
        except GatewayError as error:
            return Status(State.UNKNOWN, known.provider_ref, code=error.code, reason=error.reason)

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """One signed event. Its key is made from the signed body; the header with the event's id is not signed."""
        given = callback.headers.get("x-razorpay-signature", "")
        secrets = [reading.setting(account, name) for name in ("webhook_secret", "old_webhook_secret")]
        if not given:
            raise Forged("no X-Razorpay-Signature")
        if not any(secret and reading.same(signature(secret, callback.body), given) for secret in secrets):
            raise Forged("the X-Razorpay-Signature does not match the body")
        event = read_json(callback.body)
        if not isinstance(event, dict) or not isinstance(event.get("event"), str):
            raise Malformed("this is no event of Razorpay")
        return list(_heard(event["event"], reading.part(event, "payload")))

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Any 2xx within five seconds; otherwise Razorpay repeats for a day and then switches the webhook off."""
        return Answer(200 if accepted else 400)

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Full or part, by the payment's id, under an idempotency key."""
        body = {
            "amount": ask.amount.amount,
            "speed": "normal",
            "receipt": reading.digest(ask.key),
            "notes": {"reference": ask.reference},
        }
        reply = self._call(
            account,
            "POST",
            f"/payments/{_id(ask.receipt, 'pay_')}/refund",
            body=body,
            headers={"X-Refund-Idempotency": reading.digest(ask.key)},
            moves_money=True,
            repeatable=True,
        )
        if reply.status == 409:  # the same refund is being made by another call at this moment
            raise Uncertain("Razorpay is still busy with this refund")
        return _movement(self._done(reply).found)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """By its id, or found among the payment's refunds by the receipt that we gave it."""
        try:
            if provider_ref:
                return _movement(self._asked(account, f"/refunds/{_id(provider_ref, 'rfnd_')}"))
            listed = self._asked(account, f"/payments/{_id(ask.receipt, 'pay_')}/refunds")
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code, reason=error.reason)
        ours = [each for each in reading.rows(listed.get("items")) if each.get("receipt") == reading.digest(ask.key)]
        return _movement(ours[0]) if ours else Movement(State.UNKNOWN, code="not_found")

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Payments that were captured, by their creation."""
        found: list[Entry] = []
        for payment in self._pages(account, "/payments", since, until):
            amount = reading.minor(payment.get("amount"), payment.get("currency"))
            at = reading.moment(payment.get("created_at"))
            if amount is None or at is None or payment.get("status") not in {"captured", "refunded"}:
                continue
            reference, receipt = _reference(payment), reading.text(payment.get("id"))
            found.append(Entry("", reference, receipt, amount, State.SUCCEEDED, at, _fee(payment)))
        return found

    def check(self, account: Account) -> Health:
        """A list of one payment is read."""
        try:
            self._asked(account, "/payments", {"count": "1"})
        except GatewayError as error:
            return Health(False, error.detail)
        return Health(True)

    def _call(self, account: Account, method: str, path: str, **more: Any) -> Reply:
        key = reading.setting(account, "key_id")
        if _live(account) != (account.mode is Mode.LIVE):
            raise GatewayError(
                f"the key id is not one for a {account.mode.value} account; it begins rzp_{account.mode.value}_",
                reason="misconfigured",
            )
        base = self._wire.base(account, BASE)
        return self._wire.call(method, base + path, auth=(key, reading.setting(account, "key_secret")), **more)

    def _done(self, reply: Reply) -> Reply:
        reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS, moves_money=True)
        return reply

    def _asked(self, account: Account, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
        reply = self._call(account, "GET", path, params=params)
        return reading.accepted(reply, self.title, told=_code(reply), reasons=REASONS)

    def _link(self, account: Account, known: Known) -> dict[str, Any] | None:
        if not known.provider_ref:
            return self._link_of(account, known.reference)
        return self._asked(account, f"/payment_links/{_id(known.provider_ref, 'plink_')}")

    def _link_of(self, account: Account, reference: str) -> dict[str, Any] | None:
        listed = self._asked(account, "/payment_links", {"reference_id": reference})
        ours = [each for each in reading.rows(listed.get("payment_links")) if each.get("reference_id") == reference]
        return ours[0] if ours else None

    def _payments(self, account: Account, link: dict[str, Any]) -> list[dict[str, Any]]:
        """Every attempt of the link, failed ones too, the oldest first."""
        if order := reading.text(link.get("order_id")):
            found = reading.rows(self._asked(account, f"/orders/{_id(order, 'order_')}/payments").get("items"))
        else:
            listed = [reading.text(each.get("payment_id")) for each in reading.rows(link.get("payments"))]
            found = [self._asked(account, f"/payments/{_id(each, 'pay_')}") for each in listed if each]
        return sorted(found, key=lambda payment: payment.get("created_at") or 0)

    def _judged(self, account: Account, link: dict[str, Any], payments: list[dict[str, Any]]) -> Status:
        common = {
            "provider_ref": reading.text(link.get("id")),
            "reference": reading.text(link.get("reference_id")),
            "live": _live(account),
        }
        last = payments[-1] if payments else {}
        raw = {"link": link.get("status"), "payment": last.get("status"), "method": last.get("method")}
        paid = [each for each in payments if each.get("status") in {"captured", "refunded"}]
        if paid:
            amount = reading.minor(paid[0].get("amount"), paid[0].get("currency"))
            if amount is None:  # in a currency we do not know: a person has to look
                return Status(State.UNKNOWN, **common, code=reading.code(paid[0].get("currency")), raw=raw)
            return Status(
                State.SUCCEEDED,
                **common,
                amount=amount,
                receipt=reading.text(paid[0].get("id")),
                fee=_fee(paid[0]),
                paid_at=reading.moment(paid[0].get("created_at")),
                raw=raw,
            )
        if any(each.get("status") == "authorized" for each in payments):  # captured by itself a little later
            return Status(State.PENDING, **common, code="authorized", raw=raw)
        told = reading.code(last.get("error_reason")) or reading.code(last.get("error_code"))
        reason = REASONS.get(told, "other") if last.get("status") == "failed" else ""
        state = LINKS.get(reading.text(link.get("status")), State.PENDING)
        if state is State.SUCCEEDED:  # paid, and no payment to be seen: it cannot be told how much
            return Status(State.UNKNOWN, **common, raw=raw)
        if state is State.FAILED:
            reason = reason or ("expired" if link.get("status") == "expired" else "cancelled")
        return Status(state, **common, code=told, reason=reason, raw=raw)

    def _pages(self, account: Account, path: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
        window = {"from": str(int(since.timestamp())), "to": str(int(until.timestamp())), "count": str(PAGE)}
        for page in range(PAGES):
            items = reading.rows(self._asked(account, path, {**window, "skip": str(page * PAGE)}).get("items"))
            yield from items
            if len(items) < PAGE:
                return
        raise GatewayError("Razorpay has too many payments in this time; ask for fewer days", reason="limit")


def signature(secret: str, message: bytes) -> str:
    """Razorpay's: HMAC-SHA256 in hexadecimal, of a webhook's raw body or of ids joined with a bar."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _heard(event: str, payload: dict[str, Any]) -> Iterator[Heard]:
    entities = {kind: reading.part(reading.table(each), "entity") for kind, each in payload.items()}
    link, payment, order = (entities.get(kind, {}) for kind in ("payment_link", "payment", "order"))
    reference = reading.text(link.get("reference_id")) or _reference(payment) or _reference(order)
    provider_ref, receipt = reading.text(link.get("id")), reading.text(payment.get("id"))
    if event.startswith("refund.") and (refund := entities.get("refund")):
        receipt = reading.text(refund.get("payment_id")) or receipt
        state = REFUNDS.get(reading.text(refund.get("status")), State.UNKNOWN)
        amount = reading.minor(refund.get("amount"), refund.get("currency"))
        hint = Status(state, amount=amount, receipt=receipt)
        key, subject = f"{event}:{refund.get('id')}:{state}", reading.text(refund.get("id"))
        yield Heard(About.REFUND, key, provider_ref, reference or _reference(refund), subject, hint)
    elif event.startswith("payment.dispute.") and (dispute := entities.get("dispute")):
        state = DISPUTES.get(reading.text(dispute.get("status")), State.PENDING)
        amount = reading.minor(dispute.get("amount"), dispute.get("currency"))
        hint = Status(
            state,
            amount=amount,
            receipt=reading.text(dispute.get("payment_id")) or receipt,
            code=reading.code(dispute.get("reason_code")),
        )
        key, subject = f"{event}:{dispute.get('id')}", reading.text(dispute.get("id"))
        yield Heard(About.DISPUTE, key, provider_ref, reference, subject, hint, proof=True)
    elif event.startswith(("payment_link.", "payment.", "order.")) and (reference or provider_ref):
        subject = reading.text(link.get("id")) or receipt or reading.text(order.get("id"))
        yield Heard(About.CHARGE, f"{event}:{subject}:{receipt}", provider_ref, reference, status=_hint(event, payment))


def _hint(event: str, payment: dict[str, Any]) -> Status:
    happened = event.rpartition(".")[2]
    if happened in {"paid", "captured"}:
        amount = reading.minor(payment.get("amount"), payment.get("currency"))
        return Status(State.SUCCEEDED, amount=amount, receipt=reading.text(payment.get("id")))
    if happened in {"cancelled", "expired"}:
        return Status(State.FAILED, reason=happened)
    if happened == "failed":  # this attempt; the link may still be paid
        told = reading.code(payment.get("error_reason"))
        return Status(State.PENDING, code=told, reason=REASONS.get(told, "other"))
    return Status(State.PENDING)


def _movement(refund: dict[str, Any]) -> Movement:
    told = reading.text(refund.get("id"))
    return Movement(
        REFUNDS.get(reading.text(refund.get("status")), State.UNKNOWN),
        told,
        receipt=told,
        amount=reading.minor(refund.get("amount"), refund.get("currency")),
        raw={"status": refund.get("status"), "speed": refund.get("speed_processed")},
    )


def _customer(charge: Charge) -> dict[str, str]:
    payer = charge.payer
    given = {"name": payer.name, "email": payer.email, "contact": f"+{payer.phone}" if payer.phone else ""}
    return {name: value for name, value in given.items() if value}


def _reference(entity: dict[str, Any]) -> str:
    return reading.text(reading.part(entity, "notes").get("reference"))


def _fee(payment: dict[str, Any]) -> Any:
    """With its tax. Of a payment in a foreign currency it is in the account's own."""
    return reading.minor(payment.get("fee"), payment.get("base_currency") or payment.get("currency"))


def _live(account: Account) -> bool:
    return reading.setting(account, "key_id").startswith("rzp_live_")


def _described(reply: Reply) -> str:
    return reading.text(reading.part(reply.found, "error").get("description"))


def _code(reply: Reply) -> str:
    error = reading.part(reply.found, "error")
    return reading.code(error.get("reason")) or reading.code(error.get("code"))


def _id(given: str, prefix: str) -> str:
    return reading.path_part(given, Razorpay.title, prefix)
