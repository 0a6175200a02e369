"""What proctoring stores about somebody, and its deletion."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.errors import Forbidden, Unauthenticated
from proctoring.privacy import service as privacy
from proctoring.privacy.errors import NothingAsked, UnderDispute
from proctoring.privacy.schemas import DecisionIn, Forgotten, RequestView, Stored
from proctoring.sessions.errors import SessionNotFound, SessionOver

router = APIRouter(tags=["proctoring"])

NOT_HERE = errors(Unauthenticated, SessionNotFound)


@router.get("/proctor-session/{session_id}/stored", response_model=Stored, responses=NOT_HERE)
def read_stored(ctx: Reading, session_id: UUID) -> Stored:
    """Everything stored about one's own sitting, pictures with links, and until when."""
    return privacy.stored(ctx, session_id)


@router.post(
    "/proctor-session/{session_id}/deletion",
    response_model=RequestView,
    responses={**NOT_HERE, **errors(SessionOver)},
)
def ask_deletion(ctx: Writing, session_id: UUID) -> RequestView:
    """Ask for the deletion of one's pictures: done at once after a verdict, else a reviewer decides."""
    return privacy.ask_deletion(ctx, session_id)


@router.put(
    "/proctor-session/{session_id}/deletion",
    response_model=RequestView,
    responses={**NOT_HERE, **errors(NothingAsked, UnderDispute)},
)
def decide_deletion(ctx: Writing, session_id: UUID, decision: DecisionIn) -> RequestView:
    """Grant or refuse a request, for reviewers."""
    return privacy.decide_deletion(ctx, session_id, decision)


@router.delete("/proctoring/people/{user_id}", response_model=Forgotten, responses=errors(Unauthenticated, Forbidden))
def forget(ctx: Writing, user_id: UUID) -> Forgotten:
    """Remove everything proctoring has of a person, for administrators."""
    return privacy.forget(ctx, user_id)
