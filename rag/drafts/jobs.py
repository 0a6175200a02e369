"""The job that looks for questions, lesson by lesson; a repeat goes on after the last lesson that was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import delete, select

from lms_core.content.courses.models import Lesson
from lms_core.kit.context import Interrupted, Work, WriteCtx
from lms_core.kit.jobs import job
from lms_core.kit.settings import Settings
from rag.answering import provider
from rag.answering.choice import chat_settings
from rag.drafts import chat, queries
from rag.drafts.checking import check
from rag.drafts.material import Definition, Listing, Passage, definitions, listings
from rag.drafts.models import Check, DraftingStatus, DraftStatus, QuestionDraft
from rag.drafts.proposals import Proposal, propose
from rag.drafts.service import DRAFT_JOB, is_current
from rag.schemas import Retrieval
from rag.search import Scope, search

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

OF_A_LESSON = 12
ASKED_PASSAGES = 4  # of a lesson, that a chat model is asked about
LEAST_WORDS = 40  # of a passage worth asking about
TEMPLATES = "templates"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Material:
    """A course as the job reads it once."""

    lessons: dict[UUID, list[Passage]]
    known: Sequence[Definition]
    lists: Sequence[Listing]


class _Writer:
    """The chat model while it answers; after it failed once, this run does without."""

    def __init__(self, settings: Settings) -> None:
        self.name, self.failure = "", ""
        self._model: BaseChatModel | None = None
        chosen = chat_settings(settings)
        if chosen is not None:
            self.name, self._seconds = chosen.model, chosen.total_seconds
            try:
                self._model = provider.connect(chosen)
            except provider.ChatModelUnavailable as error:
                self.failure = error.code

    def write(self, passages: Sequence[Passage]) -> list[Proposal]:
        """Questions on the passages that say most; none without a model."""
        if self._model is None:
            return []
        long = [each for each in passages if each.teaches and len(each.text.split()) >= LEAST_WORDS]
        chosen = sorted(long, key=lambda each: -len(each.text))[:ASKED_PASSAGES]
        found: list[Proposal] = []
        try:
            for passage in chosen:
                found += chat.write(self._model, passage, seconds=self._seconds)
        except provider.StreamFailed as error:
            self._model, self.failure = None, error.code
        return found


@job(DRAFT_JOB, queue="heavy", attempts=3)
def draft_questions(work: Work, *, course_id: str, run_id: str) -> None:
    """Make, check and keep drafts of every lesson that was asked for."""
    try:
        _draft(work, UUID(course_id), UUID(run_id))
    except Interrupted:
        raise
    except Exception:
        if work.job.attempts >= work.job.attempts_allowed:  # nobody would ever end the search otherwise
            with work.write() as ctx:
                _end(ctx, UUID(course_id), UUID(run_id), DraftingStatus.FAILED, note="")
        raise


def _draft(work: Work, course_id: UUID, run_id: UUID) -> None:
    with work.read() as view:
        row = queries.drafting(view, course_id)
        if row is None or not is_current(view, course_id=course_id, run_id=run_id):
            return
        wanted = [UUID(each) for each in row.lesson_ids][row.done :]
        material = _material(queries.passages(view, course_id))
    writer = _Writer(work.resources.get(Settings))
    for lesson_id in wanted:
        work.check_stop()
        made = _lesson(work, course_id, lesson_id, material, writer)
        with work.write() as ctx:
            if not _keep(ctx, course_id, run_id, lesson_id, made):
                return
    with work.write() as ctx:
        _end(ctx, course_id, run_id, DraftingStatus.DONE, note=writer.failure)
        work.finish(ctx)


def _material(lessons: dict[UUID, list[Passage]]) -> _Material:
    passages = [passage for each in lessons.values() for passage in each]
    return _Material(lessons, definitions(passages), [listing for passage in passages for listing in listings(passage)])


def _lesson(
    work: Work, course_id: UUID, lesson_id: UUID, material: _Material, writer: _Writer
) -> list[tuple[Proposal, Check, str]]:
    """What can be asked about a lesson, each with what the check said and who made it."""
    passages = material.lessons.get(lesson_id, [])
    written = writer.write(passages)
    limit = max(0, OF_A_LESSON - len(written))
    templated = propose(passages, known=material.known, lists=material.lists, limit=limit)
    made_by = [(each, writer.name) for each in written] + [(each, TEMPLATES) for each in templated]
    find = partial(_search, work, course_id)
    return [(proposal, check(proposal, find), maker) for proposal, maker in made_by]


def _search(work: Work, course_id: UUID, question: str, language: str) -> Retrieval:
    with work.read() as view:
        scope = Scope(view.tenant_id, course_id, drafts=True)
        return search(view, question=question, scope=scope, language=language[:2])


def _keep(
    ctx: WriteCtx, course_id: UUID, run_id: UUID, lesson_id: UUID, made: Sequence[tuple[Proposal, Check, str]]
) -> bool:
    """Write a lesson's drafts down and count it; False when the search is not wanted any more.

    Waiting drafts of earlier versions go; decided ones stay, so that they are not proposed again.
    """
    row = queries.drafting(ctx, course_id)
    if row is None or row.run_id != run_id:
        return False
    present = ctx.session.execute(select(Lesson.version).where(Lesson.id == lesson_id)).scalar_one_or_none()
    ctx.session.execute(
        delete(QuestionDraft).where(
            QuestionDraft.lesson_id == lesson_id,
            QuestionDraft.status == DraftStatus.WAITING,
            QuestionDraft.version != (present or 0),
        )
    )
    known = queries.fingerprints(ctx, course_id)
    fresh = {
        proposal.fingerprint: _row(ctx, course_id, proposal, checked, maker)
        for proposal, checked, maker in made
        if proposal.passage.version == present and proposal.fingerprint not in known
    }
    ctx.session.add_all(fresh.values())
    row.status, row.done, row.made = DraftingStatus.RUNNING, row.done + 1, row.made + len(fresh)
    ctx.session.flush()
    return True


def _row(ctx: WriteCtx, course_id: UUID, proposal: Proposal, checked: Check, maker: str) -> QuestionDraft:
    passage = proposal.passage
    return QuestionDraft(
        course_id=course_id,
        lesson_id=passage.lesson_id,
        version=passage.version,
        chunk_id=passage.chunk_id,
        span_start=proposal.start,
        span_end=proposal.end,
        quote=proposal.quote,
        anchor=passage.anchor,
        language=passage.language,
        kind=proposal.kind,
        question=proposal.question.model_dump(mode="json"),
        fingerprint=proposal.fingerprint,
        verdict=checked,
        made_by=maker,
        created_at=ctx.now,
    )


def _end(ctx: WriteCtx, course_id: UUID, run_id: UUID, status: DraftingStatus, *, note: str) -> None:
    row = queries.drafting(ctx, course_id)
    if row is not None and row.run_id == run_id:
        row.status, row.finished_at, row.note = status, ctx.now, note
