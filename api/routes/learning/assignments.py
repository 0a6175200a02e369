"""Handing in: an assignment, its draft and files, submitting, and reviewing what peers handed in."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response, StreamingResponse

from api.deps import Reading, RuntimeDep, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from api.routes.learning.uploading import receive
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Invalid, TooLarge, Unauthenticated
from lms_core.kit.storage import Storage
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.errors import (
    AssignmentNotFound,
    FileRefused,
    FileTooLarge,
    NoGroup,
    NoSubmissionsLeft,
    NothingToSubmit,
    NotOpenYet,
    ReviewNotFound,
    SubmissionChanged,
    SubmissionClosed,
    SubmissionNotFound,
)
from lms_core.learning.assignments.schemas import AssignmentCard
from lms_core.learning.assignments.sheets import AssignmentView, DraftIn, ReviewIn, ReviewSheet, SubmitIn

router = APIRouter(tags=["assignments"])

TAKING = (Unauthenticated, AssignmentNotFound, NotOpenYet, SubmissionClosed, NoGroup, NoSubmissionsLeft)
BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get("/courses/{course}/assignments", response_model=list[AssignmentCard], responses=errors(CourseNotFound))
def list_assignments(ctx: Reading, course: CourseName) -> list[AssignmentCard]:
    """The assignments of a course the caller reads, oldest first; drafts for its editors."""
    return assignments.assignments_in(ctx, course)


@router.get("/assignments/{assignment_id}", response_model=AssignmentView, responses=errors(AssignmentNotFound))
def read_assignment(ctx: Reading, assignment_id: UUID) -> AssignmentView:
    """An assignment with the caller's own dates, draft, submissions, and marks once they are released."""
    return assignments.read_assignment(ctx, assignment_id)


@router.put(
    "/assignments/{assignment_id}/submission",
    response_model=AssignmentView,
    responses=errors(*TAKING, SubmissionChanged, Invalid),
)
def save_draft(ctx: Writing, assignment_id: UUID, draft: DraftIn) -> AssignmentView:
    """Keep the text of the caller's draft; safe to repeat."""
    assignments.save_draft(ctx, assignment_id, draft=draft)
    return assignments.read_assignment(ctx, assignment_id)


@router.post(
    "/assignments/{assignment_id}/submission/files",
    status_code=201,
    response_model=AssignmentView,
    responses=errors(*TAKING, FileRefused, FileTooLarge, TooLarge),
)
def add_file(
    request: Request, runtime: RuntimeDep, assignment_id: UUID, file: Annotated[UploadFile, File()]
) -> AssignmentView:
    """Put a file into the caller's draft, in place of one of the same name."""
    return receive(request, runtime, assignment_id, file)


@router.delete(
    "/assignments/{assignment_id}/submission/files/{file_id}",
    status_code=204,
    response_model=None,
    responses=errors(*TAKING, SubmissionNotFound),
)
def remove_file(ctx: Writing, assignment_id: UUID, file_id: UUID) -> None:
    """Take a file out of the caller's draft."""
    assignments.remove_file(ctx, assignment_id, file_id=file_id)


@router.post(
    "/assignments/{assignment_id}/submission/submit",
    response_model=AssignmentView,
    responses=errors(*TAKING, NothingToSubmit),
)
def submit(ctx: Writing, assignment_id: UUID, given: SubmitIn) -> AssignmentView:
    """Hand the draft in; the same attempt again: no change."""
    assignments.submit(ctx, assignment_id, given=given)
    return assignments.read_assignment(ctx, assignment_id)


@router.get(
    "/submission-files/{file_id}",
    response_class=StreamingResponse,
    response_model=None,
    responses={**BYTES, **errors(SubmissionNotFound)},
)
def read_file(ctx: Reading, runtime: RuntimeDep, file_id: UUID) -> Response:
    """A file that was handed in, always as a download: it may be anything."""
    asset = assignments.access_file(ctx, file_id)
    name = quote(asset.path.rsplit("/", 1)[-1], safe="")
    headers = {
        "Content-Length": str(asset.size),
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    stream = storage.stream(asset.storage_key)
    return StreamingResponse(stream, media_type="application/octet-stream", headers=headers)


@router.get("/peer-reviews/{review_id}", response_model=ReviewSheet, responses=errors(ReviewNotFound))
def read_review(ctx: Reading, review_id: UUID) -> ReviewSheet:
    """A submission that the caller was drawn to review; whose it is is not told."""
    return assignments.read_review(ctx, review_id)


@router.put(
    "/peer-reviews/{review_id}",
    response_model=ReviewSheet,
    responses=errors(ReviewNotFound, SubmissionClosed, Invalid),
)
def write_review(ctx: Writing, review_id: UUID, given: ReviewIn) -> ReviewSheet:
    """Write the review, or change it until its deadline."""
    assignments.write_review(ctx, review_id, given=given)
    return assignments.read_review(ctx, review_id)
