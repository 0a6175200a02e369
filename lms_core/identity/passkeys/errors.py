"""Refusals of passkeys."""

from lms_core.kit.errors import Invalid, Unauthenticated


class PasskeyRefused(Unauthenticated):
    """What the device sent does not prove that it holds a key of an account here."""

    code = "passkey_refused"
    title = "The passkey did not log you in"

    def __init__(self) -> None:
        super().__init__("It is of another account or site, was removed here, or took too long. Log in another way.")


class PasskeyNotTaken(Invalid):
    """What the device made cannot be kept."""

    code = "passkey_not_taken"
    title = "The passkey was not added"

    def __init__(self) -> None:
        super().__init__(
            "The device's answer is not right, or took too long, or the passkey is there already. Begin again."
        )
