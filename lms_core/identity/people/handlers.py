"""Acting as somebody ends when they get other rights: they may now hold what the administrator lacks."""

from lms_core.identity.access.events import RoleChanged
from lms_core.identity.auth import standing
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(RoleChanged)
def stop_acting(ctx: WriteCtx, event: RoleChanged) -> None:
    """End the sessions in which administrators act as this person; their own go on."""
    standing.end_acting(ctx, user_id=event.user_id)
