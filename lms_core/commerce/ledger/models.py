"""The tables of the ledger. Rows are only ever added: triggers of the migration refuse everything else."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    Index,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field

from lms_core.commerce.ledger.schemas import AccountKind
from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import MAX_AMOUNT, Currency


class OwnerKey(TypeDecorator[str]):
    """A text that may be asked for by the id it holds: a person's, an affiliate's, a provider account's."""

    impl = String(80)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The text of an id."""
        return None if value is None else str(value)


class LedgerAccount(TenantOwned, table=True):
    """An account: made by the first entry in it."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "owner", "currency"),
        Index("ix_ledger_account_owner", "owner"),
        one_of("kind", AccountKind),
        one_of("currency", Currency),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: AccountKind = Field(sa_type=Text)
    owner: str = Field(default="", sa_type=OwnerKey)
    currency: Currency = Field(sa_type=String(3))
    opened_at: datetime = Field(sa_type=UtcDateTime)


class LedgerTransaction(TenantOwned, table=True):
    """A movement of money. `lines`: how many entries it has; `fingerprint`: SHA-256 of what they say."""

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_ledger_transaction_at", "tenant_id", "at", "id"),
        Index("ix_ledger_transaction_subject", "tenant_id", "subject_kind", "subject_id"),
        CheckConstraint("lines > 0", name="lines"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(max_length=200)
    kind: str = Field(max_length=60)
    subject_kind: str = Field(max_length=60)
    subject_id: UUID
    description: str = Field(default="", max_length=500)
    lines: int
    fingerprint: str = Field(max_length=64)
    at: datetime = Field(sa_type=UtcDateTime)


class LedgerEntry(TenantOwned, table=True):
    """One side of a movement: `amount` minor units, debit positive, credit negative, in its account's currency.

    `at` is its transaction's: a statement reads it off one index.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index("ix_ledger_entry_account", "account_id", "at", "id"),
        Index("ix_ledger_entry_at", "tenant_id", "at"),
        CheckConstraint(f"amount <> 0 AND amount BETWEEN -{MAX_AMOUNT} AND {MAX_AMOUNT}", name="amount"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    transaction_id: UUID = Field(foreign_key="ledger_transaction.id", index=True)
    account_id: UUID = Field(foreign_key="ledger_account.id")
    amount: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcDateTime)


class LedgerCheck(TenantOwned, table=True):
    """What a check found; a `sound` one is forgotten after `jobs.KEEP`, one with breaches is kept."""

    __tablename__ = "ledger_check"
    __table_args__ = (Index("ix_ledger_check_at", "tenant_id", "at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    transactions: int = Field(sa_type=BigInteger)
    entries: int = Field(sa_type=BigInteger)
    sound: bool
    breaches: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
