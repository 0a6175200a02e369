"""Writing announcements: the list with drafts and what is scheduled, and the form with its preview.

One form saves, shows, sends and schedules: the button that was pressed says which.
"""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors
from api.web.local_dates import as_field, from_field
from api.web.moments import When
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission
from lms_core.learning.announcements import service as announcements
from lms_core.learning.announcements.models import AnnouncementState
from lms_core.learning.announcements.schemas import AnnouncementIn, AnnouncementSource, Sending
from lms_core.learning.release import service as release

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=400)]
Words = Annotated[str, Form(max_length=100_000)]
A_PAGE = 20
LIST, ONE = "/courses/{slug}/announcements", "/announcements/{announcement_id}"
EMPTY = {"title": "", "body": "", "cohort_id": "", "pinned": "", "mailed": "", "send_at": ""}


@router.get(LIST)
def written(request: Request, ctx: Reading, slug: str, cursor: Annotated[str, Query(max_length=600)] = "") -> Response:
    """Every announcement of a course, drafts and scheduled ones too."""
    found = announcements.written(ctx, slug, cursor=cursor, limit=A_PAGE)
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True)
    names = {each.id: each.name for each in release.cohorts(ctx, card.id)}
    return page(
        request,
        ctx.actor,
        "teach/announcements.html",
        course=card,
        found=found,
        cohorts=names,
        when=When(request, ctx),
        tab="announcements",
    )


@router.get(LIST + "/new")
def new(request: Request, ctx: Reading, slug: str) -> Response:
    """The empty form."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True)
    return _form(request, ctx, card, None, values=EMPTY, errors={}, status=200)


@router.post(LIST + "/new")
def write(
    request: Request,
    ctx: Writing,
    slug: str,
    title: Line = "",
    body: Words = "",
    cohort_id: Line = "",
    pinned: Line = "",
    mailed: Line = "",
    send_at: Line = "",
    action: Line = "save",
) -> Response:
    """Keep a new one, and do what the button says."""
    card = courses.access_course(ctx, slug, Permission.COURSE_EDIT, even_archived=True)
    values = _values(title, body, cohort_id, pinned, mailed, send_at)
    return _act(request, ctx, card, None, values, action)


@router.get(ONE)
def edit(request: Request, ctx: Reading, announcement_id: UUID) -> Response:
    """The form of one that is there."""
    row = announcements.source(ctx, announcement_id)
    card = courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    values = _values(
        row.title,
        row.body,
        str(row.cohort_id or ""),
        "1" if row.pinned else "",
        "1" if row.mailed else "",
        as_field(row.send_at, When(request, ctx).zone),
    )
    return _form(request, ctx, card, row, values=values, errors={}, status=200)


@router.post(ONE)
def save(
    request: Request,
    ctx: Writing,
    announcement_id: UUID,
    title: Line = "",
    body: Words = "",
    cohort_id: Line = "",
    pinned: Line = "",
    mailed: Line = "",
    send_at: Line = "",
    action: Line = "save",
) -> Response:
    """Keep its words, and do what the button says."""
    row = announcements.source(ctx, announcement_id)
    card = courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True)
    values = _values(title, body, cohort_id, pinned, mailed, send_at)
    return _act(request, ctx, card, row, values, action)


@router.post(ONE + "/delete")
def delete(ctx: Writing, announcement_id: UUID) -> Response:
    """Delete it for everybody."""
    row = announcements.source(ctx, announcement_id)
    announcements.remove(ctx, announcement_id)
    slug = courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT, even_archived=True).slug
    return redirect(f"/teach/courses/{slug}/announcements", notice="deleted")


def _values(title: str, body: str, cohort_id: str, pinned: str, mailed: str, send_at: str) -> dict[str, str]:
    return {
        "title": title,
        "body": body,
        "cohort_id": cohort_id,
        "pinned": pinned,
        "mailed": mailed,
        "send_at": send_at,
    }


def _act(
    request: Request,
    ctx: WriteCtx,
    card: CourseCard,
    row: AnnouncementSource | None,
    values: dict[str, str],
    action: str,
) -> Response:
    if action == "preview":
        shown = courses.preview(ctx, body=values["body"], course=card.id).html
        return _form(request, ctx, card, row, values=values, errors={}, status=200, preview=shown)
    try:
        with ctx.session.begin_nested():
            notice = _carry_out(ctx, card, row, values, action, When(request, ctx).zone)
    except (ValidationError, DomainError) as error:
        told = errors_told(words(request, ctx.actor), error)
        told = {"send_at" if name == "at" else name: text for name, text in told.items()}
        return _form(request, ctx, card, row, values=values, errors=told, status=getattr(error, "status", 422))
    return redirect(f"/teach/courses/{card.slug}/announcements", notice=notice)


def _carry_out(
    ctx: WriteCtx, card: CourseCard, row: AnnouncementSource | None, values: dict[str, str], action: str, zone: ZoneInfo
) -> str:
    """Save, then send or schedule; the notice for the next page."""
    given: dict[str, Any] = {**values, "cohort_id": values["cohort_id"] or None}
    given |= {"pinned": bool(values["pinned"]), "mailed": bool(values["mailed"])}
    announcement = AnnouncementIn.model_validate({name: given[name] for name in AnnouncementIn.model_fields})
    if row is None:
        saved = announcements.write(ctx, card.id, announcement=announcement)
    else:
        saved = announcements.change(ctx, row.id, announcement=announcement)
    if action == "send":
        announcements.send(ctx, saved.id, sending=Sending())
        return "announcement-sent"
    if action == "schedule":
        announcements.send(ctx, saved.id, sending=Sending.model_validate({"at": from_field(values["send_at"], zone)}))
        return "announcement-scheduled"
    if action == "unschedule":
        announcements.unschedule(ctx, saved.id)
    return "saved"


def _form(
    request: Request,
    ctx: ReadCtx,
    card: CourseCard,
    row: AnnouncementSource | None,
    *,
    values: dict[str, str],
    errors: Errors,
    status: int,
    preview: str = "",
) -> Response:
    return page(
        request,
        ctx.actor,
        "teach/announcement.html",
        status=status,
        course=card,
        announcement=row,
        sent=row is not None and row.state == AnnouncementState.SENT,
        scheduled=row is not None and row.state == AnnouncementState.SCHEDULED,
        cohorts=[("", words(request, ctx.actor).gettext("Everybody in the course"))]
        + [(str(each.id), each.name) for each in release.cohorts(ctx, card.id)],
        zone=When(request, ctx).zone.key,
        values=values,
        errors=errors,
        preview=preview,
        tab="announcements",
    )
