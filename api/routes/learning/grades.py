"""One's own grades, what would come of imagined ones, the transcript, and an institution's letter scales."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.errors import SignerUnavailable
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.errors import ColumnNotFound, LearnerNotFound, ScaleNotFound
from lms_core.learning.gradebook.schemas import LearnerReport, RowView, ScaleIn, ScaleView, TranscriptView, WhatIfIn
from workers.runtime import Runtime

router = APIRouter(tags=["grades"])

PDF = {200: {"content": {"application/pdf": {}}}}
Language = Annotated[Literal["en", "sw"], Query()]


@router.get(
    "/courses/{course}/my-grades", response_model=LearnerReport, responses=errors(Unauthenticated, CourseNotFound)
)
def read_mine(ctx: Reading, course: CourseName) -> LearnerReport:
    """The caller's grades in the columns they may see."""
    return gradebook.my_grades(ctx, course)


@router.post(
    "/courses/{course}/my-grades/what-if",
    response_model=RowView,
    responses=errors(Unauthenticated, CourseNotFound, ColumnNotFound, Invalid),
)
def what_if(ctx: Reading, course: CourseName, given: WhatIfIn) -> RowView:
    """The caller's total if they had these marks. Nothing is kept."""
    return gradebook.what_if(ctx, course, given=given)


@router.get("/my-transcript", response_model=TranscriptView, responses=errors(Unauthenticated))
def read_transcript(ctx: Reading) -> TranscriptView:
    """Every course the caller took here, with its result."""
    return gradebook.transcript(ctx)


@router.get(
    "/my-transcript/document", response_model=None, responses={**PDF, **errors(Unauthenticated, SignerUnavailable)}
)
def print_transcript(ctx: Reading, runtime: RuntimeDep, language: Language = "en") -> Response:
    """The same as a signed PDF."""
    return _printed(ctx, runtime, gradebook.transcript_pdf(ctx, language=language))


@router.get(
    "/people/{user_id}/transcript",
    response_model=TranscriptView,
    responses=errors(Unauthenticated, LearnerNotFound, NotFound),
)
def read_transcript_of(ctx: Reading, user_id: UUID) -> TranscriptView:
    """Somebody's courses with their results; for administrators."""
    return gradebook.transcript(ctx, user_id=user_id)


@router.get(
    "/people/{user_id}/transcript/document",
    response_model=None,
    responses={**PDF, **errors(Unauthenticated, LearnerNotFound, NotFound, SignerUnavailable)},
)
def print_transcript_of(ctx: Reading, runtime: RuntimeDep, user_id: UUID, language: Language = "en") -> Response:
    """The same as a signed PDF."""
    return _printed(ctx, runtime, gradebook.transcript_pdf(ctx, user_id=user_id, language=language))


@router.get("/grade-scales", response_model=list[ScaleView], responses=errors(Unauthenticated, Forbidden))
def list_scales(ctx: Reading) -> list[ScaleView]:
    """The letter scales a course can choose: presets, then the institution's own."""
    return gradebook.scales(ctx)


@router.post(
    "/grade-scales",
    status_code=201,
    response_model=ScaleView,
    responses=errors(Unauthenticated, Forbidden, Conflict),
)
def add_scale(ctx: Writing, given: ScaleIn) -> ScaleView:
    """A new scale of the institution, for administrators."""
    return gradebook.add_scale(ctx, given=given)


@router.put(
    "/grade-scales/{scale_id}",
    response_model=ScaleView,
    responses=errors(Unauthenticated, Forbidden, ScaleNotFound, Conflict),
)
def change_scale(ctx: Writing, scale_id: UUID, given: ScaleIn) -> ScaleView:
    """Replace a scale; courses that use it show the new letters."""
    return gradebook.change_scale(ctx, scale_id, given=given)


@router.delete(
    "/grade-scales/{scale_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, ScaleNotFound),
)
def delete_scale(ctx: Writing, scale_id: UUID) -> None:
    """Take a scale away; courses that used it show the institution's usual letters."""
    gradebook.delete_scale(ctx, scale_id)


def _printed(ctx: ReadCtx, runtime: Runtime, pdf: bytes) -> Response:
    signed = certificates.sign_document(runtime.database, actor=ctx.actor, pdf=pdf, reason="Transcript of results")
    headers = {"Content-Disposition": 'inline; filename="transcript.pdf"', "Cache-Control": "private, no-store"}
    return Response(signed, media_type="application/pdf", headers=headers)
