"""Facts about reviews."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class ReviewAnswered(Event):
    """The staff of a course answered a review."""

    name: ClassVar[str] = "reviews.answered"
    review_id: UUID
    course_id: UUID


class ReviewHidden(Event):
    """An administrator hid a review."""

    name: ClassVar[str] = "reviews.hidden"
    review_id: UUID
    course_id: UUID
