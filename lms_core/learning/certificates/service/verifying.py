"""Verification: of a code, of an uploaded document, of an uploaded credential. Open to everybody.

A check of a certificate that exists is written down; probing for codes is not,
so that nobody can fill the log.
"""

import hashlib
import json
from typing import Any

from sqlalchemy import select

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound, TooLarge
from lms_core.learning.certificates import codes, keeping, queries, views
from lms_core.learning.certificates.errors import CertificateNotFound
from lms_core.learning.certificates.models import (
    Certificate,
    CertificateCheck,
    CheckKind,
    CheckOutcome,
    KeyPurpose,
)
from lms_core.learning.certificates.proof import credentials, documents, integrity
from lms_core.learning.certificates.schemas import InspectionView, VerificationView
from lms_core.learning.certificates.service.institution import name_and_origin

LARGEST_CREDENTIAL = 200_000


def verify(ctx: WriteCtx, typed: str, *, kind: CheckKind) -> VerificationView:
    """What the certificate with this code says today. CertificateNotFound. Four statements."""
    code = codes.normal(typed)
    row = queries.by_code(ctx, code) if code is not None else None
    if row is None:
        raise CertificateNotFound()
    institution, origin = name_and_origin(ctx)
    _note(ctx, row, kind, views.outcome_of(row, ctx.now))
    return views.verification(row, origin=origin, institution=institution, now=ctx.now)


def inspect_document(ctx: ReadCtx, content: bytes) -> InspectionView:
    """What an uploaded PDF is: one of ours to the byte, a changed one, or none of ours. TooLarge.

    Reads a foreign document, so it holds no transaction that writes; `note_inspection` writes it down.
    Findings: `same_bytes`, `signature_intact`, `signature_broken`, `not_our_signature`, `added_after_signing`,
    `no_signature`, `unknown_certificate`, `no_certificate_named`, `transcript`.
    """
    if len(content) > documents.MAXIMUM_BYTES:
        raise TooLarge("A certificate has less than 5 MB.")
    digest = hashlib.sha256(content).hexdigest()
    same = ctx.session.execute(select(Certificate).where(Certificate.pdf_sha256 == digest)).scalar_one_or_none()
    if same is not None:
        return _inspected(ctx, same, CheckKind.DOCUMENT, views.outcome_of(same, ctx.now), "same_bytes")
    found = documents.check(content, trusted=keeping.public_keys(ctx, KeyPurpose.DOCUMENT))
    if found.ours and found.intact and found.whole and documents.is_transcript(content):
        return _inspected(ctx, None, CheckKind.DOCUMENT, CheckOutcome.VALID, "signature_intact", "transcript")
    code = documents.claimed_code(content)
    row = queries.by_code(ctx, code) if code is not None else None
    findings = [_signature_finding(found)]
    if found.readable and found.ours and not found.whole:
        findings.append("added_after_signing")
    if row is None and not (found.readable and found.ours):
        findings.append("unknown_certificate" if code is not None else "no_certificate_named")
        return _inspected(ctx, None, CheckKind.DOCUMENT, CheckOutcome.UNKNOWN, *findings)
    return _inspected(ctx, row, CheckKind.DOCUMENT, CheckOutcome.TAMPERED, *findings)


def inspect_credential(ctx: ReadCtx, content: bytes) -> InspectionView:
    """What an uploaded credential (JSON) is. TooLarge.

    Findings: `not_json`, `proof_intact`, `proof_broken`, `unknown_certificate`, `no_certificate_named`.
    """
    if len(content) > LARGEST_CREDENTIAL:
        raise TooLarge("A credential has less than 200 KB.")
    document = _json_object(content)
    if document is None:
        return _inspected(ctx, None, CheckKind.CREDENTIAL, CheckOutcome.UNKNOWN, "not_json")
    code = _code_of(document)
    row = queries.by_code(ctx, code) if code is not None else None
    if integrity.is_intact(document, multikeys=_keys_for(ctx, document)):
        if row is None:
            return _inspected(
                ctx, None, CheckKind.CREDENTIAL, CheckOutcome.UNKNOWN, "proof_intact", "unknown_certificate"
            )
        return _inspected(ctx, row, CheckKind.CREDENTIAL, views.outcome_of(row, ctx.now), "proof_intact")
    if row is None:
        finding = "unknown_certificate" if code is not None else "no_certificate_named"
        return _inspected(ctx, None, CheckKind.CREDENTIAL, CheckOutcome.UNKNOWN, "proof_broken", finding)
    return _inspected(ctx, row, CheckKind.CREDENTIAL, CheckOutcome.TAMPERED, "proof_broken")


def issuer(ctx: ReadCtx) -> dict[str, Any]:
    """The issuer's profile with every public key that signed credentials."""
    name, origin = name_and_origin(ctx)
    return credentials.issuer(origin, name, keeping.public_keys(ctx, KeyPurpose.CREDENTIAL))


def status_list(ctx: ReadCtx, number: int) -> dict[str, Any]:
    """The signed list `number` (from 0) of what is revoked. NotFound beyond the last certificate."""
    first, after = number * credentials.LIST_BITS, (number + 1) * credentials.LIST_BITS
    key = keeping.known_credential_key(ctx)
    if key is None or first >= queries.next_status_index(ctx):
        raise NotFound("There is no such status list.")
    revoked = ctx.session.execute(
        select(Certificate.status_index).where(
            Certificate.status_index >= first, Certificate.status_index < after, Certificate.revoked_at.is_not(None)
        )
    ).scalars()
    _, origin = name_and_origin(ctx)
    made = credentials.status_list(number, (index - first for index in revoked), origin=origin, at=ctx.now)
    method = f"{credentials.issuer_url(origin)}#{key[1]}"
    return integrity.sign(made, key=key[0], method=method, created=credentials.moment(ctx.now))


def _signature_finding(found: documents.DocumentSignature) -> str:
    if not found.readable:
        return "no_signature"
    if not found.ours:
        return "not_our_signature"
    return "signature_intact" if found.intact else "signature_broken"


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        loaded = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _code_of(document: dict[str, Any]) -> str | None:
    """The code in a credential's id (`.../verify/{code}/credential`)."""
    parts = str(document.get("id", ""))[-200:].split("/")
    return codes.normal(parts[-2]) if len(parts) > 1 else None


def _keys_for(ctx: ReadCtx, document: dict[str, Any]) -> dict[str, str]:
    """The proof's own verification method with our key of that name. The host before it may be an earlier one."""
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(method, str):
        return {}
    named = method.rpartition("#")[2]
    return {method: named} if named in keeping.public_keys(ctx, KeyPurpose.CREDENTIAL) else {}


def note_inspection(ctx: WriteCtx, seen: InspectionView) -> None:
    """Write down that a certificate of ours was inspected; nothing for what is none of ours."""
    row = queries.by_code(ctx, seen.certificate.code) if seen.certificate is not None else None
    if row is not None:
        _note(ctx, row, seen.kind, seen.outcome)


def _inspected(
    ctx: ReadCtx, row: Certificate | None, kind: CheckKind, outcome: CheckOutcome, *findings: str
) -> InspectionView:
    certificate = None
    if row is not None:
        institution, origin = name_and_origin(ctx)
        certificate = views.verification(row, origin=origin, institution=institution, now=ctx.now)
    return InspectionView(outcome=outcome, kind=kind, findings=findings, certificate=certificate)


def _note(ctx: WriteCtx, row: Certificate, kind: CheckKind, outcome: CheckOutcome) -> None:
    ctx.add(CertificateCheck(certificate_id=row.id, kind=kind, outcome=outcome, at=ctx.now))
