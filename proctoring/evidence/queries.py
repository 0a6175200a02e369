"""The selects of evidence."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from proctoring.evidence.models import PictureKey, PictureKind, Snapshot
from proctoring.evidence.schemas import SnapshotView

# Each picture that arrives asks these.
_AT_SEQUENCE = prepared(
    select(Snapshot).where(
        Snapshot.session_id == bindparam("session_id"),
        Snapshot.kind == bindparam("kind"),
        Snapshot.sequence == bindparam("sequence"),
    )
)
_NUMBERED = prepared(
    select(Snapshot.id).where(
        Snapshot.session_id == bindparam("session_id"),
        Snapshot.kind == bindparam("kind"),
        Snapshot.sequence == bindparam("sequence"),
    )
)
_WRAPPED = prepared(select(PictureKey.wrapped).where(PictureKey.session_id == bindparam("session_id")))


def snapshot(ctx: ReadCtx, snapshot_id: UUID) -> Snapshot | None:
    """A row by id."""
    row: Snapshot | None = ctx.session.execute(select(Snapshot).where(Snapshot.id == snapshot_id)).scalar_one_or_none()
    return row


def is_numbered(ctx: ReadCtx, session_id: UUID, kind: PictureKind, sequence: int) -> bool:
    """Whether a picture is stored under a number."""
    asked = {"session_id": session_id, "kind": kind.value, "sequence": sequence}
    return ctx.session.execute(_NUMBERED, asked).first() is not None


def at_sequence(ctx: ReadCtx, session_id: UUID, kind: PictureKind, sequence: int) -> Snapshot | None:
    """The picture stored under a number."""
    row: Snapshot | None = ctx.session.execute(
        _AT_SEQUENCE, {"session_id": session_id, "kind": kind.value, "sequence": sequence}
    ).scalar_one_or_none()
    return row


def of_session(
    ctx: ReadCtx, session_id: UUID, *, kind: PictureKind | None = None, ids: Collection[UUID] | None = None
) -> Sequence[Snapshot]:
    """Rows of a session by kind and number."""
    wanted = select(Snapshot).where(Snapshot.session_id == session_id).order_by(Snapshot.kind, Snapshot.sequence)
    if kind is not None:
        wanted = wanted.where(Snapshot.kind == kind)
    if ids is not None:
        wanted = wanted.where(Snapshot.id.in_(list(ids)))
    return list(ctx.session.execute(wanted).scalars())


def wrapped_key(ctx: ReadCtx, session_id: UUID) -> bytes | None:
    """The wrapped data key; None before the first picture and after the deletion."""
    found: bytes | None = ctx.session.execute(_WRAPPED, {"session_id": session_id}).scalar_one_or_none()
    return found


def last_sequences(ctx: ReadCtx, session_id: UUID) -> dict[str, int]:
    """The highest number by kind; identity photographs left out."""
    rows = ctx.session.execute(
        select(Snapshot.kind, func.max(Snapshot.sequence))
        .where(Snapshot.session_id == session_id, Snapshot.kind != PictureKind.IDENTITY)
        .group_by(Snapshot.kind)
    )
    return {str(row[0]): int(row[1]) for row in rows}


def view(row: Snapshot) -> SnapshotView:
    """A row as a view."""
    return SnapshotView(**{name: getattr(row, name) for name in SnapshotView.model_fields})
