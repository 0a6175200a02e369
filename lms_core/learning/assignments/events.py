"""Facts about assignments and what is handed in for them."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class AssignmentPublished(Event):
    """Learners can see an assignment."""

    name: ClassVar[str] = "assignments.published"
    assignment_id: UUID
    course_id: UUID


class AssignmentDueSoon(Event):
    """An assignment is due within a day; its notice goes to those who have not handed in."""

    name: ClassVar[str] = "assignments.due_soon"
    assignment_id: UUID
    course_id: UUID


class SubmissionReceived(Event):
    """Work was handed in. For a group `user_id` is who pressed the button."""

    name: ClassVar[str] = "assignments.submission_received"
    submission_id: UUID
    assignment_id: UUID
    course_id: UUID
    user_id: UUID


class SubmissionMarked(Event):
    """A learner has a released mark; again after it was changed. One for each member of a group."""

    name: ClassVar[str] = "assignments.submission_marked"
    course_id: UUID
    assignment_id: UUID
    user_id: UUID
    points: float
    maximum: float


class ReviewsDrawn(Event):
    """Learners have submissions of others to review."""

    name: ClassVar[str] = "assignments.reviews_drawn"
    assignment_id: UUID
    course_id: UUID
