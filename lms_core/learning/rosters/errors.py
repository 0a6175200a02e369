"""Refusals about rosters."""

from lms_core.kit.errors import Conflict, Invalid, NotFound


class RosterNotFound(NotFound):
    """There is no such roster here."""

    code = "roster_not_found"
    title = "There is no such list of people here"


class RosterRefused(Invalid):
    """The file as a whole cannot be read; `detail` says why and what to do."""

    code = "roster_refused"
    title = "This file cannot be used"


class RosterStarted(Conflict):
    """It was started before."""

    code = "roster_started"
    title = "This list was started before"
