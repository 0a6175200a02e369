"""An instructor's quizzes: the list, the builder, everybody's attempts and what waits for a mark."""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.forms import Errors, errors_of
from api.web.local_dates import as_field, from_field
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import ExtraTime, MarkIn, QuizDetail, QuizIn, QuizRules

router = APIRouter(prefix="/teach", include_in_schema=False)

Line = Annotated[str, Form(max_length=20_000)]
Number = Annotated[str, Form(max_length=20)]
Cursor = Annotated[str, Query(max_length=600)]
MINUTE = 60


@router.get("/courses/{slug}/quizzes")
def quizzes_page(request: Request, ctx: Reading, slug: str) -> Response:
    """The quizzes of a course, and who has extra time in it; five statements."""
    return _quizzes_page(request, ctx, slug, errors={}, values={}, status=200)


@router.post("/courses/{slug}/quizzes")
def create(request: Request, ctx: Writing, slug: str, title: Line = "") -> Response:
    """Begin a new quiz, a draft without questions."""
    try:
        made = assessments.create(ctx, slug, quiz=QuizIn(title=title))
    except ValidationError as error:
        errors = errors_of(error, words(request, ctx.actor))
        return _quizzes_page(request, ctx, slug, errors=errors, values={"title": title}, status=422)
    return redirect(f"/teach/quizzes/{made.id}")


@router.post("/courses/{slug}/extra-time")
def give_extra_time(request: Request, ctx: Writing, slug: str, email: Line = "", percent: Number = "0") -> Response:
    """Give the person with this address extra time; 0 takes it away."""
    courses.access_course(ctx, slug, Permission.ATTEMPT_GRADE, even_archived=True)
    person = accounts.account_with_email(ctx, email=email.strip())
    try:
        extra = ExtraTime.model_validate({"extra_percent": percent})
    except ValidationError:
        extra = None
    if person is None or extra is None:
        text = words(request, ctx.actor).gettext("Nobody has this address, or the percentage is not from 0 to 400.")
        values = {"email": email, "percent": percent}
        return _quizzes_page(request, ctx, slug, errors={"email": text}, values=values, status=422)
    assessments.set_extra_time(ctx, slug, user_id=person.id, extra=extra)
    return redirect(f"/teach/courses/{slug}/quizzes", notice="saved")


@router.get("/quizzes/{quiz_id}")
def builder(request: Request, ctx: Reading, quiz_id: UUID) -> Response:
    """The builder: questions, rules, preview; ten statements."""
    return _builder(request, ctx, quiz_id, errors={}, values=None, status=200)


@router.post("/quizzes/{quiz_id}")
def save_rules(
    request: Request,
    ctx: Writing,
    quiz_id: UUID,
    title: Line = "",
    instructions: Line = "",
    lesson_id: Line = "",
    minutes: Number = "",
    attempts_allowed: Number = "",
    passing_percent: Number = "50",
    opens_at: Number = "",
    closes_at: Number = "",
    counts: Number = "best",
    assistant: Number = "on",
    shuffle_questions: Number = "",
    shuffle_choices: Number = "",
    leaderboard: Number = "",
) -> Response:
    """Keep the rules of a quiz."""
    values: dict[str, Any] = {
        "title": title,
        "instructions": instructions,
        "lesson_id": lesson_id,
        "minutes": minutes,
        "attempts_allowed": attempts_allowed,
        "passing_percent": passing_percent,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "counts": counts,
        "assistant": assistant,
        "shuffle_questions": bool(shuffle_questions),
        "shuffle_choices": bool(shuffle_choices),
        "leaderboard": bool(leaderboard),
    }
    try:
        rules = QuizRules.model_validate(_as_rules(values, LocalTime(request, ctx).zone))
        assessments.change_rules(ctx, quiz_id, rules=rules)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status in (403, 404):
            raise
        told = errors_of(error, words(request, ctx.actor))
        return _builder(request, ctx, quiz_id, errors=told, values=values, status=getattr(error, "status", 422))
    return redirect(f"/teach/quizzes/{quiz_id}", notice="saved")


@router.post("/quizzes/{quiz_id}/publish")
def publish(ctx: Writing, quiz_id: UUID) -> Response:
    """Let learners see the quiz."""
    assessments.publish(ctx, quiz_id)
    return redirect(f"/teach/quizzes/{quiz_id}", notice="quiz-published")


@router.post("/quizzes/{quiz_id}/unpublish")
def unpublish(ctx: Writing, quiz_id: UUID) -> Response:
    """Hide the quiz."""
    assessments.unpublish(ctx, quiz_id)
    return redirect(f"/teach/quizzes/{quiz_id}", notice="saved")


@router.post("/quizzes/{quiz_id}/delete")
def delete(ctx: Writing, quiz_id: UUID) -> Response:
    """Delete a quiz nobody attempted."""
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id)
    assessments.delete_quiz(ctx, quiz_id)
    return redirect(f"/teach/courses/{quiz.course_slug}/quizzes", notice="deleted")


@router.get("/quizzes/{quiz_id}/attempts")
def attempts_page(request: Request, ctx: Reading, quiz_id: UUID, cursor: Cursor = "") -> Response:
    """What waits for a mark, then everybody's attempts."""
    quiz = assessments.access_quiz_for_grading(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "teach/quiz_attempts.html",
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        waiting=assessments.to_mark(ctx, quiz_id),
        attempts=assessments.attempts_at(ctx, quiz_id, cursor=cursor),
        local=LocalTime(request, ctx),
        tab="quizzes",
    )


@router.post("/attempts/{attempt_id}/marks/{question_id}")
def mark(
    ctx: Writing, attempt_id: UUID, question_id: UUID, points: Number = "", comment: Line = "", next: Line = ""
) -> Response:
    """Mark an answer and go back to where one was."""
    attempt = assessments.access_attempt(ctx, attempt_id)
    back = f"/attempts/{attempt_id}" if next == "attempt" else f"/teach/quizzes/{attempt.quiz_id}/attempts"
    try:
        given = MarkIn.model_validate({"points": points.replace(",", "."), "comment": comment})
        with ctx.session.begin_nested():
            assessments.mark(ctx, attempt_id, question_id=question_id, mark=given)
    except (ValidationError, DomainError) as error:
        if isinstance(error, DomainError) and error.status != 422:
            raise
        return redirect(back, notice="mark-refused")
    return redirect(back, notice="marked")


def _quizzes_page(
    request: Request, ctx: ReadCtx, slug: str, *, errors: Errors, values: dict[str, str], status: int
) -> Response:
    card = courses.access_course(ctx, slug, Permission.ATTEMPT_GRADE)
    return page(
        request,
        ctx.actor,
        "teach/quizzes.html",
        status=status,
        course=card,
        quizzes=assessments.quizzes_of(ctx, card.id, drafts=True),
        eased=assessments.extra_times(ctx, card.id),
        errors=errors,
        values=values,
        tab="quizzes",
    )


def _builder(
    request: Request, ctx: ReadCtx, quiz_id: UUID, *, errors: Errors, values: dict[str, Any] | None, status: int
) -> Response:
    quiz = assessments.read_source(ctx, quiz_id)
    card = courses.access_course(ctx, quiz.course_id, Permission.COURSE_EDIT)
    local = LocalTime(request, ctx)
    lessons = [lesson for module in courses.outline(ctx, card.id, drafts=True) for lesson in module.lessons]
    return page(
        request,
        ctx.actor,
        "teach/quiz.html",
        status=status,
        quiz=quiz,
        course=card,
        questions=[question.model_dump(mode="json") for question in quiz.question_list],
        pictures=assessments.pictures_of(ctx, card.id),
        lessons=[("", "")] + [(str(lesson.id), lesson.title) for lesson in lessons],
        zone=local.zone.key,
        values=values or _as_values(quiz, local.zone),
        errors=errors,
        tab="quizzes",
    )


def _as_values(quiz: QuizDetail, zone: ZoneInfo) -> dict[str, Any]:
    """The rules as the form shows them: minutes, and dates in the author's own time zone."""
    values = quiz.model_dump(include=set(QuizRules.model_fields))
    minutes = quiz.time_limit_seconds / MINUTE if quiz.time_limit_seconds is not None else None
    return values | {
        "minutes": f"{minutes:g}" if minutes is not None else "",
        "attempts_allowed": quiz.attempts_allowed or "",
        "lesson_id": str(quiz.lesson_id or ""),
        "opens_at": as_field(quiz.opens_at, zone),
        "closes_at": as_field(quiz.closes_at, zone),
    }


def _as_rules(values: dict[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The form as `QuizRules` takes it; what is no number or date is left as it is, for the schema to refuse."""

    def seconds(text: str) -> Any:
        try:
            return round(float(text.replace(",", ".")) * MINUTE)
        except (ValueError, OverflowError):
            return text or None

    rules = {name: value for name, value in values.items() if name != "minutes"}
    return rules | {
        "time_limit_seconds": seconds(values["minutes"]),
        "attempts_allowed": values["attempts_allowed"] or None,
        "lesson_id": values["lesson_id"] or None,
        "opens_at": from_field(values["opens_at"], zone),
        "closes_at": from_field(values["closes_at"], zone),
    }
