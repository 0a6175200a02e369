"""The tables of payments. Amounts are minor units of the `currency` beside them; phone numbers and names are sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

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
from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class ProviderAccount(TenantOwned, table=True):
    """An account at a provider. `token_hash`: SHA-256 of what its callback address ends with.

    `version` counts changes of credentials: access tokens of older ones are not used.
    """

    __tablename__ = "provider_account"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_provider_account_gateway", "tenant_id", "gateway"),
        one_of("mode", Mode),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    gateway: str = Field(max_length=20)
    mode: Mode = Field(sa_type=Text)
    name: str = Field(max_length=80)
    sealed_credentials: str = Field(sa_type=Text)
    options: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    base_url: str = Field(default="", max_length=300)
    token_hash: str = Field(max_length=64)
    sealed_token: str = Field(sa_type=Text)
    is_default: bool = False
    enabled: bool = False
    healthy: bool = False
    health: str = Field(default="", sa_type=Text)
    version: int = 1
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BankAccount(TenantOwned, table=True):
    """The institution's own account at a bank, which people transfer money of its currency to; shown to payers."""

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("tenant_id", "currency"), one_of("currency", Currency))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    currency: Currency = Field(sa_type=Text)
    holder: str = Field(max_length=120)
    account: str = Field(max_length=34)
    bank: str = Field(max_length=120)
    branch: str = Field(default="", max_length=120)
    swift: str = Field(default="", max_length=11)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class PaymentIntent(TenantOwned, table=True):
    """What is to be paid, once. `reference`: what people type as an account number; `key` is hashed with its payer."""

    __tablename__ = "payment_intent"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_payment_intent_purpose", "purpose_kind", "purpose_id"),
        Index("ix_payment_intent_due", "state", "expires_at"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("state", IntentState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    purpose_kind: str = Field(max_length=40)
    purpose_id: UUID
    payer_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    sealed_payer: str = Field(default="", sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    description: str = Field(max_length=200)
    state: IntentState = Field(default=IntentState.OPEN, sa_type=Text)
    reference: str = Field(max_length=12)
    key: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64)
    return_url: str = Field(default="", max_length=500)
    save_method: bool = False
    expires_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Payment(TenantOwned, table=True):
    """One attempt to pay an intent. `reference`: the intent's with a letter. `surplus`: another attempt had paid it.

    `refunded`: what went back for good. `account_id` is empty for money that finance saw itself (a bank slip).
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        UniqueConstraint("intent_id", "number"),
        UniqueConstraint("intent_id", "key"),
        UniqueConstraint("account_id", "receipt"),
        Index("ix_payment_provider_ref", "account_id", "provider_ref"),
        Index("ix_payment_due", "state", "next_poll_at"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("fee >= 0", name="fee"),
        CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
        one_of("state", PaymentState),
        one_of("way", Way),
        one_of("mode", Mode),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    intent_id: UUID = Field(foreign_key="payment_intent.id")
    account_id: UUID | None = Field(default=None, foreign_key="provider_account.id")
    gateway: str = Field(max_length=20)
    mode: Mode = Field(sa_type=Text)
    way: Way = Field(sa_type=Text)
    number: int
    reference: str = Field(max_length=12)
    key: str = Field(max_length=64)
    fingerprint: str = Field(default="", max_length=64)
    provider_ref: str = Field(default="", max_length=255)
    receipt: str | None = Field(default=None, max_length=255)
    state: PaymentState = Field(default=PaymentState.CREATED, sa_type=Text)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    fee: int = Field(default=0, sa_type=BigInteger)
    refunded: int = Field(default=0, sa_type=BigInteger)
    surplus: bool = False
    sealed_phone: str = Field(default="", sa_type=Text)
    phone_hint: str = Field(default="", max_length=20)
    method_id: UUID | None = None
    code: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=40)
    message: str = Field(default="", sa_type=Text)
    url: str = Field(default="", sa_type=Text)
    polls: int = 0
    next_poll_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class SavedMethod(TenantOwned, table=True):
    """A method that a provider keeps for a person, to be charged again. `token_hash` tells two apart."""

    __tablename__ = "saved_method"
    __table_args__ = (UniqueConstraint("user_id", "account_id", "token_hash"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="provider_account.id")
    label: str = Field(default="", max_length=80)
    expires: str = Field(default="", max_length=7)
    sealed_token: str = Field(sa_type=Text)
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Refund(TenantOwned, table=True):
    """Money of a payment that goes back. `sent_at` is written before the call: after a crash it is asked about."""

    __tablename__ = "refund"
    __table_args__ = (
        UniqueConstraint("payment_id", "key"),
        Index("ix_refund_due", "state", "next_poll_at"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("state", MoveState),
        one_of("way", RefundWay),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id")
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    reason: str = Field(max_length=200)
    key: str = Field(max_length=64)
    way: RefundWay = Field(sa_type=Text)
    state: MoveState = Field(default=MoveState.CREATED, sa_type=Text)
    provider_ref: str = Field(default="", max_length=255)
    receipt: str = Field(default="", max_length=255)
    code: str = Field(default="", max_length=120)
    detail: str = Field(default="", sa_type=Text)
    asked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    polls: int = 0
    next_poll_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Dispute(TenantOwned, table=True):
    """That the payer's bank takes a payment back, or tries to."""

    __tablename__ = "payment_dispute"
    __table_args__ = (
        UniqueConstraint("account_id", "provider_ref"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("state", DisputeState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    payment_id: UUID = Field(foreign_key="payment.id", index=True)
    account_id: UUID = Field(foreign_key="provider_account.id")
    provider_ref: str = Field(max_length=255)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    state: DisputeState = Field(default=DisputeState.OPEN, sa_type=Text)
    reason: str = Field(default="", max_length=200)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Payout(TenantOwned, table=True):
    """Money sent to a phone, for a purpose. `key` is what the provider knows it by."""

    __tablename__ = "payout"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_payout_due", "state", "next_poll_at"),
        Index("ix_payout_purpose", "purpose_kind", "purpose_id"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("state", MoveState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="provider_account.id")
    purpose_kind: str = Field(max_length=40)
    purpose_id: UUID
    sealed_to: str = Field(sa_type=Text)
    phone_hint: str = Field(max_length=20)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    remarks: str = Field(default="", max_length=100)
    key: str = Field(max_length=64)
    fingerprint: str = Field(max_length=64)
    state: MoveState = Field(default=MoveState.CREATED, sa_type=Text)
    provider_ref: str = Field(default="", max_length=255)
    receipt: str = Field(default="", max_length=255)
    code: str = Field(default="", max_length=120)
    detail: str = Field(default="", sa_type=Text)
    asked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    polls: int = 0
    next_poll_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Deposit(TenantOwned, table=True):
    """Money that is here and that no purpose has yet. `payment_id`: the attempt it came with, where it did."""

    __tablename__ = "deposit"
    __table_args__ = (
        UniqueConstraint("account_id", "receipt"),
        Index("ix_deposit_state", "tenant_id", "state", "id"),
        CheckConstraint("amount > 0", name="amount"),
        one_of("kind", DepositKind),
        one_of("state", DepositState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="provider_account.id")
    kind: DepositKind = Field(sa_type=Text)
    receipt: str = Field(max_length=255)
    amount: int = Field(sa_type=BigInteger)
    currency: Currency = Field(sa_type=Text)
    reference: str = Field(default="", max_length=64)
    sealed_from: str = Field(default="", sa_type=Text)
    phone_hint: str = Field(default="", max_length=20)
    state: DepositState = Field(default=DepositState.UNMATCHED, sa_type=Text)
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id", index=True)
    note: str = Field(default="", sa_type=Text)
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)


class ManualPayment(TenantOwned, table=True):
    """A slip of a bank that somebody handed in for an intent; finance looks whether the money came."""

    __tablename__ = "manual_payment"
    __table_args__ = (
        UniqueConstraint("intent_id", "key"),
        Index("ix_manual_payment_state", "tenant_id", "state", "id"),
        one_of("state", ManualState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    intent_id: UUID = Field(foreign_key="payment_intent.id")
    user_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    key: str = Field(max_length=64)
    bank_reference: str = Field(max_length=64)
    note: str = Field(default="", max_length=500)
    storage_key: str = Field(default="", max_length=300)
    media_type: str = Field(default="", max_length=100)
    size: int = 0
    state: ManualState = Field(default=ManualState.WAITING, sa_type=Text)
    answer: str = Field(default="", max_length=500)
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id")
    decided_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class CallbackRecord(TenantOwned, table=True):
    """A thing a provider told us, once, however often it came (`times`). `sealed_raw` is the request as it came."""

    __tablename__ = "payment_callback"
    __table_args__ = (
        UniqueConstraint("account_id", "dedupe"),
        Index("ix_payment_callback_verdict", "tenant_id", "verdict", "id"),
        one_of("verdict", Verdict),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="provider_account.id")
    dedupe: str = Field(max_length=64)
    topic: str = Field(default="", max_length=60)
    verdict: Verdict = Field(sa_type=Text)
    about: str = Field(default="", max_length=20)
    place: int = 0
    sealed_raw: str = Field(default="", sa_type=Text)
    headers: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    times: int = 1
    error: str = Field(default="", sa_type=Text)
    received_at: datetime = Field(sa_type=UtcDateTime)
    processed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReconciliationRun(TenantOwned, table=True):
    """A comparison of an account with its provider's word. `key`: once a night; by hand as often as wanted."""

    __tablename__ = "reconciliation_run"
    __table_args__ = (UniqueConstraint("account_id", "key"), one_of("state", RunState))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    account_id: UUID = Field(foreign_key="provider_account.id")
    key: str = Field(max_length=64)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    state: RunState = Field(default=RunState.RUNNING, sa_type=Text)
    asked: int = 0
    listed: int = 0
    settled: int = 0
    mismatches: int = 0
    error: str = Field(default="", sa_type=Text)
    started_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Mismatch(TenantOwned, table=True):
    """Ours and theirs differ. `dedupe` keeps the same difference from being told twice."""

    __tablename__ = "payment_mismatch"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dedupe"),
        Index("ix_payment_mismatch_open", "tenant_id", "resolved_at", "id"),
        one_of("kind", MismatchKind),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: MismatchKind = Field(sa_type=Text)
    account_id: UUID = Field(foreign_key="provider_account.id", index=True)
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id", index=True)
    run_id: UUID | None = Field(default=None, foreign_key="reconciliation_run.id", index=True)
    dedupe: str = Field(max_length=200)
    ours: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    theirs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    found_at: datetime = Field(sa_type=UtcDateTime)
    resolved_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=Text)
