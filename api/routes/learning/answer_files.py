"""Files of a quiz: handed in with answers, and pictures that questions show."""

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import Response, StreamingResponse

from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_writing
from api.errors import errors
from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView, StoredFile
from lms_core.content.files.sniffing import HEAD_BYTES, OCTETS, may_show, media_type
from lms_core.kit.errors import Forbidden, Invalid, TooLarge
from lms_core.kit.ids import new_id
from lms_core.kit.storage import Storage
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import (
    AttemptNotFound,
    AttemptOver,
    BankNotFound,
    FileNotHere,
    NoMoreFiles,
    NotYours,
    QuestionNotFound,
    QuizNotFound,
    StillWaiting,
)
from lms_core.learning.assessments.schemas import AnswerView
from lms_core.learning.assessments.service import banks
from workers.runtime import Runtime

router = APIRouter(tags=["quizzes"])

_in_transaction = contextmanager(visitor_writing)
Upload = Annotated[UploadFile, File()]
# Whatever is in a learner's file, opened by itself it runs nothing, loads nothing and is of no origin.
SEALED = "default-src 'none'; sandbox"


@router.post(
    "/quiz-attempts/{attempt_id}/answers/{question_id}/files",
    status_code=201,
    response_model=AnswerView,
    responses=errors(
        AttemptNotFound, QuestionNotFound, NotYours, AttemptOver, StillWaiting, NoMoreFiles, TooLarge, Invalid
    ),
)
def add_file(request: Request, runtime: RuntimeDep, attempt_id: UUID, question_id: UUID, file: Upload) -> AnswerView:
    """Hand in one file with an answer. Its kind is known by its content, whatever its name says."""
    head = file.file.read(HEAD_BYTES)
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        tenant_id = ctx.tenant_id
        assessments.check_file(
            ctx, attempt_id, question_id=question_id, size=file.size or 0, media_type=media_type(head)
        )
    file_id = new_id()
    stored = _stored(runtime, file, tenant_id=tenant_id, owner_id=file_id)
    try:
        with _in_transaction(request, runtime) as visitor:
            return assessments.add_file(
                signed_in(visitor),
                attempt_id,
                question_id=question_id,
                file_id=file_id,
                name=file.filename or "",
                stored=stored,
            )
    except BaseException:  # the time ran out meanwhile, or another window was first: nobody will ever refer to it
        runtime.resources.get(Storage).delete(stored.storage_key)  # type: ignore[type-abstract]
        raise


@router.delete(
    "/quiz-attempts/{attempt_id}/files/{file_id}",
    response_model=AnswerView,
    responses=errors(AttemptNotFound, FileNotHere, NotYours, AttemptOver, StillWaiting),
)
def remove_file(ctx: Writing, attempt_id: UUID, file_id: UUID) -> AnswerView:
    """Take a file back while the attempt is open; answers what is left of the answer."""
    return assessments.remove_file(ctx, attempt_id, file_id=file_id)


@router.get(
    "/quiz-attempts/{attempt_id}/files/{file_id}",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        200: {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}},
        **errors(AttemptNotFound, FileNotHere),
    },
)
def read_file(ctx: Reading, runtime: RuntimeDep, attempt_id: UUID, file_id: UUID) -> Response:
    """A file for who handed it in and who marks it: always to save, never shown in place."""
    file, asset = assessments.access_file(ctx, attempt_id, file_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Length": str(asset.size),
        "Content-Security-Policy": SEALED,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    # SVG may be shown elsewhere, under a policy of its own; here it is but bytes, like HTML.
    harmless = may_show(asset.media_type) and asset.content_security_policy is None
    kind = asset.media_type if harmless else OCTETS
    return StreamingResponse(storage.stream(asset.storage_key), media_type=kind, headers=headers)


@router.post(
    "/quizzes/{quiz_id}/pictures",
    status_code=201,
    response_model=AssetView,
    responses=errors(Forbidden, QuizNotFound, TooLarge, Invalid),
)
def add_picture(request: Request, runtime: RuntimeDep, quiz_id: UUID, file: Upload) -> AssetView:
    """Add a picture for questions to the quiz's course; the same picture again is the same file."""
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        tenant_id, course_id = ctx.tenant_id, assessments.access_quiz_for_editing(ctx, quiz_id).course_id
    stored = _stored(runtime, file, tenant_id=tenant_id, owner_id=course_id)
    with _in_transaction(request, runtime) as visitor:
        return assessments.add_picture(signed_in(visitor), quiz_id, stored=stored)


@router.post(
    "/question-banks/{bank_id}/pictures",
    status_code=201,
    response_model=AssetView,
    responses=errors(Forbidden, BankNotFound, TooLarge, Invalid),
)
def add_bank_picture(request: Request, runtime: RuntimeDep, bank_id: UUID, file: Upload) -> AssetView:
    """Add a picture for questions to the course of a bank; a bank of the institution has none."""
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        tenant_id, owner_id = ctx.tenant_id, banks.access_pictures(ctx, bank_id)
    stored = _stored(runtime, file, tenant_id=tenant_id, owner_id=owner_id)
    with _in_transaction(request, runtime) as visitor:
        return banks.add_bank_picture(signed_in(visitor), bank_id, stored=stored)


def _stored(runtime: Runtime, file: UploadFile, *, tenant_id: UUID, owner_id: UUID) -> StoredFile:
    """The uploaded bytes in storage; no transaction is open meanwhile."""
    with tempfile.TemporaryDirectory(prefix="mwalimu-upload-") as folder:
        path = Path(folder) / "file"
        file.file.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(file.file, copy)
        return files.upload(runtime.resources, tenant_id=tenant_id, owner_id=owner_id, source=path)
