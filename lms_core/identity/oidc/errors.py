"""Refusals of foreign logins."""

from lms_core.kit.errors import Conflict, Forbidden, Unauthenticated, Unavailable


class ForeignLoginRefused(Unauthenticated):
    """What the other service sent does not prove who this is; the log says what was wrong with it."""

    code = "foreign_login_refused"
    title = "The other service did not log you in"

    def __init__(self, why: str) -> None:
        super().__init__("What it sent could not be trusted. Begin again; if it stays so, tell an administrator.")
        self.why = why


class AddressNotConfirmed(Conflict):
    """An account has this address, but nobody showed yet that both are one person's."""

    code = "address_not_confirmed"
    title = "The address is not confirmed"

    def __init__(self) -> None:
        super().__init__(
            "There is an account with your address, and it is not certain that it is yours. Log in with its password, "
            "or confirm the address by the link in the letter; then this way in works too."
        )


class DomainRefused(Forbidden):
    """The institution takes addresses of its own domain only."""

    code = "domain_refused"
    title = "This account is of another domain"

    def __init__(self, domain: str) -> None:
        super().__init__(f"Choose your account of {domain} at the other service.")


class ProviderUnreachable(Unavailable):
    """The other service does not answer, or not with what the protocol wants."""

    code = "provider_unreachable"
    title = "The other service does not answer"

    def __init__(self) -> None:
        super().__init__("Try again in a minute, or log in with your password.")
