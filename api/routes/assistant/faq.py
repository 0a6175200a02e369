"""The FAQ of a course, and what instructors learn from questions."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Reading, Writing
from api.errors import errors
from lms_core.kit.errors import Forbidden, NotFound
from rag.access import NotEnrolled
from rag.faq import service as faq
from rag.faq.schemas import FaqIn, FaqView
from rag.faq.service import FaqEntryNotFound
from rag.insights import service as insights
from rag.insights.schemas import Insights

router = APIRouter(tags=["assistant"])


class FaqList(BaseModel):
    """All entries of a course; a course has few."""

    items: list[FaqView]
    next_cursor: None = None


@router.get("/courses/{course}/faq", response_model=FaqList, responses=errors(NotFound, NotEnrolled))
def entries(course: str, ctx: Reading) -> FaqList:
    """The answers instructors stand behind."""
    return FaqList(items=faq.entries(ctx, course=course))


@router.post("/courses/{course}/faq", status_code=201, response_model=FaqView, responses=errors(NotFound, Forbidden))
def write(course: str, faq_in: FaqIn, ctx: Writing) -> FaqView:
    """Add an answer in your name."""
    return faq.write(ctx, course=course, faq_in=faq_in)


@router.put("/faq/{entry_id}", response_model=FaqView, responses=errors(FaqEntryNotFound, Forbidden))
def change(entry_id: UUID, faq_in: FaqIn, ctx: Writing) -> FaqView:
    """Replace an entry's wording."""
    return faq.change(ctx, entry_id=entry_id, faq_in=faq_in)


@router.delete("/faq/{entry_id}", status_code=204, responses=errors(FaqEntryNotFound))
def remove(entry_id: UUID, ctx: Writing) -> None:
    """Withdraw an entry."""
    faq.remove(ctx, entry_id=entry_id)


@router.get("/courses/{course}/assistant/insights", response_model=Insights, responses=errors(NotFound, Forbidden))
def of_course(course: str, ctx: Reading) -> Insights:
    """What learners asked, and what the course did not answer."""
    return insights.of_course(ctx, course=course)
