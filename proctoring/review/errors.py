"""Refusals of reviewing."""

from lms_core.kit.errors import Conflict, Forbidden


class NotNow(Conflict):
    """The session is not at a point where this is decided."""

    code = "review_state"
    title = "The review is not at this point"

    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"The session is {state}: one cannot {step} now. Load the report again.", session_state=state)


class SecondReviewerNeeded(Conflict):
    """A rejection by the person who proposed it."""

    code = "second_reviewer_needed"
    title = "Another person has to agree"

    def __init__(self) -> None:
        super().__init__(
            "You proposed this rejection. A second reviewer looks at the evidence and rejects or passes the session; "
            "no role replaces that second person."
        )


class OwnSession(Forbidden):
    """Reviewing oneself."""

    code = "own_session"
    title = "This is your own session"

    def __init__(self) -> None:
        super().__init__("Nobody reviews their own exam. Ask another reviewer of the course.")


class AnotherAnswers(Conflict):
    """Answering an appeal against one's own decision."""

    code = "another_answers"
    title = "Somebody else answers this appeal"

    def __init__(self) -> None:
        super().__init__("You took part in the rejection. A reviewer who did not answers the appeal.")


class AppealedAlready(Conflict):
    """A second appeal."""

    code = "appealed_already"
    title = "You appealed already"

    def __init__(self) -> None:
        super().__init__("One appeal is heard per session. Its answer appears on this page.")


class NothingToAppeal(Conflict):
    """An appeal without a rejection."""

    code = "nothing_to_appeal"
    title = "There is nothing to appeal"

    def __init__(self) -> None:
        super().__init__("Only a rejected session can be appealed. This one is not rejected.")


class FlagsUndecided(Conflict):
    """A rejection that stands on no confirmed flag."""

    code = "no_confirmed_flag"
    title = "Confirm the flag this rests on first"

    def __init__(self) -> None:
        super().__init__(
            "A rejection needs at least one flag that a reviewer confirmed: decide the flags, then reject."
        )
