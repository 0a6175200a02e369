"""Cookies that hold something secret: never read by scripts, sent over TLS alone where the pages are."""

from starlette.responses import Response

from api.deps import SESSION_COOKIE
from lms_core.identity.auth.schemas import WebSession
from workers.runtime import Runtime


def keep(response: Response, runtime: Runtime, name: str, value: str, *, seconds: int, path: str = "/") -> None:
    """Have the browser keep `value` for so long and send it to `path`, not along with other sites' forms."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path,
        httponly=True,
        samesite="lax",
        secure=runtime.settings.public_url.startswith("https://"),
    )


def keep_session(response: Response, runtime: Runtime, session: WebSession) -> None:
    """Put the session's cookie on the response."""
    seconds = runtime.settings.session_days * 24 * 3600
    keep(response, runtime, SESSION_COOKIE, session.cookie, seconds=seconds)
