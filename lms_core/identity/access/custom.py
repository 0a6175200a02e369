"""Verbs on the institution's own roles: permissions as data, held in the institution or in one course.

Nobody gives what they do not hold: administrators hold everything, and only they manage roles. In a course a role
grants what instructors may at most (`service.gather_permissions`).
"""

from uuid import UUID

from sqlalchemy import delete, select

from lms_core.identity.access import service as access
from lms_core.identity.access.models import CustomRole, CustomRoleGrant
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput, CustomRoleView, HeldRole
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Conflict, Forbidden, NotFound
from lms_core.kit.permissions import Permission


def roles(ctx: ReadCtx) -> list[CustomRoleView]:
    """The institution's own roles, by name. Forbidden."""
    _require_manager(ctx)
    rows = ctx.session.execute(select(CustomRole).order_by(CustomRole.name).limit(500)).scalars()
    return [_view(row) for row in rows]


def make(ctx: WriteCtx, *, role: CustomRoleInput) -> CustomRoleView:
    """A new role. Forbidden, Conflict when the name is taken."""
    _require_manager(ctx, *role.permissions)
    _require_free(ctx, role.name)
    row = ctx.add(
        CustomRole(
            name=role.name, description=role.description, permissions=_names(role.permissions), created_at=ctx.now
        )
    )
    audit.record(ctx, action="role.made", object=("role", row.id), permissions=",".join(row.permissions))
    return _view(row)


def change(ctx: WriteCtx, *, role_id: UUID, role: CustomRoleInput) -> CustomRoleView:
    """Another name, description or set of permissions, for all who hold the role at once.

    Forbidden, NotFound, Conflict.
    """
    _require_manager(ctx, *role.permissions)
    row = _role_held(ctx, role_id)
    if row.name != role.name:
        _require_free(ctx, role.name)
    row.name, row.description, row.permissions = role.name, role.description, _names(role.permissions)
    ctx.session.flush()
    audit.record(ctx, action="role.changed", object=("role", role_id), permissions=",".join(row.permissions))
    return _view(row)


def remove(ctx: WriteCtx, *, role_id: UUID) -> None:
    """Take a role away from everybody. Forbidden, NotFound."""
    row = _role_held(ctx, role_id)
    ctx.session.execute(delete(CustomRole).where(CustomRole.id == row.id))
    audit.record(ctx, action="role.removed", object=("role", role_id))


def grants(ctx: ReadCtx, *, role_id: UUID) -> list[CustomRoleGrantView]:
    """Who holds a role, and where. Forbidden, NotFound."""
    _require_manager(ctx)
    _role(ctx, role_id)
    rows = ctx.session.execute(
        select(CustomRoleGrant).where(CustomRoleGrant.role_id == role_id).order_by(CustomRoleGrant.id).limit(1000)
    ).scalars()
    return [CustomRoleGrantView(user_id=row.user_id, course_id=row.course_id) for row in rows]


def grant(ctx: WriteCtx, *, role_id: UUID, given: CustomRoleGrantView) -> None:
    """Give the role to a person, in the institution or in one course; fine when held already. NotFound, Forbidden.

    Courses lie above this slice: that there is such a course is the caller's to have checked.
    """
    row = _role_held(ctx, role_id)
    accounts.person(ctx, user_id=given.user_id)
    accounts.hold(ctx, user_id=given.user_id)
    if ctx.session.execute(select(CustomRoleGrant.id).where(*_same(row.id, given))).first() is not None:
        return
    ctx.add(CustomRoleGrant(user_id=given.user_id, role_id=row.id, course_id=given.course_id, created_at=ctx.now))
    course = str(given.course_id) if given.course_id else None
    audit.record(ctx, action="role.granted", object=("user", given.user_id), role=row.name, course=course)


def held_by(ctx: ReadCtx, *, user_id: UUID) -> list[HeldRole]:
    """The institution's own roles that a person holds, and where; for oneself and for managers. NotFound."""
    access.member(ctx, user_id=user_id)
    rows = ctx.session.execute(
        select(CustomRole, CustomRoleGrant.course_id)
        .join(CustomRoleGrant, CustomRoleGrant.role_id == CustomRole.id)
        .where(CustomRoleGrant.user_id == user_id)
        .order_by(CustomRole.name, CustomRoleGrant.id)
    )
    return [HeldRole(role=_view(role), course_id=course_id) for role, course_id in rows]


def withdraw(ctx: WriteCtx, *, role_id: UUID, given: CustomRoleGrantView) -> None:
    """Take the role from a person; fine when it was not held. NotFound, Forbidden."""
    row = _role_held(ctx, role_id)
    ctx.session.execute(delete(CustomRoleGrant).where(*_same(row.id, given)))
    audit.record(ctx, action="role.withdrawn", object=("user", given.user_id), role=row.name)


def _same(role_id: UUID, given: CustomRoleGrantView) -> tuple[bool, ...]:
    held = (CustomRoleGrant.role_id == role_id, CustomRoleGrant.user_id == given.user_id)
    if given.course_id is None:
        return (*held, CustomRoleGrant.course_id.is_(None))
    return (*held, CustomRoleGrant.course_id == given.course_id)


def _role_held(ctx: WriteCtx, role_id: UUID) -> CustomRole:
    """The role, for who holds all that it grants."""
    _require_manager(ctx)
    row = _role(ctx, role_id)
    _require_manager(ctx, *(each for each in Permission if each.value in row.permissions))
    return row


def _role(ctx: ReadCtx, role_id: UUID) -> CustomRole:
    row: CustomRole | None = ctx.session.execute(
        select(CustomRole).where(CustomRole.id == role_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such role here.")
    return row


def _require_free(ctx: ReadCtx, name: str) -> None:
    if ctx.session.execute(select(CustomRole.id).where(CustomRole.name == name)).first() is not None:
        raise Conflict("There already is a role with this name. Choose another one.")


def _require_manager(ctx: ReadCtx, *given: Permission) -> None:
    access.ensure_own(ctx.actor)
    if not all(ctx.actor.may(each) for each in (Permission.ACCOUNT_MANAGE, *given)):
        raise Forbidden("Only administrators manage roles, and nobody gives what they do not hold. Ask one of them.")


def _names(permissions: set[Permission]) -> list[str]:
    return sorted(each.value for each in permissions)


def _view(row: CustomRole) -> CustomRoleView:
    known = [each for each in Permission if each.value in row.permissions]
    return CustomRoleView(id=row.id, name=row.name, description=row.description, permissions=known)
