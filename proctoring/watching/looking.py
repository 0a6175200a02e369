"""One batch of pictures: opened, looked at together, compared with the enrolled face, written down.

Nothing is written while a model runs. What was written once is written never
again: only pictures still claimed by this job and still waiting take a result.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, select

from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from proctoring.detection.identity import compare
from proctoring.detection.schemas import Check, Likeness, PictureAnalysis
from proctoring.evidence import service as evidence
from proctoring.evidence.models import PictureState, Snapshot
from proctoring.policies import service as policies
from proctoring.sessions import service as sessions
from proctoring.sessions.states import SessionState
from proctoring.watching import coding, queue
from proctoring.watching.events import SnapshotsAnalysed
from proctoring.watching.models import Analysis, Enrolment
from proctoring.watching.provider import DetectorProvider, Looks

GONE = "the picture is not in storage any more"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A picture to look at."""

    id: UUID
    session_id: UUID
    quiz_id: UUID
    storage_key: str
    wrapped: bytes | None
    checks: frozenset[Check]
    face: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task: an analysis, or why there is none."""

    task: Task
    analysis: PictureAnalysis | None
    failure: str = ""
    likeness: Likeness | None = None
    similarity: float | None = None


def tasks_of(ctx: ReadCtx, rows: Sequence[Row[Any]]) -> list[Task]:
    """Claimed rows with what their policies look for, and the enrolled faces. Two statements."""
    rules = {each: policy.rules for each, policy in policies.versions(ctx, (row.policy_id for row in rows)).items()}
    compared = {row.Snapshot.session_id for row in rows if rules[row.policy_id].identity}
    faces = _faces(ctx, compared, {row.Snapshot.session_id: row.wrapped for row in rows})
    return [
        Task(
            id=row.Snapshot.id,
            session_id=row.Snapshot.session_id,
            quiz_id=row.quiz_id,
            storage_key=row.Snapshot.storage_key,
            wrapped=row.wrapped,
            checks=rules[row.policy_id].looking_for,
            face=faces.get(row.Snapshot.session_id),
        )
        for row in rows
    ]


def look(resources: Resources, tasks: Iterable[Task]) -> list[Result]:
    """Open and analyse; pictures with the same checks go through the detector together. No transaction is open."""
    groups: dict[frozenset[Check], list[tuple[Task, bytes]]] = defaultdict(list)
    results = []
    for task in tasks:
        content = _content(resources, task)
        if content is None:
            results.append(Result(task, None, failure=GONE))
        else:
            groups[task.checks].append((task, content))
    detector = resources.get(DetectorProvider).get() if groups else None
    for checks, group in groups.items():
        assert detector is not None
        results += _analysed(detector, group, checks)
    return results


def store(ctx: WriteCtx, results: Sequence[Result], *, by: UUID) -> int:
    """Write results down, tell whoever listens, and mark ended sessions analysed. Returns how many were written."""
    ids = [result.task.id for result in results]
    rows = {
        row.id: row
        for row in ctx.session.execute(
            select(Snapshot)
            .where(Snapshot.id.in_(ids), Snapshot.state == PictureState.WAITING, Snapshot.claimed_by == by)
            .order_by(Snapshot.id)
            .with_for_update(key_share=True)
        ).scalars()
    }
    known = {
        row.snapshot_id: row
        for row in ctx.session.execute(select(Analysis).where(Analysis.snapshot_id.in_(list(rows)))).scalars()
    }
    kept = [result for result in results if result.task.id in rows]
    for result in kept:
        _write(ctx, rows[result.task.id], known.get(result.task.id), result)
    ctx.session.flush()
    _tell(ctx, kept)
    return len(kept)


def finish(ctx: WriteCtx, session_id: UUID) -> bool:
    """Mark an ended session analysed once none of its pictures waits."""
    card = sessions.card(ctx, session_id)
    if card.state is not SessionState.ENDED or queue.waiting(ctx, session_id):
        return False
    sessions.take(ctx, session_id, "analyse")
    return True


def _faces(ctx: ReadCtx, session_ids: set[UUID], keys: Mapping[UUID, bytes | None]) -> dict[UUID, tuple[float, ...]]:
    if not session_ids:
        return {}
    rows = ctx.session.execute(
        select(Enrolment.session_id, Enrolment.embedding).where(Enrolment.session_id.in_(session_ids))
    )
    found = {}
    for session_id, sealed in rows:
        wrapped = keys.get(session_id)
        if wrapped is not None:
            numbers = evidence.unseal_face(ctx.resources, wrapped=wrapped, sealed=sealed, session_id=session_id)
            found[session_id] = coding.embedding_from_bytes(numbers)
    return found


def _content(resources: Resources, task: Task) -> bytes | None:
    if task.wrapped is None:
        return None
    return evidence.content_of(resources, task.id, task.storage_key, task.wrapped)


def _analysed(detector: Looks, group: Sequence[tuple[Task, bytes]], checks: frozenset[Check]) -> list[Result]:
    """A group's results. When one picture breaks the batch, each is looked at alone, and only the broken one fails."""
    try:
        analyses = detector.analyse([content for _, content in group], checks=checks)
        return [_compared(task, analysis) for (task, _), analysis in zip(group, analyses, strict=True)]
    except Exception as error:
        if len(group) == 1:
            log.warning("proctoring.picture_failed", snapshot_id=str(group[0][0].id), error=repr(error))
            return [Result(group[0][0], None, failure=repr(error)[:200])]
    return [result for each in group for result in _analysed(detector, [each], checks)]


def _compared(task: Task, analysis: PictureAnalysis) -> Result:
    """The analysis with the likeness of its largest face, where there is something to compare."""
    seen = next((face.embedding for face in analysis.faces if face.embedding is not None), None)
    if task.face is None or seen is None:
        return Result(task, analysis)
    similarity, likeness = compare(task.face, seen)
    return Result(task, analysis, likeness=likeness, similarity=round(similarity, 4))


def _write(ctx: WriteCtx, row: Snapshot, known: Analysis | None, result: Result) -> None:
    row.claimed_by, row.claimed_until = None, None
    if result.analysis is None:
        row.state, row.failure = PictureState.FAILED, result.failure
        return
    row.state = PictureState.WAITING_FOR_WEIGHTS if result.analysis.unavailable else PictureState.ANALYSED
    analysis = known or Analysis(snapshot_id=row.id, session_id=row.session_id, seen={}, analysed_at=ctx.now)
    analysis.seen, analysis.analysed_at = coding.to_json(result.analysis), ctx.now
    analysis.likeness, analysis.similarity = result.likeness, result.similarity
    ctx.session.add(analysis)


def _tell(ctx: WriteCtx, results: Iterable[Result]) -> None:
    by_session: dict[UUID, list[Result]] = defaultdict(list)
    for result in results:
        by_session[result.task.session_id].append(result)
    for session_id, own in sorted(by_session.items()):  # one order for all, so that two workers never wait in a ring
        looked = [result.analysis for result in own if result.analysis is not None]
        missing = {check.value: why for each in looked for check, why in each.unavailable.items()}
        made = frozenset(check.value for each in looked for check in each.looked_for)
        if missing or made:
            sessions.note_unavailable(ctx, session_id, missing, made=made)
        ids = tuple(result.task.id for result in own)
        ctx.emit(SnapshotsAnalysed(session_id=session_id, quiz_id=own[0].task.quiz_id, snapshot_ids=ids))
        finish(ctx, session_id)
