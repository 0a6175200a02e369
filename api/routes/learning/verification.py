"""Verifying certificates, for everybody: by code, by document, by credential; and the issuer's keys and lists."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Path, UploadFile
from starlette.responses import JSONResponse, Response

from api import inspecting
from api.deps import RuntimeDep, VisitorReading, VisitorWriting
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.kit.errors import NotFound, TooLarge, TooManyRequests
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.errors import CertificateNotFound, StillPrepared
from lms_core.learning.certificates.models import CheckKind
from lms_core.learning.certificates.proof.documents import MAXIMUM_BYTES
from lms_core.learning.certificates.schemas import InspectionView, VerificationView

router = APIRouter(tags=["verification"])

Code = Annotated[str, Path(max_length=100)]
Upload = Annotated[UploadFile, File()]
CREDENTIAL = "application/vc+ld+json"
GONE = errors(CertificateNotFound, StillPrepared)


class Credential(JSONResponse):
    """A verifiable credential or issuer document, readable from any site: verifiers run in browsers too."""

    media_type = CREDENTIAL

    def __init__(self, content: Any) -> None:
        super().__init__(content, headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"})


@router.get("/verify/{code}", response_model=VerificationView, responses=errors(CertificateNotFound))
def verify(ctx: VisitorWriting, code: Code) -> VerificationView:
    """What the certificate with this code says today. The check is counted; who asked is not kept."""
    return certificates.verify(ctx, code, kind=CheckKind.JSON)


@router.get(
    "/verify/{code}/document",
    response_model=None,
    responses={200: {"content": {"application/pdf": {}}}, **GONE},
)
def read_document(ctx: VisitorReading, code: Code) -> Response:
    """The signed PDF."""
    pdf, name = certificates.document_of(ctx, code)
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-cache"}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get("/verify/{code}/credential", response_model=None, responses={200: {"content": {CREDENTIAL: {}}}, **GONE})
def read_credential(ctx: VisitorReading, code: Code) -> Response:
    """The certificate as an Open Badges 3.0 credential with its proof."""
    return Credential(certificates.credential_of(ctx, code))


@router.post("/verify/document", response_model=InspectionView, responses=errors(TooLarge, TooManyRequests))
def inspect_document(ctx: VisitorReading, runtime: RuntimeDep, client: ClientDep, file: Upload) -> InspectionView:
    """Whether an uploaded PDF is one of ours, unchanged."""
    return inspecting.inspect(ctx, runtime, client, file.file.read(MAXIMUM_BYTES + 1), pdf=True)


@router.post("/verify/credential", response_model=InspectionView, responses=errors(TooLarge, TooManyRequests))
def inspect_credential(ctx: VisitorReading, runtime: RuntimeDep, client: ClientDep, file: Upload) -> InspectionView:
    """Whether an uploaded credential is one of ours, unchanged."""
    return inspecting.inspect(ctx, runtime, client, file.file.read(MAXIMUM_BYTES + 1), pdf=False)


@router.get("/credentials/issuer", response_model=None, responses={200: {"content": {CREDENTIAL: {}}}})
def read_issuer(ctx: VisitorReading) -> Response:
    """The issuer's profile, and every public key that signed credentials."""
    return Credential(certificates.issuer(ctx))


@router.get(
    "/credentials/status/{number}",
    response_model=None,
    responses={200: {"content": {CREDENTIAL: {}}}, **errors(NotFound)},
)
def read_status_list(ctx: VisitorReading, number: Annotated[int, Path(ge=0, le=10_000)]) -> Response:
    """A signed list of which credentials are revoked (Bitstring Status List 1.0)."""
    return Credential(certificates.status_list(ctx, number))
