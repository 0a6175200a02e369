"""Refusals of revenue and payouts."""

from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound


class SharesTooHigh(Invalid):
    """The shares of a course are more than the whole."""

    code = "shares_too_high"
    title = "The shares add up to more than 100 %"

    def __init__(self) -> None:
        super().__init__("All shares of a course together are at most 100 %. Lower one and save again.")


class EarnerNotFound(NotFound):
    """Nobody here has this address."""

    code = "earner_not_found"
    title = "There is no such person here"

    def __init__(self) -> None:
        super().__init__("Nobody here has this address. Compare it with the list of people.")


class BatchNotFound(NotFound):
    """No such batch or payout."""

    code = "payout_batch_not_found"
    title = "There is no such payout batch here"

    def __init__(self) -> None:
        super().__init__("The batch or payout does not exist. Load the list of payouts again.")


class BatchMoved(Conflict):
    """The batch is not at this point any more."""

    code = "payout_batch_moved"
    title = "The batch is not at this point any more"

    def __init__(self, state: str) -> None:
        super().__init__(f"Somebody else moved the batch on: it is {state} now. Load its page again.", state=state)


class NothingDue(Conflict):
    """Nobody can be paid out in this way and currency."""

    code = "nothing_due"
    title = "Nothing can be paid out now"

    def __init__(self) -> None:
        super().__init__(
            "Nobody has enough to be paid out this way in this currency: what is earned is held for some days, below "
            "the smallest payout, on hold, or its earner has not said where to pay it."
        )


class SecondPersonNeeded(Forbidden):
    """The same person cannot approve twice."""

    code = "second_person_needed"
    title = "A second person approves this"

    def __init__(self) -> None:
        super().__init__("You approved this batch already. Its sum needs the approval of somebody else, too.")


class DetailsMissing(NotFound):
    """Nobody said where to pay."""

    code = "payout_details_missing"
    title = "There are no payout details"

    def __init__(self) -> None:
        super().__init__("You have not said where to pay what you earn. Save a phone number or a bank account first.")


class AlreadyHeld(Conflict):
    """There is a hold on this person."""

    code = "payout_already_held"
    title = "Payouts to this person are on hold already"

    def __init__(self) -> None:
        super().__init__("Lift the hold that is there before you place another one.")
