"""Paystack as it answers: pages, prompts, refunds that wait, disputes, events signed with the secret key."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from tests.simulators.payments.base import Reply, Request, Sent, Simulator

WORDS = {
    "insufficient_funds": "Insufficient Funds",
    "cancelled": "Cancelled by user",
    "timeout": "Transaction timed out",
}


class Paystack(Simulator):
    """`payer_bears_fees`: the account adds its fee on top of the price. `challenges`: kept cards want their holder."""

    name = "paystack"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"secret_key": "sk_test_simulator"}
        self.options: dict[str, str] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[int, dict[str, Any]] = {}
        self.kept: dict[str, str] = {}  # authorisation -> the address it was made with
        self.declines: dict[str, str] = {}  # authorisation -> why the bank says no
        self.payer_bears_fees = False
        self.challenges = False
        self._events: dict[str, list[dict[str, Any]]] = {}
        self._count = 4099260000

    def answer(self, request: Request) -> Reply:  # noqa: C901
        if request.headers.get("authorization") != f"Bearer {self.credentials['secret_key']}":
            return Reply({"status": False, "message": "Invalid key"}, 401)
        body, parts = request.json or {}, request.path.strip("/").split("/")
        match (request.method, *parts):
            case ("POST", "transaction", "initialize"):
                return self._initialize(body)
            case ("POST", "charge"):
                return self._prompt(body)
            case ("POST", "transaction", "charge_authorization"):
                return self._authorised(body)
            case ("GET", "transaction", "verify", reference):
                return self._verify(reference)
            case ("GET", "transaction"):
                return self._page([_public(each) for each in self.charges.values()], request)
            case ("POST", "refund"):
                return self._refund(body)
            case ("GET", "refund"):
                number = int(request.query["transaction"])
                return self._page([each for each in self.refunds.values() if each["transaction"] == number], request)
            case ("GET", "refund", number):
                found = self.refunds.get(int(number))
                return _ok("Refund retrieved", found) if found else _refused(404, "Refund not found", "not_found")
            case ("GET", "balance"):
                return _ok("Balances retrieved", [{"currency": "KES", "balance": 0}])
        return Reply({"status": False, "message": "Cannot find that"}, 404)

    def _new(self, body: dict[str, Any], **more: Any) -> Reply | dict[str, Any]:
        reference = body["reference"]
        if reference in self.charges:
            return _refused(400, "Duplicate Transaction Reference", "duplicate_reference")
        if not isinstance(body["amount"], int) or body["amount"] < 100 or "@" not in body["email"]:
            return _refused(400, "Invalid amount or email mary@example.com", "invalid_params")
        self._count += 1
        self.charges[reference] = {
            "id": self._count, "domain": "test", "status": "abandoned", "reference": reference,
            "amount": body["amount"], "requested_amount": body["amount"], "currency": body["currency"],
            "gateway_response": "The transaction was not completed", "paid_at": None, "fees": None,
            "created_at": datetime.now(UTC).isoformat(), "metadata": body.get("metadata", ""), "authorization": {},
            "customer": {"email": body["email"], "customer_code": "CUS_x"}, "paid": 0, "back": 0, **more,
        }  # fmt: skip
        return self.charges[reference]

    def _initialize(self, body: dict[str, Any]) -> Reply:
        made = self._new(body)
        if isinstance(made, Reply):
            return made
        page = {
            "authorization_url": f"{self.base_url}/{made['id']}",
            "access_code": "x",
            "reference": made["reference"],
        }
        return _ok("Authorization URL created", page)

    def _prompt(self, body: dict[str, Any]) -> Reply:
        phone = body["mobile_money"]
        if not phone["phone"].startswith("+254") or phone["provider"] != "mpesa" or body["currency"] != "KES":
            return _refused(400, "Invalid phone number", "invalid_params")
        made = self._new(body, status="pending", channel="mobile_money")
        if isinstance(made, Reply):
            return made
        told = {"reference": made["reference"], "status": "pay_offline"}
        told["display_text"] = "Please complete authorization process on your mobile phone"
        return _ok("Charge attempted", told)

    def _authorised(self, body: dict[str, Any]) -> Reply:
        code = body["authorization_code"]
        if self.kept.get(code) != body["email"]:
            return _refused(400, "Authorization code is invalid", "invalid_authorization_code")
        made = self._new(body)
        if isinstance(made, Reply):
            return made
        if self.challenges:
            return _ok("Please, redirect your customer", {"paused": True, "reference": made["reference"],
                                                          "authorization_url": f"{self.base_url}/3ds"})  # fmt: skip
        if why := self.declines.get(code):
            made |= {"status": "failed", "gateway_response": why}
        else:
            self._paid(made)
        return _ok("Charge attempted", _public(made))

    def _verify(self, reference: str) -> Reply:
        found = self.charges.get(reference)
        if found is None:
            return _refused(400, "Transaction reference not found.", "transaction_not_found")
        return _ok("Verification successful", _public(found))

    def _refund(self, body: dict[str, Any]) -> Reply:
        named = str(body["transaction"])
        charge = next((each for each in self.charges.values() if named in {str(each["id"]), each["reference"]}), None)
        if charge is None or charge["status"] != "success":
            return _refused(404, "Transaction not found", "transaction_not_found")
        asked = sum(each["amount"] for each in self.refunds.values() if each["transaction"] == charge["id"])
        amount = body.get("amount", charge["paid"])
        if asked + amount > charge["paid"]:
            return _refused(400, "Refund amount cannot be more than the transaction amount", "invalid_amount")
        self._count += 1
        refund = {
            "id": self._count, "transaction": charge["id"], "amount": amount, "currency": charge["currency"],
            "status": "pending", "merchant_note": body.get("merchant_note", ""), "domain": "test",
            "customer_note": body.get("customer_note", ""), "refund_reference": None,
        }  # fmt: skip
        self.refunds[refund["id"]] = refund
        self._refund_event(charge, refund)
        return _ok("Refund has been queued for processing", refund)

    def _page(self, rows: list[dict[str, Any]], request: Request) -> Reply:
        size, page = int(request.query.get("perPage", 50)), int(request.query.get("page", 1))
        return Reply({"status": True, "message": "Retrieved", "data": rows[(page - 1) * size : page * size],
                      "meta": {"total": len(rows), "page": page, "perPage": size}})  # fmt: skip

    # What people and banks do.

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        charge = self.charges[key]
        charge["amount"] = charge["amount"] if amount is None else amount
        charge["currency"] = currency or charge["currency"]
        self._paid(charge)

    def _paid(self, charge: dict[str, Any]) -> None:
        fee = charge["amount"] * 15 // 1000
        charge |= {"status": "success", "gateway_response": "Approved", "fees": fee, "paid": charge["amount"]}
        if self.payer_bears_fees:
            charge["amount"] += fee
        charge |= {"paid_at": datetime.now(UTC).isoformat(), "paid": charge["amount"]}
        code = f"AUTH_{charge['id']}"
        charge["authorization"] = {
            "authorization_code": code, "last4": "4081", "exp_month": "4", "exp_year": "2031", "card_type": "visa ",
            "brand": "visa", "reusable": True, "bin": "408408", "signature": "SIG_x",
        }  # fmt: skip
        self.kept[code] = charge["customer"]["email"]
        self._events[charge["reference"]] = [{"event": "charge.success", "data": _public(charge)}]

    def fail(self, key: str, reason: str = "cancelled") -> None:
        charge, page = self.charges[key], self.charges[key].get("channel") != "mobile_money"
        if not (page and reason in {"cancelled", "timeout"}):  # a closed page stays "abandoned"
            charge |= {"status": "failed", "gateway_response": WORDS[reason]}
        self._events[key] = []  # there is no event for a charge that failed

    def dispute(self, key: str, status: str = "awaiting-merchant-feedback", resolution: str | None = None) -> None:
        """The payer's bank asks for the money."""
        charge = self.charges[key]
        kind = "charge.dispute.resolve" if status == "resolved" else "charge.dispute.create"
        data = {
            "id": 358950, "refund_amount": charge["paid"], "currency": charge["currency"], "status": status,
            "resolution": resolution, "domain": "test", "transaction": _public(charge), "category": "fraud",
        }  # fmt: skip
        if resolution == "merchant-accepted":
            charge |= {"status": "reversed", "back": charge["paid"]}
        self._events[key] = [{"event": kind, "data": data}]

    def reverse(self, key: str) -> None:
        self.dispute(key, "resolved", "merchant-accepted")

    def settle_refunds(self) -> None:
        for refund in self.refunds.values():
            if refund["status"] != "pending":
                continue
            charge = next(each for each in self.charges.values() if each["id"] == refund["transaction"])
            refund |= {"status": "processed", "refund_reference": f"TRF_{refund['id']}"}
            charge["back"] += refund["amount"]
            if charge["back"] >= charge["paid"]:
                charge["status"] = "reversed"
            self._refund_event(charge, refund)

    def _refund_event(self, charge: dict[str, Any], refund: dict[str, Any]) -> None:
        data = {
            "id": str(refund["id"]), "status": refund["status"], "transaction_reference": charge["reference"],
            "refund_reference": refund["refund_reference"], "amount": str(refund["amount"]),
            "currency": refund["currency"], "domain": "test", "customer": charge["customer"],
        }  # fmt: skip
        self._events[f"refund:{charge['reference']}"] = [{"event": f"refund.{refund['status']}", "data": data}]

    def charged(self, key: str) -> int:
        charge = self.charges.get(key)
        return charge["paid"] - charge["back"] if charge else 0

    # What it sends.

    def callbacks(self, key: str) -> list[Sent]:
        return [self.signed(event) for event in self._events.get(key, [])]

    def refund_callbacks(self, key: str) -> list[Sent]:
        return [self.signed(event) for event in self._events.get(f"refund:{key}", [])]

    def forged(self, key: str) -> list[Sent]:
        event = {"event": "charge.success", "data": {"reference": key, "id": 1, "status": "success", "amount": 1,
                                                     "currency": "KES", "domain": "test"}}  # fmt: skip
        right = self.signed(event)
        changed = Sent("", right.body.replace(b'"amount": 1', b'"amount": 2'), right.headers)
        return [self.signed(event, key="sk_test_guessed"), Sent("", right.body), changed]

    def signed(self, event: dict[str, Any], *, key: str | None = None) -> Sent:
        """An event as it is sent."""
        body = json.dumps(event).encode()
        code = hmac.new((key or self.credentials["secret_key"]).encode(), body, hashlib.sha512).hexdigest()
        return Sent("", body, {"x-paystack-signature": code})

    def busy(self) -> Reply:
        return Reply({"status": False, "message": "Rate limit exceeded", "code": "rate_limited"}, 429)


def _public(charge: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in charge.items() if name not in {"paid", "back"}}


def _ok(message: str, data: Any) -> Reply:
    return Reply({"status": True, "message": message, "data": data})


def _refused(status: int, message: str, code: str) -> Reply:
    return Reply({"status": False, "message": message, "type": "validation_error", "code": code}, status)
