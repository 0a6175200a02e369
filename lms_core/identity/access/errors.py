"""Refusals about roles."""

from lms_core.kit.errors import Conflict


class LastAdmin(Conflict):
    """The change would leave the institution without an administrator."""

    code = "last_admin"
    title = "This is the last administrator"

    def __init__(self) -> None:
        super().__init__("Make somebody else an administrator first, then repeat this.")
