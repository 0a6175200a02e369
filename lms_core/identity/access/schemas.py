"""Inputs and views of roles."""

from pydantic import BaseModel

from lms_core.identity.accounts.schemas import Account
from lms_core.kit.permissions import Role


class Member(Account):
    """An account with its roles in the institution."""

    roles: list[Role]


class RoleChoice(BaseModel):
    """The one role a person is to have in the institution."""

    role: Role


class ClosedChoice(BaseModel):
    """Whether an account is to be closed."""

    closed: bool
