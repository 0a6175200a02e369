"""What certificates hold about a person.

An institution must be able to say what it issued, so the row stays: its code, course and dates, revoked and nameless.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import ReadCtx
from lms_core.kit.personal import Act, Stays, declare
from lms_core.learning.certificates.models import Certificate, CertificateTemplate


def _nameless(now: datetime) -> dict[str, Any]:
    return {
        "recipient_name": "—",
        "revoked_at": now,
        "revoke_reason": "The holder had their account deleted.",
        "pdf_key": "",
        "pdf_sha256": "",
        "credential": "",
        "remind_at": None,
    }


def _documents(ctx: ReadCtx, user_id: UUID) -> list[str]:
    kept = select(Certificate.pdf_key).where(Certificate.user_id == user_id, Certificate.pdf_key != "")
    return list(ctx.session.execute(kept).scalars())


declare(
    "certificates",
    Stays(
        Certificate.user_id,
        why="what was issued stays countable and its code answers “revoked”; name, document and credential go",
        blank=_nameless,
        without=frozenset({"pdf_key", "status_index"}),
    ),
    Act(Certificate.issued_by, why="the certificates that somebody issued are about the learners who got them"),
    Act(Certificate.revoked_by, why="the certificates that somebody revoked are about the learners who had them"),
    Act(CertificateTemplate.updated_by, why="a template is the institution's"),
    files=_documents,
)
