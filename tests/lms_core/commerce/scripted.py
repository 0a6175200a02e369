"""A provider that says what the test tells it to: doubtful answers, other amounts, deposits, disputes."""

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from lms_core.commerce.payments.gateways import Gateways
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
    SavedCharge,
    State,
    Status,
)
from lms_core.kit.context import Database
from lms_core.kit.money import Currency, Money

PASSWORD = "the word of the till"


class Till:
    """Prompts phones, takes deposits. `says`: the status of charges by our or its number; `faults`: raised first."""

    name = "till"
    title = "Till"
    fields: Sequence[Field] = (Field("word", "Word"), Field("shortcode", "Shortcode", secret=False, required=False))
    capabilities = Capabilities(
        currencies=frozenset({Currency.KES, Currency.USD}), step="prompt", needs_phone=True, payouts=True,
        lists_transactions=True, poll_seconds=(10, 20), expires_after=600,
    )  # fmt: skip

    def __init__(self) -> None:
        self.says: dict[str, Status] = {}
        self.moves: dict[str, Movement] = {}
        self.faults: deque[Exception] = deque()
        self.begun: list[Charge] = []
        self.saved: list[SavedCharge] = []
        self.refunds: list[RefundAsk] = []
        self.payouts: list[PayoutAsk] = []
        self.list: list[Entry] = []

    def begin(self, account: Account, charge: Charge) -> Begun:
        """Pending, unless a fault waits."""
        self.begun.append(charge)
        if self.faults:
            raise self.faults.popleft()
        return Begun(Status(State.PENDING, provider_ref=f"T-{charge.reference}"), message="Enter your PIN")

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Paid at once."""
        self.saved.append(charge)
        return Begun(paid(charge.reference, charge.amount, receipt=f"S{charge.reference}"))

    def status(self, account: Account, known: Known) -> Status:
        """What the test wrote down; else pending."""
        if self.faults:
            raise self.faults.popleft()
        return self.says.get(known.provider_ref) or self.says.get(known.reference, Status(State.PENDING))

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """Facts as JSON, with the account's word in a header."""
        if callback.headers.get("x-word") != account.credentials["word"]:
            raise Forged("the word is wrong")
        try:
            said = json.loads(callback.body)
        except ValueError as error:
            raise Malformed("no JSON") from error
        amount = Money(amount=said["amount"], currency=said.get("currency", "KES")) if "amount" in said else None
        status = (
            Status(State(said["state"]), amount=amount, receipt=said.get("receipt", "")) if "state" in said else None
        )
        return [
            Heard(
                About(said["about"]), said["dedupe"], provider_ref=said.get("ref", ""), status=status,
                reference=said.get("reference", ""), subject=said.get("subject", ""), proof=said.get("proof", False),
                phone=said.get("phone", ""), name=said.get("name", ""),
            )
        ]  # fmt: skip

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """Yes or no."""
        return Answer(body=b"yes" if accepted else b"no")

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """What the test wrote down; else done."""
        self.refunds.append(ask)
        if self.faults:
            raise self.faults.popleft()
        return self.moves.get("refund", Movement(State.SUCCEEDED, provider_ref=f"R-{ask.key}"))

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """What the test wrote down; else done."""
        return self.moves.get("refund_status", Movement(State.SUCCEEDED, provider_ref=f"R-{ask.key}"))

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """What the test wrote down; else done."""
        self.payouts.append(ask)
        if self.faults:
            raise self.faults.popleft()
        return self.moves.get("payout", Movement(State.SUCCEEDED, provider_ref=f"P-{ask.key}", receipt="P1"))

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """What the test wrote down; else done."""
        return self.moves.get("payout_status", Movement(State.SUCCEEDED, provider_ref=f"P-{ask.key}", receipt="P1"))

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """What the test wrote down."""
        return [each for each in self.list if since <= each.at < until]

    def check(self, account: Account) -> Health:
        """The word is right."""
        if account.credentials["word"] != PASSWORD:
            return Health(False, "The word is wrong.")
        return Health(True)


def paid(reference: str, amount: Money, *, receipt: str = "RKL51ZDR4F", **more: object) -> Status:
    """A success as a provider tells it."""
    told = Status(State.SUCCEEDED, amount=amount, receipt=receipt, reference=reference)
    return replace(told, **more)  # type: ignore[arg-type]


def refused(reason: str = "insufficient_funds") -> GatewayError:
    """The provider says no."""
    return GatewayError("no", code="1", reason=reason)


def install(database: Database) -> Till:
    """A till beside the gateways that are there."""
    till = Till()
    known = database.resources.get(Gateways)
    database.resources.put(Gateways, Gateways({**known.by_name, "till": till}, known.allowed_hosts))
    return till
