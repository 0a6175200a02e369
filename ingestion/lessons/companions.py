"""Lessons that are indexed together because their jobs wait at the same time.

A lesson alone fills few passes of the model. The job of one lesson therefore
takes along lessons whose jobs are queued, up to `CHUNKS_PER_RUN` passages, and
finishes those jobs in the transaction that marks their lessons. It holds them
by moving their `run_at` a little ahead: no other worker starts one meanwhile,
and after a crash they simply become due again. Only first attempts travel
together, so that a lesson that breaks its run is soon alone with its failure.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.jobs import Job, JobState
from rag.index.indexing import CHUNKS_PER_RUN, LessonText

LESSONS_PER_RUN = 64
HELD = timedelta(seconds=20)  # several times what a run takes; a slower one costs only a second look


@dataclass(frozen=True, slots=True)
class Along:
    """The lessons that go along, and the jobs that stood for them."""

    lessons: Sequence[LessonText]
    jobs: Sequence[UUID]

    def finish(self, ctx: WriteCtx) -> None:
        """Mark the jobs done; a job that another worker started meanwhile is left to it."""
        if not self.jobs:
            return
        ctx.session.execute(
            update(Job)
            .where(Job.id.in_(self.jobs), Job.state == JobState.QUEUED)
            .values(state=JobState.DONE, finished_at=ctx.now)
        )


@contextmanager
def taken_along(work: Work, first: LessonText, *, cut: Callable[[UUID], LessonText | None]) -> Iterator[Along]:
    """Hold waiting jobs of the tenant whose lessons fit beside `first`; what fails lets them go at once.

    `cut(lesson_id)` gives a lesson's passages, None when it needs no indexing.
    """
    along = _held(work, _fitting(work, first, cut))
    try:
        yield along
    except BaseException:  # stopping, too: the jobs must be due for whoever comes next
        if along.jobs:
            with work.write() as ctx:
                _move(ctx, along.jobs, timedelta(0))
        raise


def _fitting(work: Work, first: LessonText, cut: Callable[[UUID], LessonText | None]) -> dict[UUID, LessonText]:
    """Lessons that fit beside `first`, by the id of their job, the oldest job first."""
    if work.job.attempts > 1:
        return {}
    chosen: dict[UUID, LessonText] = {}
    seen = {first.lesson_id}
    room = CHUNKS_PER_RUN - len(first.drafts)
    for job_id, payload in _waiting(work) if room > 0 else []:
        lesson_id = UUID(payload["lesson_id"])
        lesson = cut(lesson_id) if lesson_id not in seen else None
        if lesson is None:
            continue  # its job will find nothing to do
        if len(lesson.drafts) > room:
            break
        seen.add(lesson_id)
        chosen[job_id] = lesson
        room -= len(lesson.drafts)
    return chosen


def _waiting(work: Work) -> list[tuple[UUID, dict[str, str]]]:
    with work.read() as view:
        wanted = (
            select(Job.id, Job.payload)
            .where(
                Job.state == JobState.QUEUED,
                Job.queue == work.job.queue,
                Job.run_at <= work.database.clock.now(),
                Job.name == work.job.name,
                Job.tenant_id == work.actor.tenant_id,
                Job.attempts == 0,
            )
            .order_by(Job.run_at)
            .limit(LESSONS_PER_RUN - 1)
        )
        return [(job_id, payload) for job_id, payload in view.session.execute(wanted)]


def _held(work: Work, lessons: dict[UUID, LessonText]) -> Along:
    """Those of `lessons` whose jobs nobody took in the meantime."""
    if not lessons:
        return Along((), ())
    with work.write() as ctx:
        held = _move(ctx, list(lessons), HELD)
    return Along([lesson for job_id, lesson in lessons.items() if job_id in held], list(held))


def _move(ctx: WriteCtx, jobs: Sequence[UUID], ahead: timedelta) -> set[UUID]:
    """Make queued jobs due `ahead` of now; returns those that still waited."""
    due = {"run_at": ctx.now + ahead, "dispatched_at": None}
    waiting = Job.state == JobState.QUEUED
    if ahead:
        waiting &= Job.run_at <= ctx.now  # held by another run already: not ours
    moved = update(Job).where(Job.id.in_(jobs), waiting).values(**due).returning(Job.id)
    return set(ctx.session.execute(moved).scalars())
