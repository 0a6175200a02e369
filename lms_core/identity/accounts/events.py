"""Facts about accounts."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class UserRegistered(Event):
    """A person has an account now."""

    name: ClassVar[str] = "accounts.user_registered"
    user_id: UUID
    language: str


class EmailVerified(Event):
    """A person has shown that the address is theirs."""

    name: ClassVar[str] = "accounts.email_verified"
    user_id: UUID


class PasswordChanged(Event):
    """A password is another one now, by its owner's change or by a reset link."""

    name: ClassVar[str] = "accounts.password_changed"
    user_id: UUID
    by_link: bool


class AccountLocked(Event):
    """Too many wrong passwords: logging in pauses for a while."""

    name: ClassVar[str] = "accounts.account_locked"
    user_id: UUID
    minutes: int


class AccountDisabled(Event):
    """An administrator closed an account."""

    name: ClassVar[str] = "accounts.account_disabled"
    user_id: UUID
