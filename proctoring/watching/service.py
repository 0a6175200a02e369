"""Verbs on watching: enrol a face, and read what was seen."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from proctoring.detection.schemas import CameraFault, Check, Likeness, PictureAnalysis
from proctoring.evidence import service as evidence
from proctoring.evidence.models import PictureKind, PictureState, Snapshot
from proctoring.evidence.schemas import Sealed, SnapshotTaken
from proctoring.policies import service as policies
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import SessionCard
from proctoring.sessions.states import SessionState
from proctoring.signals.schemas import Picture
from proctoring.watching import coding, queue
from proctoring.watching.errors import IdentityNotAsked, IdentityTooLate
from proctoring.watching.models import Analysis, Enrolment
from proctoring.watching.provider import DetectorProvider
from proctoring.watching.schemas import Advice, IdentityView

IDENTITY_CHECKS = frozenset({Check.FACES, Check.IDENTITY, Check.CAMERA, Check.HEAD, Check.GAZE})
GLANCE_CHECKS = frozenset({Check.FACES, Check.CAMERA})
FAULT_ADVICE: dict[CameraFault, Advice] = {
    CameraFault.DARK: "more_light",
    CameraFault.COVERED: "uncover_camera",
    CameraFault.BLURRED: "clean_lens",
}


def receive(
    ctx: WriteCtx,
    session_id: UUID,
    *,
    kind: PictureKind,
    sequence: int,
    claimed_at: datetime,
    sent_at: datetime | None,
    sealed: Sealed,
) -> SnapshotTaken:
    """Keep a sealed picture of one's own session and ask for somebody to look at it. SessionNotFound, SessionOver."""
    taken = evidence.keep(
        ctx, session_id, kind=kind, sequence=sequence, claimed_at=claimed_at, sent_at=sent_at, sealed=sealed
    )
    if not taken.repeated and kind is PictureKind.CAMERA:
        queue.wake(ctx)
    return taken


def may_enrol(ctx: ReadCtx, session_id: UUID) -> SessionCard:
    """One's own session, if a photograph belongs to it now. SessionNotFound, IdentityNotAsked, IdentityTooLate."""
    card = sessions.access_own(ctx, session_id)
    if not policies.version(ctx, card.policy_id).rules.identity:
        raise IdentityNotAsked()
    if card.state not in (SessionState.CONSENTED, SessionState.CHECKED):
        raise IdentityTooLate()
    return card


def look(resources: Resources, content: bytes) -> PictureAnalysis:
    """What an identity photograph shows. Call it outside a transaction. PictureRefused."""
    return resources.get(DetectorProvider).get().analyse([content], checks=IDENTITY_CHECKS)[0]


def glance(resources: Resources, content: bytes) -> PictureAnalysis:
    """Light and faces of a picture that nobody keeps. Call it outside a transaction. PictureRefused."""
    return resources.get(DetectorProvider).get().analyse([content], checks=GLANCE_CHECKS)[0]


def judged(analysis: PictureAnalysis) -> IdentityView:
    """Whether a photograph can be kept: one face, and a camera that shows it."""
    advice: list[Advice] = [FAULT_ADVICE[fault] for fault in analysis.quality.faults if fault in FAULT_ADVICE]
    if not analysis.faces:
        advice.append("show_face")
    elif len(analysis.faces) > 1:
        advice.append("one_person")
    compared = len(analysis.faces) == 1 and analysis.faces[0].embedding is not None
    if not compared and not advice and Check.IDENTITY in analysis.looked_for:
        advice.append("show_face")
    return IdentityView(
        enrolled=not advice, compared=compared and not advice, faces=len(analysis.faces), advice=tuple(advice)
    )


def enrol(
    ctx: WriteCtx, session_id: UUID, *, analysis: PictureAnalysis, sealed: Sealed, wrapped: bytes
) -> IdentityView:
    """Keep the photograph and its face, both encrypted, in place of earlier ones. Refused as in `may_enrol`."""
    may_enrol(ctx, session_id)
    found = judged(analysis)
    snapshot_id = evidence.keep_identity(ctx, session_id, sealed=sealed, looked_at=found.compared)
    ctx.session.execute(delete(Enrolment).where(Enrolment.session_id == session_id))
    embedding = analysis.faces[0].embedding if found.compared else None
    if embedding is not None:
        numbers = coding.embedding_to_bytes(embedding)
        face = evidence.seal_face(ctx.resources, wrapped=wrapped, numbers=numbers, session_id=session_id)
        ctx.add(
            Enrolment(
                session_id=session_id,
                snapshot_id=snapshot_id,
                embedding=face,
                seen=coding.to_json(analysis),
                made_at=ctx.now,
            )
        )
    missing = {check.value: why for check, why in analysis.unavailable.items()}
    sessions.note_unavailable(ctx, session_id, missing, made=frozenset(analysis.looked_for))
    sessions.note_enrolled(ctx, session_id)
    audit.record(ctx, action="proctor_session.face_enrolled", object=("proctor_session", session_id))
    return found


def pictures(ctx: ReadCtx, session_id: UUID) -> tuple[Picture, ...]:
    """A session's camera pictures by number, with what was seen, for callers who have authorised. One statement."""
    rows = ctx.session.execute(
        select(Snapshot, Analysis)
        .outerjoin(Analysis, Analysis.snapshot_id == Snapshot.id)
        .where(Snapshot.session_id == session_id, Snapshot.kind == PictureKind.CAMERA)
        .order_by(Snapshot.sequence)
    )
    return tuple(_picture(row.Snapshot, row.Analysis) for row in rows)


def precheck(ctx: ReadCtx, session_id: UUID) -> Sequence[PictureAnalysis]:
    """What the identity photograph shows; empty without one. The caller has authorised. One statement."""
    rows = ctx.session.execute(select(Enrolment.seen).where(Enrolment.session_id == session_id)).scalars()
    return tuple(coding.from_json(seen) for seen in rows)


def _picture(snapshot: Snapshot, analysis: Analysis | None) -> Picture:
    failure = snapshot.failure or "model error" if snapshot.state == PictureState.FAILED else ""
    return Picture(
        id=snapshot.id,
        sequence=snapshot.sequence,
        at=snapshot.at,
        analysis=coding.from_json(analysis.seen) if analysis is not None else None,
        likeness=Likeness(analysis.likeness) if analysis is not None and analysis.likeness else None,
        similarity=analysis.similarity if analysis is not None else None,
        failure=failure,
    )
