"""Logging in keeps an account that was to be deleted."""

from lms_core.identity.auth.events import LoggedIn
from lms_core.identity.erasure import service
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on


@on(LoggedIn)
def keep_who_comes_back(ctx: WriteCtx, event: LoggedIn) -> None:
    """Cancel the deletion of whoever logs in. Events may come late: a login before the request keeps nothing."""
    service.keep(ctx, user_id=event.user_id, by_login=event.session_id)
