"""Refusals of the provider in the house."""

from lms_core.kit.errors import Conflict, Invalid, NotFound


class ChargeNotFound(NotFound):
    """No such charge."""

    code = "sandbox_charge_not_found"
    title = "There is no such charge in the sandbox"


class WrongPin(Invalid):
    """Not four digits."""

    code = "sandbox_pin"
    title = "A PIN has four digits"

    def __init__(self) -> None:
        super().__init__("Any four digits do here.", fields=[{"field": "pin", "message": "any four digits do here"}])


class ChargeEnded(Conflict):
    """The charge is not in a state for this."""

    code = "sandbox_charge_ended"
    title = "This charge was decided before"

    def __init__(self) -> None:
        super().__init__("It was paid, cancelled or declined before. Go back to the shop and begin again.")


class TooMuch(Conflict):
    """A refund beyond what was paid."""

    code = "sandbox_too_much"
    title = "More than was paid"
