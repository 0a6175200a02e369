"""Refusals of logins."""

from lms_core.kit.errors import Forbidden, Unauthenticated


class LoginRefused(Unauthenticated):
    """Wrong password, unknown address, or a paused account: nobody outside can tell which."""

    code = "login_refused"
    title = "This did not log you in"

    def __init__(self) -> None:
        super().__init__(
            "The e-mail address or the password is not right. After several wrong passwords an account pauses "
            "for a while; then wait, or ask for a new password."
        )


class AccountClosed(Forbidden):
    """The password was right, but an administrator closed the account."""

    code = "account_closed"
    title = "This account is closed"

    def __init__(self) -> None:
        super().__init__("Ask the administrators of your institution to open it again.")


class RefreshRefused(Unauthenticated):
    """The refresh token is unknown, used, or its session has ended."""

    code = "refresh_refused"
    title = "The session cannot go on"

    def __init__(self) -> None:
        super().__init__("The refresh token was used before, or the session has ended. Log in again.")
