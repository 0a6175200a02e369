"""Questions in and out of quizzes, for instructors: upload, preview with what is lost, confirm; export by format."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, Writing
from api.routes.ingestion import exchange as routes
from api.web import refusals
from api.web.forms import Errors
from api.web.rendering import page, redirect, words
from ingestion.exchange import exporting
from ingestion.exchange import service as exchange
from ingestion.exchange.schemas import Confirmation, ExportFormat
from ingestion.questions.report import WORDING
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.service import banks

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=300)]
QuizId = Annotated[UUID | None, Query()]


@router.get("/courses/{slug}/question-import")
def upload_page(request: Request, ctx: Reading, slug: str, quiz: QuizId = None) -> Response:
    """Where a file of questions is uploaded."""
    return _upload_page(request, ctx, slug, quiz, errors={}, status=200)


@router.post("/courses/{slug}/question-import")
def upload(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    slug: str,
    file: Annotated[UploadFile | None, File()] = None,
    quiz: QuizId = None,
) -> Response:
    """Look at a file; the next page shows what will come of it."""
    if file is None or not file.filename:
        told = words(request, ctx.actor).gettext("Choose a file.")
        return _upload_page(request, ctx, slug, quiz, errors={"file": told}, status=422)
    try:
        kept = routes.look_at(request, runtime, slug, file, quiz)
    except DomainError as error:
        if error.status in (401, 403, 404):
            raise
        told = refusals.told(words(request, ctx.actor), code=error.code, text=error.detail)
        return _upload_page(request, ctx, slug, quiz, errors={"file": told}, status=error.status)
    return redirect(f"/teach/question-imports/{kept.id}")


@router.get("/question-imports/{import_id}")
def preview(request: Request, ctx: Reading, import_id: UUID) -> Response:
    """What a file holds, its first questions, what does not come along; how far it is."""
    return _preview(request, ctx, import_id, errors={}, status=200)


@router.post("/question-imports/{import_id}/confirm")
def confirm(request: Request, ctx: Writing, import_id: UUID, into: Line = "new", title: Line = "") -> Response:
    """Bring the questions in."""
    try:
        chosen = parse_id(into)
        given = Confirmation(
            append=into == "quiz", to_bank=into == "bank" or chosen is not None, bank_id=chosen, title=title
        )
        with ctx.session.begin_nested():
            exchange.confirm(ctx, import_id=import_id, given=given)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status == 404:
            raise
        told = refusals.errors_told(words(request, ctx.actor), error)
        return _preview(request, ctx, import_id, errors=told, status=getattr(error, "status", 422))
    return redirect(f"/teach/question-imports/{import_id}")


@router.post("/question-imports/{import_id}/discard")
def give_up(ctx: Writing, import_id: UUID) -> Response:
    """Forget an import."""
    gone = exchange.discard(ctx, import_id=import_id)
    return redirect(f"/teach/courses/{gone.course_slug}/quizzes", notice="deleted")


@router.get("/quizzes/{quiz_id}/export")
def export_page(
    request: Request,
    ctx: Reading,
    runtime: RuntimeDep,
    quiz_id: UUID,
    written_as: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.MOODLE_XML,
) -> Response:
    """What a format can hold of the quiz, and the file."""
    gathered = exporting.gather(ctx, quiz_id)
    written = exporting.written(runtime.resources, gathered, written_as=written_as)
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "teach/question_export.html",
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, Permission.COURSE_EDIT),
        formats=list(ExportFormat),
        found=exporting.report(gathered, written, written_as=written_as),
        wording=_wording(),
        tab="quizzes",
    )


def _wording() -> dict[str, str]:
    return {code: text for code, (_, text) in WORDING.items()}


def _upload_page(
    request: Request, ctx: ReadCtx, slug: str, quiz_id: UUID | None, *, errors: Errors, status: int
) -> Response:
    card = exchange.access(ctx, slug, quiz_id=quiz_id)
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id) if quiz_id is not None else None
    return page(
        request, ctx.actor, "teach/question_upload.html", status=status, course=card, quiz=quiz, errors=errors,
        tab="quizzes",
    )  # fmt: skip


def _preview(request: Request, ctx: ReadCtx, import_id: UUID, *, errors: Errors, status: int) -> Response:
    view = exchange.view(ctx, import_id=import_id)
    quiz = assessments.access_quiz_for_editing(ctx, view.quiz_id) if view.quiz_id is not None else None
    return page(
        request,
        ctx.actor,
        "teach/question_import.html",
        status=status,
        course=courses.access_course(ctx, view.course_id, Permission.COURSE_EDIT),
        quiz=quiz,
        view=view,
        banks=banks.browse(ctx, course=str(view.course_id)).items if view.status == "preview" else (),
        questions=exchange.first_questions(ctx, import_id=import_id) if view.status == "preview" else (),
        wording=_wording(),
        reason=refusals.told(words(request, ctx.actor), code="", text=view.reason),
        errors=errors,
        tab="quizzes",
    )
