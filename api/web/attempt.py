"""An attempt: waiting for its checks, open, or over with its results. Works without scripts, then without autosave."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import supervision
from api.web.quiz import LocalTime
from api.web.rendering import page, redirect
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import AttemptOver, QuestionNotFound
from lms_core.learning.assessments.models import AttemptStatus
from lms_core.learning.assessments.schemas import AnswerIn, AskedPart, AskedQuestion
from lms_core.learning.assessments.schemas.conduct import Certainty
from lms_core.learning.assessments.types.fitting import fits
from lms_core.learning.assessments.types.shapes import LONGEST_PART

router = APIRouter(include_in_schema=False)

LONGEST_RESPONSE = 50_000
CERTAINTIES: dict[str, Certainty] = {"1": 1, "2": 2, "3": 3}


@router.get("/attempts/{attempt_id}")
def attempt_page(request: Request, ctx: Reading, attempt_id: UUID) -> Response:
    """An attempt at the point where it is; six statements."""
    attempt = assessments.read_attempt(ctx, attempt_id)
    mine = attempt.user_id == ctx.actor.user_id
    unfinished = attempt.status in (AttemptStatus.WAITING, AttemptStatus.OPEN)
    return page(
        request,
        ctx.actor,
        "attempt.html" if unfinished and mine else "attempt_results.html",
        attempt=attempt,
        answers={answer.question_id: answer for answer in attempt.answers},
        checks={check.question_id: check for check in attempt.checks},
        course=courses.access_course(ctx, attempt.course_id, even_archived=True),
        mine=mine,
        local=LocalTime(request, ctx),
        **supervision.for_attempt(request, ctx, attempt),
    )


async def _sent(request: Request) -> FormData:
    return await request.form()


# Before the transaction, so that a slow sender holds no lock.
SentForm = Annotated[FormData, Depends(_sent)]


@router.post("/attempts/{attempt_id}")
def hand_in(form: SentForm, ctx: Writing, attempt_id: UUID) -> Response:
    """Keep every answer of the form and submit: what a browser without scripts sends."""
    attempt = assessments.read_attempt(ctx, attempt_id)
    try:
        for question in attempt.questions:
            assessments.save_answer(ctx, attempt_id, question_id=question.id, answer=_answer(ctx, form, question))
    except AttemptOver:  # what was saved before the time ran out is submitted
        pass
    assessments.submit(ctx, attempt_id)
    return redirect(f"/attempts/{attempt_id}", notice="attempt-submitted")


@router.post("/attempts/{attempt_id}/check")
def check(form: SentForm, ctx: Writing, attempt_id: UUID) -> Response:
    """Keep every answer of the form and check the question whose button was pressed, without scripts."""
    attempt = assessments.read_attempt(ctx, attempt_id)
    pressed, number = parse_id(str(form.get("check", ""))), 1
    for question in attempt.questions:
        answer = _answer(ctx, form, question)
        if question.id != pressed:
            assessments.save_answer(ctx, attempt_id, question_id=question.id, answer=answer)
            continue
        number = question.number
        try:
            with ctx.session.begin_nested():
                assessments.check(ctx, attempt_id, question_id=question.id, answer=answer)
        except Invalid:
            return redirect(f"/attempts/{attempt_id}#q-{number}", notice="answer-first")
    return redirect(f"/attempts/{attempt_id}#q-{number}")


@router.get("/attempts/{attempt_id}/checked/{question_id}")
def checked(request: Request, ctx: Reading, attempt_id: UUID, question_id: UUID) -> Response:
    """What somebody is told of a question they checked, as the piece of the attempt's page that a script puts in."""
    attempt = assessments.read_attempt(ctx, attempt_id)
    found = next((each for each in attempt.checks if each.question_id == question_id), None)
    if found is None or attempt.user_id != ctx.actor.user_id:
        raise QuestionNotFound()
    return page(request, ctx.actor, "attempt_checked.html", check=found, attempt_id=attempt_id)


def _answer(ctx: ReadCtx, form: FormData, question: AskedQuestion) -> AnswerIn:
    """What a browser without scripts sends for a question."""
    given = [value for value in form.getlist(f"q-{question.id}") if isinstance(value, str)]
    chosen = [choice for value in given if (choice := parse_id(value)) is not None]
    certainty = form.get(f"c-{question.id}")
    return AnswerIn(
        sequence=int(ctx.now.timestamp() * 1000),
        choices=chosen[: len(question.choices)],
        text="" if question.choices else "".join(given)[:LONGEST_RESPONSE].replace("\x00", ""),
        parts={part.id: _part(form, question, part) for part in question.parts},
        certainty=CERTAINTIES.get(str(certainty)),
    )


def _part(form: FormData, question: AskedQuestion, part: AskedPart) -> str:
    """What the form says of a part; "" for what cannot be its answer, such as a place in the order beyond the last."""
    value = form.get(f"q-{question.id}-{part.id}")
    said = value.strip()[:LONGEST_PART].replace("\x00", "") if isinstance(value, str) else ""
    options = {option.id for option in part.options or question.options}
    return said if fits(part.kind, said, options=options, places=len(question.parts)) else ""
