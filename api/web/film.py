"""The page of one video: what a link in a lesson leads to where its script did not run."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import Reading
from api.web.rendering import page
from lms_core.content.media import service as media
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.release import service as release

router = APIRouter(include_in_schema=False)


@router.get("/courses/{slug}/videos/{name}")
def film_page(request: Request, ctx: Reading, slug: str, name: str) -> Response:
    """The player alone, for those who read the course."""
    card = enrolments.access_reading(ctx, slug)
    release.access_asset(ctx, card, path=f"video:{name}")
    playing = media.playback(ctx, card, name=name)
    return page(request, ctx.actor, "film.html", course=card, playing=playing)
