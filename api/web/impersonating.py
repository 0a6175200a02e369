"""Acting as somebody: the form that begins it, and the button that ends it.

The administrator's own cookie waits in a cookie of its own while the session's cookie is the other person's.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import (
    SESSION_COOKIE,
    VisitorWriting,
    Writing,
    bearer_of,
    get_runtime,
)
from api.routes.identity.callers import ClientDep
from api.web.acting import OWN_COOKIE
from api.web.rendering import redirect
from lms_core.identity.people import impersonation
from lms_core.identity.people.schemas import ActingReason
from lms_core.kit.errors import Forbidden

router = APIRouter(include_in_schema=False)

KEPT_SECONDS = 12 * 3600
Line = Annotated[str, Form(max_length=2000)]


@router.post("/admin/users/{user_id}/act")
def begin(request: Request, ctx: Writing, client: ClientDep, user_id: UUID, reason: Line = "") -> Response:
    """Go on as this person, for half an hour at most."""
    own = request.cookies.get(SESSION_COOKIE, "")
    if bearer_of(request) is not None or not own:
        raise Forbidden("Only an administrator logged in with a browser, and as themselves, acts as somebody.")
    try:
        given = ActingReason(reason=reason)
    except ValidationError:
        return redirect(f"/admin/users/{user_id}", notice="reason-missing")
    session = impersonation.begin(ctx, user_id=user_id, reason=given, client=client)
    response = redirect("/my-courses")
    _set(request, response, SESSION_COOKIE, session.cookie)
    _set(request, response, OWN_COOKIE, own)
    return response


@router.post("/acting/stop")
def stop(request: Request, ctx: VisitorWriting) -> Response:
    """Be oneself again; fine when the half hour is over."""
    person = ctx.actor.user_id
    impersonation.stop(ctx)
    own = request.cookies.get(OWN_COOKIE, "")
    if not own:
        response = redirect("/login", notice="login-first")
        response.delete_cookie(SESSION_COOKIE)
        return response
    response = redirect(f"/admin/users/{person}" if person is not None else "/admin/users", notice="acting-stopped")
    _set(request, response, SESSION_COOKIE, own)
    response.delete_cookie(OWN_COOKIE)
    return response


def _set(request: Request, response: Response, name: str, value: str) -> None:
    secure = get_runtime(request).settings.public_url.startswith("https://")
    response.set_cookie(name, value, max_age=KEPT_SECONDS, httponly=True, samesite="lax", secure=secure)
