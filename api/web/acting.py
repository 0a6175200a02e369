"""What every page shows while an administrator acts as somebody."""

from fastapi import Request

from api.deps import get_runtime, identify, tenant_of
from lms_core.identity.people import impersonation
from lms_core.identity.people.schemas import Acting
from lms_core.kit.context import Actor

OWN_COOKIE = "mwalimu_own_session"  # the administrator's own session, waiting


def acting_on(request: Request, actor: Actor | None) -> Acting | None:
    """As whom this browser acts, errors and expired sessions included; None for nearly everybody, at no cost."""
    if actor is not None and actor.user_id is not None and actor.impersonator_id is None:
        return None
    if OWN_COOKIE not in request.cookies and (actor is None or actor.impersonator_id is None):
        return None
    with get_runtime(request).database.read(Actor(tenant_id=tenant_of(request))) as ctx:
        ctx.actor = identify(ctx, request)
        if ctx.actor.user_id is not None and ctx.actor.impersonator_id is None:
            return None
        return impersonation.acting(ctx) or Acting(full_name="", until=ctx.now)
