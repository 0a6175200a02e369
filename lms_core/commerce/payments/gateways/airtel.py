"""Airtel Money through the Airtel Africa Open API: prompts on the phone (USSD push), full refunds, payouts.

Sources: the Airtel developer portal (Collection v1/v2, Disbursement v3, message signing) and recorded integrations.
Our reference is the transaction's id at Airtel, so everything can be asked for by it, also after a crash. Airtel tells
no amount when asked; the amount is what was asked for, unless the message about it says another.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lms_core.commerce.payments.gateways import airtel_sealing as sealing
from lms_core.commerce.payments.gateways.airtel_calls import CURRENCIES, AirtelCalls, place
from lms_core.commerce.payments.gateways.airtel_codes import Kind, Verdict, ended, judge, response_code
from lms_core.commerce.payments.gateways.lacking import NoSavedMethods
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
    Movement,
    PayoutAsk,
    RefundAsk,
    State,
    Status,
    Uncertain,
)
from lms_core.commerce.payments.gateways.reading import (
    COUNTRIES,
    digest,
    international,
    major,
    needed,
    part,
    plain,
    setting,
    switched_on,
    text,
    whole_units,
    without_people,
)
from lms_core.commerce.payments.gateways.wire import Reply, Wire, read_json
from lms_core.kit.money import Currency, Money

# "Paid UGX 5,000 to TECHNOLOGIES LIMITED Charge UGX 140, Trans ID MP210603.1234.L06941."
PAID = re.compile(r"\bpaid\s+([A-Z]{3})\s*([\d,]+(?:\.\d{1,2})?)\s+to\b", re.IGNORECASE)


class Airtel(NoSavedMethods):
    """Airtel Money."""

    name = "airtel"
    title = "Airtel Money"
    fields: Sequence[Field] = (
        Field("client_id", "Client ID", secret=False),
        Field("client_secret", "Client secret"),
        Field("country", "Country", secret=False, required=False, help="KE (the default), UG or TZ."),
        Field(
            "callback_key",
            "Callback private key",
            required=False,
            help="Switch callback authentication on in the portal and copy the key: callbacks without it are refused.",
        ),
        Field("pin", "Disbursement PIN", required=False, help="For payouts: the four digits."),
        Field("pin_key", "Encryption public key", secret=False, required=False, help="For payouts, from the portal."),
        Field("pin_padding", "PIN padding", secret=False, required=False, help="“oaep” where Airtel says so."),
        Field("signing", "Message signing", secret=False, required=False, help="“yes” where Airtel asks for it (v2)."),
    )
    capabilities = Capabilities(
        currencies=frozenset(CURRENCIES.values()),
        step="prompt",
        needs_phone=True,
        whole_units=True,
        refunds="full",
        payouts=True,
        signed_callbacks=True,
        smallest={Currency.KES: 100, Currency.UGX: 1, Currency.TZS: 100},
        poll_seconds=(180, 210, 270, 360, 600),  # the first question three minutes after the prompt, says Airtel
        expires_after=900,
    )

    def __init__(self, wire: Wire) -> None:
        self._calls = AirtelCalls(wire)

    def begin(self, account: Account, charge: Charge) -> Begun:
        """Put a prompt on the payer's phone. SUCCESS in the answer means that it was sent, not that it was paid."""
        country, currency = place(account)
        amount = whole_units(charge.amount, frozenset({currency}))
        if not (charge.reference.isascii() and charge.reference.isalnum()):
            raise GatewayError("a reference is letters and digits", code="reference", reason="misconfigured")
        body = {
            "reference": plain(charge.description, least=2, most=64, otherwise="Payment"),
            "subscriber": {
                "country": country,
                "currency": currency.value,
                "msisdn": self._subscriber(charge.payer.phone, country),
            },
            "transaction": {
                "amount": amount,
                "country": country,
                "currency": currency.value,
                "id": charge.reference,
            },
        }
        version = "v2" if switched_on(account, "signing") else "v1"
        reply = self._calls.send(account, f"/merchant/{version}/payments/", body)
        verdict = judge(reply.status, reply.found)
        if verdict.kind is Kind.UNCLEAR:
            raise Uncertain(f"Airtel answered {reply.status} {verdict.code}")
        if verdict.kind is Kind.REFUSED:
            raise self._refusal(reply, verdict)
        status = Status(
            State.PENDING,
            provider_ref=charge.reference,
            reference=charge.reference,
            code=verdict.code,
            reason=verdict.reason if verdict.kind is Kind.REPEATED else "",
        )
        return Begun(status, message="Airtel Money asks for your PIN on your phone now.")

    def status(self, account: Account, known: Known) -> Status:
        """Ask by our reference. What `data.transaction.status` says is true; the rest of the answer contradicts it."""
        try:
            reply = self._calls.get(account, f"/standard/v1/payments/{known.reference}")
        except GatewayError as error:
            return Status(State.UNKNOWN, provider_ref=known.provider_ref, code=error.code, reason=error.reason)
        told = _transaction(reply.found)
        code = response_code(reply.found)
        if not told or told.get("id") not in (None, "", known.reference):
            return Status(State.UNKNOWN, provider_ref=known.provider_ref, code=code)
        state, reason = ended(text(told.get("status")), code)
        message = text(told.get("message"))
        paid = state is State.SUCCEEDED
        return Status(
            state,
            provider_ref=known.reference,
            amount=(_told_amount(message) or known.amount) if paid else None,
            receipt=text(told.get("airtel_money_id")) if paid else "",
            reference=known.reference,
            code=code,
            reason=reason,
            raw={"status": text(told.get("status")), "message": without_people(message), "response_code": code},
        )

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """A callback says that there is something to ask about. With a callback key, its hash must be right."""
        data = read_json(callback.body)
        if not isinstance(data, dict):
            raise Malformed("the body is no JSON object")
        form = ""
        if key := setting(account, "callback_key"):
            told_hash = data.get("hash")
            if not isinstance(told_hash, str) or not told_hash:
                raise Forged("the hash is missing")
            form = sealing.matching_form(key, callback.body, told_hash)
            if not form:
                raise Forged("the hash is wrong")
        told = data.get("transaction")
        reference = text(told.get("id")) if isinstance(told, dict) else ""
        if not isinstance(told, dict) or not reference:
            raise Malformed("transaction.id is missing")
        word, receipt, message = (text(told.get(name)) for name in ("status_code", "airtel_money_id", "message"))
        state, reason = ended(word, text(told.get("code")))
        status = Status(
            state,
            provider_ref=reference,
            amount=_told_amount(message) if state is State.SUCCEEDED else None,
            receipt=receipt if state is State.SUCCEEDED else "",
            reference=reference,
            code=word,
            reason=reason,
            raw={"status_code": word, "message": without_people(message), "hash_over": form},
        )
        key = f"airtel:{reference}:{word}:{receipt}"
        return [Heard(About.CHARGE, key, provider_ref=reference, reference=reference, status=status)]

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Airtel reads nothing but the status."""
        return Answer(status=200 if accepted else 401)

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Give a whole payment back, by its Airtel Money id. The answer is the end of it."""
        if ask.amount != ask.paid:
            raise GatewayError("Airtel gives whole payments back only", code="amount", reason="limit")
        if not ask.receipt:
            raise GatewayError("the Airtel Money id of this payment is not known yet", code="receipt", retryable=True)
        version = "v2" if switched_on(account, "signing") else "v1"
        body = {"transaction": {"airtel_money_id": ask.receipt}}
        reply = self._calls.send(account, f"/standard/{version}/payments/refund", body)
        told, code = _transaction(reply.found), response_code(reply.found)
        word = text(told.get("status")).upper()
        if word in ("SUCCESS", "TS"):
            number = text(told.get("airtel_money_id")) or ask.receipt
            return Movement(State.SUCCEEDED, provider_ref=number, receipt=number, amount=ask.amount, code=code)
        if word in ("FAILED", "TF"):
            return Movement(State.FAILED, code=code, reason="declined", raw=_words(reply))
        verdict = judge(reply.status, reply.found)
        if verdict.kind is Kind.REFUSED:
            raise self._refusal(reply, verdict)
        raise Uncertain(f"Airtel answered {reply.status} {verdict.code}")

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """A refund has an id only once it is done, and Airtel has no question for one that was lost on the way."""
        if provider_ref:
            return Movement(State.SUCCEEDED, provider_ref=provider_ref, receipt=provider_ref, amount=ask.amount)
        return Movement(State.UNKNOWN, reason="other")

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """Send money to a phone. Airtel refuses our id a second time, so a repetition pays nothing twice."""
        country, currency = place(account)
        amount = whole_units(ask.amount, frozenset({currency}))
        phone, pin = self._subscriber(ask.phone, country), self._pin(account)
        about = transaction_id(ask.key)
        body = {
            "payee": {"msisdn": phone, "wallet_type": "NORMAL"},
            "reference": plain(ask.remarks, least=4, most=64, otherwise="Payout"),
            "pin": pin,
            "transaction": {"amount": amount, "id": about, "type": "B2C"},
        }
        reply = self._calls.send(account, "/standard/v3/disbursements", body)
        verdict = judge(reply.status, reply.found)
        if verdict.kind is Kind.REFUSED:
            raise self._refusal(reply, verdict)
        if verdict.kind is Kind.REPEATED:
            return Movement(State.PENDING, provider_ref=about, code=verdict.code, reason=verdict.reason)
        movement = self._payout_told(reply, about, ask.amount)
        if verdict.kind is Kind.UNCLEAR and movement.state not in (State.SUCCEEDED, State.FAILED):
            raise Uncertain(f"Airtel answered {reply.status} {verdict.code}")
        return movement

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """Ask by our own id."""
        about = transaction_id(ask.key)
        try:
            reply = self._calls.get(account, f"/standard/v3/disbursements/{about}")
        except GatewayError as error:
            return Movement(State.UNKNOWN, provider_ref=provider_ref, code=error.code, reason=error.reason)
        return self._payout_told(reply, about if _transaction(reply.found) else provider_ref, ask.amount)

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Airtel lists nothing to us."""
        return []

    def check(self, account: Account) -> Health:
        """The keys, by a token; and whether the PIN and its key can be used, and messages be signed."""
        try:
            place(account)
            self._calls.token(account, fresh=True)
            if setting(account, "pin"):
                self._pin(account)
            if switched_on(account, "signing"):
                self._calls.server_key(account)
        except GatewayError as error:
            return Health(False, f"{error.detail} ({error.code})" if error.code else error.detail)
        if not setting(account, "callback_key"):
            return Health(
                True, "Callbacks are not authenticated: switch it on in the portal and fill in the callback key."
            )
        return Health(True)

    # How it speaks.

    def _subscriber(self, phone: str, country: str) -> str:
        """The number without the country's code, as Airtel wants it."""
        return international(phone, country)[len(COUNTRIES[country][0]) :]

    def _pin(self, account: Account) -> str:
        pin, key = needed(account, "pin", "to pay out"), needed(account, "pin_key", "to pay out")
        try:
            return sealing.sealed_pin(pin, key, oaep=setting(account, "pin_padding").lower() == "oaep")
        except ValueError as error:
            raise GatewayError(
                "the encryption key cannot be read; copy it again from the portal",
                code="pin_key",
                reason="misconfigured",
            ) from error

    def _payout_told(self, reply: Reply, about: str, amount: Money) -> Movement:
        told, code = _transaction(reply.found), response_code(reply.found)
        if told.get("id") not in (None, "", about):
            return Movement(State.UNKNOWN, provider_ref=about, code=code)
        state, reason = ended(text(told.get("status")), code)
        done = state is State.SUCCEEDED
        return Movement(
            state,
            provider_ref=about,
            receipt=text(told.get("airtel_money_id")) if done else "",
            amount=amount if done else None,
            code=code,
            reason=reason,
            raw=_words(reply),
        )

    def _refusal(self, reply: Reply, verdict: Verdict) -> GatewayError:
        detail = "Airtel refused the request"
        if words := _words(reply)["message"]:
            detail += f": {words}"
        return GatewayError(detail, code=verdict.code, reason=verdict.reason, retryable=verdict.retryable)


def transaction_id(key: str) -> str:
    """Our id of a payout at Airtel: letters and digits only; a UUID without its dashes."""
    plain_key = key.replace("-", "")
    return plain_key if plain_key.isascii() and plain_key.isalnum() and len(plain_key) <= 40 else digest(key, 32)


def _transaction(found: Mapping[str, Any]) -> dict[str, Any]:
    return part(part(found, "data"), "transaction")


def _words(reply: Reply) -> dict[str, str]:
    message = part(reply.found, "status").get("message") or reply.found.get("status_message")
    return {"message": without_people(text(_transaction(reply.found).get("message")) or message)}


def _told_amount(message: str) -> Money | None:
    """The amount in "Paid UGX 5,000 to ...", where the words are these."""
    found = PAID.search(message)
    return major(found[2], found[1]) if found else None
