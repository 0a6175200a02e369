"""Refusals of API keys."""

from lms_core.kit.errors import Conflict


class TooManyKeys(Conflict):
    """One person has as many keys as there may be."""

    code = "too_many_keys"
    title = "You have many keys already"

    def __init__(self, at_most: int) -> None:
        super().__init__(f"You have {at_most} keys. Revoke one that nothing uses, then make another.")
