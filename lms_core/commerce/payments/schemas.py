"""Inputs and views of payments. Views show masked numbers and no credential."""

import re
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.states import (
    DepositKind,
    DepositState,
    DisputeState,
    IntentState,
    ManualState,
    MismatchKind,
    MoveState,
    RefundWay,
    RunState,
    Verdict,
    Way,
)
from lms_core.commerce.payments.transitions import PaymentState
from lms_core.kit.money import Currency, Money

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
ACCOUNT_NUMBER = re.compile(r"[0-9A-Z]{4,34}")  # 34 is an IBAN's longest
BIC = re.compile(r"[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?")  # ISO 9362
Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)]


class View(BaseModel):
    """Base of views; made from rows."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class MethodIn(BaseModel):
    """How to pay: an account at a provider, and the phone to prompt where it needs one."""

    account_id: UUID
    phone: Phone = ""


class MethodView(View):
    """A way to pay this amount. `step`: "prompt" on the phone, or "redirect" to the provider's page."""

    account_id: UUID
    gateway: str
    title: str
    step: str
    needs_phone: bool
    is_test: bool
    can_save: bool


class BankAccountIn(BaseModel):
    """The institution's account at a bank, as payers are shown it; `account` is its number."""

    holder: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
    account: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)]
    bank: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=120)]
    branch: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    swift: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""

    @field_validator("account")
    @classmethod
    def _plain(cls, value: str) -> str:
        plain = re.sub(r"[\s-]", "", value).upper()
        if not ACCOUNT_NUMBER.fullmatch(plain):
            raise ValueError("an account number has 4 to 34 letters and digits")
        return plain

    @field_validator("swift")
    @classmethod
    def _bic(cls, value: str) -> str:
        plain = re.sub(r"\s", "", value).upper()
        if plain and not BIC.fullmatch(plain):
            raise ValueError("a SWIFT code has 8 or 11 letters and digits, such as KCBLKENX")
        return plain


class BankAccountView(View):
    """The institution's account at a bank for money of `currency`."""

    currency: Currency
    holder: str
    account: str
    bank: str
    branch: str
    swift: str
    changed_at: datetime


class PaymentView(View):
    """An attempt to pay. `reason` is one of `port.REASONS` when it failed; `url` leads to the provider's page."""

    id: UUID
    intent_id: UUID
    account_id: UUID | None
    gateway: str
    mode: Mode
    way: Way
    number: int
    reference: str
    state: PaymentState
    amount: Money
    fee: Money
    refunded: Money
    surplus: bool
    receipt: str
    provider_ref: str
    phone: str
    code: str
    reason: str
    message: str
    url: str
    next_poll_at: datetime | None
    created_at: datetime
    settled_at: datetime | None


class IntentView(View):
    """What is to be paid, and its attempts, first to last. `live`: the attempt that waits for its payer."""

    id: UUID
    purpose_kind: str
    purpose_id: UUID
    payer_id: UUID | None
    amount: Money
    description: str
    state: IntentState
    reference: str
    return_url: str
    expires_at: datetime
    paid_at: datetime | None
    payments: tuple[PaymentView, ...]

    @property
    def last(self) -> PaymentView | None:
        """The latest attempt."""
        return self.payments[-1] if self.payments else None

    @property
    def live(self) -> PaymentView | None:
        """The latest attempt that nobody knows the end of yet."""
        open_states = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN)
        return next((each for each in reversed(self.payments) if each.state in open_states), None)


class SavedMethodView(View):
    """A way to pay that a provider keeps for a person."""

    id: UUID
    account_id: UUID
    gateway: str
    label: str
    expires: str
    created_at: datetime
    last_used_at: datetime | None


class RefundIn(BaseModel):
    """A refund to ask for; without an amount, all that is left."""

    amount: Annotated[int, Field(gt=0)] | None = None
    reason: Text


class RefundView(View):
    """A refund, with what it is of."""

    id: UUID
    payment_id: UUID
    payment_reference: str
    purpose_kind: str
    purpose_id: UUID
    amount: Money
    reason: str
    way: RefundWay
    state: MoveState
    receipt: str
    code: str
    detail: str
    created_at: datetime
    settled_at: datetime | None


class PayoutView(View):
    """Money sent to a phone."""

    id: UUID
    account_id: UUID
    purpose_kind: str
    purpose_id: UUID
    phone: str
    amount: Money
    remarks: str
    state: MoveState
    receipt: str
    code: str
    detail: str
    created_at: datetime
    settled_at: datetime | None


class DisputeView(View):
    """A dispute with a payer's bank."""

    id: UUID
    payment_id: UUID
    amount: Money
    state: DisputeState
    reason: str
    opened_at: datetime
    closed_at: datetime | None


class DepositView(View):
    """Money that is here and has no purpose yet. `suggestions`: open intents of the same amount, most like first."""

    id: UUID
    account_id: UUID
    kind: DepositKind
    receipt: str
    amount: Money
    reference: str
    payer: str
    phone: str
    state: DepositState
    payment_id: UUID | None
    note: str
    at: datetime
    decided_at: datetime | None
    suggestions: tuple[IntentView, ...] = ()


class DepositMatch(BaseModel):
    """The intent that a deposit was meant for."""

    intent_id: UUID
    note: Note = ""


class Resolution(BaseModel):
    """What became of something that finance settled by hand."""

    note: Text


class Decision(BaseModel):
    """An answer to a slip. `receipt`: the bank's number of the transfer as finance found it."""

    approve: bool
    answer: Note = ""


class ManualPaymentView(View):
    """A slip that waits for finance, or was decided."""

    id: UUID
    intent_id: UUID
    reference: str
    amount: Money
    description: str
    bank_reference: str
    note: str
    media_type: str
    size: int
    state: ManualState
    answer: str
    created_at: datetime
    decided_at: datetime | None


class FieldView(View):
    """One thing to fill in for an account at a gateway."""

    name: str
    label: str
    secret: bool
    required: bool
    help: str


class GatewayView(View):
    """A gateway this installation speaks to."""

    name: str
    title: str
    step: str
    currencies: tuple[Currency, ...]
    refunds: str
    payouts: bool
    saved_methods: bool
    signed_callbacks: bool
    test_only: bool
    fields: tuple[FieldView, ...]


class AccountIn(BaseModel):
    """An account to save. Secrets left out of a change stay; `base_url` is for hosts the operator allows."""

    gateway: Annotated[str, StringConstraints(max_length=20, pattern=r"^[a-z]+$")]
    mode: Mode
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    values: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)]] = Field(
        default_factory=dict, max_length=40, repr=False
    )
    base_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""
    is_default: bool = False
    enabled: bool = True


class AccountChange(BaseModel):
    """What to change of an account; what is left out stays."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None
    values: dict[str, Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)]] = Field(
        default_factory=dict, max_length=40, repr=False
    )
    base_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None = None
    is_default: bool | None = None
    enabled: bool | None = None


class AccountView(View):
    """An account at a provider. `secrets`: the names of those that are set; `callback_url` is for the provider."""

    id: UUID
    gateway: str
    title: str
    mode: Mode
    name: str
    options: dict[str, str]
    secrets: tuple[str, ...]
    base_url: str
    callback_url: str
    is_default: bool
    enabled: bool
    healthy: bool
    health: str
    checked_at: datetime | None
    created_at: datetime


class CallbackView(View):
    """A callback as it was understood; its body stays sealed."""

    id: UUID
    account_id: UUID
    topic: str
    about: str
    verdict: Verdict
    times: int
    error: str
    received_at: datetime
    processed_at: datetime | None


class RunView(View):
    """A reconciliation: how many payments were asked about, how many the provider listed, what differed."""

    id: UUID
    account_id: UUID
    since: datetime
    until: datetime
    state: RunState
    asked: int
    listed: int
    settled: int
    mismatches: int
    error: str
    started_at: datetime
    finished_at: datetime | None


class ReconcileIn(BaseModel):
    """What to compare; without `since`, the last two days."""

    account_id: UUID
    since: datetime | None = None
    until: datetime | None = None


class MismatchView(View):
    """A difference between ours and theirs."""

    id: UUID
    kind: MismatchKind
    account_id: UUID
    payment_id: UUID | None
    run_id: UUID | None
    ours: dict[str, Any]
    theirs: dict[str, Any]
    found_at: datetime
    resolved_at: datetime | None
    note: str


class PaymentLine(View):
    """A payment in finance's list, with what it was for."""

    payment: PaymentView
    purpose_kind: str
    purpose_id: UUID
    payer_id: UUID | None
    description: str


class PaymentDetail(PaymentLine):
    """A payment with all that became of it."""

    refunds: tuple[RefundView, ...]
    disputes: tuple[DisputeView, ...]
    mismatches: tuple[MismatchView, ...]
    refundable: Money


class PaymentFilter(BaseModel):
    """Which payments finance wants to see. `q`: the beginning of a reference or receipt."""

    state: PaymentState | None = None
    gateway: Annotated[str, StringConstraints(max_length=20)] = ""
    q: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)] = ""


class Overview(View):
    """What finance should look at. `waiting`: attempts nobody knows the end of."""

    waiting: int
    unknown: int
    open_refunds: int
    failed_refunds: int
    unmatched_deposits: int
    open_mismatches: int
    open_disputes: int
    waiting_slips: int
    forged_callbacks: int
    unhealthy_accounts: int
