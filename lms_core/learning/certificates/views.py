"""Rows as views: a certificate's standing, its public address, and the link that adds it to a LinkedIn profile."""

from datetime import datetime
from urllib.parse import urlencode

from lms_core.learning.certificates.models import Certificate, CheckOutcome
from lms_core.learning.certificates.proof.credentials import API, credential_url
from lms_core.learning.certificates.schemas import CertificateView, Standing, VerificationView

LINKEDIN = "https://www.linkedin.com/profile/add"


def standing_of(row: Certificate, now: datetime) -> Standing:
    """Where a certificate stands at `now`."""
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= now:
        return "expired"
    return "valid" if row.pdf_key else "preparing"


def share_url(origin: str, code: str) -> str:
    """The public page of a certificate."""
    return f"{origin}/verify/{code}"


def linkedin_url(row: Certificate, *, origin: str, institution: str) -> str:
    """The address that opens LinkedIn's form for a certification, filled in (addtoprofile.linkedin.com)."""
    values = {
        "startTask": "CERTIFICATION_NAME",
        "name": row.course_title,
        "organizationName": institution,
        "issueYear": str(row.issued_at.year),
        "issueMonth": str(row.issued_at.month),
        "certId": row.code,
        "certUrl": share_url(origin, row.code),
    }
    if row.expires_at is not None:
        values |= {"expirationYear": str(row.expires_at.year), "expirationMonth": str(row.expires_at.month)}
    return f"{LINKEDIN}?{urlencode(values)}"


def certificate(row: Certificate, *, origin: str, institution: str, now: datetime) -> CertificateView:
    """A certificate for its holder and its instructors."""
    return CertificateView(
        id=row.id,
        code=row.code,
        user_id=row.user_id,
        course_id=row.course_id,
        recipient_name=row.recipient_name,
        course_title=row.course_title,
        standing=standing_of(row, now),
        ready=bool(row.pdf_key),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoke_reason=row.revoke_reason,
        share_url=share_url(origin, row.code),
        linkedin_url=linkedin_url(row, origin=origin, institution=institution),
    )


def outcome_of(row: Certificate, now: datetime) -> CheckOutcome:
    """What a verification of a genuine certificate says."""
    standing = standing_of(row, now)
    return CheckOutcome.VALID if standing == "preparing" else CheckOutcome(standing)


def verification(row: Certificate, *, origin: str, institution: str, now: datetime) -> VerificationView:
    """What anybody may know who has the code."""
    ready = bool(row.pdf_key)
    return VerificationView(
        code=row.code,
        status=outcome_of(row, now).value,  # never "tampered": this is our own row
        recipient_name=row.recipient_name,
        course_title=row.course_title,
        issuer=institution,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        revoke_reason=row.revoke_reason,
        verification_url=share_url(origin, row.code),
        pdf_url=f"{origin}{API}/verify/{row.code}/document" if ready else None,
        credential_url=credential_url(origin, row.code) if ready else None,
        checked_at=now,
    )
