"""Inputs and views of reviews."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from lms_core.learning.reviews.models import ShownAs

NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=NO_CONTROL)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300, pattern=NO_CONTROL)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class ReviewIn(BaseModel):
    """One's own review: stars from 1 to 5, words or none, and the name it is shown with."""

    stars: Annotated[int, Field(ge=1, le=5)]
    text: Words = ""
    shown_as: ShownAs = ShownAs.FIRST_NAME


class ReplyIn(BaseModel):
    """What the course's staff answers."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=NO_CONTROL)]


class ReportIn(BaseModel):
    """Why a review should not be there."""

    reason: Reason


class Hiding(BaseModel):
    """Why a review is hidden."""

    reason: Reason


class ReviewView(View):
    """A review. `author` is empty when it names nobody; `mine`: the one who looks wrote it."""

    id: UUID
    stars: int
    text: str
    author: str
    reply: str
    replied_at: datetime | None
    created_at: datetime
    edited_at: datetime | None
    mine: bool


class OwnReview(View):
    """One's own review, hidden ones too. `hidden_reason` is told to who wrote it."""

    id: UUID
    stars: int
    text: str
    shown_as: ShownAs
    hidden_reason: str


class Rating(View):
    """How a course is rated: the mean in stars (None without any), and how many gave one star, two ... five."""

    mean: float | None
    count: int
    counts: tuple[int, int, int, int, int]
    percents: tuple[int, int, int, int, int]


class ReportedReview(View):
    """A review that people reported, for who may hide it."""

    id: UUID
    course_title: str
    course_slug: str
    stars: int
    text: str
    author: str
    reports: int
    reasons: tuple[str, ...]
    hidden_at: datetime | None
    hidden_reason: str
