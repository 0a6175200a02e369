"""Administrators' pages for people by CSV: upload, look at every line, start, follow."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.web import refusals
from api.web.forms import Errors
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import TENANT_PERMISSIONS, TENANT_ROLES
from lms_core.learning.rosters import reading
from lms_core.learning.rosters import service as rosters
from lms_core.learning.rosters.models import Verdict
from lms_core.learning.rosters.schemas import RosterOptions

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=100)]
Ticked = Annotated[list[str] | None, Form(max_length=60)]
PAGE = 50
COURSES_SHOWN = 100


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


REASONS = {
    "no_address": _("There is no e-mail address."),
    "bad_address": _("This is no e-mail address."),
    "no_name": _("There is no name."),
    "bad_name": _("The name is too long or holds characters that cannot be shown."),
    "formula": _("The name begins like a formula of a spreadsheet."),
    "repeated": _("The address stands on an earlier line too."),
    "bad_language": _("The language is not one of the interface: en or sw."),
    "too_long": _("The line has too many columns or a field of more than 1,000 characters."),
}
NOTES = {
    "windows_1252": _("The file is not UTF-8, so it was read as Windows-1252. Check names with accents."),
    "ignored_columns": _("Some columns were not understood and are left out."),
}


@router.get("/admin/import")
def import_form(request: Request, ctx: Reading) -> Response:
    """Where a file is uploaded, and the last ones."""
    return _upload_page(request, ctx)


@router.post("/admin/import")
def upload(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    file: Annotated[UploadFile | None, File()] = None,
    language: Line = "en",
) -> Response:
    """Look at a file; the next page shows every line."""
    rosters.require_manager(ctx)
    content = file.file.read(reading.LARGEST_FILE + 1) if file is not None else b""
    try:
        read = reading.read(content, language="sw" if language == "sw" else "en")
    except DomainError as error:
        told = refusals.told(words(request, ctx.actor), code=error.code, text=error.detail)
        return _upload_page(request, ctx, errors={"file": told}, status=error.status)
    name = (file.filename if file else "") or ""
    kept = rosters.take_in(runtime.database, actor=ctx.actor, name=name, read=read, request_id=ctx.request_id)
    return redirect(f"/admin/import/{kept.id}")


@router.get("/admin/import/{roster_id}")
def roster(
    request: Request,
    ctx: Reading,
    roster_id: UUID,
    verdict: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
) -> Response:
    """Every line of a list, what is to become of it, and how far it is."""
    return _roster_page(request, ctx, roster_id, verdict=verdict, cursor=cursor)


@router.post("/admin/import/{roster_id}/start")
def start(
    request: Request, ctx: Writing, roster_id: UUID, role: Line = "learner", course: Ticked = None, invite: Line = ""
) -> Response:
    """Make accounts and enrolments of the list."""
    try:
        given = {"role": role, "course_ids": course or [], "invite": bool(invite)}
        rosters.start(ctx, roster_id=roster_id, options=RosterOptions.model_validate(given))
    except (ValidationError, DomainError) as error:
        errors, status = refusals.errors_told(words(request, ctx.actor), error), getattr(error, "status", 422)
        return _roster_page(request, ctx, roster_id, errors={"": next(iter(errors.values()))}, status=status)
    return redirect(f"/admin/import/{roster_id}", notice="roster-started")


def _upload_page(request: Request, ctx: ReadCtx, *, errors: Errors | None = None, status: int = 200) -> Response:
    return page(
        request,
        ctx.actor,
        "admin/import.html",
        status=status,
        recent=rosters.recent(ctx),
        errors=errors or {},
    )


def _roster_page(
    request: Request,
    ctx: ReadCtx,
    roster_id: UUID,
    *,
    verdict: str = "",
    cursor: str = "",
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    chosen = next((each for each in Verdict if each == verdict), None)
    givable = [role for role in TENANT_ROLES if all(ctx.actor.may(each) for each in TENANT_PERMISSIONS[role])]
    return page(
        request,
        ctx.actor,
        "admin/roster.html",
        status=status,
        roster=rosters.view(ctx, roster_id=roster_id),
        lines=rosters.lines(ctx, roster_id=roster_id, verdict=chosen, cursor=cursor, limit=PAGE),
        verdict=verdict if chosen else "",
        courses=courses.manageable(ctx, limit=COURSES_SHOWN).items,
        roles=givable,
        reasons=REASONS,
        notes=NOTES,
        errors=errors or {},
    )
