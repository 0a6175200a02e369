"""Refusals of accounts."""

from lms_core.kit.errors import Conflict, DomainError, Invalid


class EmailTaken(Conflict):
    """The institution already has an account with this address."""

    code = "email_taken"
    title = "There already is an account with this e-mail address"


class WeakPassword(Invalid):
    """The password is too short, too long, or known to everybody."""

    code = "weak_password"
    title = "This password is not safe"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, fields=[{"field": "password", "message": detail}])


class WrongPassword(DomainError):
    """The present password, asked for before a change, does not match."""

    status = 403
    code = "wrong_password"
    title = "The present password is not right"


class LinkExpired(DomainError):
    """The link was used, is too old, or never existed: all look the same."""

    status = 410
    code = "link_expired"
    title = "This link no longer works"
