"""Refusals of the second factor."""

from lms_core.kit.errors import Conflict, Forbidden, Unauthenticated


class SecondFactorRequired(Unauthenticated):
    """The password was right; `challenge` goes back with a code within five minutes."""

    code = "second_factor_required"
    title = "A code of your authenticator is needed"

    def __init__(self, challenge: str) -> None:
        super().__init__(
            "Send the challenge back with the six digits of your authenticator, or a recovery code.",
            challenge=challenge,
        )
        self.challenge = challenge


class CodeRefused(Forbidden):
    """The code is wrong, too old, or was used before."""

    code = "code_refused"
    title = "This code is not right"

    def __init__(self) -> None:
        super().__init__(
            "It is mistyped, too old, or was used before. Wait for the next one of your authenticator, "
            "or take a recovery code that you have not used."
        )


class AlreadyOn(Conflict):
    """The account has a confirmed authenticator."""

    code = "second_factor_on"
    title = "Your account already has an authenticator"

    def __init__(self) -> None:
        super().__init__("Turn it off first, with one of its codes; then set up another.")


class NotOn(Conflict):
    """The account has no authenticator to confirm, use or turn off."""

    code = "second_factor_off"
    title = "Your account has no authenticator"

    def __init__(self) -> None:
        super().__init__("Set one up first.")
