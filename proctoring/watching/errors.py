"""Refusals of watching."""

from lms_core.kit.errors import Conflict


class IdentityNotAsked(Conflict):
    """A face is compared only where policy and consent name it."""

    code = "identity_not_asked"
    title = "This exam does not compare faces"

    def __init__(self) -> None:
        super().__init__("No photograph is needed, and none is kept. Go on with the next step.")


class IdentityTooLate(Conflict):
    """The photograph belongs before the exam."""

    code = "identity_too_late"
    title = "The photograph is taken before the exam begins"

    def __init__(self) -> None:
        super().__init__("The exam runs or is over, so the photograph cannot be replaced any more.")
