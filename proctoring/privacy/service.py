"""Verbs on privacy: what is stored, retention, deletion on request, forgetting a person.

A request is granted at once after a verdict, since the pictures have served
their purpose; before it a reviewer decides, and a refusal has a reason. Open
disputes hold pictures back from every deletion but forgetting a person.
"""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Text, cast, delete, select

from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.i18n import catalogue
from lms_core.kit.jobs import Job, JobState
from lms_core.kit.permissions import Permission
from proctoring.evidence import service as evidence
from proctoring.privacy.errors import NothingAsked, UnderDispute
from proctoring.privacy.models import DeletionRequest
from proctoring.privacy.schemas import DecisionIn, Forgotten, RequestView, Stored, StoredPicture
from proctoring.sessions import service as sessions
from proctoring.sessions import states
from proctoring.sessions.errors import SessionOver
from proctoring.sessions.models import Session
from proctoring.sessions.schemas import SessionCard
from proctoring.sessions.states import SessionState

APPEAL_TIME = timedelta(days=14)  # a rejected taker may still need the pictures to answer
MAXIMUM_SHOWN = 1000
LOCALES = Path(__file__).resolve().parents[1] / "locales"


def stored(ctx: ReadCtx, session_id: UUID) -> Stored:
    """What is stored about one's own sitting. SessionNotFound. Six statements."""
    card = sessions.access_own(ctx, session_id)
    pictures = evidence.snapshots(ctx, session_id)
    links = evidence.links_for(ctx, (each.id for each in pictures[:MAXIMUM_SHOWN]))
    told = Counter(event.type for event in sessions.page_events(ctx, session_id))
    return Stored(
        session_id=session_id,
        state=card.state,
        consent_version=card.consent_version,
        consented_at=card.consented_at,
        face_stored=card.enrolled_at is not None,
        checks=card.checks,
        pictures=tuple(
            StoredPicture(link=links[each.id], kind=each.kind, taken_at=each.at, size=each.size)
            for each in pictures[:MAXIMUM_SHOWN]
        ),
        pictures_total=len(pictures),
        page_events=sum(told.values()),
        page_event_types=dict(sorted(told.items())),
        delete_after=card.retain_until,
        held=held(ctx, card),
        pictures_deleted_at=card.pictures_deleted_at,
        request=_view(_request(ctx, session_id)),
    )


def held(ctx: ReadCtx, card: SessionCard) -> str:
    """Why pictures are kept whatever their time says, in the actor's language; empty when nothing holds them."""
    says = catalogue(LOCALES, ctx.actor.language).gettext
    if card.state is SessionState.UNDER_REVIEW:
        return says("a reviewer is looking at the session")
    if card.state is SessionState.APPEALED:
        return says("an appeal is open")
    if card.state is SessionState.REJECTED and card.judged_at and card.judged_at + APPEAL_TIME > ctx.now:
        until = f"{card.judged_at + APPEAL_TIME:%Y-%m-%d}"
        return says("the session was rejected, and can be appealed until %(day)s") % {"day": until}
    return ""


def ask_deletion(ctx: WriteCtx, session_id: UUID) -> RequestView:
    """Ask for the deletion of one's pictures; again: the same request. Granted at once after a verdict.

    SessionNotFound; SessionOver while the exam runs.
    """
    card = sessions.access_own(ctx, session_id)
    if card.state in states.UNFINISHED:
        raise SessionOver(card.state)
    row = _request(ctx, session_id) or ctx.add(DeletionRequest(session_id=session_id, asked_at=ctx.now))
    audit.record(ctx, action="proctor_deletion.asked", object=("proctor_session", session_id))
    if row.granted is None and card.state in states.JUDGED and not held(ctx, card):
        _grant(ctx, row, reason="the session is judged")
    shown = _view(row)
    assert shown is not None
    return shown


def decide_deletion(ctx: WriteCtx, session_id: UUID, decision: DecisionIn) -> RequestView:
    """Grant or refuse a request, for reviewers. SessionNotFound, NothingAsked, UnderDispute."""
    card = sessions.access_for_review(ctx, session_id)
    row = _request(ctx, session_id)
    if row is None or row.granted is not None:
        raise NothingAsked()
    if decision.granted and held(ctx, card):
        raise UnderDispute()
    if decision.granted:
        _grant(ctx, row, reason=decision.reason)
    else:
        row.granted, row.reason, row.decided_at, row.decided_by = False, decision.reason, ctx.now, ctx.actor.user_id
        ctx.session.flush()
        audit.record(ctx, action="proctor_deletion.refused", object=("proctor_session", session_id))
    shown = _view(row)
    assert shown is not None
    return shown


def delete_when_due(ctx: WriteCtx, session_id: UUID) -> bool:
    """Delete a session's pictures if its time is over, or its taker asked and a verdict is there. For the system."""
    card = sessions.card(ctx, session_id)
    if card.pictures_deleted_at is not None or card.state in states.UNFINISHED or held(ctx, card):
        return False
    row = _request(ctx, session_id)
    if row is not None and row.granted is None and card.state in states.JUDGED:
        _grant(ctx, row, reason="the session is judged")
        return True
    if card.retain_until is None or card.retain_until > ctx.now:
        return False
    _delete(ctx, session_id, why="retention")
    return True


def forget(ctx: WriteCtx, user_id: UUID) -> Forgotten:
    """Remove everything proctoring has of a person, disputes included. Forbidden without `account:manage`.

    What stays: audit entries (who did what, when), and anonymous counts in a course's statistics. Verdicts go too.
    """
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators remove a person's data. Ask one of them.")
    found = sessions.of_person(ctx, user_id)
    pictures = sum(evidence.delete_pictures(ctx, card.id) for card in found)
    for card in found:
        _forget_jobs(ctx, card.id)
    ctx.session.execute(delete(Session).where(Session.user_id == user_id))  # what points to it goes with it
    audit.record(ctx, action="proctor_person.forgotten", object=("user", user_id), sessions=len(found))
    return Forgotten(sessions=len(found), pictures=pictures)


def _grant(ctx: WriteCtx, row: DeletionRequest, *, reason: str) -> None:
    row.granted, row.reason, row.decided_at, row.decided_by = True, reason, ctx.now, ctx.actor.user_id
    ctx.session.flush()
    _delete(ctx, row.session_id, why="request")


def _delete(ctx: WriteCtx, session_id: UUID, *, why: str) -> None:
    pictures = evidence.delete_pictures(ctx, session_id)
    sessions.forget_pictures(ctx, session_id)
    audit.record(
        ctx, action="proctor_evidence.deleted", object=("proctor_session", session_id), why=why, pictures=pictures
    )


def _forget_jobs(ctx: WriteCtx, session_id: UUID) -> None:
    """Take job rows that name a session away; a running one would find nothing and end."""
    names = cast(Job.payload, Text).contains(str(session_id))
    ctx.session.execute(
        delete(Job).where(names, Job.state != JobState.RUNNING).execution_options(synchronize_session=False)
    )


def _request(ctx: ReadCtx, session_id: UUID) -> DeletionRequest | None:
    row: DeletionRequest | None = ctx.session.execute(
        select(DeletionRequest).where(DeletionRequest.session_id == session_id)
    ).scalar_one_or_none()
    return row


def _view(row: DeletionRequest | None) -> RequestView | None:
    if row is None:
        return None
    return RequestView(asked_at=row.asked_at, granted=row.granted, reason=row.reason, decided_at=row.decided_at)
