"""Permissions: one enum, and what a role grants in an institution and in one course.

A role is held in a tenant (`role_assignment.course_id` empty) or in one course.
An instructor of the institution may make courses; whoever makes one becomes its
owner, and only a course's own staff (and administrators) change it: its owners in
everything, its instructors in all but deleting it and giving it away; its
assistants mark and answer. Owner and assistant are roles in a course alone.
`allows` is the only place that answers "may someone with these roles do this".
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """Who someone is in an institution or in one course."""

    LEARNER = "learner"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"
    OWNER = "owner"
    ADMIN = "admin"


TenantRole = Literal[Role.LEARNER, Role.INSTRUCTOR, Role.ADMIN]  # those that somebody holds in an institution


class Permission(StrEnum):
    """What can be done, `<thing>:<action>`, in alphabetical order."""

    ACCOUNT_MANAGE = "account:manage"
    ATTEMPT_GRADE = "attempt:grade"
    AUDIT_READ = "audit:read"
    BANK_EDIT = "bank:edit"
    CATALOGUE_EDIT = "catalogue:edit"
    COURSE_CREATE = "course:create"
    COURSE_EDIT = "course:edit"
    COURSE_LEARN = "course:learn"
    COURSE_OWN = "course:own"
    FAQ_EDIT = "faq:edit"
    FINANCE_APPROVE = "finance:approve"
    FINANCE_MANAGE = "finance:manage"
    FINANCE_READ = "finance:read"
    INSIGHTS_READ = "insights:read"
    JOB_MANAGE = "job:manage"
    PROCTOR_REVIEW = "proctor:review"
    REVIEW_HIDE = "review:hide"


NOTHING: frozenset[Permission] = frozenset()
LEARNER_PERMISSIONS = frozenset({Permission.COURSE_LEARN})
TEACHING_PERMISSIONS = LEARNER_PERMISSIONS | {
    Permission.ATTEMPT_GRADE,
    Permission.COURSE_EDIT,
    Permission.FAQ_EDIT,
    Permission.INSIGHTS_READ,
    Permission.PROCTOR_REVIEW,
}
ASSISTING_PERMISSIONS = LEARNER_PERMISSIONS | {
    Permission.ATTEMPT_GRADE,
    Permission.FAQ_EDIT,
    Permission.INSIGHTS_READ,
}
# Whoever holds one of these by a role in a course belongs to its staff, and reads what is taught there.
STAFF_PERMISSIONS = frozenset({Permission.ATTEMPT_GRADE, Permission.COURSE_EDIT, Permission.FAQ_EDIT})

TENANT_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: LEARNER_PERMISSIONS,
    Role.INSTRUCTOR: LEARNER_PERMISSIONS | {Permission.COURSE_CREATE},
    Role.ADMIN: frozenset(Permission),
}
COURSE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: LEARNER_PERMISSIONS,
    Role.ASSISTANT: ASSISTING_PERMISSIONS,
    Role.INSTRUCTOR: TEACHING_PERMISSIONS,
    Role.OWNER: TEACHING_PERMISSIONS | {Permission.COURSE_OWN},
    Role.ADMIN: TEACHING_PERMISSIONS,
}
TENANT_ROLES: tuple[TenantRole, ...] = (Role.LEARNER, Role.INSTRUCTOR, Role.ADMIN)


def allows(permission: Permission, *, roles: Iterable[Role], course_roles: Iterable[Role] = ()) -> bool:
    """Whether `roles` in the institution, or `course_roles` in the course in question, grant `permission`."""
    in_tenant = any(permission in TENANT_PERMISSIONS.get(role, NOTHING) for role in roles)
    return in_tenant or any(permission in COURSE_PERMISSIONS[role] for role in course_roles)
