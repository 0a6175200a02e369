"""One's certificates; templates, issuing and revoking for a course's editors."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, UploadFile
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.errors import AlreadyRevoked, CertificateNotFound, PictureRefused
from lms_core.learning.certificates.paper.pictures import MAXIMUM_BYTES
from lms_core.learning.certificates.schemas import (
    CertificateRow,
    CertificateView,
    Design,
    Figures,
    IssueIn,
    IssueView,
    Picture,
    RevokeIn,
    TemplateIn,
    TemplateView,
)

router = APIRouter(tags=["certificates"])

REFUSED = errors(Unauthenticated, Forbidden, CourseNotFound)
PDF = {200: {"content": {"application/pdf": {}}}}
PNG = {200: {"content": {"image/png": {}}}}
Name = Annotated[str, Query(max_length=100)]
PREVIEW = "/certificate-template/preview"


@router.get("/my-certificates", response_model=Page[CertificateView], responses=errors(Unauthenticated, Invalid))
def list_mine(ctx: Reading, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[CertificateView]:
    """The caller's certificates, newest first."""
    return certificates.mine(ctx, cursor=cursor, limit=limit)


@router.get("/certificate-template", response_model=TemplateView, responses=errors(Unauthenticated, Forbidden))
def read_institution_template(ctx: Reading) -> TemplateView:
    """The institution's own design, with which each course begins. For administrators."""
    return certificates.template(ctx)


@router.put("/certificate-template", response_model=TemplateView, responses=errors(Unauthenticated, Forbidden))
def save_institution_template(ctx: Writing, given: TemplateIn) -> TemplateView:
    """Replace the institution's own design."""
    return certificates.save_template(ctx, given=given)


@router.get("/courses/{course}/certificate-template", response_model=TemplateView, responses=REFUSED)
def read_template(ctx: Reading, course: CourseName) -> TemplateView:
    """A course's design and rule."""
    return certificates.template(ctx, course)


@router.put("/courses/{course}/certificate-template", response_model=TemplateView, responses=REFUSED)
def save_template(ctx: Writing, course: CourseName, given: TemplateIn) -> TemplateView:
    """Replace a course's design and rule; what is issued stays as it is."""
    return certificates.save_template(ctx, course, given=given)


@router.post("/courses/{course}" + PREVIEW, response_model=None, responses={**PDF, **REFUSED})
def preview(ctx: Reading, course: CourseName, design: Design) -> Response:
    """A sample of a design as a PDF, marked as a preview and not signed."""
    return Response(certificates.preview(ctx, course, design=design), media_type="application/pdf")


@router.put(
    "/courses/{course}/certificate-template/pictures/{which}",
    response_model=TemplateView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, PictureRefused),
)
def set_picture(
    ctx: Reading, runtime: RuntimeDep, course: CourseName, which: Picture, file: Annotated[UploadFile, File()]
) -> TemplateView:
    """Upload the logo or the signature: PNG or JPEG, drawn anew; anything else is refused."""
    digest = certificates.keep_picture(ctx, course, content=file.file.read(MAXIMUM_BYTES + 1))
    with runtime.database.write(ctx.actor, request_id=ctx.request_id) as writing:
        return certificates.set_picture(writing, course, which=which, digest=digest)


@router.get(
    "/courses/{course}/certificate-template/pictures/{which}",
    response_model=None,
    responses={**PNG, **errors(Unauthenticated, Forbidden, CourseNotFound, NotFound)},
)
def read_picture(ctx: Reading, course: CourseName, which: Picture) -> Response:
    """The logo or the signature in use."""
    headers = {"Cache-Control": "private, no-store"}
    return Response(certificates.picture(ctx, course, which=which), media_type="image/png", headers=headers)


@router.delete(
    "/courses/{course}/certificate-template/pictures/{which}", response_model=TemplateView, responses=REFUSED
)
def remove_picture(ctx: Writing, course: CourseName, which: Picture) -> TemplateView:
    """Take the logo or the signature off."""
    return certificates.remove_picture(ctx, course, which=which)


@router.get("/courses/{course}/certificates", response_model=Page[CertificateRow], responses=REFUSED)
def list_of_course(
    ctx: Reading, course: CourseName, q: Name = "", cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT
) -> Page[CertificateRow]:
    """A course's certificates, newest first, with how often each was verified."""
    return certificates.of_course(ctx, course, q=q, cursor=cursor, limit=limit)


@router.post("/courses/{course}/certificates", status_code=201, response_model=IssueView, responses=REFUSED)
def issue(ctx: Writing, course: CourseName, given: IssueIn) -> IssueView:
    """Issue certificates by hand or in bulk. They are signed in the background."""
    return certificates.issue(ctx, course, given=given)


@router.get("/courses/{course}/certificates/figures", response_model=Figures, responses=REFUSED)
def read_figures(ctx: Reading, course: CourseName) -> Figures:
    """A course's certificates in numbers, by month."""
    return certificates.figures(ctx, course)


@router.post(
    "/certificates/{certificate_id}/revoke",
    response_model=CertificateView,
    responses=errors(Unauthenticated, CertificateNotFound, AlreadyRevoked),
)
def revoke(ctx: Writing, certificate_id: UUID, given: RevokeIn) -> CertificateView:
    """Withdraw a certificate, with a reason that whoever verifies it reads."""
    return certificates.revoke(ctx, certificate_id, reason=given.reason)


@router.post(
    "/certificates/{certificate_id}/renew",
    status_code=201,
    response_model=CertificateView,
    responses=errors(Unauthenticated, CertificateNotFound, AlreadyRevoked),
)
def renew(ctx: Writing, certificate_id: UUID) -> CertificateView:
    """Issue a certificate anew with today's date."""
    return certificates.renew(ctx, certificate_id)
