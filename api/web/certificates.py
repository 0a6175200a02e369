"""Pages of certificates: one's own, a course's for its editors, and the template with a live preview."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.web.charts import bars_of
from api.web.forms import Errors, errors_of
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.errors import AlreadyRevoked, PictureRefused
from lms_core.learning.certificates.paper.pictures import MAXIMUM_BYTES
from lms_core.learning.certificates.schemas import Design, IssueIn, Picture, RevokeIn, TemplateIn
from workers.runtime import Runtime

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=500)]
Text = Annotated[str, Form(max_length=200_000)]
Search = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str, Query(max_length=600)]
Upload = Annotated[UploadFile | None, File()]
PREVIEW_WIDTH = 1100


@router.get("/certificates")
def mine(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """One's certificates."""
    return page(request, ctx.actor, "certificates/mine.html", mine=certificates.mine(ctx, cursor=cursor))


@router.get("/teach/courses/{slug}/certificates")
def of_course(request: Request, ctx: Reading, slug: str, q: Search = "", cursor: Cursor = "") -> Response:
    """Figures, the chart, who gets one, and who has one."""
    return _course_page(request, ctx, slug, q=q, cursor=cursor)


@router.post("/teach/courses/{slug}/certificates")
def issue(request: Request, ctx: Writing, slug: str, emails: Text = "", all_completed: Line = "") -> Response:
    """Issue to the people with these addresses, or to all who completed the course."""
    try:
        given = IssueIn(emails=emails.replace(",", " ").replace(";", " ").split(), all_completed=bool(all_completed))
    except ValidationError:
        told = words(request, ctx.actor).gettext("Please write up to 2,000 addresses, one a line.")
        return _course_page(request, ctx, slug, errors={"emails": told}, emails=emails, status=422)
    done = certificates.issue(ctx, slug, given=given)
    if done.unknown:
        told = words(request, ctx.actor).gettext("Not in this course: %(names)s") % {"names": ", ".join(done.unknown)}
        rest = "\n".join(done.unknown)
        return _course_page(request, ctx, slug, errors={"emails": told}, emails=rest, status=422)
    return redirect(f"/teach/courses/{slug}/certificates", notice="certificates-issued")


@router.post("/teach/courses/{slug}/certificates/{certificate_id}/revoke")
def revoke(request: Request, ctx: Writing, slug: str, certificate_id: UUID, reason: Line = "") -> Response:
    """Withdraw a certificate."""
    try:
        certificates.revoke(ctx, certificate_id, reason=RevokeIn(reason=reason).reason)
    except (ValidationError, AlreadyRevoked):
        told = words(request, ctx.actor).gettext("Please say why, in a few words.")
        return _course_page(request, ctx, slug, errors={str(certificate_id): told}, status=422)
    return redirect(f"/teach/courses/{slug}/certificates", notice="certificate-revoked")


@router.post("/teach/courses/{slug}/certificates/{certificate_id}/renew")
def renew(ctx: Writing, slug: str, certificate_id: UUID) -> Response:
    """Issue a certificate anew."""
    certificates.renew(ctx, certificate_id)
    return redirect(f"/teach/courses/{slug}/certificates", notice="certificates-issued")


class DesignForm(BaseModel):
    """The template's form as a browser sends it; `Design` judges it."""

    page: str = "A4"
    language: str = "en"
    title: str = ""
    before: str = ""
    after: str = ""
    note: str = ""
    signer_name: str = ""
    signer_title: str = ""
    accent: str = ""
    ink: str = ""
    paper: str = ""
    frame: str = "double"
    shown: list[str] = []
    valid_months: str = ""
    remind_days: str = "30"
    issue_on_completion: str = ""

    def design(self) -> Design:
        """The design, or ValidationError."""
        given = self.model_dump(exclude={"issue_on_completion"})
        return Design.model_validate(given | {"valid_months": self.valid_months or None})


Given = Annotated[DesignForm, Form()]


@router.get("/teach/courses/{slug}/certificates/template")
def template_page(request: Request, ctx: Reading, slug: str) -> Response:
    """The template of a course, with what it gives beside it."""
    return _template_page(request, ctx, slug)


@router.post("/teach/courses/{slug}/certificates/template")
def save_template(request: Request, ctx: Writing, slug: str, given: Given) -> Response:
    """Keep the design and the rule of a course."""
    return _save(request, ctx, slug, given)


@router.post("/teach/courses/{slug}/certificates/template/preview")
def preview(request: Request, ctx: Reading, slug: str, given: Given) -> Response:
    """What the form gives, as a picture."""
    return _preview(ctx, slug, given)


@router.post("/teach/courses/{slug}/certificates/template/pictures/{which}")
def set_picture(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    slug: str,
    which: Picture,
    file: Upload = None,
    remove: Line = "",
) -> Response:
    """Put the logo or the signature on, or take it off."""
    return _set_picture(request, ctx, runtime, slug, which, file, remove=bool(remove))


@router.get("/teach/certificate")
def institution_page(request: Request, ctx: Reading) -> Response:
    """The institution's own template, with which each course begins."""
    return _template_page(request, ctx, None)


@router.post("/teach/certificate")
def save_institution(request: Request, ctx: Writing, given: Given) -> Response:
    """Keep the institution's design."""
    return _save(request, ctx, None, given)


@router.post("/teach/certificate/preview")
def preview_institution(request: Request, ctx: Reading, given: Given) -> Response:
    """What the form gives, as a picture."""
    return _preview(ctx, None, given)


@router.post("/teach/certificate/pictures/{which}")
def set_institution_picture(
    request: Request, ctx: Reading, runtime: RuntimeDep, which: Picture, file: Upload = None, remove: Line = ""
) -> Response:
    """Put the institution's logo or signature on, or take it off."""
    return _set_picture(request, ctx, runtime, None, which, file, remove=bool(remove))


def _address(slug: str | None) -> str:
    return "/teach/certificate" if slug is None else f"/teach/courses/{slug}/certificates/template"


def _save(request: Request, ctx: WriteCtx, slug: str | None, given: DesignForm) -> Response:
    try:
        wanted = TemplateIn(design=given.design(), issue_on_completion=bool(given.issue_on_completion))
    except ValidationError as error:
        told = errors_of(error, words(request, ctx.actor))
        return _template_page(request, ctx, slug, values=given.model_dump(), errors=told, status=422)
    certificates.save_template(ctx, slug, given=wanted)
    return redirect(_address(slug), notice="saved")


def _preview(ctx: ReadCtx, slug: str | None, given: DesignForm) -> Response:
    try:
        design = given.design()
    except ValidationError as error:
        raise Invalid("A field of the certificate is not acceptable. Save it to see which.") from error
    png = certificates.preview(ctx, slug, design=design, width=PREVIEW_WIDTH)
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, no-store"})


def _set_picture(
    request: Request,
    ctx: ReadCtx,
    runtime: Runtime,
    slug: str | None,
    which: Picture,
    file: UploadFile | None,
    *,
    remove: bool,
) -> Response:
    digest = ""
    if not remove:
        try:
            content = file.file.read(MAXIMUM_BYTES + 1) if file is not None else b""
            digest = certificates.keep_picture(ctx, slug, content=content)
        except PictureRefused:
            text = "Choose a PNG or JPEG of at most 2 MB and 4000 × 4000 pixels."
            told = {which: words(request, ctx.actor).gettext(text)}
            return _template_page(request, ctx, slug, errors=told, status=422)
    with runtime.database.write(ctx.actor, request_id=ctx.request_id) as writing:
        if remove:
            certificates.remove_picture(writing, slug, which=which)
        else:
            certificates.set_picture(writing, slug, which=which, digest=digest)
    return redirect(_address(slug), notice="saved")


def _template_page(
    request: Request,
    ctx: ReadCtx,
    slug: str | None,
    *,
    values: dict[str, Any] | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    template = certificates.template(ctx, slug)
    shown = {**template.design.model_dump(mode="json"), "issue_on_completion": template.issue_on_completion}
    return page(
        request,
        ctx.actor,
        "certificates/template.html",
        status=status,
        course=courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True) if slug else None,
        current=template,
        values=values or shown,
        errors=errors or {},
        address=_address(slug),
        tab="certificates",
    )


def _course_page(
    request: Request,
    ctx: ReadCtx,
    slug: str,
    *,
    q: str = "",
    cursor: str = "",
    errors: Errors | None = None,
    emails: str = "",
    status: int = 200,
) -> Response:
    figures = certificates.figures(ctx, slug)
    return page(
        request,
        ctx.actor,
        "certificates/course.html",
        status=status,
        course=courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True),
        figures=figures,
        issued_bars=bars_of([(month.month, month.issued) for month in figures.months]),
        checked_bars=bars_of([(month.month, month.checks) for month in figures.months]),
        rows=certificates.of_course(ctx, slug, q=q, cursor=cursor),
        current=certificates.template(ctx, slug),
        q=q,
        emails=emails,
        errors=errors or {},
        tab="certificates",
    )
