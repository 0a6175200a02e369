"""Frames of other sites: which hosts pages may show, and the policy that holds the browser to them.

A page has no frame until somebody asks for it (`static/js/embeds.js`); then the browser loads it from these hosts only.
"""

from fastapi import Request
from starlette.responses import Response

from api.deps import get_runtime
from api.middleware import CONTENT_SECURITY_POLICY


def embed_hosts(request: Request) -> str:
    """The hosts of the setting, between spaces."""
    return get_runtime(request).settings.embed_hosts


def allow_frames(request: Request, answer: Response, html: str) -> Response:
    """The answer, its policy opened for these hosts when what it shows has a frame; else nothing may be framed."""
    hosts = embed_hosts(request).split()
    if hosts and "data-frame=" in html:
        allowed = " ".join(f"https://{host}" for host in hosts)
        answer.headers["Content-Security-Policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src {allowed}"
    return answer
