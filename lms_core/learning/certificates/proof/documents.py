"""Signed PDF documents: PAdES baseline B-B (ETSI EN 319 142-1) by pyHanko, and what an uploaded one is worth.

The signature certifies the document and allows no later change (DocMDP level 1,
ISO 32000-1, 12.8.2.2).
"""

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from lms_core.learning.certificates import codes

if TYPE_CHECKING:
    from pyhanko.sign import Signer

FIELD = "Signature"
MAXIMUM_BYTES = 5 * 1024 * 1024
_HYPHEN = rb"(?:-|\\055)"  # as a PDF string may escape it
_TRANSCRIPT = re.compile(rb"/Keywords\s*\(transcript\)")
_CODE = re.compile(rb"certificate ((?:[0-9A-Z]{5}" + _HYPHEN + rb"){4}[0-9A-Z]{5})\)")


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """What a check found. `ours`: by a key given to the check; `intact`: nothing it covers changed;
    `whole`: nothing was added after it. `readable` false: no signature could be read at all.
    """

    readable: bool
    ours: bool = False
    intact: bool = False
    whole: bool = False


def sign(pdf: bytes, signer: "Signer", *, name: str, reason: str) -> bytes:
    """The document with one certifying signature over all of it."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=name,
        reason=reason,
    )
    signed = PdfSigner(metadata, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)))
    return bytes(signed.getvalue())


def claimed_code(content: bytes) -> str | None:
    """The certificate that a document says it is, from its description (`/Keywords`), without parsing it."""
    found = _CODE.search(content)
    return codes.normal(found[1].replace(b"\\055", b"-").decode("ascii")) if found else None


def is_transcript(content: bytes) -> bool:
    """Whether a document says of itself that it is a transcript of results; true only where its signature is intact."""
    return _TRANSCRIPT.search(content) is not None


def check(content: bytes, *, trusted: list[str]) -> DocumentSignature:
    """Check the first signature of a foreign document against PEM certificates. Never raises for its content."""
    # Ours have neither object nor cross-reference streams. Whoever rewrote one may have made it a bomb: not unpacked.
    if b"/ObjStm" in content or b"/XRef" in content or b"/Encrypt" in content:
        return DocumentSignature(readable=False)
    try:
        return _check(content, trusted)
    except Exception:
        return DocumentSignature(readable=False)


def _check(content: bytes, trusted: list[str]) -> DocumentSignature:
    from asn1crypto import pem, x509  # type: ignore[import-untyped]
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    signatures = PdfFileReader(BytesIO(content)).embedded_signatures
    if not signatures:
        return DocumentSignature(readable=False)
    known = [x509.Certificate.load(pem.unarmor(each.encode())[2]) for each in trusted]
    first = signatures[0]
    # Whose certificate it is, is asked by comparing it. So it is its own root here, and no path is looked for.
    context = ValidationContext(trust_roots=[first.signer_cert], allow_fetching=False)
    status = validate_pdf_signature(first, context, skip_diff=True)
    ours = any(first.signer_cert.sha256 == each.sha256 for each in known)
    covered = first.byte_range[2] + first.byte_range[3] if len(first.byte_range) == 4 else 0
    whole = len(signatures) == 1 and len(content) - covered <= 2  # a line end at most
    return DocumentSignature(readable=True, ours=ours, intact=bool(status.intact and status.valid), whole=whole)
