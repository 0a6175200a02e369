"""PayPal on a port of this machine: orders, captures, refunds, reports, and webhooks signed by a certificate."""

import base64
import itertools
import json
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lms_core.kit.money import Currency, Money, to_major
from tests.simulators.payments.base import Reply, Request, Sent, Simulator

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)  # what the simulator's clock says
CERTIFICATE = "/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"

ASKED = {"transmission_id", "transmission_time", "transmission_sig", "cert_url", "auth_algo"}


@dataclass
class Order:
    """An order, and what became of it."""

    id: str
    unit: dict[str, Any]
    status: str = "PAYER_ACTION_REQUIRED"
    captures: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    approvals: int = 0
    decline: str = ""  # the issue that the next capture is answered with
    reversed: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)  # what last happened


class PayPal(Simulator):
    """The provider. `pay` approves an order, as the payer does on PayPal's page; the gateway asks for the capture.

    With another amount or currency it is captured so at once, as if somebody had changed the order on the way.
    """

    name = "paypal"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"client_id": "client-of-mwalimu", "client_secret": "s3cret-of-the-client"}
        self.credentials["webhook_id"] = "8PT597110X687430LKGECATA"
        self.options = {}
        self.orders: dict[str, Order] = {}  # by our reference
        self.made: dict[str, Reply] = {}  # PayPal-Request-Id -> answer
        self.tokens: list[str] = []
        self.certificate, self.key = issued("messageverificationcerts.paypal.com")
        self.deliveries: dict[str, tuple[dict[str, str], str, dict[str, Any]]] = {}  # by transmission id
        self.address = ""  # of the certificate, in deliveries; "" is ours
        self._numbers = itertools.count(1)

    def busy(self) -> Reply:
        return Reply({"name": "RATE_LIMIT_REACHED", "message": "Too many requests.", "debug_id": "0"}, 429)

    def expire_tokens(self) -> None:
        """Every token given so far is refused from now on."""
        self.tokens.clear()

    def answer(self, request: Request) -> Reply:
        if request.path == "/v1/oauth2/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply({"error": "invalid_token", "error_description": "Token signature verification failed"}, 401)
        key = request.headers.get("paypal-request-id", "")
        if key and key in self.made:
            return self.made[key]
        reply = self._answer(request)
        if key and reply.status < 300:
            self.made[key] = reply
        return reply

    def _answer(self, request: Request) -> Reply:
        match request.method, *request.path.strip("/").split("/"):
            case "POST", "v2", "checkout", "orders":
                return self._create(request.json)
            case "GET", "v2", "checkout", "orders", order:
                return self._found(order, self._shown)
            case "POST", "v2", "checkout", "orders", order, "capture":
                return self._found(order, self._capture)
            case "POST", "v2", "payments", "captures", capture, "refund":
                return self._refund(capture, request.json or {})
            case "GET", "v2", "payments", "refunds", refund:
                listed = [each for order in self.orders.values() for each in order.refunds if each["id"] == refund]
                return Reply(listed[0]) if listed else _issue("RESOURCE_NOT_FOUND", 404)
            case "GET", "v1", "notifications", "webhooks", webhook:
                known = webhook == self.credentials["webhook_id"]
                return Reply({"id": webhook}) if known else _issue("INVALID_RESOURCE_ID", 404)
            case "POST", "v1", "notifications", "verify-webhook-signature":
                return Reply({"verification_status": "SUCCESS" if self._is_mine(request.json) else "FAILURE"})
            case "GET", "v1", "reporting", "transactions":
                return self._report(request.query)
        return _issue("RESOURCE_NOT_FOUND", 404)

    def serve(self, request: Request) -> Reply:
        """The certificate is a public document, and no JSON."""
        if request.path == CERTIFICATE:
            self.requests.append(request)
            return Reply(self.certificate.encode())
        return super().serve(request)

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        order = self.orders[key]
        if amount is not None or currency is not None:
            asked = order.unit["amount"]
            code = currency or asked["currency_code"]
            value = asked["value"] if amount is None else _major(amount, code)
            self._take(order, {"currency_code": code, "value": value})
            return
        order.status, order.approvals, order.decline = "APPROVED", order.approvals + 1, ""
        order.events = [self._event("CHECKOUT.ORDER.APPROVED", "checkout-order", self._seen(order))]

    def fail(self, key: str, reason: str = "cancelled") -> None:
        """Cancelled, PayPal knows nothing of it; out of time, the order is forgotten; else the capture is declined."""
        order = self.orders[key]
        order.events = []
        if reason == "timeout":
            order.status = "GONE"
        elif reason != "cancelled":
            order.status, order.approvals, order.decline = "APPROVED", order.approvals + 1, "INSTRUMENT_DECLINED"
            order.events = [self._event("CHECKOUT.ORDER.APPROVED", "checkout-order", self._seen(order))]

    def hold(self, key: str) -> None:
        """The capture waits for PayPal's review."""
        order = self.orders[key]
        self._take(order, order.unit["amount"], "PENDING")

    def reverse(self, key: str) -> None:
        order = self.orders[key]
        order.reversed = True
        capture = order.captures[-1]
        links = [{"rel": "up", "href": f"https://api.sandbox.paypal.com/v2/payments/captures/{capture['id']}"}]
        about = {"id": f"REV{capture['id']}", "amount": capture["amount"], "custom_id": key, "links": links}
        order.events = [self._event("PAYMENT.CAPTURE.REVERSED", "refund", about)]

    def settle_refunds(self) -> None:
        for order in self.orders.values():
            for refund in order.refunds:
                refund["status"] = "COMPLETED"

    def callbacks(self, key: str) -> list[Sent]:
        return [self.signed(each) for each in self.orders[key].events]

    def refund_callbacks(self, key: str) -> list[Sent]:
        order = self.orders[key]
        links = [
            {"rel": "up", "href": f"https://api.sandbox.paypal.com/v2/payments/captures/{order.captures[-1]['id']}"}
        ]
        return [
            self.signed(self._event("PAYMENT.CAPTURE.REFUNDED", "refund", each | {"links": links}, f"R{each['id']}"))
            for each in order.refunds
        ]

    def forged(self, key: str) -> list[Sent]:
        order = self.orders[key]
        event = self._event(
            "PAYMENT.CAPTURE.COMPLETED", "capture", {"id": "FORGED1", "custom_id": key, "amount": order.unit["amount"]}
        )
        own = self.signed(event)
        elsewhere = dict(own.headers) | {"paypal-cert-url": "https://api.paypal.com.evil.example" + CERTIFICATE}
        unsigned = {name: value for name, value in own.headers.items() if name != "paypal-transmission-sig"}
        guessed = base64.b64encode(b"\0" * 256).decode()
        return [
            Sent("", own.body, unsigned),
            Sent("", own.body, dict(own.headers) | {"paypal-transmission-sig": guessed}),
            Sent("", own.body, elsewhere),
            self.signed(event, webhook="WEBHOOK_ID"),
        ]

    def charged(self, key: str) -> int:
        order = self.orders[key]
        paid = sum(
            _minor(each["amount"]) for each in order.captures if each["status"] != "DECLINED" and not order.reversed
        )
        return paid - sum(_minor(each["amount"]) for each in order.refunds if each["status"] == "COMPLETED")

    def signed(self, event: dict[str, Any], *, webhook: str | None = None, sent_at: datetime | None = None) -> Sent:
        """An event as PayPal sends it. `sent_at` is now unless told."""
        body = json.dumps(event).encode()
        transmission = f"69cd13f0-d67a-11e5-baa3-{zlib.crc32(body):012x}"
        time = (sent_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
        message = f"{transmission}|{time}|{webhook or self.credentials['webhook_id']}|{zlib.crc32(body)}"
        sign = self.key.sign(message.encode(), padding.PKCS1v15(), SHA256())
        headers = {
            "paypal-transmission-id": transmission,
            "paypal-transmission-time": time,
            "paypal-transmission-sig": base64.b64encode(sign).decode(),
            "paypal-cert-url": self.address or self.base_url + CERTIFICATE,
            "paypal-auth-algo": "SHA256withRSA",
        }
        if webhook is None:
            self.deliveries[transmission] = (headers, self.credentials["webhook_id"], event)
        return Sent("", body, headers)

    def _is_mine(self, asked: Any) -> bool:
        """Whether this delivery was made by `signed`: the same headers, webhook and event."""
        headers = {f"paypal-{name.replace('_', '-')}": value for name, value in asked.items() if name in ASKED}
        known = self.deliveries.get(asked["transmission_id"])
        return known == (headers, asked["webhook_id"], asked["webhook_event"])

    def _token(self, request: Request) -> Reply:
        login = f"{self.credentials['client_id']}:{self.credentials['client_secret']}"
        given = request.headers.get("authorization", "")
        form = parse_qs(request.body.decode())
        if given != f"Basic {base64.b64encode(login.encode()).decode()}" or form.get("grant_type") != [
            "client_credentials"
        ]:
            return Reply({"error": "invalid_client", "error_description": "Client Authentication failed"}, 401)
        self.tokens.append(f"A21AAF-{next(self._numbers)}")
        return Reply({"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 32400})

    def _create(self, asked: Any) -> Reply:
        unit = asked["purchase_units"][0]
        if asked["intent"] != "CAPTURE" or unit["amount"]["currency_code"] not in {"USD", "EUR", "GBP"}:
            return _issue("CURRENCY_NOT_SUPPORTED", 422)
        order = Order(f"5O190127TN36{next(self._numbers):05}", unit)
        self.orders[unit["custom_id"]] = order
        return Reply(self._seen(order), 201)

    def _found(self, order_id: str, then: Any) -> Reply:
        found = [each for each in self.orders.values() if each.id == order_id and each.status != "GONE"]
        return then(found[0]) if found else _issue("RESOURCE_NOT_FOUND", 404)

    def _shown(self, order: Order) -> Reply:
        return Reply(self._seen(order))

    def _capture(self, order: Order) -> Reply:
        if order.captures:
            return _issue("ORDER_ALREADY_CAPTURED", 422)
        if order.status != "APPROVED":
            return _issue("ORDER_NOT_APPROVED", 422)
        if order.decline:
            return _issue(order.decline, 422)
        self._take(order, order.unit["amount"])
        return Reply(self._seen(order), 201)

    def _take(self, order: Order, amount: dict[str, str], status: str = "COMPLETED") -> None:
        fee = {"currency_code": amount["currency_code"], "value": "0.59"}
        capture = {
            "id": f"3C679366HH9{next(self._numbers):05}",
            "status": status,
            "amount": amount,
            "final_capture": True,
            "custom_id": order.unit["custom_id"],
            "invoice_id": order.unit["invoice_id"],
            "seller_receivable_breakdown": {"gross_amount": amount, "paypal_fee": fee},
            "create_time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "supplementary_data": {"related_ids": {"order_id": order.id}},
        }
        if status == "PENDING":
            capture["status_details"] = {"reason": "PENDING_REVIEW"}
        order.status, order.captures = "COMPLETED", [capture]
        kind = "PAYMENT.CAPTURE.PENDING" if status == "PENDING" else "PAYMENT.CAPTURE.COMPLETED"
        order.events = [self._event(kind, "capture", capture)]

    def _seen(self, order: Order) -> dict[str, Any]:
        here = f"https://api.sandbox.paypal.com/v2/checkout/orders/{order.id}"
        page = f"https://www.sandbox.paypal.com/checkoutnow?token={order.id}"
        unit = dict(order.unit)
        if order.captures:
            unit["payments"] = {"captures": order.captures, "refunds": order.refunds}
        return {
            "id": order.id,
            "intent": "CAPTURE",
            "status": order.status,
            "purchase_units": [unit],
            "update_time": (NOW + timedelta(minutes=order.approvals)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "links": [
                {"rel": "self", "href": here, "method": "GET"},
                {"rel": "payer-action", "href": page, "method": "GET"},
            ],
        }

    def _refund(self, capture_id: str, asked: dict[str, Any]) -> Reply:
        found = [order for order in self.orders.values() for each in order.captures if each["id"] == capture_id]
        if not found:
            return _issue("RESOURCE_NOT_FOUND", 404)
        order, capture = found[0], found[0].captures[0]
        amount = asked.get("amount", capture["amount"])
        if amount["currency_code"] != capture["amount"]["currency_code"]:
            return _issue("REFUND_CAPTURE_CURRENCY_MISMATCH", 422)
        before, paid = sum(_minor(each["amount"]) for each in order.refunds), _minor(capture["amount"])
        if before == paid:
            return _issue("CAPTURE_FULLY_REFUNDED", 422)
        if before + _minor(amount) > paid:
            return _issue("REFUND_AMOUNT_EXCEEDED", 422)
        refund = {
            "id": f"1JU08902781{next(self._numbers):05}",
            "status": "PENDING",
            "amount": amount,
            "custom_id": asked.get("custom_id"),
            "invoice_id": capture["invoice_id"],
        }
        order.refunds.append(refund)
        capture["status"] = "REFUNDED" if before + _minor(amount) == paid else "PARTIALLY_REFUNDED"
        return Reply(dict(refund), 201)

    def _report(self, query: dict[str, str]) -> Reply:
        since, until = (datetime.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        if until - since > timedelta(days=31):
            return _issue("INVALID_REQUEST", 400)
        listed = [self._row(order, each) for order in self.orders.values() for each in order.captures]
        listed = [each for each in listed if since <= NOW <= until]
        page, size = int(query["page"]), int(query["page_size"])
        shown = [{"transaction_info": each} for each in listed[(page - 1) * size : page * size]]
        return Reply({"transaction_details": shown, "page": page, "total_pages": max(1, -(-len(listed) // size))})

    def _row(self, order: Order, capture: dict[str, Any]) -> dict[str, Any]:
        fee = capture["seller_receivable_breakdown"]["paypal_fee"]
        return {
            "transaction_id": capture["id"],
            "paypal_reference_id": order.id,
            "paypal_reference_id_type": "ODR",
            "transaction_event_code": "T0006",
            "transaction_initiation_date": NOW.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "transaction_amount": capture["amount"],
            "fee_amount": fee | {"value": f"-{fee['value']}"},
            "transaction_status": "P" if capture["status"] == "PENDING" else "S",
            "custom_field": order.unit["custom_id"],
            "invoice_id": order.unit["invoice_id"],
        }

    def _event(self, kind: str, about: str, resource: dict[str, Any], key: str = "") -> dict[str, Any]:
        number = key or f"{zlib.crc32(json.dumps([kind, resource]).encode()):08X}"
        return {
            "id": f"WH-{number}-0VX13474AU2474738",
            "create_time": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "resource_type": about,
            "event_type": kind,
            "resource": json.loads(json.dumps(resource)),
            "links": [],
        }


@cache
def issued(name: str, days: int = 3650) -> tuple[str, rsa.RSAPrivateKey]:
    """A certificate in that name (PEM, signed by itself) and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(begin).not_valid_after(begin + timedelta(days=days))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode(), key


def _major(amount: int, code: str) -> str:
    return (
        str(to_major(Money(amount=amount, currency=Currency(code))))
        if code in Currency.__members__
        else f"{amount / 100:.2f}"
    )


def _minor(amount: dict[str, str]) -> int:
    return round(float(amount["value"]) * 100)


def _issue(issue: str, status: int) -> Reply:
    name = {404: "RESOURCE_NOT_FOUND", 422: "UNPROCESSABLE_ENTITY"}.get(status, "INVALID_REQUEST")
    details = [{"issue": issue, "description": issue.replace("_", " ").lower()}]
    return Reply({"name": name, "message": "See details.", "debug_id": "90957fca61718", "details": details}, status)
