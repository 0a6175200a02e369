"""Whether somebody showed lately who they are: asked before what a stolen session must not do ("sudo mode").

A session remembers when its holder last gave a password, a code or a passkey; its login is the first time. What a proof
is stands in `auth.confirming`; which verbs ask for a fresh one, they say themselves.
"""

from datetime import datetime, timedelta
from uuid import UUID

from lms_core.identity.access import service as access
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.context import ReadCtx

FRESH = timedelta(minutes=15)


def fresh_until(ctx: ReadCtx) -> datetime | None:
    """Until when the actor's last proof counts; None when it does not any more, or there is no session."""
    proved_at = ctx.actor.proved_at
    if proved_at is None or ctx.now >= proved_at + FRESH:
        return None
    return proved_at + FRESH


def ensure_fresh(ctx: ReadCtx) -> None:
    """ConfirmFirst unless the last proof is fresh; Forbidden for API keys and for who acts as somebody.

    Whoever has no session is the system, or the command line of who owns the data folder: nobody is there to ask.
    """
    access.ensure_own(ctx.actor)
    if ctx.actor.session_id is not None and fresh_until(ctx) is None:
        raise ConfirmFirst()


def proven_account(ctx: ReadCtx) -> UUID:
    """Whose account this is, for what asks for a fresh proof. Unauthenticated, Forbidden, ConfirmFirst."""
    user_id = access.own_account(ctx)
    ensure_fresh(ctx)
    return user_id
