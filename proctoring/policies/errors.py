"""Refusals of policies."""

from lms_core.kit.errors import Conflict, NotFound


class NotSupervised(NotFound):
    """The quiz has no policy in force."""

    code = "not_supervised"
    title = "This quiz is not a proctored exam"

    def __init__(self) -> None:
        super().__init__("Nobody set a proctoring policy for it, so nothing is recorded and nothing needs to start.")


class SessionsRunning(Conflict):
    """Supervision cannot end under people who are being watched."""

    code = "sessions_running"
    title = "The exam is being taken now"

    def __init__(self, running: int) -> None:
        super().__init__(
            f"{running} proctored session(s) of this quiz are running. End supervision once they are over.",
            running=running,
        )
