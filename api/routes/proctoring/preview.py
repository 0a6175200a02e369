"""A look through the camera before the exam: light and face, told at once, nothing kept."""

from contextlib import contextmanager
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from api.deps import RuntimeDep, signed_in, visitor_reading
from api.errors import errors
from api.routes.proctoring.uploads import Picture, PictureRoute, content_of
from lms_core.kit.errors import Unauthenticated
from proctoring.detection.errors import PictureRefused
from proctoring.sessions import service as sessions
from proctoring.sessions.errors import SessionNotFound, SessionNotThere
from proctoring.sessions.states import BEFORE
from proctoring.watching import service as watching
from proctoring.watching.schemas import Advice

router = APIRouter(prefix="/proctor-session", tags=["proctoring"], route_class=PictureRoute)
_in_view = contextmanager(visitor_reading)


class PreviewView(BaseModel):
    """What the camera shows now: how many faces, and what would help."""

    model_config = ConfigDict(frozen=True)

    faces: int
    advice: tuple[Advice, ...]


@router.post(
    "/{session_id}/preview",
    response_model=PreviewView,
    responses=errors(Unauthenticated, SessionNotFound, SessionNotThere, PictureRefused),
)
def preview(request: Request, runtime: RuntimeDep, session_id: UUID, picture: Picture = None) -> PreviewView:
    """How the taker's own picture looks to the program, before the exam begins. Nothing is stored."""
    with _in_view(request, runtime) as view:
        card = sessions.access_own(signed_in(view), session_id)
        if card.state not in BEFORE:
            raise SessionNotThere(card.state, "check")
    found = watching.judged(watching.glance(runtime.resources, content_of(picture)))
    return PreviewView(faces=found.faces, advice=found.advice)
