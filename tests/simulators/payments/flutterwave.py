"""Flutterwave v3 as it answers: a page makes a transaction per try, callbacks carry a fixed word (and a signature)."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.simulators.payments.base import Reply, Request, Sent, Simulator

WORDS = {"insufficient_funds": "Insufficient Funds", "cancelled": "Cancelled", "timeout": "Timed out"}
DIGITS = {"UGX": 0}


class Flutterwave(Simulator):
    """`payer_bears_fees`: the fee comes on top. `signs`: callbacks carry `flutterwave-signature` too. `page`: rows."""

    name = "flutterwave"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"secret_key": "FLWSECK_TEST-simulator-X", "secret_hash": "a-long-random-word"}
        self.options: dict[str, str] = {}
        self.asked: dict[str, dict[str, Any]] = {}  # tx_ref -> the body of the page
        self.tries: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.chargebacks: list[dict[str, Any]] = []
        self.declines: dict[str, str] = {}
        self.payer_bears_fees = False
        self.signs = False
        self.refunds_at_once = False
        self.page = 10
        self._events: dict[str, list[dict[str, Any]]] = {}
        self._count = 4193000

    def answer(self, request: Request) -> Reply:  # noqa: C901
        if request.headers.get("authorization") != f"Bearer {self.credentials['secret_key']}":
            return Reply({"status": "error", "message": "Invalid authorization key", "data": None}, 401)
        body, parts = request.json or {}, request.path.strip("/").split("/")
        match (request.method, *parts):
            case ("POST", "payments"):
                return self._page_to_pay(body)
            case ("POST", "charges"):
                return self._prompt(body, request.query["type"])
            case ("POST", "tokenized-charges"):
                return self._tokenized(body)
            case ("GET", "transactions", "verify_by_reference"):
                mine = [each for each in self.tries if each["tx_ref"] == request.query["tx_ref"]]
                return _ok("Transaction fetched successfully", mine[0]) if mine else _missing()
            case ("GET", "transactions", number, "verify"):
                found = self._by_number(number)
                return _ok("Transaction fetched successfully", found) if found else _missing()
            case ("GET", "transactions"):
                return self._transactions(request)
            case ("POST", "transactions", number, "refund"):
                return self._refund(number, body)
            case ("GET", "refunds"):
                return self._rows(self.refunds, request)
            case ("GET", "refunds", number):
                found = next((each for each in self.refunds if str(each["id"]) == number), None)
                return _ok("Refund fetched", found) if found else _missing()
            case ("GET", "chargebacks"):
                return _ok(
                    "Chargebacks", [each for each in self.chargebacks if each["flw_ref"] == request.query["flw_ref"]]
                )
            case ("GET", "balances"):
                return _ok("Wallet balances fetched", [])
        return Reply({"status": "error", "message": "Cannot find that"}, 404)

    def _page_to_pay(self, body: dict[str, Any]) -> Reply:
        if body["amount"] <= 0 or "@" not in body["customer"]["email"] or not body["redirect_url"]:
            return Reply({"status": "error", "message": "customer.email must be an email: mary@example.com"}, 400)
        self.asked[body["tx_ref"]] = body
        return _ok("Hosted Link", {"link": f"{self.base_url}/v3/hosted/pay/{body['tx_ref']}"})

    def _prompt(self, body: dict[str, Any], kind: str) -> Reply:
        if kind != "mpesa" or body["currency"] != "KES" or not body["phone_number"].startswith("254"):
            return Reply({"status": "error", "message": "Invalid phone number"}, 400)
        self.asked[body["tx_ref"]] = {**body, "customer": {"email": body["email"]}}
        made = self._try(
            body["tx_ref"], "pending", body["amount"], "KES", payment_type="mpesa", auth_model="LIPA_MPESA"
        )
        return _ok("Charge initiated", made)

    def _tokenized(self, body: dict[str, Any]) -> Reply:
        if not body["token"].startswith("flw-t1nf-"):
            return Reply({"status": "error", "message": "Wrong token or email passed"}, 400)
        self.asked[body["tx_ref"]] = {**body, "customer": {"email": body["email"]}}
        made = self._try(body["tx_ref"], "successful", body["amount"], body["currency"])
        if why := self.declines.get(body["token"]):
            made |= {"status": "failed", "processor_response": why}
        return _ok("Charge successful", made)

    def _try(self, key: str, status: str, amount: Any, currency: str, **more: Any) -> dict[str, Any]:
        body = self.asked[key]
        self._count += 1
        fee = round(float(amount) * 0.029, 4)
        made = {
            "id": self._count, "tx_ref": key, "flw_ref": f"FLW-MOCK-{self._count}", "amount": amount,
            "charged_amount": round(float(amount) + fee, 2) if self.payer_bears_fees else amount, "app_fee": fee,
            "currency": currency, "status": status, "processor_response": "Approved", "payment_type": "card",
            "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"), "meta": body.get("meta"),
            "card": {"last_4digits": "4081", "type": "VISA", "expiry": "04/31", "token": f"flw-t1nf-{self._count}"},
            "customer": {"email": body["customer"]["email"], "phone_number": "254712345126"}, **more,
        }  # fmt: skip
        self.tries.append(made)
        return made

    def _transactions(self, request: Request) -> Reply:
        rows = [each for each in self.tries if each["status"] == request.query.get("status", each["status"])]
        if wanted := request.query.get("tx_ref"):
            rows = [each for each in rows if each["tx_ref"].startswith(wanted)]
        return self._rows(rows, request)

    def _refund(self, number: str, body: dict[str, Any]) -> Reply:
        paid = self._by_number(number)
        if paid is None or paid["status"] != "successful":
            return _missing()
        done = sum(Decimal(str(each["amount_refunded"])) for each in self.refunds if each["tx_id"] == paid["id"])
        if done + Decimal(str(body["amount"])) > Decimal(str(paid["amount"])):
            return Reply({"status": "error", "message": "Refund amount is more than the balance left"}, 400)
        self._count += 1
        refund = {
            "id": self._count, "tx_id": paid["id"], "flw_ref": f"URF_{self._count}", "destination": "payment_source",
            "amount_refunded": body["amount"], "status": "completed" if self.refunds_at_once else "pending-momo",
            "comments": body.get("comments", ""),
        }  # fmt: skip
        self.refunds.append(refund)
        return _ok("Transaction refund initiated", refund)

    def _rows(self, rows: list[dict[str, Any]], request: Request) -> Reply:
        page, pages = int(request.query.get("page", 1)), max(1, -(-len(rows) // self.page))
        info = {"total": len(rows), "current_page": page, "total_pages": pages}
        shown = rows[(page - 1) * self.page : page * self.page]
        return Reply({"status": "success", "message": "Fetched", "meta": {"page_info": info}, "data": shown})

    def _by_number(self, number: str) -> dict[str, Any] | None:
        return next((each for each in self.tries if str(each["id"]) == number), None)

    # What people and banks do.

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        body = self.asked[key]
        money = currency or body["currency"]
        price = body["amount"] if amount is None else float(Decimal(amount).scaleb(-DIGITS.get(money, 2)))
        prompted = next((each for each in self.tries if each["tx_ref"] == key and each["status"] == "pending"), None)
        if prompted is None:
            prompted = self._try(key, "pending", price, money)
        prompted |= {"status": "successful", "amount": price, "currency": money, "processor_response": "Approved"}
        if amount is not None:
            prompted["charged_amount"] = price
        self._happened(key, prompted)

    def fail(self, key: str, reason: str = "cancelled") -> None:
        prompted = next((each for each in self.tries if each["tx_ref"] == key and each["status"] == "pending"), None)
        if prompted is None and reason in {"cancelled", "timeout"}:  # a page that was closed leaves nothing behind
            self._events[key] = []
            return
        body = self.asked[key]
        tried = prompted or self._try(key, "failed", body["amount"], body["currency"])
        tried |= {"status": "failed", "processor_response": WORDS[reason]}
        self._happened(key, tried)

    def reverse(self, key: str) -> None:
        """Chargebacks are told in the dashboard and by mail, not by a callback."""
        paid = next(each for each in self.tries if each["tx_ref"] == key and each["status"] == "successful")
        self.chargebacks.append({"id": 1, "flw_ref": paid["flw_ref"], "status": "lost", "amount": paid["amount"]})
        self._events[key] = []

    def settle_refunds(self) -> None:
        for refund in self.refunds:
            refund["status"] = "completed-momo" if refund["status"].startswith("pending") else refund["status"]

    def charged(self, key: str) -> int:
        left = Decimal(0)
        for each in self.tries:
            lost = any(back["flw_ref"] == each["flw_ref"] and back["status"] == "lost" for back in self.chargebacks)
            if each["tx_ref"] == key and each["status"] == "successful" and not lost:
                given = sum(
                    Decimal(str(back["amount_refunded"])) for back in self.refunds if back["tx_id"] == each["id"]
                )
                left += (Decimal(str(each["amount"])) - given).scaleb(DIGITS.get(each["currency"], 2))
        return int(left)

    # What it sends.

    def callbacks(self, key: str) -> list[Sent]:
        return [self.sent(event) for event in self._events.get(key, [])]

    def forged(self, key: str) -> list[Sent]:
        event = {"event": "charge.completed", "data": {"id": 1, "tx_ref": key, "amount": 1, "currency": "KES",
                                                       "status": "successful"}}  # fmt: skip
        body = json.dumps(event).encode()
        signed = self._signature(body)
        changed = Sent("", body.replace(b'"amount": 1', b'"amount": 2'), {"flutterwave-signature": signed})
        return [
            Sent("", body, {"verif-hash": "a-guessed-word"}),
            Sent("", body),
            Sent("", body, {"verif-hash": ""}),
            changed,
            Sent("", body, {"flutterwave-signature": "AAAA", "verif-hash": self.credentials["secret_hash"]}),
        ]

    def sent(self, event: dict[str, Any]) -> Sent:
        """A callback as it is sent."""
        body = json.dumps(event).encode()
        headers = {"verif-hash": self.credentials["secret_hash"]}
        if self.signs:
            headers["flutterwave-signature"] = self._signature(body)
        return Sent("", body, headers)

    def busy(self) -> Reply:
        return Reply({"status": "error", "message": "Too many requests", "data": None}, 429)

    def _signature(self, body: bytes) -> str:
        secret = self.credentials["secret_hash"].encode()
        return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()

    def _happened(self, key: str, tried: dict[str, Any]) -> None:
        told = {name: value for name, value in tried.items() if name not in {"meta"}}
        self._events[key] = [{"event": "charge.completed", "data": told, "event.type": "CARD_TRANSACTION"}]


def _ok(message: str, data: Any) -> Reply:
    return Reply({"status": "success", "message": message, "data": data})


def _missing() -> Reply:
    return Reply({"status": "error", "message": "No transaction was found for this id", "data": None}, 400)
