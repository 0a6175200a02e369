"""Refusals about roles, and about what only somebody who showed lately who they are may do."""

from lms_core.kit.errors import Conflict, Forbidden


class LastAdmin(Conflict):
    """The change would leave the institution without an administrator."""

    code = "last_admin"
    title = "This is the last administrator"

    def __init__(self) -> None:
        super().__init__("Make somebody else an administrator first, then repeat this.")


class ConfirmFirst(Forbidden):
    """The last proof of this session is too old for what was asked; `confirm` is the route that takes a new one."""

    code = "confirm_first"
    title = "Confirm first that it is you"

    def __init__(self) -> None:
        super().__init__(
            "This asks for your password, a code or a passkey, given within the last 15 minutes. "
            "Send one to the route in `confirm`, then repeat this.",
            confirm="/api/v1/auth/confirm",
        )
