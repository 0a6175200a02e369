"""Refusals about reviews."""

from lms_core.kit.errors import Forbidden, NotFound


class NotYetReviewable(Forbidden):
    """Who reviews has seen something of the course, and does not teach it."""

    code = "not_yet_reviewable"
    title = "You cannot review this course yet"

    def __init__(self) -> None:
        super().__init__("A review is for learners who completed at least one lesson. Those who teach a course do not.")


class ReviewNotFound(NotFound):
    """No such review, or not for this person."""

    code = "review_not_there"
    title = "There is no such review here"

    def __init__(self) -> None:
        super().__init__("It was deleted or hidden, or its course is not open to you. Load the page again.")
