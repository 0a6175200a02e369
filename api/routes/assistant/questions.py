"""Asking a course: the answer as JSON, or streamed as server-sent events.

The question is committed before anything waits: no connection or transaction
is held while the answer is made.
"""

from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import sse
from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading, visitor_writing
from api.errors import errors
from lms_core.commerce.subscriptions.errors import AllowanceUsed
from lms_core.kit.cache import RateLimiter
from lms_core.kit.errors import NotFound, TooManyRequests, Unauthenticated, Unavailable
from lms_core.kit.realtime import Streams
from rag.access import AssistantClosed, NotEnrolled
from rag.conversations import service as conversations
from rag.conversations.errors import AnswerNotFound
from rag.conversations.schemas import LOCKED_NOTE, AnswerView, FeedbackIn, QuestionIn
from workers.runtime import Runtime

router = APIRouter(tags=["assistant"])

STREAM = {200: {"content": {"text/event-stream": {}}, "description": "The answer, or its events as they come"}}
WAIT_SECONDS = 120.0

_in_transaction = contextmanager(visitor_writing)
_in_view = contextmanager(visitor_reading)


class AnswerLate(Unavailable):
    """The answer takes longer than a plain request waits."""

    code = "answer_late"
    title = "The answer is still being worked on"


@router.post(
    "/courses/{course}/assistant/questions",
    response_model=AnswerView,
    responses={
        **errors(NotFound, NotEnrolled, AssistantClosed, AllowanceUsed, TooManyRequests, Unauthenticated, AnswerLate),
        **STREAM,
    },
)
async def ask(
    request: Request, course: str, question_in: QuestionIn, runtime: RuntimeDep, accept: Annotated[str, Header()] = ""
) -> object:
    """Ask a question; with `Accept: text/event-stream` the answer arrives as it is made."""
    answer_id = await run_in_threadpool(_put_question, request, runtime, course, question_in)
    streams, name = _streams(runtime), conversations.stream_name(answer_id)
    if "text/event-stream" in accept:
        return sse.response(sse.follow(streams, name))
    return await _finished(request, runtime, answer_id, sse.follow(streams, name, limit_seconds=WAIT_SECONDS))


def _put_question(request: Request, runtime: Runtime, course: str, question_in: QuestionIn) -> UUID:
    with _in_transaction(request, runtime) as visitor:
        ctx = signed_in(visitor)
        limiter = runtime.resources.get(RateLimiter)
        limiter.check(f"ask:{ctx.actor.user_id}", per_minute=runtime.settings.questions_per_minute)
        return conversations.ask(ctx, course=course, question_in=question_in)


async def _finished(request: Request, runtime: Runtime, answer_id: UUID, events: AsyncIterator[bytes]) -> AnswerView:
    async for _ in events:
        if await request.is_disconnected():
            break
    view = await run_in_threadpool(_read_answer, request, runtime, answer_id)
    if view.status == "running":
        raise AnswerLate(f"Ask for it again at /api/v1/answers/{answer_id}.")
    return view


def _read_answer(request: Request, runtime: Runtime, answer_id: UUID) -> AnswerView:
    with _in_view(request, runtime) as visitor:
        return conversations.answer(signed_in(visitor), answer_id=answer_id)


def _streams(runtime: Runtime) -> Streams:
    return runtime.resources.get(Streams)  # type: ignore[type-abstract]


@router.get("/answers/{answer_id}", response_model=AnswerView, responses=errors(AnswerNotFound))
def get_answer(answer_id: UUID, ctx: Reading) -> AnswerView:
    """One of your answers, finished or on its way."""
    return conversations.answer(ctx, answer_id=answer_id)


@router.get("/answers/{answer_id}/stream", responses={**errors(Unauthenticated, AnswerNotFound), **STREAM})
async def resume(
    request: Request,
    answer_id: UUID,
    runtime: RuntimeDep,
    after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """Follow an answer from event `after` on (or `Last-Event-ID`): after a reload, on another device."""
    view = await run_in_threadpool(_read_answer, request, runtime, answer_id)
    start = int(last_event_id) if last_event_id.isdecimal() and len(last_event_id) < 8 else after
    streams, name = _streams(runtime), conversations.stream_name(answer_id)
    told = len(await run_in_threadpool(streams.read, name, after=0, wait=0))
    locked = any(note.code == LOCKED_NOTE["code"] for note in view.notes)  # the stream still has its words
    if view.status != "running" and (start >= told or locked):
        return sse.response(_only_last(view, position=start))
    return sse.response(_resumed(streams, name, start=start, told=told))


async def _only_last(view: AnswerView, *, position: int) -> AsyncIterator[bytes]:
    """A finished answer whose stream is forgotten, or was told to its end: what matters is in the last event."""
    yield sse.encode("clear", {"reason": "finished"}, position + 1)
    yield sse.encode("done", view.model_dump(mode="json"), position + 2)


async def _resumed(streams: Streams, name: str, *, start: int, told: int) -> AsyncIterator[bytes]:
    if start > told:  # the process was restarted and forgot the stream: the answer begins anew
        yield sse.encode("clear", {"reason": "restarted"}, 0)
        start = 0
    async for event in sse.follow(streams, name, after=start):
        yield event


@router.post("/answers/{answer_id}/stop", status_code=204, responses=errors(AnswerNotFound))
def stop(answer_id: UUID, ctx: Reading) -> None:
    """Stop an answer; what was said until then stays."""
    conversations.stop(ctx, answer_id=answer_id)


@router.post("/answers/{answer_id}/feedback", status_code=204, responses=errors(AnswerNotFound))
def give_feedback(answer_id: UUID, feedback_in: FeedbackIn, ctx: Writing) -> None:
    """Say whether an answer helped, and why not."""
    conversations.give_feedback(ctx, answer_id=answer_id, feedback_in=feedback_in)
