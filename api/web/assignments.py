"""A learner's pages of an assignment: what is asked, writing and handing in, feedback, and reviewing peers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.routes.learning.uploading import receive
from api.web.forms import Errors, errors_of
from api.web.judging import judgements_in, number_in
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.content.text import render
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.annotating import pieces
from lms_core.learning.assignments.sheets import DraftIn, ReviewIn, SubmitIn

router = APIRouter(include_in_schema=False)

LONGEST = 250_000  # characters of a form field; the schema refuses less with a word on why
Work = Annotated[str, Form(max_length=LONGEST)]
Number = Annotated[int, Form(ge=0, le=2_000_000_000)]
GONE = (401, 403, 404)


async def form_of(request: Request) -> FormData:
    """The whole form, for those whose fields depend on what is shown."""
    return await request.form()


AnyForm = Annotated[FormData, Depends(form_of)]


@router.get("/assignments/{assignment_id}")
def assignment_page(request: Request, ctx: Reading, assignment_id: UUID) -> Response:
    """An assignment for who reads its course."""
    return _page(request, ctx, assignment_id, errors={}, text=None, status=200)


@router.post("/assignments/{assignment_id}/work")
def keep(
    request: Request,
    ctx: Writing,
    assignment_id: UUID,
    text: Work = "",
    base_revision: Number = 0,
    number: Number = 1,
    action: Annotated[str, Form(max_length=10)] = "save",
) -> Response:
    """Keep the draft, and hand it in where that was the button."""
    try:
        with ctx.session.begin_nested():
            if action != "submit" or _is_draft(ctx, assignment_id, number):
                assignments.save_draft(ctx, assignment_id, draft=DraftIn(text=text, base_revision=base_revision))
        if action == "submit":
            with ctx.session.begin_nested():
                assignments.submit(ctx, assignment_id, given=SubmitIn(number=number))
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in GONE:
            raise
        told = errors_of(error, words(request, ctx.actor))
        return _page(request, ctx, assignment_id, errors=told, text=text, status=getattr(error, "status", 422))
    return redirect(f"/assignments/{assignment_id}", notice="work-submitted" if action == "submit" else "saved")


@router.post("/assignments/{assignment_id}/files")
def add_file(
    request: Request, runtime: RuntimeDep, assignment_id: UUID, file: Annotated[UploadFile, File()]
) -> Response:
    """Put a file into the draft."""
    try:
        receive(request, runtime, assignment_id, file)
    except DomainError as error:
        if error.code not in ("file_refused", "file_too_large"):
            raise
        return redirect(f"/assignments/{assignment_id}", notice="file-refused")
    return redirect(f"/assignments/{assignment_id}", notice="saved")


@router.post("/assignments/{assignment_id}/files/{file_id}/remove")
def remove_file(ctx: Writing, assignment_id: UUID, file_id: UUID) -> Response:
    """Take a file out of the draft."""
    assignments.remove_file(ctx, assignment_id, file_id=file_id)
    return redirect(f"/assignments/{assignment_id}", notice="saved")


@router.get("/reviews/{review_id}")
def review_page(request: Request, ctx: Reading, review_id: UUID) -> Response:
    """A submission that one was drawn to review."""
    return _review_page(request, ctx, review_id, errors={}, status=200)


@router.post("/reviews/{review_id}")
def review(request: Request, ctx: Writing, review_id: UUID, form: AnyForm) -> Response:
    """Keep the review."""
    try:
        given = ReviewIn.model_validate(
            {"points": number_in(form, "points"), "judgements": judgements_in(form), "comment": form.get("comment", "")}
        )
        with ctx.session.begin_nested():
            assignments.write_review(ctx, review_id, given=given)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in GONE:
            raise
        told = errors_of(error, words(request, ctx.actor))
        return _review_page(request, ctx, review_id, errors=told, status=getattr(error, "status", 422), form=form)
    return redirect(f"/reviews/{review_id}", notice="review-saved")


def _is_draft(ctx: ReadCtx, assignment_id: UUID, number: int) -> bool:
    """Whether attempt `number` is still to be handed in: the button pressed twice changes nothing."""
    seen = assignments.read_assignment(ctx, assignment_id)
    return all(each.number != number for each in seen.submissions)


def _page(
    request: Request, ctx: ReadCtx, assignment_id: UUID, *, errors: Errors, text: str | None, status: int
) -> Response:
    seen = assignments.read_assignment(ctx, assignment_id)
    draft = seen.draft
    return page(
        request,
        ctx.actor,
        "assignment.html",
        status=status,
        assignment=seen,
        course=courses.access_course(ctx, seen.course_id, even_archived=True),
        may_edit=courses.may_edit(ctx, seen.course_id),
        text=text if text is not None else draft.text if draft else "",
        number=draft.number if draft else len(seen.submissions) + 1,
        marked_text={
            each.id: pieces(each.text, each.mark.annotations) for each in seen.submissions if each.mark is not None
        },
        written={each.id: render(each.text, base_heading=4).html for each in seen.submissions if each.text},
        local=LocalTime(request, ctx),
        errors=errors,
    )


def _review_page(
    request: Request, ctx: ReadCtx, review_id: UUID, *, errors: Errors, status: int, form: FormData | None = None
) -> Response:
    sheet = assignments.read_review(ctx, review_id)
    kept = {"comment": sheet.comment, "points": "" if sheet.points is None else f"{sheet.points:g}"}
    judged = {key: each.model_dump() for key, each in sheet.judgements.items()}
    return page(
        request,
        ctx.actor,
        "review.html",
        status=status,
        sheet=sheet,
        written=render(sheet.text, base_heading=3).html,
        judged=judgements_in(form) if form is not None else judged,
        values={**kept, **form} if form is not None else kept,
        local=LocalTime(request, ctx),
        errors=errors,
    )
