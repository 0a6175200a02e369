"""How much of a lesson's video one has really seen, and where to go on."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.content.courses.errors import LessonNotFound
from lms_core.content.media.errors import MediaNotFound
from lms_core.kit.errors import Unauthenticated
from lms_core.learning.viewing import service as viewing
from lms_core.learning.viewing.schemas import VideoProgressView, Viewed

router = APIRouter(tags=["learning"])

FilmName = Annotated[str, Path(max_length=200, pattern=r"^[a-z0-9-]+$")]
ERRORS = errors(Unauthenticated, LessonNotFound, MediaNotFound)


@router.get("/lessons/{lesson_id}/videos/{name}/progress", response_model=VideoProgressView, responses=ERRORS)
def read(ctx: Reading, lesson_id: UUID, name: FilmName) -> VideoProgressView:
    """Where the caller was, and which stretches count as seen."""
    return viewing.progress(ctx, lesson_id, video=name)


@router.put("/lessons/{lesson_id}/videos/{name}/progress", response_model=VideoProgressView, responses=ERRORS)
def note(ctx: Writing, lesson_id: UUID, name: FilmName, viewed: Viewed) -> VideoProgressView:
    """Report the place and the stretches played since the last report; the same again changes nothing."""
    return viewing.note(ctx, lesson_id, video=name, viewed=viewed)
