"""Roles in one course: who holds which, and giving somebody another one. Ground for `content.staff`, which authorises.

In a course a person holds one role of its staff: owner, instructor, assistant, or one of the institution's own.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.access import service as access
from lms_core.identity.access.models import CustomRole, CustomRoleGrant, RoleAssignment
from lms_core.identity.access.schemas import CourseRoleChoice, CustomRoleView, Teacher
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.permissions import COURSE_PERMISSIONS, TEACHING_PERMISSIONS, Permission, Role

STAFF_ROLES = (Role.OWNER, Role.INSTRUCTOR, Role.ASSISTANT)
MOST_COLLEAGUES = 300


@dataclass(frozen=True, slots=True)
class Held:
    """That a person belongs to the staff of a course, by a role of everybody's or by one of the institution's own."""

    user_id: UUID
    role: Role | None
    role_id: UUID | None = None
    role_name: str = ""


def staff_of(ctx: ReadCtx, *, course_id: UUID) -> list[Held]:
    """The staff of a course: owners, then instructors, assistants and others, longest first. Two statements."""
    rows = ctx.session.execute(
        select(RoleAssignment.user_id, RoleAssignment.role)
        .where(RoleAssignment.course_id == course_id, RoleAssignment.role.in_(STAFF_ROLES))
        .order_by(RoleAssignment.id)
    )
    ordered = sorted(((row[0], Role(row[1])) for row in rows), key=lambda each: STAFF_ROLES.index(each[1]))
    own = ctx.session.execute(
        select(CustomRoleGrant.user_id, CustomRole.id, CustomRole.name)
        .join(CustomRole, CustomRole.id == CustomRoleGrant.role_id)
        .where(CustomRoleGrant.course_id == course_id)
        .order_by(CustomRoleGrant.id)
    )
    found = [Held(user_id, role) for user_id, role in ordered]
    return [*found, *(Held(row[0], None, row[1], row[2]) for row in own)]


def owners_of(ctx: ReadCtx, *, course_id: UUID) -> list[UUID]:
    """Who owns a course, longest first. One statement."""
    rows = ctx.session.execute(
        select(RoleAssignment.user_id)
        .where(RoleAssignment.course_id == course_id, RoleAssignment.role == Role.OWNER)
        .order_by(RoleAssignment.id)
    )
    return list(rows.scalars())


def owned_by(ctx: ReadCtx, *, user_id: UUID) -> list[UUID]:
    """The courses a person owns. One statement."""
    held = select(RoleAssignment.course_id).where(
        RoleAssignment.user_id == user_id,
        RoleAssignment.role == Role.OWNER,
        RoleAssignment.course_id.is_not(None),
    )
    return [each for each in ctx.session.execute(held).scalars() if each is not None]


def colleagues(ctx: ReadCtx) -> list[Teacher]:
    """Who teaches or administers in the institution, by name: whom staff is chosen from. Two statements."""
    held = select(RoleAssignment.user_id).where(
        RoleAssignment.course_id.is_(None), RoleAssignment.role.in_((Role.INSTRUCTOR, Role.ADMIN))
    )
    ids = ctx.session.execute(held.distinct().limit(MOST_COLLEAGUES)).scalars()
    people = accounts.addressees(ctx, ids)
    return sorted((Teacher(each.id, each.full_name) for each in people), key=lambda each: each.full_name.casefold())


def own_roles(ctx: ReadCtx) -> list[CustomRoleView]:
    """The institution's own roles that grant something in a course. One statement."""
    rows = ctx.session.execute(select(CustomRole).order_by(CustomRole.name).limit(500)).scalars()
    views = [
        CustomRoleView(id=row.id, name=row.name, description=row.description, permissions=granted(row.permissions))
        for row in rows
    ]
    return [each for each in views if each.permissions]


def granted(names: list[str]) -> list[Permission]:
    """What a role of the institution's own grants in a course."""
    return [each for each in Permission if each.value in names and each in TEACHING_PERMISSIONS]


def rights_of(ctx: ReadCtx, choice: CourseRoleChoice) -> frozenset[Permission]:
    """What a role grants in a course. NotFound: no such role of the institution's own. One statement at most."""
    if choice.role is not None:
        return COURSE_PERMISSIONS[Role(choice.role)]
    names = ctx.session.execute(
        select(CustomRole.permissions).where(CustomRole.id == choice.role_id)
    ).scalar_one_or_none()
    if names is None:
        raise NotFound("There is no such role here.")
    return frozenset(granted(names))


def put(ctx: WriteCtx, *, user_id: UUID, course_id: UUID, choice: CourseRoleChoice) -> None:
    """Make `choice` the person's role on the staff of a course, in place of any other. NotFound: no such person."""
    accounts.person(ctx, user_id=user_id)
    accounts.hold(ctx, user_id=user_id)
    withdraw(ctx, user_id=user_id, course_id=course_id)
    if choice.role is not None:
        access.grant(ctx, user_id=user_id, role=Role(choice.role), course_id=course_id)
    elif choice.role_id is not None:
        ctx.add(CustomRoleGrant(user_id=user_id, role_id=choice.role_id, course_id=course_id, created_at=ctx.now))


def withdraw(ctx: WriteCtx, *, user_id: UUID, course_id: UUID) -> None:
    """Take a person off the staff of a course; fine when they were not on it."""
    ctx.session.execute(
        delete(RoleAssignment).where(
            RoleAssignment.user_id == user_id,
            RoleAssignment.course_id == course_id,
            RoleAssignment.role.in_(STAFF_ROLES),
        )
    )
    ctx.session.execute(
        delete(CustomRoleGrant).where(CustomRoleGrant.user_id == user_id, CustomRoleGrant.course_id == course_id)
    )
