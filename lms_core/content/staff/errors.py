"""Refusals about staff."""

from lms_core.kit.errors import Conflict, NotFound


class LastOwner(Conflict):
    """The change would leave the course without an owner."""

    code = "last_owner"
    title = "This is the last owner of the course"

    def __init__(self) -> None:
        super().__init__("Give the course to somebody else on its staff first, then repeat this.")


class AlreadyStaff(Conflict):
    """The person has a role in the course."""

    code = "already_staff"
    title = "This person is on the staff already"

    def __init__(self) -> None:
        super().__init__("Change their role in the list instead.")


class TooManyInvitations(Conflict):
    """A course has as many open invitations as it may have."""

    code = "too_many_invitations"
    title = "Too many invitations are open"

    def __init__(self, most: int) -> None:
        super().__init__(f"A course has at most {most} open invitations. Withdraw some that nobody answers.")


class InvitationNotFound(NotFound):
    """No such invitation, used up, too old, or to another address: all look the same."""

    code = "invitation_not_found"
    title = "There is no such invitation"

    def __init__(self) -> None:
        super().__init__(
            "It was answered or withdrawn, is older than 14 days, or was sent to another address. Log in with the "
            "address that the letter came to, or ask for another invitation."
        )
