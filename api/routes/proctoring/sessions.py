"""A proctored session over HTTP: start, checks, begin, pictures, events, heartbeats, end."""

from contextlib import contextmanager
from typing import Annotated, Literal
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Form, Request, Response
from pydantic import AwareDatetime

from api.deps import Reading, RuntimeDep, Writing, signed_in, visitor_reading
from api.errors import errors
from api.routes.proctoring.uploads import (
    REPEATED,
    Picture,
    PictureRoute,
    content_of,
    refusals_counted,
    uploading_threads,
)
from lms_core.kit.context import Actor, ReadCtx
from lms_core.kit.errors import Unauthenticated
from lms_core.learning.assessments.errors import AttemptNotFound, AttemptNotThere, NotFromHere, QuizNotOpen
from lms_core.learning.assessments.schemas import MAXIMUM_SEQUENCE
from proctoring.detection.errors import PictureRefused
from proctoring.evidence import service as evidence
from proctoring.evidence.errors import NotAPicture, PictureTooLarge
from proctoring.evidence.models import PictureKind
from proctoring.evidence.schemas import SnapshotTaken
from proctoring.policies.errors import NotSupervised
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import (
    AttemptFinished,
    ConsentMissing,
    ConsentOutdated,
    IdentityMissing,
    SessionNotFound,
    SessionNotThere,
    SessionOver,
    UnknownEvent,
)
from proctoring.sessions.schemas import ChecksIn, EventsTaken, HeartbeatIn, PageEventsIn, SessionView, StartIn
from proctoring.watching import service as watching
from proctoring.watching.errors import IdentityNotAsked, IdentityTooLate
from proctoring.watching.schemas import IdentityView
from workers.runtime import Runtime

router = APIRouter(prefix="/proctor-session", tags=["proctoring"], route_class=PictureRoute)

NOT_HERE = errors(Unauthenticated, SessionNotFound)
OVER = {**NOT_HERE, **errors(SessionOver, PictureTooLarge, PictureRefused, NotAPicture)}
_in_view = contextmanager(visitor_reading)


@router.post(
    "/start",
    status_code=201,
    response_model=SessionView,
    responses=errors(Unauthenticated, AttemptNotFound, NotSupervised, AttemptFinished, ConsentMissing, ConsentOutdated),
)
def start(ctx: Writing, given: StartIn) -> SessionView:
    """Start a session for one's own attempt, with consent to the text in force; again: the running session."""
    return _view(ctx, sessions.start(ctx, given).id)


@router.get("/{session_id}", response_model=SessionView, responses=NOT_HERE)
def read_session(ctx: Reading, session_id: UUID) -> SessionView:
    """One's own session: its state, what the page must do, and the last numbers the server has."""
    return _view(ctx, session_id)


@router.post("/{session_id}/check", response_model=SessionView, responses={**NOT_HERE, **errors(SessionNotThere)})
def check(ctx: Writing, session_id: UUID, checks: ChecksIn) -> SessionView:
    """Keep what the system check found; again before the exam begins: replaced."""
    return _view(ctx, sessions.check(ctx, session_id, checks).id)


@router.post(
    "/{session_id}/identity",
    response_model=IdentityView,
    responses={**OVER, **errors(IdentityNotAsked, IdentityTooLate)},
)
def enrol(
    request: Request, runtime: RuntimeDep, session_id: UUID, picture: Picture = None, file: Picture = None
) -> IdentityView:
    """The photograph that later faces are compared with; kept only when it shows exactly one face."""
    who: list[Actor] = []
    with refusals_counted(runtime, session_id, who):
        with _in_view(request, runtime) as view:
            who.append(signed_in(view).actor)
            watching.may_enrol(view, session_id)
            wrapped = evidence.wrapped_key(view, session_id)
        content = content_of(picture, file)
        wrapped = wrapped or _new_key(runtime, who[0], session_id)
        analysis = watching.look(runtime.resources, content)
        found = watching.judged(analysis)
        if not found.enrolled:
            return found
        sealed = evidence.seal(runtime.resources, tenant_id=who[0].tenant_id, wrapped=wrapped, content=content)
        with runtime.database.write(who[0], request_id=request.state.request_id) as ctx:
            return watching.enrol(ctx, session_id, analysis=analysis, sealed=sealed, wrapped=wrapped)


@router.post(
    "/{session_id}/begin",
    response_model=SessionView,
    responses={**NOT_HERE, **errors(SessionNotThere, IdentityMissing, AttemptNotThere, QuizNotOpen, NotFromHere)},
)
def begin(ctx: Writing, session_id: UUID) -> SessionView:
    """Begin the exam: the attempt opens and its clock runs. Again: no change."""
    return _view(ctx, sessions.begin(ctx, session_id).id)


@router.post("/{session_id}/snapshot", status_code=201, response_model=SnapshotTaken, responses=OVER)
async def upload(
    request: Request,
    response: Response,
    runtime: RuntimeDep,
    session_id: UUID,
    captured_at: Annotated[AwareDatetime, Form(description="When it was taken, by the taker's clock")],
    sequence: Annotated[int, Form(ge=0, le=MAXIMUM_SEQUENCE, description="Grows by one with each picture of a kind")],
    kind: Annotated[Literal["camera", "screen"], Form()] = "camera",
    sent_at: Annotated[AwareDatetime | None, Form(description="The taker's clock now")] = None,
    picture: Picture = None,
    file: Picture = None,
    snapshot: Picture = None,
) -> SnapshotTaken:
    """Take one picture in. Safe to repeat: the same number gives the same answer (200) and no second picture."""

    def take() -> SnapshotTaken:
        shown = PictureKind(kind)
        who: list[Actor] = []
        with refusals_counted(runtime, session_id, who):
            with _in_view(request, runtime) as view:
                who.append(signed_in(view).actor)
                arriving = evidence.arriving(view, session_id, kind=shown, sequence=sequence)
            if arriving.known is not None:
                return arriving.known
            content = content_of(picture, file, snapshot)
            wrapped = arriving.wrapped or _new_key(runtime, who[0], session_id)
            sealed = evidence.seal(runtime.resources, tenant_id=who[0].tenant_id, wrapped=wrapped, content=content)
            taken = None
            try:
                with runtime.database.write(who[0], request_id=request.state.request_id) as ctx:
                    taken = watching.receive(
                        ctx,
                        session_id,
                        kind=shown,
                        sequence=sequence,
                        claimed_at=captured_at,
                        sent_at=sent_at,
                        sealed=sealed,
                    )
            finally:
                if taken is None or taken.repeated:
                    evidence.discard(runtime.resources, sealed)
            return taken

    taken = await to_thread.run_sync(take, limiter=uploading_threads())
    if taken.repeated:
        REPEATED.inc()
        response.status_code = 200
    return taken


@router.post(
    "/{session_id}/events", response_model=EventsTaken, responses={**NOT_HERE, **errors(SessionOver, UnknownEvent)}
)
def tell(ctx: Writing, session_id: UUID, given: PageEventsIn) -> EventsTaken:
    """Keep what happened on the page; numbers that are stored already change nothing."""
    return sessions.note_events(ctx, session_id, given)


@router.post("/{session_id}/heartbeat", response_model=SessionView, responses={**NOT_HERE, **errors(SessionOver)})
def heartbeat(ctx: Writing, session_id: UUID, beat: HeartbeatIn | None = None) -> SessionView:
    """A sign of life, every `heartbeat_seconds`; an interrupted session goes on."""
    sessions.sign_of_life(ctx, session_id, client_time=beat.client_time if beat is not None else None)
    return _view(ctx, session_id)


@router.post("/{session_id}/end", response_model=SessionView, responses={**NOT_HERE, **errors(SessionOver)})
def end(ctx: Writing, session_id: UUID) -> SessionView:
    """Record nothing more; again: no change."""
    return _view(ctx, sessions.end(ctx, session_id).id)


def _view(ctx: ReadCtx, session_id: UUID) -> SessionView:
    return sessions.view(ctx, session_id, pictures=evidence.last_sequences(ctx, session_id))


def _new_key(runtime: Runtime, actor: Actor, session_id: UUID) -> bytes:
    with runtime.database.write(actor) as ctx:
        sessions.access_own(ctx, session_id)
        return evidence.make_key(ctx, session_id)
