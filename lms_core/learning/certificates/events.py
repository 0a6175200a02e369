"""Facts about certificates. Those a person should hear of carry a Notice (variables: course, code, until, reason)."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class CertificateIssued(Event):
    """A certificate is signed and can be shown."""

    name: ClassVar[str] = "certificates.issued"
    certificate_id: UUID
    user_id: UUID
    course_id: UUID | None


class CertificateRevoked(Event):
    """A certificate is no longer valid."""

    name: ClassVar[str] = "certificates.revoked"
    certificate_id: UUID
    user_id: UUID


class CertificateExpiring(Event):
    """A certificate runs out soon."""

    name: ClassVar[str] = "certificates.expiring"
    certificate_id: UUID
    user_id: UUID
