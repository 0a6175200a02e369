"""Leaving for another service to log in, and coming back. The state travels in a cookie of this browser too, so that
nobody can make somebody else finish a login they began (RFC 6749, 10.12).
"""

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api import cookies
from api.deps import RuntimeDep
from api.routes.identity.callers import ClientDep, VisitorDep
from api.web.forms import errors_of
from api.web.rendering import page, redirect, words
from api.web.sessions import AFTER_LOGIN, login_page, with_session
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.challenges.service import LIFETIME
from lms_core.identity.oidc import service as oidc
from lms_core.identity.secondfactor.errors import SecondFactorRequired
from lms_core.kit.errors import DomainError

router = APIRouter(include_in_schema=False)

STATE_COOKIE = "mwalimu_state"
Given = Annotated[str, Query(max_length=4000)]


@router.get("/login/with/{slug}")
def depart(runtime: RuntimeDep, visitor: VisitorDep, client: ClientDep, slug: str) -> Response:
    """Send the browser to the other service."""
    leaving = oidc.depart(runtime.database, visitor=visitor, slug=slug, caller=client)
    response = RedirectResponse(leaving.address, status_code=303)
    seconds = int(LIFETIME.total_seconds())
    cookies.keep(response, runtime, STATE_COOKIE, leaving.state, seconds=seconds, path="/login/with")
    return response


@router.get("/login/with/{slug}/back")
def arrive(
    request: Request,
    runtime: RuntimeDep,
    visitor: VisitorDep,
    client: ClientDep,
    slug: str,
    state: Given = "",
    code: Given = "",
) -> Response:
    """Come back with the other service's word, or without one when the person thought better of it there."""
    if not code:
        return redirect("/login")
    try:
        if not hmac.compare_digest(request.cookies.get(STATE_COOKIE, "").encode(), state.encode()) or not state:
            raise ChallengeExpired()
        session = oidc.arrive(runtime.database, visitor=visitor, slug=slug, state=state, code=code, caller=client)
    except SecondFactorRequired as asked:
        values = {"challenge": asked.challenge, "next": ""}
        return page(request, visitor, "account/second_step.html", errors={}, values=values)
    except DomainError as error:
        errors = errors_of(error, words(request, visitor))
        return login_page(request, visitor, runtime, errors=errors, status=error.status)
    response = with_session(request, redirect(AFTER_LOGIN), session)
    response.delete_cookie(STATE_COOKIE, path="/login/with")
    return response
