"""What a question finds in a course, for those who write it: to see why an answer is as it is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.deps import Reading
from api.errors import errors
from lms_core.kit.errors import Forbidden, NotFound
from lms_core.kit.permissions import Permission
from rag.access import access_to_edit
from rag.conversations.queries import lesson_places
from rag.search import Scope, search

router = APIRouter(tags=["assistant"])


class FoundPassage(BaseModel):
    """A passage, its score, and the parts the score is made of."""

    lesson_id: UUID
    lesson_title: str
    source_path: str | None
    heading_path: list[str]
    anchor: str | None
    page: int | None
    text: str
    score: float
    parts: dict[str, float]


class Found(BaseModel):
    """The passages, best first, and how the question was judged."""

    items: list[FoundPassage]
    next_cursor: None = None
    gloss: str
    language: str
    answerable: float
    threshold: float
    reasons: list[str]
    timings_ms: dict[str, float]


@router.get("/courses/{course}/assistant/search", response_model=Found, responses=errors(NotFound, Forbidden))
def find(
    course: str,
    ctx: Reading,
    q: Annotated[str, Query(min_length=1, max_length=2000)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Found:
    """Search a course as the assistant does."""
    access = access_to_edit(ctx, course=course, permission=Permission.INSIGHTS_READ)
    found = search(ctx, question=q, scope=Scope(tenant_id=ctx.tenant_id, course_id=access.course_id, drafts=True))
    places = lesson_places(ctx, ids=[hit.candidate.lesson_id for hit in found.hits[:limit]])
    items = [
        FoundPassage(
            lesson_id=hit.candidate.lesson_id,
            lesson_title=places[hit.candidate.lesson_id].title,
            source_path=places[hit.candidate.lesson_id].source_path,
            heading_path=list(hit.candidate.heading_path),
            anchor=hit.candidate.anchor,
            page=hit.candidate.page,
            text=hit.candidate.text,
            score=round(hit.score, 4),
            parts={name: round(value, 4) for name, value in hit.parts.items()},
        )
        for hit in found.hits[:limit]
    ]
    return Found(
        items=items,
        gloss=found.gloss,
        language=found.language,
        answerable=round(found.answerable, 4),
        threshold=round(found.threshold, 4),
        reasons=list(found.reasons),
        timings_ms=found.timings_ms,
    )
