"""Inputs and views of roles."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from lms_core.identity.accounts.schemas import Account, FullName, SearchText
from lms_core.kit.permissions import Permission, Role, TenantRole


class Member(Account):
    """An account with its roles in the institution."""

    roles: list[Role]


class RoleChoice(BaseModel):
    """The one role a person is to have in the institution."""

    role: TenantRole


class ClosedChoice(BaseModel):
    """Whether an account is to be closed."""

    closed: bool


class CustomRoleInput(BaseModel):
    """A role the institution makes for itself."""

    name: Annotated[FullName, Field(max_length=60)]
    description: Annotated[SearchText, Field(max_length=300)] = ""
    permissions: Annotated[set[Permission], Field(min_length=1)]


class CustomRoleView(BaseModel):
    """A role of the institution's own."""

    id: UUID
    name: str
    description: str
    permissions: list[Permission]


class CustomRoleGrantView(BaseModel):
    """Who holds a role; `course_id` None: in the whole institution."""

    user_id: UUID
    course_id: UUID | None = None


class HeldRole(BaseModel):
    """A role of the institution's own that somebody holds; `course_id` None: in the whole institution."""

    role: CustomRoleView
    course_id: UUID | None


@dataclass(frozen=True, slots=True)
class Teacher:
    """Somebody who teaches, by name."""

    id: UUID
    full_name: str


class CourseRoleChoice(BaseModel):
    """A role on the staff of a course: one that every institution has, or else one of its own."""

    role: Literal["owner", "instructor", "assistant"] | None = None
    role_id: UUID | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.role is None) == (self.role_id is None):
            raise ValueError("give either `role` or `role_id`")
        return self
