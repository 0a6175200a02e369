"""The port that every gateway implements, and the plain data that crosses it.

A gateway is a stateless object: it gets the account it acts for with every call, speaks
the provider's protocol through `Wire`, and answers in the words below. It knows no
database, no order and no ledger. What is told by a callback is a hint: the payments
slice asks `status` before it believes anything that moves money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from lms_core.kit.money import Currency, Money


class Mode(StrEnum):
    """Test and live accounts are apart: a payment of one never settles an intent of the other."""

    TEST = "test"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Account:
    """A provider account of one institution, decrypted. `credentials`, `options`: by the names in `Gateway.fields`.

    `base_url` overrides the provider's own address (simulators, and proxies an operator allows); "" is the provider's.
    `callback_url` begins every callback address; a gateway may append `/<topic>`.
    """

    id: str
    gateway: str
    mode: Mode
    credentials: Mapping[str, str] = field(repr=False)
    options: Mapping[str, str]
    callback_url: str
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in for an account. `name` is the key; `secret` ones are sealed and never shown again."""

    name: str
    label: str
    secret: bool = True
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a gateway can do. `smallest`, `largest`: minor units per currency; `whole_units`: no cents on the wire.

    `poll_seconds`: when to ask for the state after the beginning (then the reconciler does);
    `expires_after`: seconds after which an unpaid attempt counts as expired.
    """

    currencies: frozenset[Currency]
    step: str  # what the payer does: "prompt" on the phone, or "redirect" to the provider's page
    needs_phone: bool = False
    prompts: bool = False  # can ask a phone without a browser, though its step is another one
    whole_units: bool = False
    refunds: str = "partial"  # partial | full | none
    payouts: bool = False
    saved_methods: bool = False
    lists_transactions: bool = False
    signed_callbacks: bool = True
    smallest: Mapping[Currency, int] = field(default_factory=dict)
    largest: Mapping[Currency, int] = field(default_factory=dict)
    poll_seconds: Sequence[int] = (10, 20, 40, 90)
    expires_after: int = 3600


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays. `phone` is E.164 digits without plus (2547...), or ""."""

    email: str
    name: str = ""
    phone: str = field(default="", repr=False)
    country: str = "KE"


@dataclass(frozen=True, slots=True)
class Charge:
    """What to collect. `reference`: ours, unique, [A-Z0-9], at most 12 characters; also the account number people type.

    `key` is the idempotency key of this attempt; `save` asks to keep the method for later charges.
    """

    reference: str
    key: str
    amount: Money
    payer: Payer
    description: str
    return_url: str
    cancel_url: str
    save: bool = False


@dataclass(frozen=True, slots=True)
class SavedCharge:
    """A charge of a method saved before: `token` is the provider's."""

    reference: str
    key: str
    amount: Money
    payer: Payer
    description: str
    token: str = field(repr=False)
    customer: str = field(default="", repr=False)


class State(StrEnum):
    """What a gateway says of a charge, a refund or a payout."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"  # had succeeded, and the provider took it back
    UNKNOWN = "unknown"  # it cannot be told: never take it for a failure


@dataclass(frozen=True, slots=True)
class Status:
    """What the provider says of one charge.

    On success `amount` is what was paid in truth, and `receipt` the provider's number for it. `reference`, `live`:
    as the provider tells them; None where it does not. `fee`, when told, is what the provider kept.
    `code`: the provider's; `reason`: one of REASONS; `saved`: a method that may be charged again.
    """

    state: State
    provider_ref: str = ""
    amount: Money | None = None
    receipt: str = ""
    reference: str | None = None
    live: bool | None = None
    fee: Money | None = None
    code: str = ""
    reason: str = ""
    paid_at: datetime | None = None
    saved: "Saved | None" = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


# Why a charge failed, in words the pages translate.
REASONS = frozenset(
    {
        "cancelled", "insufficient_funds", "wrong_pin", "timeout", "unreachable", "limit", "busy", "expired",
        "declined", "authentication", "misconfigured", "duplicate", "other",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """A payment method kept by the provider. `token` charges it; `label` is what people recognise (Visa 4242)."""

    token: str = field(repr=False)
    customer: str = field(default="", repr=False)
    label: str = ""
    expires: str = ""  # YYYY-MM


@dataclass(frozen=True, slots=True)
class Begun:
    """A charge that was begun. `url` for a redirect; `message` is shown beside an open prompt."""

    status: Status
    url: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a charge, to ask for its state: any of these may be "" in a crash's wake."""

    reference: str
    provider_ref: str
    receipt: str
    amount: Money
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class Callback:
    """A request as it came: raw body, lower-case header names, query, and what followed the account's address."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    topic: str
    received_at: datetime


class About(StrEnum):
    """What a callback is about."""

    CHARGE = "charge"
    REFUND = "refund"
    PAYOUT = "payout"
    DISPUTE = "dispute"
    DEPOSIT = "deposit"  # money that somebody sent by themselves, to an account number
    CHECK = "check"  # the provider asks whether it may take a deposit, and waits for the answer
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing a callback says. `dedupe` is the same for every repetition of it. `status` is a hint, unless `proof`.

    `proof`: this gateway has no better word than its callback (M-Pesa's receipt numbers); it is still compared with
    what was asked for. `subject` is the provider's id of the refund, payout or dispute.
    """

    about: About
    dedupe: str
    provider_ref: str = ""
    reference: str = ""
    subject: str = ""
    status: Status | None = None
    proof: bool = False
    phone: str = field(default="", repr=False)
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a callback is answered with."""

    status: int = 200
    body: bytes = b"{}"
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class RefundAsk:
    """A refund to send. `key` is ours and unique for it."""

    key: str
    provider_ref: str
    receipt: str
    reference: str
    paid: Money
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True)
class Movement:
    """What the provider says of a refund or a payout. `provider_ref` is its id there."""

    state: State
    provider_ref: str = ""
    receipt: str = ""
    amount: Money | None = None
    code: str = ""
    reason: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PayoutAsk:
    """Money to send to a phone. `key` is ours and unique for it."""

    key: str
    phone: str = field(repr=False)
    name: str
    amount: Money
    remarks: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the provider's own list of transactions, for reconciliation."""

    provider_ref: str
    reference: str
    receipt: str
    amount: Money
    state: State
    at: datetime
    fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an account works. `detail` says what to do when it does not."""

    ok: bool
    detail: str = ""


class GatewayError(Exception):
    """The provider refused the call itself; nothing moved. `code` is the provider's, `reason` one of REASONS.

    `retryable`: the same call may succeed later. `detail` holds no secret and no personal data.
    """

    def __init__(self, detail: str, *, code: str = "", reason: str = "other", retryable: bool = False) -> None:
        super().__init__(detail)
        self.detail, self.code, self.reason, self.retryable = detail, code, reason, retryable


class Uncertain(Exception):
    """A money-moving call had no clear answer (time-out, cut connection, 5xx): it may or may not have happened."""


class Forged(Exception):
    """A callback that is not from the provider: signature missing or wrong, or too old. The text says which."""


class Malformed(Exception):
    """A callback from the right place that cannot be read."""


class Gateway(Protocol):
    """A payment provider. Every method is safe to call from several threads."""

    name: str  # as in addresses: daraja, airtel, stripe, paystack, flutterwave, razorpay, paypal, pesapal, sandbox
    title: str  # as people know it
    fields: Sequence[Field]
    capabilities: Capabilities

    def begin(self, account: Account, charge: Charge) -> Begun:
        """Ask for the money. `GatewayError` when refused, `Uncertain` when it cannot be told."""

    def status(self, account: Account, known: Known) -> Status:
        """Ask how a charge stands. `Status(UNKNOWN)` when the provider cannot say now; PENDING while it is open.

        FAILED with reason "expired" only when the provider knows that it will never be paid. Never raises Uncertain.
        """

    def charge_saved(self, account: Account, charge: SavedCharge) -> Begun:
        """Charge a saved method. Where `saved_methods` is False: GatewayError."""

    def hear(self, account: Account, callback: Callback) -> Sequence[Heard]:
        """Verify and read a callback: one or several facts, none when it does not concern us. Forged, Malformed."""

    def answer(self, account: Account, callback: Callback, *, accepted: bool) -> Answer:
        """What the provider wants to read back. `accepted` matters where it asked (About.CHECK), or for a refusal."""

    def refund(self, account: Account, ask: RefundAsk) -> Movement:
        """Give money back. PENDING when the provider decides later."""

    def refund_status(self, account: Account, ask: RefundAsk, provider_ref: str) -> Movement:
        """How a refund stands; `provider_ref` may be "" after an uncertain beginning."""

    def pay_out(self, account: Account, ask: PayoutAsk) -> Movement:
        """Send money to a phone. Where `payouts` is False: GatewayError."""

    def payout_status(self, account: Account, ask: PayoutAsk, provider_ref: str) -> Movement:
        """How a payout stands; `provider_ref` may be "" after an uncertain beginning."""

    def transactions(self, account: Account, since: datetime, until: datetime) -> Sequence[Entry]:
        """The provider's own list. Empty where `lists_transactions` is False."""

    def check(self, account: Account) -> Health:
        """Whether the credentials work, without moving money."""
