"""The table of roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
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
