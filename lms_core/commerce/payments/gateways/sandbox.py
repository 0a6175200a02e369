"""The provider in the house as a gateway: signed callbacks, asked states, refunds, payouts, kept methods.

Signature: header `x-sandbox-signature: t=<unix seconds>,v1=<hex>`, where the hex is HMAC-SHA256 of "<t>." + body under
the account's secret; at most five minutes old.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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
    PayoutAsk,
    RefundAsk,
    Saved,
    SavedCharge,
    State,
    Status,
)
from lms_core.commerce.sandbox.errors import ChargeNotFound, TooMuch
from lms_core.commerce.sandbox.models import ChargeState
from lms_core.commerce.sandbox.schemas import Ask, ChargeView, MovementView
from lms_core.commerce.sandbox.service import Bank
from lms_core.kit.ids import parse_id
from lms_core.kit.money import Currency

SIGNATURE = "x-sandbox-signature"
TOLERANCE_SECONDS = 300
MINIMUM_SECRET = 16

_STATES: dict[ChargeState, tuple[State, str]] = {
    ChargeState.OPEN: (State.PENDING, ""),
    ChargeState.PAID: (State.SUCCEEDED, ""),
    ChargeState.DECLINED: (State.FAILED, "declined"),
    ChargeState.CANCELLED: (State.FAILED, "cancelled"),
    ChargeState.TIMED_OUT: (State.FAILED, "timeout"),
    ChargeState.REVERSED: (State.REVERSED, ""),
}


class Sandbox:
    """Play money, decided by hand."""

    name = "sandbox"
    title = "Sandbox"
    fields: Sequence[Field] = (
        Field("secret", "Signing secret", help="Any text of sixteen characters or more; it signs the callbacks."),
    )
    capabilities = Capabilities(
        currencies=frozenset(Currency),
        step="redirect",
        prompts=True,  # the phone is drawn on the charge's page
        refunds="partial",
        payouts=True,
        saved_methods=True,
        lists_transactions=True,
        poll_seconds=(30, 60, 120, 300),
        expires_after=1800,
    )

    def __init__(self, bank: Bank, public_url: str) -> None:
        self.bank, self._public_url = bank, public_url.rstrip("/")

    def begin(self, account: Account, charge: Charge) -> Begun:
        """Open a charge and lead to its page."""
        opened = self.bank.open(*_whose(account), _ask(charge, charge.return_url, charge.cancel_url, charge.save))
        return Begun(_status(opened), url=f"{self._public_url}/sandbox/pay/{opened.token}")

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Charge a kept method; it is paid at once."""
        try:
            paid = self.bank.charge_saved(*_whose(account), _ask(charge, "", "", False), method=charge.token)
        except ChargeNotFound as error:
            raise GatewayError("the method is not known", code="no_method", reason="declined") from error
        return Begun(_status(paid))

    def status(self, account: Account, known: Known) -> Status:
        """How a charge stands. One that was never opened was never paid."""
        found = self.bank.find(*_whose(account), charge_id=parse_id(known.provider_ref), reference=known.reference)
        return _status(found) if found is not None else Status(State.FAILED, code="no_charge", reason="expired")

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """One thing, about a charge."""
        check(account, callback)
        try:
            said = json.loads(callback.body)
            charge, version, reference = str(said["charge"]), int(said["version"]), str(said["reference"])
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed("not a charge's callback") from error
        return [Heard(About.CHARGE, dedupe=f"{charge}:{version}", provider_ref=charge, reference=reference)]

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """That it arrived."""
        return Answer(body=b'{"received":true}' if accepted else b'{"received":false}')

    def callback(self, account: Account, charge: ChargeView, at: datetime) -> Callback:
        """What the provider sends when something happened to a charge."""
        body = json.dumps(
            {"charge": str(charge.id), "version": charge.version, "reference": charge.reference, "state": charge.state}
        ).encode()
        signed = sign(account.credentials["secret"], int(at.timestamp()), body)
        return Callback(body=body, headers={SIGNATURE: signed}, query={}, topic="", received_at=at)

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Give back, at once."""
        charge_id = parse_id(ask.provider_ref)
        if charge_id is None:
            raise GatewayError("no such charge", code="no_charge")
        try:
            moved = self.bank.refund(*_whose(account), charge_id=charge_id, key=ask.key, amount=ask.amount.amount)
        except (ChargeNotFound, TooMuch) as error:
            raise GatewayError(error.title, code=error.code) from error
        return _movement(moved)

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """How a refund stands; one that is not known was never made."""
        return self._moved(account, ask.key)

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """Send to a phone, at once."""
        return _movement(self.bank.pay_out(*_whose(account), phone=ask.phone, key=ask.key, amount=ask.amount))

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """How a payout stands; one that is not known was never made."""
        return self._moved(account, ask.key)

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """Paid charges."""
        return [
            Entry(
                provider_ref=str(each.id), reference=each.reference, receipt=each.receipt, amount=each.amount,
                state=_STATES[each.state][0], at=each.decided_at or each.created_at,
            )
            for each in self.bank.charges(*_whose(account), since=since, until=until)
        ]  # fmt: skip

    def check(self, account: Account) -> Health:
        """Test mode, and a secret nobody guesses."""
        if account.mode is not Mode.TEST:
            return Health(False, "The sandbox is for test accounts only.")
        if len(account.credentials.get("secret", "")) < MINIMUM_SECRET:
            return Health(False, f"The signing secret needs {MINIMUM_SECRET} characters or more.")
        return Health(True)

    def _moved(self, account: Account, key: str) -> Movement:
        found = self.bank.movement(*_whose(account), key=key)
        return _movement(found) if found is not None else Movement(State.FAILED, code="never_made")


def sign(secret: str, at: int, body: bytes) -> str:
    """The signature's header for a body at a moment (unix seconds)."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def check(account: Account, callback: Callback) -> None:
    """Forged unless the callback is signed with the account's secret, and not too old."""
    given = callback.headers.get(SIGNATURE, "")
    moment = given.removeprefix("t=").partition(",")[0]
    if not given or not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        raise Forged("the signature is missing")
    if not hmac.compare_digest(
        given.encode(), sign(account.credentials["secret"], int(moment), callback.body).encode()
    ):
        raise Forged("the signature is wrong")
    if abs(callback.received_at.timestamp() - int(moment)) > TOLERANCE_SECONDS:
        raise Forged("the signature is too old")


def _whose(account: Account) -> tuple[UUID, UUID]:
    """Tenant and account; the port's id is `<tenant>.<account>.<version>`."""
    tenant, own, _ = account.id.split(".")
    return UUID(tenant), UUID(own)


def _ask(charge: Charge | SavedCharge, return_url: str, cancel_url: str, keep: bool) -> Ask:
    phone = charge.payer.phone
    return Ask(
        key=charge.key, reference=charge.reference, amount=charge.amount, description=charge.description,
        payer=f"{phone[:4]}***{phone[-3:]}" if phone else "",
        return_url=return_url, cancel_url=cancel_url, keep=keep,
    )  # fmt: skip


def _status(charge: ChargeView) -> Status:
    state, reason = _STATES[charge.state]
    paid = state is State.SUCCEEDED
    return Status(
        state,
        provider_ref=str(charge.id),
        amount=charge.amount if paid else None,
        receipt=charge.receipt,
        reference=charge.reference,
        live=False,
        code=charge.state if reason else "",
        reason=reason,
        paid_at=charge.decided_at,
        saved=Saved(token=charge.method, label="Sandbox") if paid and charge.method else None,
    )


def _movement(moved: MovementView) -> Movement:
    if not moved.done:
        return Movement(State.FAILED, provider_ref=str(moved.id), code="no_such_phone", reason="other")
    return Movement(State.SUCCEEDED, provider_ref=str(moved.id), receipt=moved.receipt)
