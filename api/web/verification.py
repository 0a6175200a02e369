"""The public pages of verification: look up a code, read what it stands for, upload what one was given."""

from typing import Annotated

from fastapi import APIRouter, File, Query, Request, UploadFile
from starlette.responses import Response

from api import inspecting
from api.deps import RuntimeDep, VisitorReading, VisitorWriting
from api.routes.identity.callers import ClientDep
from api.web.rendering import page, redirect
from lms_core.kit.errors import TooLarge
from lms_core.learning.certificates import codes
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.errors import CertificateNotFound
from lms_core.learning.certificates.models import CheckKind
from lms_core.learning.certificates.proof.documents import MAXIMUM_BYTES

router = APIRouter(include_in_schema=False)

PDF_HEAD = b"%PDF-"
Code = Annotated[str, Query(max_length=100)]


@router.get("/verify")
def look_up(request: Request, ctx: VisitorReading, code: Code = "") -> Response:
    """A form for a code or a file; with a code, on to its page."""
    if code:
        normal = codes.normal(code)
        if normal is not None:
            return redirect(f"/verify/{normal}")
    return page(request, ctx.actor, "certificates/look_up.html", code=code, found=None, too_large=False)


@router.post("/verify")
def inspect(
    request: Request,
    ctx: VisitorReading,
    runtime: RuntimeDep,
    client: ClientDep,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """What an uploaded PDF or credential is."""
    content = file.file.read(MAXIMUM_BYTES + 1) if file is not None else b""
    found, too_large = None, False
    try:
        found = inspecting.inspect(ctx, runtime, client, content, pdf=content.startswith(PDF_HEAD))
    except TooLarge:
        too_large = True
    shown = {"code": "", "found": found, "too_large": too_large}
    return page(request, ctx.actor, "certificates/look_up.html", status=413 if too_large else 200, **shown)


@router.get("/verify/{code}")
def verify(request: Request, ctx: VisitorWriting, code: str) -> Response:
    """What the certificate with this code says today."""
    try:
        seen = certificates.verify(ctx, code, kind=CheckKind.PAGE)
    except CertificateNotFound:
        shown = {"code": code[:100], "found": None, "too_large": False}
        return page(request, ctx.actor, "certificates/look_up.html", status=404, **shown)
    return page(request, ctx.actor, "certificates/verified.html", seen=seen)
