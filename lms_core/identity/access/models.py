"""The tables of roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role

IN_TENANT = text("course_id IS NULL")
IN_COURSE = text("course_id IS NOT NULL")


class RoleAssignment(TenantOwned, table=True):
    """One role of one person. `course_id` None: in the whole institution. Courses lie above: no foreign key to them."""

    __tablename__ = "role_assignment"
    __table_args__ = (
        # NULLs are distinct in a unique constraint, so each scope has an index of its own.
        Index(
            "uq_role_assignment_in_tenant",
            "user_id",
            "role",
            unique=True,
            sqlite_where=IN_TENANT,
            postgresql_where=IN_TENANT,
        ),
        Index(
            "uq_role_assignment_in_course",
            "user_id",
            "course_id",
            "role",
            unique=True,
            sqlite_where=IN_COURSE,
            postgresql_where=IN_COURSE,
        ),
        Index("ix_role_assignment_course_id", "course_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", index=True)
    role: Role = Field(sa_type=Text)
    course_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class CustomRole(TenantOwned, table=True):
    """A role the institution made for itself. `permissions` are values of `Permission`."""

    __tablename__ = "custom_role"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=60)
    description: str = Field(default="", max_length=300)
    permissions: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)


class CustomRoleGrant(TenantOwned, table=True):
    """That a person holds a custom role. `course_id` as in RoleAssignment."""

    __tablename__ = "custom_role_grant"
    __table_args__ = (
        Index(
            "uq_custom_role_grant_in_tenant",
            "user_id",
            "role_id",
            unique=True,
            sqlite_where=IN_TENANT,
            postgresql_where=IN_TENANT,
        ),
        Index(
            "uq_custom_role_grant_in_course",
            "user_id",
            "course_id",
            "role_id",
            unique=True,
            sqlite_where=IN_COURSE,
            postgresql_where=IN_COURSE,
        ),
        Index("ix_custom_role_grant_course_id", "course_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="user.id", ondelete="CASCADE", index=True)
    role_id: UUID = Field(foreign_key="custom_role.id", ondelete="CASCADE", index=True)
    course_id: UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
