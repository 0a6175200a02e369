"""Permissions: one enum, one table from roles to permissions.

A role is held in a tenant (`role_assignment.course_id` empty) or in one course.
`allows` is the only place that answers "may someone with these roles do this".
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """Who someone is in an institution or in one course."""

    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"


class Permission(StrEnum):
    """What can be done, `<thing>:<action>`, in alphabetical order."""

    ACCOUNT_MANAGE = "account:manage"
    AUDIT_READ = "audit:read"
    COURSE_CREATE = "course:create"
    COURSE_EDIT = "course:edit"
    COURSE_LEARN = "course:learn"
    FAQ_EDIT = "faq:edit"
    INSIGHTS_READ = "insights:read"
    JOB_MANAGE = "job:manage"


LEARNER_PERMISSIONS = frozenset({Permission.COURSE_LEARN})
INSTRUCTOR_PERMISSIONS = LEARNER_PERMISSIONS | {
    Permission.COURSE_CREATE,
    Permission.COURSE_EDIT,
    Permission.FAQ_EDIT,
    Permission.INSIGHTS_READ,
}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: LEARNER_PERMISSIONS,
    Role.INSTRUCTOR: frozenset(INSTRUCTOR_PERMISSIONS),
    Role.ADMIN: frozenset(Permission),
}


def allows(roles: Iterable[Role], permission: Permission) -> bool:
    """Whether any of `roles` grants `permission`."""
    return any(permission in ROLE_PERMISSIONS[role] for role in roles)
