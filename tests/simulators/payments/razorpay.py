"""Razorpay on a port of this machine: payment links, orders, payments, refunds, disputes, signed webhooks."""

import base64
import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.payments.base import Reply, Request, Sent, Simulator

NOW = 1_788_000_000  # what the simulator's clock says


@dataclass
class Link:
    """A payment link with its attempts."""

    id: str
    order: str
    asked: dict[str, Any]
    status: str = "created"
    payments: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # what last happened


class Razorpay(Simulator):
    """The provider. The keys of a live account work too: `credentials | {"key_id": live_key}`."""

    name = "razorpay"
    live_key = "rzp_live_51MwalimuKey"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {
            "key_id": "rzp_test_51MwalimuKey",
            "key_secret": "s3cret-of-the-key",
            "webhook_secret": "s3cret-of-the-webhook",
            "old_webhook_secret": "",
        }
        self.options = {}
        self.links: dict[str, Link] = {}  # by our reference
        self.keys: dict[str, tuple[bytes, Reply]] = {}  # idempotency key of a refund -> (body, answer)
        self._numbers = itertools.count(1)

    def busy(self) -> Reply:
        return _refused("BAD_REQUEST_ERROR", "Too many requests", 429)

    def answer(self, request: Request) -> Reply:
        login = request.headers.get("authorization", "").removeprefix("Basic ")
        known = [f"{key}:{self.credentials['key_secret']}" for key in (self.credentials["key_id"], self.live_key)]
        if login not in [base64.b64encode(each.encode()).decode() for each in known]:
            return _refused("BAD_REQUEST_ERROR", "Authentication failed", 401)
        parts = request.path.strip("/").split("/")
        if request.method == "POST" and parts == ["payment_links"]:
            return self._create(request.json)
        if request.method == "POST" and parts[0] == "payments" and parts[2:] == ["refund"]:
            return self._refund(parts[1], request)
        return self._read(parts, request.query)

    def _read(self, parts: list[str], query: dict[str, str]) -> Reply:
        match parts:
            case ["payment_links"]:
                listed = [_seen(each) for key, each in self.links.items() if key == query.get("reference_id")]
                return Reply({"payment_links": listed})
            case ["payment_links", link]:
                return self._shown([_seen(each) for each in self.links.values() if each.id == link])
            case ["orders", order, "payments"]:
                return _listed([pay for each in self.links.values() if each.order == order for pay in each.payments])
            case ["payments"]:
                since, until = int(query.get("from", 0)), int(query.get("to", 2**40))
                skip, count = int(query.get("skip", 0)), int(query.get("count", 10))
                made = [each for each in self._payments() if since <= each["created_at"] <= until]
                return _listed(made[skip : skip + count])
            case ["payments", payment]:
                return self._shown([each for each in self._payments() if each["id"] == payment])
            case ["payments", payment, "refunds"]:
                return _listed([each for each in self._refunds() if each["payment_id"] == payment])
            case ["refunds", refund]:
                return self._shown([each for each in self._refunds() if each["id"] == refund])
        return _refused("BAD_REQUEST_ERROR", "The requested URL was not found on the server.", 404)

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        link = self.links[key]
        payment = self._attempt(link, "captured", amount, currency)
        link.status = "paid"
        about = {"payment_link": _seen(link), "payment": payment, "order": self._order(link)}
        link.events = [("payment.captured", {"payment": payment}), ("payment_link.paid", about)]

    def authorize(self, key: str) -> None:
        """The payer paid; the money is held and not yet captured."""
        payment = self._attempt(self.links[key], "authorized", None, None)
        self.links[key].events = [("payment.authorized", {"payment": payment})]

    def fail(self, key: str, reason: str = "cancelled") -> None:
        link = self.links[key]
        if reason == "timeout":  # nobody came: the link runs out
            link.status = "expired"
            link.events = [("payment_link.expired", {"payment_link": _seen(link)})]
            return
        told = {"cancelled": "payment_cancelled", "insufficient_funds": "insufficient_funds"}.get(reason, reason)
        payment = self._attempt(link, "failed", None, None)
        payment |= {"error_code": "BAD_REQUEST_ERROR", "error_reason": told, "captured": False}
        link.events = [("payment.failed", {"payment": payment})]

    def reverse(self, key: str) -> None:
        payment = self.links[key].payments[-1]
        dispute = {
            "id": f"disp_{payment['id'][4:]}",
            "entity": "dispute",
            "payment_id": payment["id"],
            "amount": payment["amount"],
            "currency": payment["currency"],
            "amount_deducted": payment["amount"],
            "reason_code": "goods_or_services_not_received_or_partially_received",
            "status": "lost",
            "phase": "chargeback",
            "created_at": NOW,
        }
        payment["_lost"] = True
        self.links[key].events = [("payment.dispute.lost", {"payment": payment, "dispute": dispute})]

    def settle_refunds(self) -> None:
        for link in self.links.values():
            for refund in link.refunds:
                if refund["status"] == "pending":
                    refund["status"] = "processed"
                    link.events = [("refund.processed", {"refund": refund, "payment": link.payments[-1]})]

    def callbacks(self, key: str) -> list[Sent]:
        return [self.signed(event, about) for event, about in self.links[key].events]

    def refund_callbacks(self, key: str) -> list[Sent]:
        link = self.links[key]
        return [
            self.signed(f"refund.{each['status'].replace('pending', 'created')}", {"refund": each})
            for each in link.refunds
        ]

    def forged(self, key: str) -> list[Sent]:
        link = self.links[key]
        payment = {"id": "pay_Forged0000001", "amount": link.asked["amount"], "currency": link.asked["currency"]}
        about = {"payment_link": _seen(link) | {"status": "paid"}, "payment": payment | {"status": "captured"}}
        guessed = self.signed("payment_link.paid", about, secret="guessed")
        return [
            guessed,
            Sent("", guessed.body, {}),
            self.signed("payment_link.paid", about, secret=self.credentials["key_secret"]),
        ]

    def charged(self, key: str) -> int:
        link = self.links[key]
        paid = sum(each["amount"] for each in link.payments if each["captured"] and not each.get("_lost"))
        return paid - sum(each["amount"] for each in link.refunds if each["status"] == "processed")

    def signed(self, event: str, about: dict[str, Any], *, secret: str | None = None) -> Sent:
        """An event as Razorpay sends it."""
        payload = {kind: {"entity": _public(entity)} for kind, entity in about.items()}
        told = {"entity": "event", "account_id": "acc_Mwalimu00001", "event": event, "contains": list(about)}
        body = json.dumps(told | {"payload": payload, "created_at": NOW}).encode()
        secret = self.credentials["webhook_secret"] if secret is None else secret
        sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return Sent("", body, {"x-razorpay-signature": sign, "x-razorpay-event-id": f"evt_{sign[:14]}"})

    def _create(self, asked: Any) -> Reply:
        if not isinstance(asked, dict) or not isinstance(asked.get("amount"), int) or asked["amount"] < 100:
            return _refused("BAD_REQUEST_ERROR", "The amount must be at least INR 1.00", field="amount")
        reference = asked["reference_id"]
        if len(reference) > 40 or asked["callback_method"] != "get":
            return _refused("BAD_REQUEST_ERROR", "reference_id or callback_method is wrong")
        if reference in self.links:
            told = (
                f"payment link with given reference_id: {reference} already exists. Please create a payment link with"
            )
            return _refused("BAD_REQUEST_ERROR", f"{told} a different reference_id")
        number = next(self._numbers)
        self.links[reference] = Link(f"plink_Mwalimu{number:07}", f"order_Mwalimu{number:07}", asked)
        return Reply(_seen(self.links[reference]))

    def _attempt(self, link: Link, status: str, amount: int | None, currency: str | None) -> dict[str, Any]:
        number, paid = next(self._numbers), link.asked["amount"] if amount is None else amount
        payment = {
            "id": f"pay_Mwalimu{number:07}",
            "entity": "payment",
            "amount": paid,
            "currency": currency or link.asked["currency"],
            "status": status,
            "order_id": link.order,
            "method": "upi",
            "captured": status == "captured",
            "amount_refunded": 0,
            "email": link.asked["customer"].get("email"),
            "contact": link.asked["customer"].get("contact"),
            "notes": link.asked["notes"],
            "fee": paid // 50 if status == "captured" else None,
            "tax": paid // 300 if status == "captured" else None,
            "error_code": None,
            "error_reason": None,
            "created_at": NOW + number,
        }
        link.payments.append(payment)
        return payment

    def _order(self, link: Link) -> dict[str, Any]:
        return {"id": link.order, "entity": "order", "amount": link.asked["amount"], "notes": link.asked["notes"]}

    def _payments(self) -> list[dict[str, Any]]:
        return [each for link in self.links.values() for each in link.payments]

    def _refunds(self) -> list[dict[str, Any]]:
        return [each for link in self.links.values() for each in link.refunds]

    def _refund(self, payment_id: str, request: Request) -> Reply:
        key, asked = request.headers.get("x-refund-idempotency", ""), request.json or {}
        if key in self.keys:
            body, reply = self.keys[key]
            if body != request.body:
                told = "Different request with the same idempotency key has already been processed."
                return _refused("BAD_REQUEST_ERROR", told)
            return reply
        found = [(link, each) for link in self.links.values() for each in link.payments if each["id"] == payment_id]
        if not found or not found[0][1]["captured"]:
            return _refused("BAD_REQUEST_ERROR", "The payment status should be captured for action to be taken")
        link, payment = found[0]
        amount = asked.get("amount", payment["amount"])
        if amount + payment["amount_refunded"] > payment["amount"]:
            return _refused("BAD_REQUEST_ERROR", "The total refund amount is greater than the refund payment amount")
        payment["amount_refunded"] += amount
        payment["status"] = "refunded" if payment["amount_refunded"] == payment["amount"] else "captured"
        refund = {
            "id": f"rfnd_Mwalimu{next(self._numbers):07}",
            "entity": "refund",
            "amount": amount,
            "currency": payment["currency"],
            "payment_id": payment_id,
            "notes": asked.get("notes", []),
            "receipt": asked.get("receipt"),
            "status": "pending",
            "speed_processed": "normal",
            "created_at": NOW,
        }
        link.refunds.append(refund)
        self.keys[key] = (request.body, Reply(dict(refund)))
        return Reply(dict(refund))

    def _shown(self, found: list[dict[str, Any]]) -> Reply:
        return Reply(_public(found[0])) if found else _refused("BAD_REQUEST_ERROR", "The id provided does not exist")


def _seen(link: Link) -> dict[str, Any]:
    paid = [each for each in link.payments if each["captured"]]
    return {
        "id": link.id,
        "amount": link.asked["amount"],
        "amount_paid": sum(each["amount"] for each in paid),
        "currency": link.asked["currency"],
        "reference_id": link.asked["reference_id"],
        "order_id": link.order if link.payments else None,
        "payments": [{"payment_id": each["id"], "status": each["status"]} for each in paid],
        "notes": link.asked["notes"],
        "customer": link.asked["customer"],
        "expire_by": link.asked["expire_by"],
        "short_url": f"https://rzp.io/i/{link.id[6:]}",
        "status": link.status,
        "created_at": NOW,
    }


def _public(entity: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entity.items() if not name.startswith("_")}


def _listed(items: list[dict[str, Any]]) -> Reply:
    return Reply({"entity": "collection", "count": len(items), "items": [_public(each) for each in items]})


def _refused(code: str, description: str, status: int = 400, field: str | None = None) -> Reply:
    told = {"code": code, "description": description, "source": "business", "step": None, "reason": None}
    return Reply({"error": told | {"field": field}}, status)
