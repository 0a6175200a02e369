"""Marking: the list of what was handed in, and one submission with its rubric, comments and the way to the next."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.assignments import GONE, AnyForm
from api.web.forms import Errors, errors_of
from api.web.judging import judgements_in, number_in
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.pagination import Page
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.annotating import pieces
from lms_core.learning.assignments.service import MarkFilter
from lms_core.learning.assignments.sheets import MarkIn, MarkView

router = APIRouter(prefix="/teach", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
AT_ONCE = 50


@router.get("/assignments/{assignment_id}/submissions")
def submissions_page(
    request: Request, ctx: Reading, assignment_id: UUID, only: MarkFilter = MarkFilter.ALL, cursor: Cursor = ""
) -> Response:
    """Everybody's latest submission."""
    found = assignments.submissions_at(ctx, assignment_id, only=only, cursor=cursor, limit=AT_ONCE)
    return _list(request, ctx, assignment_id, found=found, only=only)


@router.get("/assignments/{assignment_id}/missing")
def missing_page(request: Request, ctx: Reading, assignment_id: UUID, cursor: Cursor = "") -> Response:
    """Who has not handed in."""
    found = assignments.not_handed_in(ctx, assignment_id, cursor=cursor, limit=AT_ONCE)
    return _list(request, ctx, assignment_id, found=found, only=None)


def _list(
    request: Request, ctx: ReadCtx, assignment_id: UUID, *, found: Page[Any], only: MarkFilter | None
) -> Response:
    row = assignments.read_source(ctx, assignment_id)
    return page(
        request,
        ctx.actor,
        "teach/submissions.html",
        assignment=row,
        course=courses.access_course(ctx, row.course_id, even_archived=True),
        found=found,
        only=only,
        filters=list(MarkFilter),
        local=LocalTime(request, ctx),
        tab="assignments",
    )


@router.post("/assignments/{assignment_id}/release")
def release_all(ctx: Writing, assignment_id: UUID) -> Response:
    """Release every complete mark."""
    assignments.release_all(ctx, assignment_id)
    return redirect(f"/teach/assignments/{assignment_id}/submissions", notice="marks-released")


@router.get("/submissions/{submission_id}")
def submission_page(request: Request, ctx: Reading, submission_id: UUID) -> Response:
    """One submission, to be marked."""
    return _page(request, ctx, submission_id, errors={}, status=200)


@router.post("/submissions/{submission_id}")
def save(request: Request, ctx: Writing, submission_id: UUID, form: AnyForm) -> Response:
    """Keep the mark; release it, or go on to the next, where that was the button."""
    action = form.get("action", "save")
    sheet = assignments.read_submission(ctx, submission_id)
    try:
        given = MarkIn.model_validate(_mark_in(form, sheet.mark))
        with ctx.session.begin_nested():
            assignments.save_mark(ctx, submission_id, mark=given)
            if action == "release":
                assignments.release(ctx, submission_id)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in GONE:
            raise
        told = errors_of(error, words(request, ctx.actor))
        return _page(request, ctx, submission_id, errors=told, status=getattr(error, "status", 422), form=form)
    if action == "next" and sheet.next_unmarked is not None:
        return redirect(f"/teach/submissions/{sheet.next_unmarked}", notice="marked")
    if action == "next":
        return redirect(f"/teach/assignments/{sheet.assignment.id}/submissions", notice="marked")
    return redirect(f"/teach/submissions/{submission_id}", notice="mark-released" if action == "release" else "marked")


def _page(
    request: Request, ctx: ReadCtx, submission_id: UUID, *, errors: Errors, status: int, form: FormData | None = None
) -> Response:
    sheet = assignments.read_submission(ctx, submission_id)
    mark = sheet.mark
    judged = {key: each.model_dump() for key, each in mark.judgements.items()} if mark else {}
    return page(
        request,
        ctx.actor,
        "teach/submission.html",
        status=status,
        sheet=sheet,
        course=courses.access_course(ctx, sheet.assignment.course_id, even_archived=True),
        text=pieces(sheet.text, mark.annotations if mark else ()),
        judged=judgements_in(form) if form is not None else judged,
        values=dict(form) if form is not None else _as_values(mark, judged),
        local=LocalTime(request, ctx),
        errors=errors,
        tab="assignments",
    )


def _as_values(mark: MarkView | None, judged: dict[str, Any]) -> dict[str, Any]:
    if mark is None:
        return {}
    # Points are shown as typed by hand only where no judgement explains them.
    typed = mark.earned is not None and not any(each["points"] is not None for each in judged.values())
    return {"comment": mark.comment, "points": f"{mark.earned:g}" if typed else ""}


def _mark_in(form: FormData, mark: MarkView | None) -> dict[str, Any]:
    """The form as `MarkIn` takes it: kept annotations, and a new one where a passage is named."""
    kept = [
        {"quote": each.quote, "comment": each.comment, "start": each.start}
        for number, each in enumerate(mark.annotations if mark else (), start=1)
        if f"remove-{number}" not in form
    ]
    if str(form.get("quote", "")).strip():
        new = {"quote": form["quote"], "comment": form.get("note", ""), "start": form.get("start") or 0}
        kept.append(new)
    return {
        "points": number_in(form, "points"),
        "judgements": judgements_in(form),
        "comment": form.get("comment", ""),
        "annotations": kept,
    }
