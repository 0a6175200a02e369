"""Cross-site request forgery: cookie-authenticated changes must prove they come from our pages.

Token per session cookie (OWASP "HMAC based token pattern"), sent as the header
`X-CSRF-Token` or the form field `csrf_token`; the Origin header, when there is
one, must be this host. Bearer-token requests are not affected.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from fastapi import Request

from api.deps import SESSION_COOKIE, bearer_of, get_runtime
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class CrossSite(Forbidden):
    """The request did not come from one of our pages."""

    code = "cross_site_request"
    title = "The page was open for too long, or the request came from another site"


def token_for(keys: Keys, cookie: str) -> str:
    """The token of the session held by `cookie`."""
    return hmac.new(keys.derive("csrf"), cookie.encode(), hashlib.sha256).hexdigest()


async def guard(request: Request) -> None:
    """Refuse a cookie-authenticated change without its token, or one from another origin."""
    if request.method in SAFE_METHODS or bearer_of(request) is not None:
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise CrossSite("Open the page again and repeat what you did.")
    cookie = request.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return
    given = request.headers.get("x-csrf-token") or await _form_token(request)
    if not hmac.compare_digest(given.encode(), token_for(get_runtime(request).keys, cookie).encode()):
        raise CrossSite("Open the page again and repeat what you did.")


async def _form_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(FORM_TYPES):
        return ""
    value = (await request.form()).get("csrf_token")
    return value if isinstance(value, str) else ""
