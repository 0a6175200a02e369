"""Stripe as it answers: form-encoded calls, idempotency keys, expansion, lists by page, signed events.

Written from docs.stripe.com's objects; it refuses parameters that it does not know, as Stripe does.
"""

import copy
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from tests.simulators.payments.base import Reply, Request, Sent, Simulator

SESSION_PARAMS = {
    "mode", "client_reference_id", "metadata", "customer_email", "line_items", "payment_intent_data", "success_url",
    "cancel_url", "customer_creation", "payment_method_types", "adaptive_pricing", "expand",
}  # fmt: skip
INTENT_PARAMS = {
    "amount", "currency", "customer", "payment_method", "off_session", "confirm", "description", "metadata", "expand",
}  # fmt: skip
REFUND_PARAMS = {"charge", "payment_intent", "amount", "reason", "metadata", "expand"}
CURRENCIES = {"kes", "tzs", "ngn", "usd", "eur", "inr", "gbp"}
DECLINES = {"insufficient_funds": "insufficient_funds", "cancelled": "generic_decline"}


class Stripe(Simulator):
    """`settles_in`: the currency of the account's bank. `cards`: what a kept card does, "" or a decline code.

    `slow_refunds`: refunds wait for `settle_refunds`. `page`: rows on a page, at most.
    """

    name = "stripe"

    def __init__(self) -> None:
        super().__init__()
        self.credentials = {"secret_key": "sk_test_simulator", "webhook_secret": "whsec_simulator"}
        self.options: dict[str, str] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self.cards: dict[str, str] = {}
        self.settles_in = ""
        self.slow_refunds = False
        self.page = 100
        self.clock: Callable[[], float] = time.time
        self._kept: dict[str, tuple[str, bytes, Reply]] = {}
        self._events: dict[str, list[dict[str, Any]]] = {}

    # The calls.

    def answer(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.credentials['secret_key']}":
            return _error(401, "invalid_request_error", "api_key_invalid")
        if request.method == "GET":
            return self._read(request)
        key = request.headers.get("idempotency-key", "")
        if not key or len(key) > 255:
            return _error(400, "invalid_request_error", "idempotency_key_invalid")
        if key in self._kept:
            path, body, reply = self._kept[key]
            if (path, body) != (request.path, request.body):
                return _error(400, "idempotency_error", None)
            return reply
        reply = self._write(request.path, _nested(request.body.decode()))
        self._kept[key] = (request.path, request.body, reply)
        return reply

    def _write(self, path: str, form: dict[str, Any]) -> Reply:
        made = {
            "/v1/checkout/sessions": (SESSION_PARAMS, self._new_session),
            "/v1/payment_intents": (INTENT_PARAMS, self._new_intent),
            "/v1/refunds": (REFUND_PARAMS, self._new_refund),
        }.get(path)
        if made is None:
            return _error(404, "invalid_request_error", "url_invalid")
        known, work = made
        if strange := sorted(set(form) - known):
            return _error(400, "invalid_request_error", "parameter_unknown", param=strange[0])
        return work(form)

    def _read(self, request: Request) -> Reply:
        parts = request.path.strip("/").split("/")[1:]
        query = _nested("&".join(f"{name}={value}" for name, value in request.query.items()))
        if parts == ["balance"]:
            return Reply({"object": "balance", "livemode": False, "available": [], "pending": []})
        kinds = {
            ("checkout", "sessions"): "checkout.session",
            ("payment_intents",): "payment_intent",
            ("refunds",): "refund",
            ("disputes",): "dispute",
            ("balance_transactions",): "balance_transaction",
        }
        if kind := kinds.get(tuple(parts)):
            return Reply({**self._listed(kind, query), "url": request.path})
        found = self.objects.get(parts[-1])
        if found is None or kinds.get(tuple(parts[:-1])) != found["object"]:
            return _error(404, "invalid_request_error", "resource_missing", param="id")
        return Reply(self._expanded(found, list(query.get("expand", []))))

    def _listed(self, kind: str, query: dict[str, Any]) -> dict[str, Any]:
        rows = [each for each in reversed(self.objects.values()) if each["object"] == kind]
        for name in ("charge", "payment_intent"):
            if name in query:
                rows = [each for each in rows if each.get(name) == query[name]]
        created = query.get("created", {})
        rows = [each for each in rows if int(created.get("gte", 0)) <= each["created"]]
        rows = [each for each in rows if each["created"] <= int(created.get("lte", 10**12))]
        rows = [each for each in rows if each["created"] < int(created.get("lt", 10**12))]
        if after := query.get("starting_after"):
            rows = rows[[each["id"] for each in rows].index(after) + 1 :]
        size = min(int(query.get("limit", 10)), self.page)
        inner = [path.removeprefix("data.") for path in query.get("expand", [])]
        page = [self._expanded(each, inner) for each in rows[:size]]
        return {"object": "list", "has_more": len(rows) > size, "data": page}

    def _new_session(self, form: dict[str, Any]) -> Reply:
        price = form["line_items"][0]["price_data"]
        if price["currency"] not in CURRENCIES or not 50 <= int(price["unit_amount"]) <= 99_999_999:
            return _error(400, "invalid_request_error", "amount_too_small", param="line_items[0][price_data]")
        if "@" not in form["customer_email"]:
            return _error(400, "invalid_request_error", "email_invalid", param="customer_email")
        number = self._id("cs_test")
        session = {
            "id": number, "object": "checkout.session", "livemode": False, "created": self._now(), "mode": form["mode"],
            "status": "open", "payment_status": "unpaid", "payment_intent": None, "customer": None,
            "client_reference_id": form["client_reference_id"], "metadata": form.get("metadata", {}),
            "amount_total": int(price["unit_amount"]), "currency": price["currency"],
            "url": f"{self.base_url}/c/pay/{number}", "expires_at": self._now() + 86400,
        }  # fmt: skip
        self.objects[number] = session
        self.objects[f"form:{number}"] = {"object": "form", **form}
        return Reply(copy.deepcopy(session))

    def _new_intent(self, form: dict[str, Any]) -> Reply:
        trouble = self.cards.get(form["payment_method"])
        if trouble is None:
            return _error(400, "invalid_request_error", "resource_missing", param="payment_method")
        wanted = (int(form["amount"]), form["currency"], form["metadata"])
        intent = self._intent(*wanted, customer=form["customer"], card=form["payment_method"])
        if trouble:
            card_error = {"type": "card_error", "code": "card_declined", "decline_code": trouble}
            if trouble == "authentication_required":
                card_error["code"] = trouble
            intent["last_payment_error"] = card_error
            return Reply({"error": {**card_error, "payment_intent": copy.deepcopy(intent)}}, 402)
        self._charge(intent)
        self._happened(intent["metadata"]["reference"], [("payment_intent.succeeded", intent)])
        return Reply(self._expanded(intent, form.get("expand", [])))

    def _new_refund(self, form: dict[str, Any]) -> Reply:
        intent = self.objects.get(form.get("payment_intent", ""))
        number = form.get("charge") or (intent or {}).get("latest_charge")
        charge = self.objects.get(number or "")
        if charge is None:
            return _error(404, "invalid_request_error", "resource_missing", param="charge")
        amount = int(form.get("amount", charge["amount"]))
        if charge["amount_refunded"] + amount > charge["amount"]:
            return _error(400, "invalid_request_error", "charge_already_refunded", param="amount")
        charge["amount_refunded"] += amount
        refund = {
            "id": self._id("re"), "object": "refund", "created": self._now(), "amount": amount,
            "currency": charge["currency"], "charge": charge["id"], "payment_intent": charge["payment_intent"],
            "metadata": form.get("metadata", {}), "status": "pending" if self.slow_refunds else "succeeded",
        }  # fmt: skip
        self.objects[refund["id"]] = refund
        self._happened(charge["metadata"]["reference"], [("refund.created", refund)], kind="refund")
        return Reply(copy.deepcopy(refund))

    # What people and banks do.

    def pay(self, key: str, *, amount: int | None = None, currency: str | None = None) -> None:
        session, form = self._session(key)
        keeps = form["payment_intent_data"].get("setup_future_usage")
        intent = self._intent(
            amount if amount is not None else session["amount_total"],
            (currency or session["currency"]).lower(),
            form["payment_intent_data"].get("metadata", {}),
            customer=self._id("cus") if form.get("customer_creation") == "always" else None,
            card=self._id("pm"),
            keeps=keeps,
        )
        self._charge(intent)
        session |= {
            "status": "complete", "payment_status": "paid", "payment_intent": intent["id"],
            "customer": intent["customer"], "amount_total": intent["amount"], "currency": intent["currency"],
        }  # fmt: skip
        self._happened(key, [("payment_intent.succeeded", intent), ("checkout.session.completed", session)])

    def pay_slowly(self, key: str) -> None:
        """The payer chose a bank's way: the page is done, the money is on its way."""
        session, form = self._session(key)
        total = (session["amount_total"], session["currency"], form["payment_intent_data"].get("metadata", {}))
        intent = self._intent(*total, customer=None, card=self._id("pm"))
        intent["status"] = "processing"
        session |= {"status": "complete", "payment_status": "unpaid", "payment_intent": intent["id"]}
        self._happened(key, [("checkout.session.completed", session)])

    def bank_says(self, key: str, *, paid: bool) -> None:
        """How a slow payment ended."""
        session, _ = self._session(key)
        intent = self.objects[session["payment_intent"]]
        if paid:
            self._charge(intent)
            session["payment_status"] = "paid"
            return self._happened(key, [("checkout.session.async_payment_succeeded", session)])
        intent |= {
            "status": "requires_payment_method",
            "last_payment_error": {"code": "payment_intent_payment_attempt_failed"},
        }
        return self._happened(key, [("checkout.session.async_payment_failed", session)])

    def fail(self, key: str, reason: str = "cancelled") -> None:
        session, form = self._session(key)
        if reason == "timeout":
            session["status"] = "expired"
            return self._happened(key, [("checkout.session.expired", session)])
        if reason == "cancelled":  # the payer went back: nothing is told, and the page stays open
            return self._happened(key, [])
        total = (session["amount_total"], session["currency"], form["payment_intent_data"].get("metadata", {}))
        intent = self._intent(*total, customer=None, card=self._id("pm"))
        intent["last_payment_error"] = {"type": "card_error", "code": "card_declined", "decline_code": DECLINES[reason]}
        session["payment_intent"] = intent["id"]
        return self._happened(key, [("payment_intent.payment_failed", intent)])

    def dispute(self, key: str, status: str = "needs_response") -> None:
        """The payer's bank asks for the money; `status` is how that stands ("won", "lost")."""
        charge = self.objects[self._intent_of(key)["latest_charge"]]
        charge["disputed"] = True
        old = next((each for each in self.objects.values() if each.get("charge") == charge["id"]
                    and each["object"] == "dispute"), None)  # fmt: skip
        dispute = old or {
            "id": self._id("dp"), "object": "dispute", "created": self._now(), "amount": charge["amount"],
            "currency": charge["currency"], "charge": charge["id"], "payment_intent": charge["payment_intent"],
            "reason": "fraudulent", "metadata": {},
        }  # fmt: skip
        dispute["status"] = status
        self.objects[dispute["id"]] = dispute
        kind = "charge.dispute.closed" if status in {"won", "lost"} else "charge.dispute.created"
        self._happened(key, [(kind, dispute)])

    def reverse(self, key: str) -> None:
        self.dispute(key, "lost")

    def settle_refunds(self) -> None:
        for each in list(self.objects.values()):
            if each["object"] == "refund" and each["status"] == "pending":
                each["status"] = "succeeded"
                reference = self.objects[each["charge"]]["metadata"]["reference"]
                self._happened(reference, [("refund.updated", each)], kind="refund")

    def charged(self, key: str) -> int:
        left = 0
        for charge in [each for each in self.objects.values() if each["object"] == "charge"]:
            if charge["metadata"].get("reference") == key:
                lost = any(
                    each["object"] == "dispute" and each["charge"] == charge["id"] and each["status"] == "lost"
                    for each in self.objects.values()
                )
                left += 0 if lost else charge["amount"] - charge["amount_refunded"]
        return left

    # What it sends.

    def callbacks(self, key: str) -> list[Sent]:
        return [self.signed(event) for event in self._events.get(key, [])]

    def refund_callbacks(self, key: str) -> list[Sent]:
        return [self.signed(event) for event in self._events.get(f"refund:{key}", [])]

    def forged(self, key: str) -> list[Sent]:
        session = {
            "id": "cs_test_forged", "object": "checkout.session", "status": "complete", "payment_status": "paid",
            "client_reference_id": key, "amount_total": 1, "currency": "kes", "livemode": False,
        }  # fmt: skip
        event = {
            "id": "evt_forged",
            "object": "event",
            "type": "checkout.session.completed",
            "data": {"object": session},
        }
        right, wrong = self.signed(event), self.signed(event, secret="whsec_guessed")
        unsigned = Sent("", right.body)
        changed = Sent("", right.body.replace(b'"amount_total": 1', b'"amount_total": 2'), right.headers)
        other_scheme = Sent(
            "", right.body, {"Stripe-Signature": right.headers["Stripe-Signature"].replace("v1=", "v0=")}
        )
        return [wrong, unsigned, changed, other_scheme]

    def signed(self, event: dict[str, Any], *, secret: str | None = None, at: int | None = None) -> Sent:
        """An event as it is sent."""
        body = json.dumps(event).encode()
        when = str(self._now() if at is None else at)
        key = secret or self.credentials["webhook_secret"]
        code = hmac.new(key.encode(), when.encode() + b"." + body, hashlib.sha256).hexdigest()
        return Sent("", body, {"Stripe-Signature": f"t={when},v1={code},v0={'0' * 64}"})

    def busy(self) -> Reply:
        return _error(429, "invalid_request_error", "rate_limit")

    # The inside.

    def _session(self, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
        found = next(each for each in self.objects.values() if each.get("client_reference_id") == key and "id" in each)
        return found, self.objects[f"form:{found['id']}"]

    def _intent_of(self, key: str) -> dict[str, Any]:
        return next(
            each
            for each in reversed(self.objects.values())
            if each["object"] == "payment_intent" and each["metadata"].get("reference") == key
        )

    def _intent(
        self, amount: int, currency: str, metadata: dict[str, str], *, customer: str | None, card: str,
        keeps: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        intent = {
            "id": self._id("pi"), "object": "payment_intent", "livemode": False, "created": self._now(),
            "amount": amount, "amount_received": 0, "currency": currency, "metadata": dict(metadata),
            "customer": customer, "payment_method": card, "setup_future_usage": keeps, "latest_charge": None,
            "last_payment_error": None, "status": "requires_payment_method", "client_secret": "never_to_be_kept",
        }  # fmt: skip
        self.objects[intent["id"]] = intent
        return intent

    def _charge(self, intent: dict[str, Any]) -> None:
        amount, currency = intent["amount"], intent["currency"]
        settled = self.settles_in or currency
        number, movement = self._id("ch"), self._id("txn")
        self.cards.setdefault(intent["payment_method"], "")
        self.objects[number] = {
            "id": number, "object": "charge", "created": self._now(), "amount": amount, "amount_refunded": 0,
            "currency": currency, "payment_intent": intent["id"], "metadata": dict(intent["metadata"]),
            "disputed": False, "payment_method": intent["payment_method"], "balance_transaction": movement,
            "payment_method_details": {
                "type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 4, "exp_year": 2031},
            },
        }  # fmt: skip
        rate = 1 if settled == currency else 130
        self.objects[movement] = {
            "id": movement, "object": "balance_transaction", "created": self._now(), "type": "charge",
            "source": number, "amount": amount // rate, "currency": settled, "fee": amount // rate * 29 // 1000 + 30,
        }  # fmt: skip
        intent |= {
            "status": "succeeded",
            "amount_received": amount,
            "latest_charge": number,
            "last_payment_error": None,
        }

    def _expanded(self, found: dict[str, Any], paths: list[str]) -> dict[str, Any]:
        whole = copy.deepcopy(found)
        for path in paths:
            node: Any = whole
            for name in path.split("."):
                if isinstance(node.get(name), str):
                    node[name] = copy.deepcopy(self.objects[node[name]])
                node = node.get(name) or {}
        return whole

    def _happened(self, key: str, facts: list[tuple[str, dict[str, Any]]], *, kind: str = "") -> None:
        self._events[f"{kind}:{key}" if kind else key] = [
            {
                "id": self._id("evt"), "object": "event", "api_version": "2026-10-28.endive", "created": self._now(),
                "livemode": False, "pending_webhooks": 1, "type": name, "data": {"object": copy.deepcopy(about)},
            }
            for name, about in facts
        ]  # fmt: skip

    def _now(self) -> int:
        return int(self.clock())

    def _id(self, prefix: str) -> str:
        self._count = getattr(self, "_count", 0) + 1
        return f"{prefix}_{self._count:06d}"


def _error(status: int, kind: str, code: str | None, *, param: str | None = None) -> Reply:
    told = {"type": kind, "code": code, "param": param, "message": "No such thing for mary@example.com"}
    return Reply({"error": {name: value for name, value in told.items() if value}}, status)


def _nested(encoded: str) -> dict[str, Any]:
    """`a[b][0]=c` as {"a": {"b": ["c"]}}."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        keys = name.replace("]", "").split("[")
        node = root
        for key in keys[:-1]:
            node = node.setdefault(key, {})
        node[keys[-1]] = value
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(each) for key, each in value.items()}
