"""The page on which an instructor regrades a quiz: choose, look at the preview, carry it out, watch it."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.learning.regrading import RegradeConsequences, previewed
from api.web.assignments import GONE, AnyForm
from api.web.forms import Errors, errors_of
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.correcting import Unfit
from lms_core.learning.assessments.schemas.regrading import RegradeChoice, RegradeIn

router = APIRouter(prefix="/teach", include_in_schema=False)

CHOSEN = "how-"


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


WHY_UNFIT: dict[Unfit, str] = {
    "removed": _("It is not in the quiz any more, so it is marked as its paper says."),
    "type": _("It is of another type now."),
    "parts": _("It has other parts or options now."),
    "values": _("Its variables are others now, so attempts had other values."),
    "no_right_choice": _("No choice that was offered is the right one now. Give full marks, or leave it out."),
    "by_person": _("A person marks it. Give full marks, or leave it out."),
}


@router.get("/quizzes/{quiz_id}/regrade")
def regrade_page(request: Request, ctx: Reading, quiz_id: UUID, question: str = "", attempt: str = "") -> Response:
    """What can be regraded, and the latest regrades. `question`, `attempt`: chosen beforehand."""
    values = {f"{CHOSEN}{question}": "key"} if question else {}
    if attempt:
        values |= {"scope": "one", "attempt_id": attempt}
    return _page(request, ctx, quiz_id, values=values)


@router.post("/quizzes/{quiz_id}/regrade/preview")
def preview(request: Request, ctx: Reading, quiz_id: UUID, form: AnyForm) -> Response:
    """The same page with what the choice would change."""
    try:
        choice = RegradeChoice.model_validate(_given(form))
        shown = previewed(ctx, quiz_id, choice)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, quiz_id, form, error)
    return _page(request, ctx, quiz_id, values=_values(form), preview=shown)


@router.post("/quizzes/{quiz_id}/regrade")
def carry_out(request: Request, ctx: Writing, quiz_id: UUID, form: AnyForm) -> Response:
    """Carry the choice out in the background."""
    try:
        given = RegradeIn.model_validate(_given(form) | {"reason": form.get("reason", "")})
        with ctx.session.begin_nested():
            assessments.request_regrade(ctx, quiz_id, given=given)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, quiz_id, form, error)
    return redirect(f"/teach/quizzes/{quiz_id}/regrade", notice="regrade-started")


def _refused(
    request: Request, ctx: ReadCtx, quiz_id: UUID, form: FormData, error: ValidationError | DomainError
) -> Response:
    if isinstance(error, DomainError) and error.status in GONE:
        raise error
    errors = errors_of(error, words(request, ctx.actor))
    status = error.status if isinstance(error, DomainError) else 422
    return _page(request, ctx, quiz_id, values=_values(form), errors=errors, status=status)


def _page(
    request: Request,
    ctx: ReadCtx,
    quiz_id: UUID,
    *,
    values: dict[str, str],
    preview: RegradeConsequences | None = None,
    errors: Errors | None = None,
    status: int = 200,
) -> Response:
    quiz = assessments.access_quiz_for_grading(ctx, quiz_id)
    questions = assessments.regradable(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "teach/regrade.html",
        status=status,
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        questions=questions,
        labels={each.id: (each.number, each.bank_name) for each in questions},
        revision=assessments.revision_of(ctx, quiz_id),
        regrades=assessments.regrades_of(ctx, quiz_id),
        values=values,
        why_unfit={each: words(request, ctx.actor).gettext(told) for each, told in WHY_UNFIT.items()},
        preview=preview,
        errors=errors or {},
        local=LocalTime(request, ctx),
        tab="quizzes",
    )


def _given(form: FormData) -> dict[str, object]:
    """The form as `RegradeChoice` takes it."""
    chosen = [(name.removeprefix(CHOSEN), how) for name, how in form.items() if name.startswith(CHOSEN) and how]
    one = form.get("scope") == "one"
    return {
        "base_revision": form.get("base_revision", "1"),
        "questions": [{"question_id": each, "how": how} for each, how in chosen],
        "scope": form.get("scope", "all"),
        "attempt_id": form.get("attempt_id") or None if one else None,
        "marked_by_hand": "marked_by_hand" in form,
        "lifts_overrides": "lifts_overrides" in form,
    }


def _values(form: FormData) -> dict[str, str]:
    return {name: str(value) for name, value in form.items()}
