"""Which pictures to look at next: rows are the queue, jobs only wake whoever works on it.

A picture is claimed by the job that looks at it, for `CLAIM` at most. A killed
process's job runs again under the same id and takes its own claims back at once;
those of a lost job are free when their time is over.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, or_, select, update

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.jobs import Job, JobState
from proctoring.evidence.models import PictureKey, PictureKind, PictureState, Snapshot
from proctoring.sessions.models import Session

WATCH = "proctoring.watch"
QUEUE = "watch"
CLAIM = timedelta(minutes=3)
BATCH = 16

_ASKED = prepared(
    select(Job.id)
    .where(
        Job.state == JobState.QUEUED.value,
        Job.queue == QUEUE,
        Job.run_at <= bindparam("now"),
        Job.name == WATCH,
        Job.tenant_id == bindparam("in_tenant"),
    )
    .limit(1)
)


def wake(ctx: WriteCtx) -> None:
    """Ask for somebody to look, unless somebody was asked who has not begun."""
    if ctx.session.execute(_ASKED, {"now": ctx.now, "in_tenant": ctx.tenant_id}).first() is None:
        ctx.enqueue(WATCH)


def claim(ctx: WriteCtx, *, by: UUID) -> Sequence[Row[Any]]:
    """Claim the next pictures: rows of Snapshot, quiz_id, policy_id and the wrapped key, oldest first."""
    free = or_(Snapshot.claimed_until.is_(None), Snapshot.claimed_until < ctx.now, Snapshot.claimed_by == by)
    chosen = list(
        ctx.session.execute(
            select(Snapshot.id)
            .where(Snapshot.state == PictureState.WAITING, free)
            .order_by(Snapshot.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if not chosen:
        return ()
    ctx.session.execute(
        update(Snapshot).where(Snapshot.id.in_(chosen)).values(claimed_by=by, claimed_until=ctx.now + CLAIM)
    )
    rows = ctx.session.execute(
        select(Snapshot, Session.quiz_id, Session.policy_id, PictureKey.wrapped)
        .join(Session, Session.id == Snapshot.session_id)
        .outerjoin(PictureKey, PictureKey.session_id == Snapshot.session_id)
        .where(Snapshot.id.in_(chosen))
        .order_by(Snapshot.id)
    )
    return list(rows)


def has_free(ctx: ReadCtx) -> bool:
    """Whether a picture waits that nobody claimed."""
    free = or_(Snapshot.claimed_until.is_(None), Snapshot.claimed_until < ctx.now)
    return (
        ctx.session.execute(select(Snapshot.id).where(Snapshot.state == PictureState.WAITING, free).limit(1)).first()
        is not None
    )


def waiting(ctx: ReadCtx, session_id: UUID) -> int:
    """How many pictures of a session nobody looked at yet."""
    count = select(func.count()).where(Snapshot.session_id == session_id, Snapshot.state == PictureState.WAITING)
    found: int = ctx.session.execute(count).scalar_one()
    return found


def release_for_weights(ctx: WriteCtx) -> int:
    """Let pictures that waited for weights be looked at again. Returns how many."""
    changed = ctx.session.execute(
        update(Snapshot)
        .where(Snapshot.state == PictureState.WAITING_FOR_WEIGHTS, Snapshot.kind == PictureKind.CAMERA)
        .values(state=PictureState.WAITING, claimed_by=None, claimed_until=None)
    )
    count: int = changed.rowcount
    return count
