"""Flutterwave (API v3): a hosted page for cards and mobile money, or a prompt on the payer's phone in Kenya.

Its page makes a transaction only when somebody tries to pay, and one for each try, all with our reference: so "none" is
an open charge, and a failed one may stand beside one that succeeded. The usual callback proves only that its sender
knows a fixed word, so everything it says is asked again. Nothing but the page may be asked for twice: v3 has no
idempotency keys.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from lms_core.commerce.payments.gateways import flutterwave_words as words
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
from lms_core.kit.money import Currency, to_major

BASE = "https://api.flutterwave.com/v3"
MOST_PAGES = 200
COUNTRIES = {Currency.KES: "KE", Currency.UGX: "UG", Currency.TZS: "TZ", Currency.NGN: "NG"}


class Flutterwave(NoPayouts):
    """The gateway; stateless."""

    name = "flutterwave"
    title = "Flutterwave"
    fields: Sequence[Field] = (
        Field("secret_key", "Secret key", help="Dashboard, Settings, API: FLWSECK_TEST-… or FLWSECK-…"),
        Field("secret_hash", "Secret hash", help="Dashboard, Settings, Webhooks: the same long random word as there"),
        Field(
            "payment_options",
            "Ways to pay",
            secret=False,
            required=False,
            help="As Flutterwave writes them, as “card, mpesa”; empty: what its dashboard switches on",
        ),
        Field(
            "phone_prompt",
            "Ask M-Pesa on the phone",
            secret=False,
            required=False,
            help="“yes”: who pays in shillings and gave a Kenyan number gets a prompt on the phone instead of the page",
        ),
    )
    capabilities = Capabilities(
        currencies=frozenset(
            {Currency.KES, Currency.UGX, Currency.TZS, Currency.NGN, Currency.USD, Currency.EUR},
        ),
        step="redirect",
        refunds="partial",
        saved_methods=True,
        lists_transactions=True,
        poll_seconds=(15, 30, 60, 120, 300),
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def begin(self, account: Account, charge: Charge) -> Begun:
        """A page to pay on; or, where the account asks phones, a prompt."""
        if asks_phone(account, charge):
            return self._prompt(account, charge)
        body: dict[str, Any] = {
            "tx_ref": charge.reference,
            "amount": to_major(charge.amount),
            "currency": charge.amount.currency.value,
            "redirect_url": charge.return_url,
            "customer": {
                "email": charge.payer.email,
                "name": charge.payer.name,
                "phonenumber": charge.payer.phone,
            },
            "customizations": {"title": charge.description},
            "meta": {"reference": charge.reference, "save": "1" if charge.save else "0"},
        }
        if options := account.options.get("payment_options", "").strip():
            body["payment_options"] = options
        # A second page for the same reference harms nobody: only this answer's is ever shown.
        data = self._post(account, "/payments", body, repeatable=True)
        link = page_of(data.get("link"), self.title)
        return Begun(Status(State.PENDING, charge.reference, reference=charge.reference), url=link)

    def status(self, account: Account, known: Known) -> Status:
        """By our reference. A try that failed is believed only when no other of the same reference succeeded."""
        try:
            status = self._verified(account, known.reference)
            if status.state is State.FAILED:
                status = self._better(account, known.reference) or status
            return self._after_chargebacks(account, status) if status.state is State.SUCCEEDED else status
        except GatewayError as error:
            if error.code == "not_found":  # nobody tried to pay yet
                return Status(State.PENDING, known.provider_ref or known.reference, code="not_found")
            return Status(State.UNKNOWN, known.provider_ref, code=error.code or error.reason, reason=error.reason)

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Charge a card kept before; sent once, because a repetition would charge it again."""
        first, _, last = charge.payer.name.partition(" ")
        body = {
            "token": charge.token,
            "currency": charge.amount.currency.value,
            "country": COUNTRIES.get(charge.amount.currency, charge.payer.country),
            "amount": to_major(charge.amount),
            "email": charge.customer or charge.payer.email,
            "first_name": first,
            "last_name": last,
            "narration": charge.description,
            "tx_ref": charge.reference,
        }
        data = self._post(account, "/tokenized-charges", body)
        return Begun(words.charge({"tx_ref": charge.reference, **data}))

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """`flutterwave-signature` (base64 HMAC-SHA256 of the body) where it is sent, else the fixed `verif-hash`."""
        secret = account.credentials.get("secret_hash", "")
        signed, word = callback.headers.get("flutterwave-signature", ""), callback.headers.get("verif-hash", "")
        if signed:
            if not same(signature(secret, callback.body) if secret else "", signed.strip()):
                raise Forged("flutterwave-signature does not fit the body")
        elif not word:
            raise Forged("neither flutterwave-signature nor verif-hash is there")
        elif not same(secret, word):
            raise Forged("verif-hash is not the secret hash of this account")
        event = read_json(callback.body)
        if not isinstance(event, dict):
            raise Malformed("no object")
        return words.heard(event, callback.body)

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Flutterwave wants 200 and reads nothing."""
        return Answer()

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """By the transaction's number, which is not our reference. The comment carries our key."""
        number = self._number(account, ask)
        body = {"amount": to_major(ask.amount), "comments": _comment(ask)}
        data = self._post(account, f"/transactions/{quote(number, safe='')}/refund", body)
        return words.refund(data, ask.amount.currency)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """By its number; without one, the refund of this transaction that carries our key."""
        try:
            if provider_ref:
                data = part(self._call(account, "GET", f"/refunds/{quote(provider_ref, safe='')}"), "data")
                return words.refund(data, ask.amount.currency)
            number = self._number(account, ask)
            rows = self._rows(account, "/refunds", {})
            mine = next((row for row in rows if _is(row, number, ask)), None)
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref, code=error.code or error.reason, reason=error.reason)
        return words.refund(mine, ask.amount.currency) if mine else Movement(State.UNKNOWN, code="not_found")

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """What was paid from `since` up to, not including, `until`. Flutterwave's own filter knows whole days only."""
        days = {
            "from": (since - timedelta(days=1)).date().isoformat(),
            "to": (until + timedelta(days=1)).date().isoformat(),
        }
        found = (words.entry(row) for row in self._rows(account, "/transactions", {**days, "status": "successful"}))
        return [each for each in found if each and since <= each.at < until]

    def check(self, account: Account) -> Health:
        """Asks for the balances; the secret hash can only be seen to be there."""
        try:
            self._call(account, "GET", "/balances")
        except GatewayError as error:
            return Health(False, error.detail)
        if not account.credentials.get("secret_hash"):
            return Health(False, "enter the secret hash that stands in Flutterwave's dashboard under Webhooks")
        return Health(True)

    def _prompt(self, account: Account, charge: Charge) -> Begun:
        body = {
            "tx_ref": charge.reference,
            "amount": to_major(charge.amount),
            "currency": charge.amount.currency.value,
            "email": charge.payer.email,
            "phone_number": charge.payer.phone,
            "fullname": charge.payer.name,
            "meta": {"reference": charge.reference},
        }
        data = self._post(account, "/charges", body, params={"type": "mpesa"})
        message = text(part(part(data, "meta"), "authorization").get("instruction"))
        return Begun(words.charge({"tx_ref": charge.reference, **data}), message=message)

    def _verified(self, account: Account, reference: str) -> Status:
        found = self._call(account, "GET", "/transactions/verify_by_reference", params={"tx_ref": reference})
        return words.charge(part(found, "data"))

    def _better(self, account: Account, reference: str) -> Status | None:
        """A try with this very reference that succeeded or is open, verified by its number; None when there is none."""
        rows = [
            row for row in self._rows(account, "/transactions", {"tx_ref": reference}) if row["tx_ref"] == reference
        ]
        for wanted in ("successful", "pending"):
            for row in rows:
                if text(row.get("status")).lower() == wanted:
                    number = quote(text(row.get("id")), safe="")
                    return words.charge(part(self._call(account, "GET", f"/transactions/{number}/verify"), "data"))
        return None

    def _after_chargebacks(self, account: Account, status: Status) -> Status:
        """A settled charge with what its payer's bank took back; where that cannot be asked, as it was."""
        params = {"flw_ref": text(status.raw.get("flw_ref"))}
        if not params["flw_ref"]:
            return status
        try:
            rows = self._call(account, "GET", "/chargebacks", params=params).get("data")
        except GatewayError:
            return status
        listed = rows if isinstance(rows, list) else [rows]
        mine = [row for row in listed if isinstance(row, dict) and row.get("flw_ref") == params["flw_ref"]]
        return words.taken_back(status, mine)

    def _number(self, account: Account, ask: RefundAsk) -> str:
        return ask.receipt or self._verified(account, ask.reference).receipt

    def _rows(self, account: Account, path: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            answer = self._call(account, "GET", path, params={**params, "page": str(page)})
            rows = answer.get("data")
            if not isinstance(rows, list):
                raise GatewayError("Flutterwave gave no list", code="no_list", retryable=True)
            found += [{"tx_ref": "", **row} for row in rows if isinstance(row, dict)]
            pages = part(part(answer, "meta"), "page_info").get("total_pages")
            if not rows or not isinstance(pages, int) or page >= pages:
                return found
        raise GatewayError("Flutterwave's list is too long: ask for fewer days", code="too_long")

    def _post(
        self,
        account: Account,
        path: str,
        body: Mapping[str, Any],
        *,
        params: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> dict[str, Any]:
        return part(self._call(account, "POST", path, body=body, params=params, repeatable=repeatable), "data")

    def _call(
        self,
        account: Account,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> dict[str, Any]:
        key, moves = account.credentials.get("secret_key", ""), method == "POST"
        require_mode(account, key, test=("FLWSECK_TEST",), live=("FLWSECK-",), provider=self.title)
        reply = self._wire.call(
            method,
            self._wire.base(account, BASE) + path,
            headers={"Authorization": f"Bearer {key}"},
            body=body,
            params=params,
            moves_money=moves,
            repeatable=repeatable,
        )
        found = decided(reply, self.title, moves_money=moves)
        if text(found.get("status")) == "success" and reply.status < 300:
            return found
        message = text(found.get("message")).lower()
        missing = reply.status == 404 or "no transaction was found" in message or "not found" in message
        code = "not_found" if missing else text(found.get("code")) or str(reply.status)
        raise GatewayError(f"Flutterwave refused: {code}", code=code, reason=reason_of(message))


def signature(secret: str, body: bytes) -> str:
    """What Flutterwave writes into `flutterwave-signature`."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _comment(ask: RefundAsk) -> str:
    return f"{ask.reason[:100]} (refund {ask.key})"


def _is(row: Mapping[str, Any], number: str, ask: RefundAsk) -> bool:
    return text(row.get("tx_id")) == number and f"(refund {ask.key})" in text(row.get("comments"))
