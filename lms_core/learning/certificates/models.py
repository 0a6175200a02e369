"""The tables of certificates."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint, column
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id


class KeyPurpose(StrEnum):
    """What a signing key is for: PDF documents, or credentials (JSON)."""

    DOCUMENT = "document"
    CREDENTIAL = "credential"


class CheckKind(StrEnum):
    """How somebody verified: the page, the JSON, an uploaded document or an uploaded credential."""

    PAGE = "page"
    JSON = "json"
    DOCUMENT = "document"
    CREDENTIAL = "credential"


class CheckOutcome(StrEnum):
    """What a verification found."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    TAMPERED = "tampered"
    UNKNOWN = "unknown"


class CertificateTemplate(TenantOwned, table=True):
    """How certificates of a course look and when they are issued; `course_id` empty: the institution's own design."""

    __tablename__ = "certificate_template"
    __table_args__ = (
        UniqueConstraint("tenant_id", "course_id"),
        Index(
            "ix_certificate_template_of_institution",
            "tenant_id",
            unique=True,
            sqlite_where=column("course_id").is_(None),
            postgresql_where=column("course_id").is_(None),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE", index=True)
    design: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    logo_key: str = Field(default="", max_length=300)
    signature_key: str = Field(default="", max_length=300)
    issue_on_completion: bool = False
    updated_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Certificate(TenantOwned, table=True):
    """One certificate, with the design it was issued in. `pdf_key` is empty until the document is signed.

    `credential` is the signed JSON as text.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("user_id", "course_id", "sequence"),
        UniqueConstraint("tenant_id", "status_index"),
        Index("ix_certificate_course_issued", "course_id", "id"),
        Index("ix_certificate_expiry", "expires_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(max_length=40)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE")
    course_id: UUID | None = Field(default=None, foreign_key="course.id", ondelete="SET NULL")
    sequence: int = 0
    status_index: int
    recipient_name: str = Field(max_length=200)
    course_title: str = Field(max_length=200)
    course_minutes: int = 0
    issued_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    revoke_reason: str = Field(default="", max_length=500)
    design: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    logo_key: str = Field(default="", max_length=300)
    signature_key: str = Field(default="", max_length=300)
    pdf_key: str = Field(default="", max_length=300)
    pdf_sha256: str = Field(default="", max_length=64, index=True)
    credential: str = Field(default="", sa_type=Text)


class CertificateCheck(TenantOwned, table=True):
    """That somebody verified a certificate, when and how. Nothing about who did is kept."""

    __tablename__ = "certificate_check"
    __table_args__ = (
        one_of("kind", CheckKind),
        one_of("outcome", CheckOutcome),
        Index("ix_certificate_check_certificate_at", "certificate_id", "at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    certificate_id: UUID = Field(foreign_key="certificate.id", ondelete="CASCADE")
    kind: CheckKind = Field(sa_type=Text)
    outcome: CheckOutcome = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class SigningKey(TenantOwned, table=True):
    """A key that signs, or signed. `public` is a PEM certificate (documents) or a Multikey (credentials);
    `sealed` the encrypted private key, empty where it stays in a file or a token.
    """

    __tablename__ = "signing_key"
    __table_args__ = (one_of("purpose", KeyPurpose), UniqueConstraint("tenant_id", "purpose", "fingerprint"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    purpose: KeyPurpose = Field(sa_type=Text)
    fingerprint: str = Field(max_length=100)
    public: str = Field(sa_type=Text)
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UtcDateTime)
