"""Refusals of privacy."""

from lms_core.kit.errors import Conflict


class UnderDispute(Conflict):
    """Pictures that somebody may still need to show what happened."""

    code = "under_dispute"
    title = "The pictures are kept while the session is disputed"

    def __init__(self) -> None:
        super().__init__("They can be deleted once the review or the appeal is answered. The request stays noted.")


class NothingAsked(Conflict):
    """A decision on a request that nobody made."""

    code = "nothing_asked"
    title = "Nobody asked for a deletion"

    def __init__(self) -> None:
        super().__init__("The taker has not asked for the deletion of this session's pictures, or it is decided.")
