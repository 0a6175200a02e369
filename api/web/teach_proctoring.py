"""Supervision for instructors: a quiz's policy, the queue, the live wall, a session's report, one exam's sessions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import timelines
from api.web.forms import errors_of
from api.web.quiz import LocalTime
from api.web.rendering import language_of, page, redirect, words
from api.web.speaking import in_page_language
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import service as assessments
from proctoring.anomalies import reasons
from proctoring.detection.schemas import Check
from proctoring.policies import service as policies
from proctoring.policies.schemas import Material, PolicyIn
from proctoring.review import service as review
from proctoring.review.schemas import QueueFilter, ReportView
from proctoring.sessions import service as sessions
from proctoring.sessions.states import SessionState
from proctoring.signals.schemas import Kind

router = APIRouter(prefix="/teach", include_in_schema=False)

PER_PAGE = 30
SWITCHES = ("identity", "fullscreen", "microphone", "screen")


async def _sent(request: Request) -> FormData:
    return await request.form()


# Before the transaction, so that a slow sender holds no lock.
SentForm = Annotated[FormData, Depends(_sent)]


@router.get("/quizzes/{quiz_id}/supervision")
def policy_page(request: Request, ctx: Reading, quiz_id: UUID) -> Response:
    """The policy of a quiz, or the defaults to begin with."""
    known = policies.for_editing(ctx, quiz_id)
    return _policy_page(request, ctx, quiz_id, rules=known.rules if known else PolicyIn(), set_=known is not None)


@router.post("/quizzes/{quiz_id}/supervision")
def set_policy(request: Request, form: SentForm, ctx: Writing, quiz_id: UUID) -> Response:
    """Supervise the quiz by these terms from now on."""
    known = policies.for_editing(ctx, quiz_id)
    before = known.rules if known else PolicyIn()
    try:
        rules = PolicyIn.model_validate({**before.model_dump(), **_given(form)})
    except ValidationError as error:
        errors = errors_of(error, words(request, ctx.actor))
        return _policy_page(request, ctx, quiz_id, rules=before, set_=known is not None, errors=errors, status=422)
    policies.set_policy(ctx, quiz_id, rules=rules)
    return redirect(f"/teach/quizzes/{quiz_id}/supervision", notice="saved")


@router.post("/quizzes/{quiz_id}/supervision/end")
def end_supervision(ctx: Writing, quiz_id: UUID) -> Response:
    """Take supervision off the quiz."""
    sessions.end_supervision(ctx, quiz_id)
    return redirect(f"/teach/quizzes/{quiz_id}", notice="saved")


def _given(form: FormData) -> dict[str, Any]:
    """What the form says, in the shape of `PolicyIn`; fields it does not have stay as they were."""
    checks = {value for value in form.getlist("checks") if isinstance(value, str)}
    switches = {name: form.get(name) == "on" for name in SWITCHES}
    checks = checks | {"identity"} if switches["identity"] else checks - {"identity"}
    return {
        "checks": sorted(checks),
        **switches,
        "snapshot_interval_seconds": form.get("snapshot_interval_seconds", ""),
        "allowed_materials": [value for value in form.getlist("allowed_materials") if isinstance(value, str)],
        "retention_days": form.get("retention_days", ""),
        "note": form.get("note", ""),
    }


def _policy_page(
    request: Request,
    ctx: ReadCtx,
    quiz_id: UUID,
    *,
    rules: PolicyIn,
    set_: bool,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    quiz = assessments.access_quiz_for_editing(ctx, quiz_id)
    return page(
        request,
        ctx.actor,
        "teach/supervision.html",
        status=status,
        quiz=quiz,
        course=courses.access_course(ctx, quiz.course_id, even_archived=True),
        rules=rules,
        in_force=set_,
        errors=errors or {},
        checks=[check for check in Check if check is not Check.IDENTITY],
        materials=list(Material),
    )


@router.get("/proctoring")
def queue_page(
    request: Request,
    ctx: Reading,
    state: Annotated[str, Query(max_length=20)] = "",
    level: Annotated[str, Query(max_length=10)] = "",
    kind: Annotated[str, Query(max_length=30)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    quiz_id: Annotated[str, Query(max_length=40)] = "",
    cursor: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """Sessions to review, the highest risk first."""
    given = {"state": state, "level": level or None, "kind": kind, "q": q, "quiz_id": quiz_id or None}
    try:
        wanted = QueueFilter.model_validate(given)
    except ValidationError:
        wanted = QueueFilter()
    found = review.queue(ctx, wanted=wanted, cursor=cursor, limit=PER_PAGE)
    return page(
        request,
        ctx.actor,
        "teach/proctor_queue.html",
        rows=found.items,
        next_cursor=found.next_cursor,
        wanted=wanted,
        states=[state for state in SessionState if state not in (SessionState.CREATED, SessionState.EXPIRED)],
        filtered=wanted != QueueFilter(),
        local=LocalTime(request, ctx),
        stats=review.stats(ctx),
        titles=_titles(request, ctx),
    )


@router.get("/proctoring/live")
def live_page(request: Request, ctx: Reading) -> Response:
    """The wall of running sessions; its script keeps it up to date."""
    return page(request, ctx.actor, "teach/proctor_live.html", rows=review.live_rows(ctx), titles=_titles(request, ctx))


@router.get("/proctoring/exams/{quiz_id}")
def exam_page(request: Request, ctx: Writing, quiz_id: UUID) -> Response:
    """One exam's sessions side by side."""
    exam = review.compare(ctx, quiz_id)
    return page(request, ctx.actor, "teach/proctor_exam.html", exam=exam, titles=_titles(request, ctx))


@router.get("/proctoring/sessions/{session_id}")
def report_page(request: Request, ctx: Writing, session_id: UUID) -> Response:
    """A session's report."""
    report = review.report(in_page_language(request, ctx), session_id)
    return page(
        request,
        ctx.actor,
        "teach/proctor_report.html",
        report=report,
        timeline=timelines.of_report(report),
        local=LocalTime(request, ctx),
        shown=[flag for flag in report.flags if not flag.withdrawn],
        reasons=_gap_reasons(report),
    )


def _titles(request: Request, ctx: ReadCtx) -> dict[str, str]:
    """What each kind of flag is called in the reader's language."""
    return {kind.value: reasons.title(kind, language=language_of(request, ctx.actor)) for kind in Kind}


def _gap_reasons(report: ReportView) -> list[tuple[str, float]]:
    """Why time was not watched, with the seconds of each reason."""
    seconds: dict[str, float] = {}
    for gap in report.summary.not_watched:
        seconds[gap.text] = seconds.get(gap.text, 0.0) + (gap.ended_at - gap.started_at).total_seconds()
    return sorted(seconds.items(), key=lambda item: -item[1])
