"""Permissions: one enum, and what a role grants in an institution and in one course.

A role is held in a tenant (`role_assignment.course_id` empty) or in one course.
An instructor of the institution may make courses; whoever makes one becomes its
instructor, and only a course's own instructors (and administrators) change it.
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
TEACHING_PERMISSIONS = LEARNER_PERMISSIONS | {
    Permission.COURSE_EDIT,
    Permission.FAQ_EDIT,
    Permission.INSIGHTS_READ,
}

TENANT_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: LEARNER_PERMISSIONS,
    Role.INSTRUCTOR: LEARNER_PERMISSIONS | {Permission.COURSE_CREATE},
    Role.ADMIN: frozenset(Permission),
}
COURSE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: LEARNER_PERMISSIONS,
    Role.INSTRUCTOR: TEACHING_PERMISSIONS,
    Role.ADMIN: TEACHING_PERMISSIONS,
}


def allows(permission: Permission, *, roles: Iterable[Role], course_roles: Iterable[Role] = ()) -> bool:
    """Whether `roles` in the institution, or `course_roles` in the course in question, grant `permission`."""
    in_tenant = any(permission in TENANT_PERMISSIONS[role] for role in roles)
    return in_tenant or any(permission in COURSE_PERMISSIONS[role] for role in course_roles)
