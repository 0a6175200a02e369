"""Static files: read once, gzipped once, served under an address that names their content.

Every address holds a hash over all files, so it may be cached for ever, and the
relative imports of ES modules stay right. Stylesheets are joined into bundles.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response

from lms_core.kit.errors import NotFound

FOLDER = Path(__file__).parent / "static"
BUNDLES = {
    "app.css": ("tokens", "base", "components", "layout", "community"),
    "lesson.css": ("lesson", "assistant", "print"),
    "supervision.css": ("supervision",),
    "review.css": ("review",),
    "teach.css": ("teach",),
    "quiz.css": ("quiz", "questions"),
    "banks.css": ("banks",),
    "certificates.css": ("charts", "certificates"),
    "account.css": ("account",),
    "admin.css": ("admin",),
    "assignments.css": ("assignments",),
    "gradebook.css": ("charts", "gradebook"),
    "media.css": ("media",),
    "editor.css": ("editor",),
    "analysis.css": ("charts", "analysis"),
    "sandbox.css": ("sandbox",),
    "shop.css": ("shop",),
    "finance.css": ("charts", "finance"),
}
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
FOREVER = "public, max-age=31536000, immutable"
HASH_LENGTH = 10

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: `packed` is its gzip form, or None where that saves nothing."""

    media_type: str
    content: bytes
    packed: bytes | None


@cache
def assets() -> dict[str, Asset]:
    """Every static file by its path, stylesheets by the names of their bundles."""
    found = {name: _joined(parts) for name, parts in BUNDLES.items()}
    for path in sorted(FOLDER.rglob("*")):
        name = path.relative_to(FOLDER).as_posix()
        if path.suffix in MEDIA_TYPES and not name.startswith("css/"):
            found[name] = path.read_bytes()
    return {name: _asset(name, content) for name, content in found.items()}


@cache
def version() -> str:
    """A hash over all static files and their names."""
    digest = hashlib.sha256()
    for name, asset in assets().items():
        digest.update(f"{name}\0{len(asset.content)}\0".encode() + asset.content)
    return digest.hexdigest()[:HASH_LENGTH]


def url(name: str) -> str:
    """The address of the static file `name`. KeyError when there is none, so that a template cannot misname one."""
    assets()[name]
    return f"/static/{version()}/{name}"


@router.get("/static/{given_version}/{name:path}")
def static(request: Request, given_version: str, name: str) -> Response:
    """A static file; the version in its address decides how long it may be kept."""
    asset = assets().get(name)
    if asset is None:
        raise NotFound
    headers = {
        "Cache-Control": FOREVER if given_version == version() else "no-cache",
        "Vary": "Accept-Encoding",
    }
    if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The icon that browsers ask for unprompted."""
    icon = assets()["icon.svg"]
    return Response(icon.content, media_type=icon.media_type, headers={"Cache-Control": "public, max-age=86400"})


def _joined(parts: tuple[str, ...]) -> bytes:
    return b"\n".join((FOLDER / "css" / f"{part}.css").read_bytes() for part in parts)


def _asset(name: str, content: bytes) -> Asset:
    packed = gzip.compress(content, 9, mtime=0)
    return Asset(MEDIA_TYPES[Path(name).suffix], content, packed if len(packed) < len(content) else None)
