"""The job that answers a question: finds, answers, tells the stream, keeps the result.

Stream messages: {"event": meta|token|citation|clear|done|error, "data": {...}}.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, select, update

from lms_core.kit.cache import Cache
from lms_core.kit.context import ReadCtx, Work, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.jobs import every, job
from lms_core.kit.realtime import Streams
from lms_core.learning.progress import service as progress
from rag import faq
from rag.access import locked_for
from rag.answering.choice import AnswererChoice
from rag.answering.followup import standalone_question
from rag.answering.pointing import point
from rag.answering.schemas import AnswerEvent, AnswerRequest, Cited, Cleared, Finished, Note, Token, Turn
from rag.conversations import queries
from rag.conversations.models import Answer, AnswerStatus, Citation, Question
from rag.conversations.schemas import CitationView
from rag.conversations.service import ANSWER_JOB, PLACES_MODE, stop_key, stream_name
from rag.faq import matching
from rag.schemas import Retrieval
from rag.search import Scope, Stopwatch, search

TRACE_HITS = 5
UNSETTLED_MODES = ("hint", "summary", PLACES_MODE)  # a nudge, an overview or a place; not the settled answer
ABANDONED_AFTER = timedelta(minutes=10)
FAILED = {
    "code": "answer_failed",
    "title": "The answer could not be made",
    "detail": "Something went wrong on our side. Ask again; if it happens again, tell your instructor.",
}
DELETED = {
    "code": "answer_not_found",
    "title": "There is no such answer",
    "detail": "The conversation was deleted while the answer was being made.",
}

log = structlog.get_logger(__name__)


@job(ANSWER_JOB, queue="answer", attempts=2)
def answer_question(work: Work, *, answer_id: str, drafts: bool) -> None:
    """Answer one question and keep what was said; repeating it after a crash starts the stream over."""
    streams = work.resources.get(Streams)  # type: ignore[type-abstract]
    name = stream_name(UUID(answer_id))

    def tell(event: str, data: dict[str, Any]) -> None:
        streams.append(name, {"event": event, "data": data})

    try:
        _answer(work, UUID(answer_id), drafts=drafts, tell=tell, again=streams.exists(name))
    except Exception:
        if work.job.attempts < work.job.attempts_allowed:
            raise
        log.exception("answer.failed", answer_id=answer_id)
        _give_up(work, UUID(answer_id), tell)


Tell = Callable[[str, dict[str, Any]], None]


def _answer(work: Work, answer_id: UUID, *, drafts: bool, tell: Tell, again: bool) -> None:
    watch = Stopwatch()
    with work.read() as view:
        row, question = _load(view, answer_id)
        if row is None or question is None:
            tell("error", DELETED)
            return
        if row.status != AnswerStatus.RUNNING:  # kept by an earlier try that ended before it could say so
            kept = queries.answer_views(view, user_id=question.user_id, answer_id=answer_id)[0]
            tell("done", kept.model_dump(mode="json"))
            return
        if again:
            tell("clear", {"reason": "restarted"})
        tell("meta", {"id": str(answer_id), "conversation_id": str(question.conversation_id)})
        locked = frozenset[UUID]()
        if not drafts:  # asked at the last moment: what is locked by now is not found, nor repeated from before
            locked = locked_for(view, course_id=question.course_id, user_id=question.user_id)
        turns = queries.history(view, conversation_id=question.conversation_id, before=question.id, locked=locked)
        history = tuple(Turn(asked, said) for asked, said in turns)
        understood = standalone_question(question.text, history).text
        scope = Scope(view.tenant_id, question.course_id, without_lessons=locked, drafts=drafts)
        # The language asked for is that of the answer; the question is read in its own.
        retrieval = search(view, question=understood, scope=scope)
        entry = None
        if question.mode not in UNSETTLED_MODES:
            entry = matching.match(view, course_id=question.course_id, retrieval=retrieval)
        places = queries.lesson_places(view, ids=[hit.candidate.lesson_id for hit in retrieval.hits])
    watch.lap("search")
    if entry is not None:
        finished = _from_faq(entry, tell)
    else:
        request = AnswerRequest(
            question=question.text,
            retrieval=retrieval,
            history=history,
            language=question.language or retrieval.language,
            mode="hint" if question.mode == PLACES_MODE else question.mode,  # type: ignore[arg-type]  # validated when asked
            stop=_stop(work, answer_id),
        )
        answerer = point if question.mode == PLACES_MODE else work.resources.get(AnswererChoice).get().answer
        finished = _stream(answerer(request), places, tell)
    watch.lap("answer")
    stopped = _stop(work, answer_id)()
    timings = {**retrieval.timings_ms, **watch.timings_ms}
    with work.write() as ctx:
        _keep(ctx, answer_id, understood, retrieval, finished, entry, stopped=stopped, timings=timings)
        work.finish(ctx)
    with work.read() as view:  # apart, so that no other writer waits for it
        done = queries.answer_views(view, user_id=question.user_id, answer_id=answer_id)
    if done:
        tell("done", done[0].model_dump(mode="json"))
    else:
        tell("error", DELETED)


_ANSWER = prepared(
    select(Answer, Question)
    .join(Question, Question.id == Answer.question_id)
    .where(Answer.id == bindparam("answer_id"))
)


def _load(ctx: ReadCtx, answer_id: UUID) -> tuple[Answer | None, Question | None]:
    found = ctx.session.execute(_ANSWER, {"answer_id": answer_id}).first()
    return (found[0], found[1]) if found is not None else (None, None)


def _stop(work: Work, answer_id: UUID) -> Callable[[], bool]:
    cache = work.resources.get(Cache)  # type: ignore[type-abstract]
    return lambda: cache.get(stop_key(answer_id)) is not None


def _from_faq(entry: faq.FaqAnswer, tell: Tell) -> Finished:
    tell("token", {"text": entry.answer})
    note = Note("approved", f"Answered by {entry.author}." if entry.author else "Answered by an instructor.")
    return Finished(entry.answer, (), "answered", "faq", (note,))


def _stream(events: Iterator[AnswerEvent], places: dict[UUID, queries.LessonPlace], tell: Tell) -> Finished:
    for event in events:
        match event:
            case Token():
                tell("token", {"text": event.text})
            case Cited():
                tell("citation", _citation_view(event, places).model_dump(mode="json"))
            case Cleared():
                tell("clear", {"reason": event.reason})
            case Finished():
                return event
    raise RuntimeError("the answerer ended without a result")


def _citation_view(cited: Cited, places: dict[UUID, queries.LessonPlace]) -> CitationView:
    place = places[cited.lesson_id]
    return CitationView(
        number=cited.number,
        lesson_id=cited.lesson_id,
        lesson_title=place.title,
        heading_path=place.headings_to(cited.anchor),
        source_path=place.source_path,
        anchor=cited.anchor,
        page=cited.page,
        start_seconds=cited.start_seconds,
        quote=cited.quote,
        score=round(cited.score, 4),
    )


def _keep(
    ctx: WriteCtx,
    answer_id: UUID,
    understood: str,
    retrieval: Retrieval,
    finished: Finished,
    entry: faq.FaqAnswer | None,
    *,
    stopped: bool,
    timings: dict[str, float],
) -> None:
    row, question = _load(ctx, answer_id)
    if row is None or question is None or row.status != AnswerStatus.RUNNING:
        return
    question.standalone = understood
    question.language = question.language or retrieval.language
    progress.note_day(ctx, user_id=question.user_id, questions=1)
    row.status = AnswerStatus.STOPPED if stopped else AnswerStatus(finished.status)
    row.text = finished.answer
    row.answered_by = finished.answered_by
    row.faq_entry_id = entry.id if entry is not None else None
    row.notes = [{"code": note.code, "text": note.text} for note in finished.notes]
    row.suggestions = [
        {"lesson_id": str(near.lesson_id), "anchor": near.anchor, "heading": " › ".join(near.heading_path)}
        for near in finished.suggestions
    ]
    row.trace = _trace(retrieval)
    row.timings_ms = timings
    row.finished_at = ctx.now
    ctx.session.add_all([_citation_row(answer_id, cited) for cited in finished.citations])
    ctx.session.flush()


def _citation_row(answer_id: UUID, cited: Cited) -> Citation:
    return Citation(
        answer_id=answer_id,
        lesson_id=cited.lesson_id,
        number=cited.number,
        anchor=cited.anchor,
        page=cited.page,
        start_seconds=cited.start_seconds,
        quote=cited.quote,
        score=cited.score,
    )


def _trace(retrieval: Retrieval) -> dict[str, Any]:
    return {
        "gloss": retrieval.gloss,
        "answerable": round(retrieval.answerable, 4),
        "threshold": round(retrieval.threshold, 4),
        "reasons": list(retrieval.reasons),
        "hits": [
            {
                "chunk_id": str(hit.candidate.chunk_id),
                "lesson_id": str(hit.candidate.lesson_id),
                "score": round(hit.score, 4),
                "parts": {name: round(value, 4) for name, value in hit.parts.items()},
            }
            for hit in retrieval.hits[:TRACE_HITS]
        ],
    }


def _give_up(work: Work, answer_id: UUID, tell: Tell) -> None:
    with work.write() as ctx:
        row, _ = _load(ctx, answer_id)
        if row is not None:
            row.status, row.finished_at = AnswerStatus.FAILED, ctx.now
    tell("error", FAILED)


@every(timedelta(minutes=5), "rag.close_abandoned_answers")
def close_abandoned(work: Work) -> None:
    """Mark answers as failed whose job is gone without a word, so that nobody waits for them."""
    with work.write() as ctx:
        abandoned = (Answer.status == AnswerStatus.RUNNING) & (Answer.created_at < ctx.now - ABANDONED_AFTER)
        closed = ctx.session.execute(
            update(Answer).where(abandoned).values(status=AnswerStatus.FAILED, finished_at=ctx.now).returning(Answer.id)
        ).scalars()
        names = [stream_name(answer_id) for answer_id in closed]
    for name in names:
        work.resources.get(Streams).append(name, {"event": "error", "data": FAILED})  # type: ignore[type-abstract]
