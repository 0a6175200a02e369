"""Refusals about announcements."""

from lms_core.kit.errors import Conflict, Invalid, NotFound


class AnnouncementNotFound(NotFound):
    """No such announcement, not sent yet, or for a cohort the person is not in."""

    code = "announcement_not_found"
    title = "There is no such announcement here"

    def __init__(self) -> None:
        super().__init__("It was deleted, is not sent yet, or is not for you. Go back to the course.")


class AlreadySent(Conflict):
    """What was sent cannot be sent again, taken back, or turned to others."""

    code = "announcement_sent"
    title = "The announcement is sent"

    def __init__(self) -> None:
        super().__init__("People have been told of it. Change its words, or delete it and write another one.")


class TimeIsPast(Invalid):
    """An announcement was to be sent at a time that is over."""

    code = "announcement_time_past"
    title = "This time is over"

    def __init__(self) -> None:
        super().__init__("Choose a time to come, or send it now.")
