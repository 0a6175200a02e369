"""Refusals of assignments."""

from datetime import datetime

from lms_core.kit.errors import Conflict, Invalid, NotFound, TooLarge


class AssignmentNotFound(NotFound):
    """No such assignment, or not for this person."""

    code = "assignment_not_found"
    title = "There is no such assignment here"

    def __init__(self) -> None:
        super().__init__("The assignment does not exist, is not published, or you are not enrolled in its course.")


class SubmissionNotFound(NotFound):
    """No such submission, a draft, or somebody else's."""

    code = "submission_not_found"
    title = "There is no such submission here"

    def __init__(self) -> None:
        super().__init__("The submission does not exist, or it is not yours to see.")


class SchemeNotFound(NotFound):
    """No such rubric or marking guide in this course."""

    code = "scheme_not_found"
    title = "There is no such rubric or marking guide here"

    def __init__(self) -> None:
        super().__init__("The course has no such rubric or marking guide. Choose one of its own.")


class GroupNotFound(NotFound):
    """No such group in this assignment."""

    code = "group_not_found"
    title = "There is no such group here"

    def __init__(self) -> None:
        super().__init__("The assignment has no such group. Load its page again.")


class NotOpenYet(Conflict):
    """It is too early."""

    code = "assignment_not_open"
    title = "The assignment is not open yet"

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(f"It opens at {opens_at:%Y-%m-%d %H:%M} UTC.")


class SubmissionClosed(Conflict):
    """It is too late."""

    code = "submission_closed"
    title = "Nothing is taken any more"

    def __init__(self, closed_at: datetime) -> None:
        super().__init__(f"The time ended at {closed_at:%Y-%m-%d %H:%M} UTC. Ask your instructor for an extension.")


class NoSubmissionsLeft(Conflict):
    """Every allowed attempt is used."""

    code = "no_submissions_left"
    title = "You have used every attempt"

    def __init__(self, allowed: int) -> None:
        super().__init__(f"This assignment allows {allowed}, and all are handed in. Ask your instructor for another.")


class NothingToSubmit(Conflict):
    """An empty draft."""

    code = "submission_empty"
    title = "There is nothing to hand in yet"

    def __init__(self) -> None:
        super().__init__("Write your answer or add a file, then submit.")


class SubmissionChanged(Conflict):
    """The draft was saved elsewhere meanwhile: another tab, or somebody of the group."""

    code = "submission_changed"
    title = "The draft was changed meanwhile"

    def __init__(self, revision: int) -> None:
        super().__init__(
            "It was saved in another window or by somebody of your group. Copy your text and load the page again.",
            current_revision=revision,
        )


class NoGroup(Conflict):
    """A group assignment, and a learner in no group."""

    code = "no_group"
    title = "You are in no group yet"

    def __init__(self) -> None:
        super().__init__("This assignment is handed in by groups. Ask your instructor to put you into one.")


class FileRefused(Invalid):
    """A file of a kind that is not taken, or one too many."""

    code = "file_refused"
    title = "This file is not taken"


class FileTooLarge(TooLarge):
    """A file over the assignment's limit."""

    code = "file_too_large"
    title = "The file is too large"

    def __init__(self, megabytes: int) -> None:
        super().__init__(f"Files have at most {megabytes} MB here. Make it smaller, or split it.")


class AssignmentInUse(Conflict):
    """Deleting, or changing the ground of, what learners handed in for."""

    code = "assignment_in_use"
    title = "Learners have handed in work"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class SchemeInUse(Conflict):
    """Changing what somebody was marked by."""

    code = "scheme_in_use"
    title = "Work was marked by it"

    def __init__(self) -> None:
        super().__init__("Changing it would change what those marks mean. Save it as a new one instead.")


class NothingToRelease(Conflict):
    """Releasing a mark without points."""

    code = "mark_incomplete"
    title = "The mark is not complete"

    def __init__(self) -> None:
        super().__init__("Judge every criterion or give points, save, and release it then.")


class ReviewNotFound(NotFound):
    """No such review, or somebody else's."""

    code = "review_not_found"
    title = "There is no such review here"

    def __init__(self) -> None:
        super().__init__("The review does not exist, or it is not yours to write.")


class ReviewsNotDrawable(Conflict):
    """Too few submissions, no peer review wanted, or reviews already written."""

    code = "reviews_not_drawable"
    title = "The reviews cannot be given out now"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
