"""Questions in and out over HTTP: upload a file and look, confirm or give up; a quiz as a file of another system."""

from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading, visitor_writing
from api.errors import errors
from api.routes.content.courses import CourseName
from ingestion.exchange import exporting
from ingestion.exchange import service as exchange
from ingestion.exchange.errors import (
    NothingToImport,
    QuestionFileRefused,
    QuestionImportNotFound,
    QuestionImportStarted,
    TooManyQuestions,
)
from ingestion.exchange.schemas import Confirmation, ExportFormat, ExportReport, QuestionImportView
from ingestion.questions.reading import LARGEST
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, TooLarge, Unauthenticated
from lms_core.kit.storage import Storage
from lms_core.learning.assessments.errors import QuizNotFound
from workers.runtime import Runtime

router = APIRouter(tags=["quizzes"])

_in_view = contextmanager(visitor_reading)
_in_transaction = contextmanager(visitor_writing)
Upload = Annotated[UploadFile, File()]
WrittenAs = Annotated[ExportFormat, Query(alias="format")]
REFUSED = errors(Unauthenticated, Forbidden, QuizNotFound)


@router.post(
    "/courses/{course}/question-imports",
    status_code=201,
    response_model=QuestionImportView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, QuizNotFound, TooLarge, QuestionFileRefused),
)
def look_at(
    request: Request,
    runtime: RuntimeDep,
    course: CourseName,
    file: Upload,
    quiz_id: Annotated[UUID | None, Form(description="The quiz whose questions these may follow")] = None,
) -> QuestionImportView:
    """Read a file of questions and tell what will come of it; nothing reaches a quiz before it is confirmed.

    Moodle XML, GIFT, Aiken, Moodle's cloze text, QTI 2.1 (an item or a package), QTI 1.2 (Blackboard, Canvas).
    """
    with _in_view(request, runtime) as visitor:
        ctx = signed_in(visitor)
        exchange.access(ctx, course, quiz_id=quiz_id)
        tenant_id = ctx.tenant_id
    content = file.file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise TooLarge(f"A file of questions has at most {LARGEST // 2**20} MB. Export fewer questions at once.")
    bank = exchange.read_file(content, name=file.filename or "")
    key = exchange.keep(runtime.resources, tenant_id=tenant_id, content=content)
    try:
        with _in_transaction(request, runtime) as visitor:
            return exchange.take_in(
                signed_in(visitor), course, quiz_id=quiz_id, name=file.filename or "", bank=bank, storage_key=key
            )
    except BaseException:  # the course was closed meanwhile: nobody will ever refer to the file
        runtime.resources.get(Storage).delete(key)  # type: ignore[type-abstract]
        raise


@router.get(
    "/question-imports/{import_id}", response_model=QuestionImportView, responses=errors(QuestionImportNotFound)
)
def read_import(ctx: Reading, import_id: UUID) -> QuestionImportView:
    """What a file holds, what does not come along, and how far it is."""
    return exchange.view(ctx, import_id=import_id)


@router.post(
    "/question-imports/{import_id}/confirm",
    status_code=202,
    response_model=QuestionImportView,
    responses=errors(QuestionImportNotFound, QuestionImportStarted, NothingToImport, TooManyQuestions, QuizNotFound),
)
def confirm(ctx: Writing, import_id: UUID, given: Confirmation) -> QuestionImportView:
    """Bring the questions in: behind those of the quiz, or as new quizzes, which begin as drafts."""
    return exchange.confirm(ctx, import_id=import_id, given=given)


@router.delete(
    "/question-imports/{import_id}",
    status_code=204,
    response_model=None,
    responses=errors(QuestionImportNotFound, QuestionImportStarted),
)
def give_up(ctx: Writing, import_id: UUID) -> None:
    """Forget an import that was not confirmed."""
    exchange.discard(ctx, import_id=import_id)


@router.get(
    "/quizzes/{quiz_id}/export",
    response_class=Response,
    response_model=None,
    responses={200: {"content": {"application/octet-stream": {}}}, **REFUSED},
)
def export(request: Request, runtime: RuntimeDep, quiz_id: UUID, written_as: WrittenAs) -> Response:
    """The quiz as a file of another system, always to save."""
    gathered = _gathered(request, runtime, quiz_id)
    written = exporting.written(runtime.resources, gathered, written_as=written_as)
    name = exporting.file_name(gathered.title, written.suffix)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(written.content, media_type=written.media_type, headers=headers)


@router.get("/quizzes/{quiz_id}/export/report", response_model=ExportReport, responses=REFUSED)
def export_report(request: Request, runtime: RuntimeDep, quiz_id: UUID, written_as: WrittenAs) -> ExportReport:
    """What the format cannot hold of the quiz."""
    gathered = _gathered(request, runtime, quiz_id)
    written = exporting.written(runtime.resources, gathered, written_as=written_as)
    return exporting.report(gathered, written, written_as=written_as)


def _gathered(request: Request, runtime: Runtime, quiz_id: UUID) -> exporting.Export:
    with _in_view(request, runtime) as visitor:
        return exporting.gather(signed_in(visitor), quiz_id)
