"""The tables of documents."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency


class DocumentKind(StrEnum):
    """What a document is."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"


class ControlState(StrEnum):
    """Whether a document has what the tax authority's control unit gives it. `none`: it needs nothing."""

    NONE = "none"
    WAITING = "waiting"
    SENT = "sent"


class MailState(StrEnum):
    """Whether a document was mailed to its buyer. `skipped`: they have no confirmed address."""

    QUEUED = "queued"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class SellerSettings(TenantOwned, table=True):
    """Who sells, as documents print it; one row an institution. `pin`: the number at the tax authority.

    `time_zone` decides in which day and year a document is issued. `etims`: documents wait for their control unit.
    """

    __tablename__ = "seller_settings"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    legal_name: str = Field(default="", max_length=200)
    address: str = Field(default="", sa_type=Text)
    pin: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)
    note: str = Field(default="", sa_type=Text)
    time_zone: str = Field(default="Africa/Nairobi", max_length=64)
    vat_registered: bool = False
    etims: bool = False
    etims_serial: str = Field(default="", max_length=60)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BillingDetails(TenantOwned, table=True):
    """What somebody wants on their invoices: another name, an address, a tax number."""

    __tablename__ = "billing_details"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    name: str = Field(default="", max_length=200)
    address: str = Field(default="", sa_type=Text)
    pin: str = Field(default="", max_length=40)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class DocumentSeries(TenantOwned, table=True):
    """The next number of a kind in a year; its row is the lock that numbering goes through."""

    __tablename__ = "document_series"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "year"),
        one_of("kind", DocumentKind),
        CheckConstraint("following > 0", name="following"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: DocumentKind = Field(sa_type=Text)
    year: int
    following: int = 1


class Document(TenantOwned, table=True):
    """A document as it was issued. `source_id`: the order or the refund it is about.

    `net` and `tax` are positive in every kind, in minor units. `content` is `schemas.Content`, frozen.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "year", "sequence"),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "kind", "source_id"),
        one_of("kind", DocumentKind),
        one_of("control_state", ControlState),
        one_of("mail_state", MailState),
        CheckConstraint("net >= 0 AND tax >= 0 AND net + tax > 0", name="amounts"),
        Index("ix_document_buyer", "buyer_id", "id"),
        Index("ix_document_order", "tenant_id", "order_id"),
        Index("ix_document_issued", "tenant_id", "issued_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: DocumentKind = Field(sa_type=Text)
    number: str = Field(max_length=40)
    year: int
    sequence: int
    source_id: UUID
    order_id: UUID
    order_number: str = Field(max_length=60)
    buyer_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    buyer_name: str = Field(max_length=200)
    corrects_id: UUID | None = Field(default=None, foreign_key="document.id", index=True)
    currency: Currency = Field(max_length=3, sa_type=Text)
    net: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
    content: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    language: str = Field(default="en", max_length=10)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    pdf_key: str = Field(default="", sa_type=Text)
    pdf_sha256: str = Field(default="", max_length=64)
    mail_state: MailState = Field(default=MailState.QUEUED, sa_type=Text)
    mailed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    control_state: ControlState = Field(default=ControlState.NONE, sa_type=Text)
    control_number: str = Field(default="", max_length=80)
    control_serial: str = Field(default="", max_length=80)
    control_url: str = Field(default="", max_length=500)
    control_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DocumentTax(TenantOwned, table=True):
    """What of a document falls under one rate (basis points): the rows that a VAT return is summed from."""

    __tablename__ = "document_tax"
    __table_args__ = (CheckConstraint("net >= 0 AND tax >= 0", name="amounts"),)

    document_id: UUID = Field(foreign_key="document.id", ondelete="CASCADE", primary_key=True)
    rate: int = Field(primary_key=True)
    net: int = Field(sa_type=BigInteger)
    tax: int = Field(sa_type=BigInteger)
