"""Certificates as Open Badges 3.0 credentials, and the list that says which are revoked.

1EdTech "Open Badges Specification v3.0" over W3C "Verifiable Credentials Data
Model v2.0"; revocation by W3C "Bitstring Status List v1.0".
"""

import base64
import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

Document = dict[str, Any]

VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"
OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OB_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
LIST_BITS = 131_072  # the smallest a list may be, so that a holder is one of many
API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Achievement:
    """What a credential says: who, by hashed address, did what, and where the rest of it is."""

    code: str
    status_index: int
    recipient: str
    email: str
    course_id: UUID | None
    course: str
    narrative: str
    language: str
    issued_at: datetime
    expires_at: datetime | None


def moment(at: datetime) -> str:
    """An RFC 3339 moment in UTC, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def issuer_url(origin: str) -> str:
    """Where the issuer's profile and public keys are."""
    return f"{origin}{API}/credentials/issuer"


def credential_url(origin: str, code: str) -> str:
    """Where a credential is; also its id."""
    return f"{origin}{API}/verify/{code}/credential"


def status_url(origin: str, number: int) -> str:
    """Where a status list is."""
    return f"{origin}{API}/credentials/status/{number}"


def issuer(origin: str, name: str, multikeys: Iterable[str]) -> Document:
    """The issuer: an Open Badges profile that is also a controlled identifier document with its keys, old ones too."""
    own = issuer_url(origin)
    methods = [
        {"id": f"{own}#{each}", "type": "Multikey", "controller": own, "publicKeyMultibase": each} for each in multikeys
    ]
    return {
        "@context": [VC_CONTEXT, OB_CONTEXT, "https://www.w3.org/ns/cid/v1"],
        "id": own,
        "type": ["Profile"],
        "name": name,
        "url": origin,
        "verificationMethod": methods,
        "assertionMethod": [each["id"] for each in methods],
    }


def credential(given: Achievement, *, origin: str, institution: str) -> Document:
    """The credential without its proof. The holder's address appears as a salted hash only."""
    salt = given.code
    identity = hashlib.sha256((given.email.lower() + salt).encode()).hexdigest()
    achievement_id = f"{origin}{API}/verify/{given.code}#achievement"
    if given.course_id is not None:
        achievement_id = f"{origin}/courses/{given.course_id}"
    made: Document = {
        "@context": [VC_CONTEXT, OB_CONTEXT],
        "id": credential_url(origin, given.code),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": given.course,
        "issuer": {"id": issuer_url(origin), "type": ["Profile"], "name": institution, "url": origin},
        "validFrom": moment(given.issued_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": f"sha256${identity}",
                    "identityType": "emailAddress",
                    "hashed": True,
                    "salt": salt,
                },
                {"type": "IdentityObject", "identityHash": given.recipient, "identityType": "name", "hashed": False},
            ],
            "achievement": {
                "id": achievement_id,
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "inLanguage": given.language,
                "name": given.course,
                "description": given.narrative,
                "criteria": {"narrative": given.narrative},
            },
        },
        "credentialSchema": [{"id": OB_SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": _status_entry(given.status_index, origin),
    }
    if given.expires_at is not None:
        made["validUntil"] = moment(given.expires_at)
    return made


def _status_entry(index: int, origin: str) -> Document:
    url = status_url(origin, index // LIST_BITS)
    return {
        "id": f"{url}#{index % LIST_BITS}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index % LIST_BITS),
        "statusListCredential": url,
    }


def status_list(number: int, revoked: Iterable[int], *, origin: str, at: datetime) -> Document:
    """The status list credential without its proof; `revoked` are positions inside this list."""
    bits = bytearray(LIST_BITS // 8)
    for position in revoked:
        bits[position // 8] |= 0x80 >> position % 8  # the first index is the left-most bit
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=").decode()
    url = status_url(origin, number)
    return {
        "@context": [VC_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_url(origin),
        "validFrom": moment(at),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{packed}",
        },
    }
