"""Refusals of sessions."""

from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound


class SessionNotFound(NotFound):
    """No such session, or not for this person."""

    code = "proctor_session_not_found"
    title = "There is no such proctored session here"

    def __init__(self) -> None:
        super().__init__("The session does not exist, or it is not yours. Open the exam again from its quiz.")


class SessionNotThere(Conflict):
    """The session is at a point from which this is no step."""

    code = "proctor_session_state"
    title = "The session is not at this point"

    def __init__(self, state: str, step: str) -> None:
        super().__init__(
            f"It is {state.replace('_', ' ')}: '{step.replace('_', ' ')}' is no step from there. Load it again.",
            session_state=str(state),
        )


class SessionOver(Conflict):
    """Something came for a session that takes nothing any more."""

    code = "proctor_session_over"
    title = "The session is over"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"The session is {state.replace('_', ' ')}, so this was not kept. Nothing needs to be sent again.",
            session_state=str(state),
        )


class NotYourSession(Forbidden):
    """A reviewer tried what only the taker does."""

    code = "not_your_session"
    title = "This is somebody else's session"

    def __init__(self) -> None:
        super().__init__("You may review this session, but only the one who takes the exam can do this.")


class ConsentMissing(Conflict):
    """Nobody is recorded without agreeing."""

    code = "consent_missing"
    title = "The exam cannot be supervised without your consent"

    def __init__(self) -> None:
        super().__init__("Read the text and agree to it; or ask your instructor for another way to take the exam.")


class ConsentOutdated(Conflict):
    """The text that was agreed to is not the one in force."""

    code = "consent_outdated"
    title = "The consent text has changed"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Version {version} is in force now. Load the text again and read it.", consent_version=version
        )


class AttemptFinished(Conflict):
    """Supervision of an attempt that is over."""

    code = "attempt_finished"
    title = "The attempt is over"

    def __init__(self) -> None:
        super().__init__("It was submitted or expired, so there is nothing to supervise. See the attempt's page.")


class IdentityMissing(Conflict):
    """The policy asks for a photograph that is not there yet."""

    code = "identity_missing"
    title = "The identity photograph is missing"

    def __init__(self) -> None:
        super().__init__("This exam compares faces. Take the photograph of yourself first, then begin.")


class UnknownEvent(Invalid):
    """An event type outside of the list."""

    code = "unknown_event"
    title = "One of the events is of an unknown type"
