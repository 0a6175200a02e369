"""Pesapal on a port of this machine: tokens, notification addresses, orders, the query, refund requests, IPNs."""

import itertools
import json
import uuid
from dataclasses import dataclass
from typing import Any

from lms_core.kit.money import EXPONENTS, Currency
from tests.simulators.payments.base import Reply, Request, Sent, Simulator

INVALID, COMPLETED, FAILED, REVERSED = range(4)
WORDS = ("INVALID", "Completed", "Failed", "Reversed")
NO_ERROR = {"error_type": None, "code": None, "message": None, "call_back_url": None}


@dataclass
class Order:
    """An order."""

    tracking: str
    asked: dict[str, Any]
    status: int = INVALID
    amount: float = 0  # major units, what was paid
    currency: str = ""
    method: str = ""
    description: str | None = None
    code: str = ""
    refund: float = 0


class Pesapal(Simulator):
    """The provider. `bare_pending` answers the query of an unpaid order with an error, as Pesapal sometimes does."""

    name = "pesapal"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "consumer_key": "qkio1BGGYAXTu2JOfm7XSXNruoZsrqEW",
            "consumer_secret": "osGQ364R49cXKeOYSpaOnT++rHs=",
        }
        self.options = {}
        self.orders: dict[str, Order] = {}  # by our reference
        self.ipns: dict[str, str] = {}  # address -> id
        self.tokens: list[str] = []
        self.bare_pending = False
        self._numbers = itertools.count(1)

    def busy(self) -> Reply:
        return _error("api_error", "too_many_requests", 429)

    def expire_tokens(self) -> None:
        """Every token given so far is refused from now on (they live five minutes)."""
        self.tokens.clear()

    def answer(self, request: Request) -> Reply:
        asked = request.json or {}
        if request.path == "/api/Auth/RequestToken":
            if asked != self.credentials:
                return _error("api_error", "invalid_consumer_key_or_secret_provided", 200)
            self.tokens.append(f"eyJ-{next(self._numbers)}")
            told = {"token": self.tokens[-1], "expiryDate": "2026-08-26T12:29:30.5177702Z", "error": None}
            return Reply(told | {"status": "200", "message": "Request processed successfully"})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error("authentication_error", "invalid_api_credentials_provided", 401)
        match request.method, request.path:
            case "GET", "/api/URLSetup/GetIpnList":
                return Reply([{"url": url, "ipn_id": key, "ipn_status": 1} for url, key in self.ipns.items()])
            case "POST", "/api/URLSetup/RegisterIPN":
                key = self.ipns[asked["url"]] = str(uuid.UUID(int=next(self._numbers)))
                return Reply({"url": asked["url"], "ipn_id": key, "ipn_status": 1, "error": None, "status": "200"})
            case "POST", "/api/Transactions/SubmitOrderRequest":
                return self._submit(asked)
            case "GET", "/api/Transactions/GetTransactionStatus":
                return self._query(request.query.get("orderTrackingId", ""))
            case "POST", "/api/Transactions/RefundRequest":
                return self._refund(asked)
        return Reply({"Message": "No HTTP resource was found"}, 404)

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        order = self.orders[key]
        order.status, order.method, order.description = COMPLETED, "MpesaKE", None
        order.currency = currency or order.asked["currency"]
        order.amount = order.asked["amount"] if amount is None else amount / 10 ** _digits(order.currency)
        order.code = f"6513008693186320{next(self._numbers):06}"

    def fail(self, key: str, reason: str = "cancelled") -> None:
        """Cancelled and out of time Pesapal leaves the order INVALID; else the payment failed."""
        order = self.orders[key]
        if reason not in {"cancelled", "timeout"}:
            order.status, order.method, order.description = FAILED, "Visa", reason.replace("_", " ")
            order.amount, order.currency = order.asked["amount"], order.asked["currency"]

    def reverse(self, key: str) -> None:
        self.orders[key].status = REVERSED

    def settle_refunds(self) -> None:
        for order in self.orders.values():
            if order.refund:
                order.status = REVERSED

    def callbacks(self, key: str) -> list[Sent]:
        return [self.sent(key)]

    def refund_callbacks(self, key: str) -> list[Sent]:
        return [self.sent(key)] if self.orders[key].refund else []

    def forged(self, key: str) -> list[Sent]:
        told = {"OrderTrackingId": self.orders[key].tracking, "OrderMerchantReference": key}
        believed = told | {
            "OrderNotificationType": "IPNCHANGE",
            "status_code": 1,
            "payment_status_description": "Completed",
        }
        stranger = told | {"OrderNotificationType": "IPNCHANGE", "OrderTrackingId": str(uuid.UUID(int=2**100))}
        return [Sent("", json.dumps(believed).encode()), Sent("", json.dumps(stranger).encode())]

    def charged(self, key: str) -> int:
        order = self.orders[key]
        return round(order.amount * 10 ** _digits(order.currency)) if order.status == COMPLETED else 0

    def sent(self, key: str, *, method: str = "POST") -> Sent:
        """The IPN of an order, as JSON or in the query."""
        told = {"OrderTrackingId": self.orders[key].tracking, "OrderMerchantReference": key}
        told["OrderNotificationType"] = "IPNCHANGE"
        if method == "GET":
            return Sent("", b"", query=told, method="GET")
        return Sent("", json.dumps(told).encode(), {"content-type": "application/json"})

    def _submit(self, asked: dict[str, Any]) -> Reply:
        person = asked["billing_address"]
        if asked["notification_id"] not in self.ipns.values():
            return _error("api_error", "invalid_ipn_id", 200)
        if asked["id"] in self.orders:
            return _error("api_error", "duplicate_merchant_reference", 200)
        if len(asked["id"]) > 50 or len(asked["description"]) > 100 or asked["amount"] <= 0:
            return _error("invalid_request_error", "invalid_request", 200)
        if not person["email_address"] and not person["phone_number"]:
            return _error("invalid_request_error", "missing_phone_or_email", 200)
        tracking = str(uuid.UUID(int=2**96 + next(self._numbers)))
        self.orders[asked["id"]] = Order(tracking, asked)
        page = f"https://cybqa.pesapal.com/pesapaliframe/PesapalIframe3/Index/?OrderTrackingId={tracking}"
        told = {"order_tracking_id": tracking, "merchant_reference": asked["id"], "redirect_url": page}
        return Reply(told | {"error": None, "status": "200"})

    def _query(self, tracking: str) -> Reply:
        found = [(key, each) for key, each in self.orders.items() if each.tracking == tracking]
        if not found:
            return _error("invalid_request_error", "invalid_order_tracking_id", 200)
        key, order = found[0]
        pending = self.bare_pending and order.status == INVALID
        error = {"error_type": "api_error", "code": "payment_details_not_found", "message": "Pending Payment"}
        return Reply(
            {
                "payment_method": order.method,
                "amount": order.amount,
                "created_date": "2026-09-01T12:00:09.763",
                "confirmation_code": order.code,
                "payment_status_description": WORDS[order.status],
                "description": order.description,
                "message": "Request processed successfully",
                "payment_account": "2547xxx678",
                "status_code": order.status,
                "merchant_reference": key,
                "payment_status_code": "",
                "currency": order.currency or order.asked["currency"],
                "error": error if pending else NO_ERROR,
                "status": "500" if pending else "200",
            }
        )

    def _refund(self, asked: dict[str, Any]) -> Reply:
        found = [each for each in self.orders.values() if each.code and each.code == asked["confirmation_code"]]
        if not found or found[0].status != COMPLETED or found[0].refund or not asked["username"]:
            return Reply({"status": "500", "message": "Refund request rejected"})
        if float(asked["amount"]) != found[0].amount:
            return Reply({"status": "500", "message": "Refund request rejected"})
        found[0].refund = float(asked["amount"])
        return Reply({"status": "200", "message": "Refund request successfully"})


def _digits(code: str) -> int:
    return EXPONENTS[Currency(code)] if code in Currency.__members__ else 2


def _error(kind: str, code: str, status: int) -> Reply:
    """As Pesapal tells errors: inside an answer of 200, mostly."""
    told = {"error_type": kind, "code": code, "message": code.replace("_", " "), "call_back_url": None}
    return Reply({"error": told, "status": "500" if status == 200 else str(status)}, status)
