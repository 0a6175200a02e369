"""What is signed can be checked, and what was changed is told: documents, credentials, status lists, keys."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some
from pydantic import SecretStr
from sqlalchemy import select

from lms_core.kit.context import system_actor
from lms_core.kit.settings import Settings
from lms_core.learning.certificates import codes
from lms_core.learning.certificates.errors import SignerUnavailable
from lms_core.learning.certificates.models import SigningKey
from lms_core.learning.certificates.proof import documents, integrity, signers
from tests.conftest import START
from tests.factories.courses import Made
from tests.lms_core.learning.certifying import API, Headers, earn
from tests.simulators.pkcs11_token import PIN, make_token
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def code(client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made) -> str:
    """The code of a signed certificate."""
    return str(earn(client, drain, teaching, headers, course)["code"])


def upload(client: TestClient, kind: str, content: bytes) -> dict[str, Any]:
    """What verifying an uploaded file says."""
    answer = client.post(f"{API}/verify/{kind}", files={"file": ("upload", content)})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_document_is_genuine_to_the_byte_or_tampered(client: TestClient, code: str) -> None:
    pdf = client.get(f"{API}/verify/{code}/document").content
    genuine = upload(client, "document", pdf)
    assert (genuine["outcome"], genuine["findings"]) == ("valid", ["same_bytes"])
    assert genuine["certificate"]["code"] == code
    changed = upload(client, "document", pdf.replace(b"Amina", b"Amino"))
    assert (changed["outcome"], changed["findings"]) == ("tampered", ["signature_broken"])
    appended = upload(client, "document", pdf + b"\n% more")
    assert (appended["outcome"], appended["findings"]) == ("tampered", ["signature_intact", "added_after_signing"])
    unsigned = upload(client, "document", b"%PDF-1.7\n/Keywords (certificate " + code.encode() + b")\n%%EOF")
    assert (unsigned["outcome"], unsigned["findings"]) == ("tampered", ["no_signature"])


def test_a_document_of_somebody_else_is_unknown(client: TestClient, code: str) -> None:
    pdf = client.get(f"{API}/verify/{code}/document").content
    foreign = documents.sign(
        pdf[: pdf.index(b"%%EOF") + 6], signers.signer_of(signers.own_key("Other", now=START)), name="x", reason="y"
    )
    found = upload(client, "document", foreign)
    assert (found["outcome"], found["findings"][0]) == ("tampered", "not_our_signature")
    assert upload(client, "document", b"hello")["outcome"] == "unknown"
    escaped = [each.replace("-", r"\055").encode() for each in (code, codes.grouped("0" * codes.LENGTH))]
    assert escaped[0] in foreign
    nobody = foreign.replace(*escaped)
    assert upload(client, "document", nobody)["outcome"] == "unknown"


@given(some.binary(max_size=400))
def test_no_bytes_break_the_check(content: bytes) -> None:
    assert not documents.check(b"%PDF-1.7\n" + content, trusted=[]).ours


def test_a_credential_is_genuine_or_tampered(client: TestClient, code: str) -> None:
    answer = client.get(f"{API}/verify/{code}/credential")
    assert answer.headers["content-type"].startswith("application/vc+ld+json")
    credential = answer.json()
    assert credential["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    issuer = client.get(f"{API}/credentials/issuer").json()
    keys = {each["id"]: each["publicKeyMultibase"] for each in issuer["verificationMethod"]}
    assert integrity.is_intact(credential, multikeys=keys)
    spaced = json.dumps(credential, indent=4, sort_keys=True).encode()
    assert upload(client, "credential", spaced)["outcome"] == "valid"
    credential["name"] = "Rocket science"
    changed = upload(client, "credential", json.dumps(credential).encode())
    assert (changed["outcome"], changed["findings"]) == ("tampered", ["proof_broken"])
    assert changed["certificate"]["course_title"] == "Heat and water"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"[" * 100_000, b'{"proof": 3}', b'{"proof": {}, "id": "a/b/c"}', b"\xff"]
)
def test_what_is_no_credential_is_unknown(client: TestClient, content: bytes) -> None:
    assert upload(client, "credential", content)["outcome"] == "unknown"


def test_files_that_are_too_large_are_refused(client: TestClient) -> None:
    answer = client.post(f"{API}/verify/credential", files={"file": ("x", b"1" * 300_000)})
    assert answer.status_code == 413


def test_revocation_is_a_bit_in_a_signed_list(client: TestClient, code: str, teaching: Headers) -> None:
    entry = client.get(f"{API}/verify/{code}/credential").json()["credentialStatus"]
    address = entry["statusListCredential"].split("localhost:8000")[1]

    def bit() -> int:
        listed = client.get(address).json()
        issuer = client.get(f"{API}/credentials/issuer").json()
        keys = {each["id"]: each["publicKeyMultibase"] for each in issuer["verificationMethod"]}
        assert integrity.is_intact(listed, multikeys=keys)
        packed = listed["credentialSubject"]["encodedList"].removeprefix("u")
        bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        assert len(bits) * 8 == 131_072
        index = int(entry["statusListIndex"])
        return bits[index // 8] >> (7 - index % 8) & 1

    assert bit() == 0
    found = client.get(f"{API}/courses/heat-and-water/certificates", headers=teaching).json()["items"][0]
    client.post(f"{API}/certificates/{found['id']}/revoke", headers=teaching, json={"reason": "Wrong person"})
    assert bit() == 1
    assert upload(client, "document", client.get(f"{API}/verify/{code}/document").content)["outcome"] == "revoked"
    assert client.get(f"{API}/credentials/status/1").status_code == 404


def test_the_published_vector_of_the_cryptosuite_verifies() -> None:
    """W3C vc-di-eddsa, TestVectors/eddsa-jcs-2022, with its key as a bare Multikey."""
    context = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
    key = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    method = f"did:key:{key}#{key}"
    document = {
        "@context": context,
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": "2023-02-24T23:36:38Z",
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
            "@context": context,
            "proofValue": ("z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"),
        },
    }
    assert integrity.is_intact(document, multikeys={method: key})
    assert not integrity.is_intact({**document, "name": "Alumna"}, multikeys={method: key})


def test_private_keys_are_stored_encrypted(runtime: Runtime, code: str) -> None:
    with runtime.database.read(system_actor()) as ctx:
        sealed = list(ctx.session.execute(select(SigningKey.sealed)).scalars())
    assert len(sealed) == 2
    assert all(each.startswith(b"gAAAA") for each in sealed), "Fernet tokens"
    assert code


@pytest.mark.parametrize("suffix", [".p12", ".pem"])
def test_a_key_of_the_institutions_own(tmp_path: Path, suffix: str) -> None:
    made = signers.own_key("Chuo Kikuu", now=START)
    file = tmp_path / f"signer{suffix}"
    if suffix == ".pem":
        file.write_bytes(made.private + made.certificate.encode())
        password = ""
    else:
        password = "karibu"
        private = load_pem_private_key(made.private, None)
        certificate = load_pem_x509_certificate(made.certificate.encode())
        sealed = BestAvailableEncryption(password.encode())
        file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", private, certificate, None, sealed))  # type: ignore[arg-type]
    assert signers.key_of_file(file, password).certificate == made.certificate


def test_a_key_in_a_token_signs_and_never_leaves_it(
    client: TestClient,
    drain: Drain,
    teaching: Headers,
    headers: Headers,
    course: Made,
    settings: Settings,
    tmp_path: Path,
) -> None:
    key = signers.own_key("Chuo Kikuu", now=START)
    settings.certificate_signer = make_token(tmp_path, key, label="school", name="certificates")
    settings.certificate_signer_password = SecretStr(PIN)
    code = str(earn(client, drain, teaching, headers, course)["code"])
    pdf = client.get(f"{API}/verify/{code}/document").content
    assert upload(client, "document", pdf)["outcome"] == "valid"
    with pytest.raises(SignerUnavailable, match="cannot be used"):
        signers.signer_of_token(settings.certificate_signer.replace("=school", "=elsewhere"), PIN)
    with pytest.raises(SignerUnavailable, match="module-path"):
        signers.signer_of_token("pkcs11:token=school;object=certificates", PIN)


def test_an_unusable_signer_leaves_certificates_waiting(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made, settings: Settings
) -> None:
    settings.certificate_signer = "missing.p12"
    waiting = earn(client, drain, teaching, headers, course)
    assert (waiting["standing"], waiting["ready"]) == ("preparing", False)
    assert client.get(f"{API}/verify/{waiting['code']}/document").json()["code"] == "certificate_prepared"


@given(some.text(max_size=60))
def test_any_text_is_a_code_or_none(text: str) -> None:
    found = codes.normal(text)
    assert found is None or codes.normal(found) == found
