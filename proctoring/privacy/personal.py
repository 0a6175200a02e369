"""What requests to delete pictures hold about a person; and how a person leaves the supervised exams."""

from uuid import UUID

from lms_core.kit.context import WriteCtx
from lms_core.kit.personal import Act, Mine, declare
from proctoring.privacy import service
from proctoring.privacy.models import DeletionRequest
from proctoring.sessions.models import Session


def _forget(ctx: WriteCtx, user_id: UUID) -> None:
    service.forget(ctx, user_id)


declare(
    "proctor_deletion_requests",
    Mine(DeletionRequest.session_id, via=Session.user_id, without=frozenset({"decided_by"})),
    Act(DeletionRequest.decided_by, why="what somebody decided about the pictures of others is about those"),
    first=_forget,
)
