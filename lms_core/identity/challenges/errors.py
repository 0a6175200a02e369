"""Refusals of challenges."""

from lms_core.kit.errors import Unauthenticated


class ChallengeExpired(Unauthenticated):
    """The challenge was used, is too old, had too many wrong tries, or never existed: all look the same."""

    code = "challenge_expired"
    title = "This login took too long"

    def __init__(self) -> None:
        super().__init__("Log in from the beginning; this step is good for a few minutes and a few tries.")
