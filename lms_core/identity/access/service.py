"""Verbs on roles.

`grant` and `revoke` are the ground for slices above and for installation
commands: their callers check the right to do it. `set_role` and what lists
people check it here.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select

from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.access.events import RoleChanged
from lms_core.identity.access.models import CustomRole, CustomRoleGrant, RoleAssignment
from lms_core.identity.access.schemas import Member, Teacher
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.models import User
from lms_core.identity.accounts.schemas import Account, ProfileUpdate, Registration
from lms_core.identity.audit import service as audit
from lms_core.kit.context import Actor, ReadCtx, WriteCtx
from lms_core.kit.db import prepared
from lms_core.kit.errors import Forbidden, NotFound, Unauthenticated
from lms_core.kit.events import Notice
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.kit.permissions import (
    COURSE_PERMISSIONS,
    TEACHING_PERMISSIONS,
    TENANT_PERMISSIONS,
    Permission,
    Role,
)

_TEACHERS = prepared(
    select(User.id, User.full_name)
    .join(RoleAssignment, RoleAssignment.user_id == User.id)
    .where(
        RoleAssignment.course_id == bindparam("course_id"),
        RoleAssignment.role.in_((Role.OWNER, Role.INSTRUCTOR)),
        User.disabled_at.is_(None),
        User.is_service.is_(False),
    )
    .order_by(RoleAssignment.role.desc(), RoleAssignment.id)
)


def grant(ctx: WriteCtx, *, user_id: UUID, role: Role, course_id: UUID | None = None) -> bool:
    """Give a role, in the institution or in one course. False when it was held already. NotFound: no such person."""
    _lock(ctx, user_id)
    held = select(RoleAssignment.id).where(
        RoleAssignment.user_id == user_id, RoleAssignment.role == role, _scope(course_id)
    )
    if ctx.session.execute(held).first() is not None:
        return False
    ctx.add(RoleAssignment(user_id=user_id, role=role, course_id=course_id, created_at=ctx.now))
    return True


def revoke(ctx: WriteCtx, *, user_id: UUID, role: Role, course_id: UUID | None = None) -> None:
    """Take a role away; fine when it was not held. LastAdmin for the institution's only one."""
    if role is Role.ADMIN and course_id is None:
        ensure_admin_beside(ctx, user_id=user_id)
    ctx.session.execute(
        delete(RoleAssignment).where(RoleAssignment.user_id == user_id, RoleAssignment.role == role, _scope(course_id))
    )


def forget_course(ctx: WriteCtx, *, course_id: UUID) -> None:
    """Take every role in a course that is being deleted."""
    ctx.session.execute(delete(RoleAssignment).where(RoleAssignment.course_id == course_id))
    ctx.session.execute(delete(CustomRoleGrant).where(CustomRoleGrant.course_id == course_id))


def roles_of(ctx: ReadCtx, user_id: UUID) -> tuple[frozenset[Role], dict[UUID, frozenset[Role]]]:
    """The roles of a person: in the institution, and by course."""
    rows = ctx.session.execute(
        select(RoleAssignment.role, RoleAssignment.course_id).where(RoleAssignment.user_id == user_id)
    )
    return gather((Role(role), course_id) for role, course_id in rows)


def actor_of(ctx: ReadCtx, user_id: UUID) -> Actor:
    """A person as they may act now, for work in their name. Two statements."""
    roles, course_roles = roles_of(ctx, user_id)
    rows = ctx.session.execute(
        select(CustomRole.permissions, CustomRoleGrant.course_id)
        .join(CustomRoleGrant, CustomRoleGrant.role_id == CustomRole.id)
        .where(CustomRoleGrant.user_id == user_id)
    )
    granted, course_granted = gather_permissions((row[0], row[1]) for row in rows)
    return Actor(
        tenant_id=ctx.tenant_id,
        user_id=user_id,
        roles=roles,
        course_roles=course_roles,
        granted=granted,
        course_granted=course_granted,
    )


def gather(pairs: Iterable[tuple[Role, UUID | None]]) -> tuple[frozenset[Role], dict[UUID, frozenset[Role]]]:
    """Sort (role, course or None) pairs into roles of the institution and roles by course."""
    tenant_roles: set[Role] = set()
    course_roles: dict[UUID, set[Role]] = defaultdict(set)
    for role, course_id in pairs:
        (tenant_roles if course_id is None else course_roles[course_id]).add(role)
    return frozenset(tenant_roles), {course_id: frozenset(roles) for course_id, roles in course_roles.items()}


def gather_permissions(
    pairs: Iterable[tuple[list[str], UUID | None]],
) -> tuple[frozenset[Permission], dict[UUID, frozenset[Permission]]]:
    """Sort (permissions of a custom role, course or None) pairs; what this version does not know is left out.

    In a course, and there alone, a role can grant what instructors may at most.
    """
    in_tenant: set[Permission] = set()
    in_course: dict[UUID, set[Permission]] = defaultdict(set)
    for names, course_id in pairs:
        known = {each for each in Permission if each.value in names}
        if course_id is None:
            in_tenant |= known
        else:
            in_course[course_id] |= known & TEACHING_PERMISSIONS
    return frozenset(in_tenant), {course_id: frozenset(held) for course_id, held in in_course.items()}


def teachers_of(ctx: ReadCtx, course_id: UUID) -> list[Teacher]:
    """Who owns or teaches a course, owners first; closed accounts left out. One statement."""
    return [Teacher(row[0], row[1]) for row in ctx.session.execute(_TEACHERS, {"course_id": course_id})]


def add_member(
    ctx: WriteCtx, *, registration: Registration, role: Role = Role.LEARNER, verified: bool = False, ip: str = ""
) -> Member:
    """A new account with its first role. EmailTaken, WeakPassword."""
    account = accounts.register(ctx, registration=registration, verified=verified)
    grant(ctx, user_id=account.id, role=role)
    audit.record(ctx, action="user.registered", object=("user", account.id), ip=ip, role=role.value)
    return _member(account, [role])


def add_invited(
    ctx: WriteCtx, *, email: str, full_name: str, language: str, role: Role, invite: bool, by: UUID | None
) -> Account:
    """A new account without a password, with its first role, made by `by`. EmailTaken. The caller has authorised."""
    account = accounts.add_invited(ctx, email=email, full_name=full_name, language=language, invite=invite)
    grant(ctx, user_id=account.id, role=role)
    made_by = str(by) if by is not None else None
    audit.record(ctx, action="user.registered", object=("user", account.id), role=role.value, by=made_by)
    return account


def member(ctx: ReadCtx, *, user_id: UUID) -> Member:
    """One person with roles: oneself, or anybody for those who manage accounts. NotFound for others."""
    if user_id != ctx.actor.user_id and not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise NotFound("There is no such person here, or you may not see them.")
    account = accounts.account(ctx, user_id=user_id)
    return _member(account, _tenant_roles(ctx, [user_id])[user_id])


def own_member(ctx: ReadCtx) -> Member:
    """The actor's own account and roles. Unauthenticated for a visitor."""
    return member(ctx, user_id=_own_id(ctx))


def update_own(ctx: WriteCtx, *, update: ProfileUpdate) -> Member:
    """Replace the actor's own name, language and time zone. Unauthenticated, Forbidden."""
    accounts.update_profile(ctx, user_id=own_account(ctx), update=update)
    return own_member(ctx)


def members(ctx: ReadCtx, *, q: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[Member]:
    """The people of the institution, for those who manage accounts; two statements whatever the page's size."""
    _require_manager(ctx)
    found = accounts.accounts(ctx, q=q, cursor=cursor, limit=limit)
    roles = _tenant_roles(ctx, [account.id for account in found.items])
    return Page(items=[_member(account, roles[account.id]) for account in found.items], next_cursor=found.next_cursor)


def set_role(ctx: WriteCtx, *, user_id: UUID, role: Role, ip: str = "") -> Member:
    """Make `role` the person's only role in the institution. Forbidden, NotFound, LastAdmin."""
    account = require_above(ctx, user_id=user_id)
    ensure_other(ctx, user_id=user_id)
    before = _tenant_roles(ctx, [user_id])[user_id]
    ensure_above(ctx, [role])
    if before != [role]:
        for each in before:
            if each is not role:
                revoke(ctx, user_id=user_id, role=each)
        grant(ctx, user_id=user_id, role=role)
        was = ",".join(each.value for each in before)
        audit.record(ctx, action="user.role_changed", object=("user", user_id), ip=ip, role=role.value, before=was)
        notice = Notice(recipients=(user_id,), kind="account.role_changed", variables={"role": role.value})
        ctx.emit(RoleChanged(user_id=user_id, role=role, notice=notice))
    return _member(account, [role])


def ensure_above(ctx: ReadCtx, roles: Iterable[Role]) -> None:
    """Forbidden when somebody is about to give, change or close a role that grants what they do not hold."""
    granted = frozenset[Permission]().union(*(TENANT_PERMISSIONS[role] for role in roles))
    if not all(ctx.actor.may(each) for each in granted):
        raise Forbidden("Nobody gives, changes or closes what they do not hold. Ask an administrator.")


def require_above(ctx: ReadCtx, *, user_id: UUID) -> Account:
    """The person's account, for somebody who manages people and holds all that this person holds.

    Forbidden, NotFound. Nobody gets at more than their own rights through somebody else's account.
    """
    _require_manager(ctx)
    account = accounts.person(ctx, user_id=user_id)
    held, in_courses = permissions_of(ctx, user_id=user_id)
    lacking = [each for each in held if not ctx.actor.may(each)]
    in_courses_too = ((course_id, each) for course_id, some in in_courses.items() for each in some)
    lacking += [each for course_id, each in in_courses_too if not ctx.actor.may(each, course_id=course_id)]
    if lacking:
        raise Forbidden("This person holds rights that you do not hold. Ask an administrator.")
    return account


def permissions_of(ctx: ReadCtx, *, user_id: UUID) -> tuple[frozenset[Permission], dict[UUID, frozenset[Permission]]]:
    """All that a person may do, by roles of both kinds: in the institution, and by course. Two statements."""
    roles, course_roles = roles_of(ctx, user_id)
    granted, in_courses = gather_permissions(
        (row[0], row[1])
        for row in ctx.session.execute(
            select(CustomRole.permissions, CustomRoleGrant.course_id)
            .join(CustomRoleGrant, CustomRoleGrant.role_id == CustomRole.id)
            .where(CustomRoleGrant.user_id == user_id)
        )
    )
    held = granted.union(*(TENANT_PERMISSIONS[role] for role in roles))
    for course_id, some in course_roles.items():
        of_roles = frozenset[Permission]().union(*(COURSE_PERMISSIONS[role] for role in some))
        in_courses[course_id] = in_courses.get(course_id, frozenset()) | of_roles
    return held, in_courses


def tenant_roles_of(ctx: ReadCtx, *, user_id: UUID) -> list[Role]:
    """A person's roles in the institution."""
    return _tenant_roles(ctx, [user_id])[user_id]


def ensure_admin_beside(ctx: WriteCtx, *, user_id: UUID) -> None:
    """LastAdmin when `user_id` is the only person among the administrators who can log in.

    The rows are locked, so two administrators cannot leave at the same moment.
    """
    rows = ctx.session.execute(
        select(RoleAssignment.user_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(RoleAssignment.role == Role.ADMIN, _scope(None), User.disabled_at.is_(None), User.is_service.is_(False))
        .order_by(RoleAssignment.id)
        .with_for_update(key_share=True)
    )
    if set(rows.scalars()) == {user_id}:
        raise LastAdmin()


def ensure_own(actor: Actor) -> None:
    """Forbidden when a program with an API key, or an administrator as somebody else, is about to change an account."""
    if actor.scopes is not None:
        raise Forbidden("An API key cannot change the account it belongs to. Log in for this.")
    if actor.impersonator_id is not None:
        raise Forbidden("You are acting as somebody else. Only they change how they log in.")


def ensure_other(ctx: ReadCtx, *, user_id: UUID) -> None:
    """Forbidden when what an administrator does to accounts would, by a key, be done to the key's own."""
    if user_id == ctx.actor.user_id:
        ensure_own(ctx.actor)


def own_account(ctx: ReadCtx) -> UUID:
    """Whose account this is, for what only its owner may see or change. Unauthenticated, Forbidden."""
    user_id = _own_id(ctx)
    ensure_own(ctx.actor)
    return user_id


def _own_id(ctx: ReadCtx) -> UUID:
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to see your profile.")
    return ctx.actor.user_id


def _require_manager(ctx: ReadCtx) -> None:
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators manage people. Ask one of them.")


def _tenant_roles(ctx: ReadCtx, user_ids: list[UUID]) -> dict[UUID, list[Role]]:
    rows = ctx.session.execute(
        select(RoleAssignment.user_id, RoleAssignment.role)
        .where(RoleAssignment.user_id.in_(user_ids), _scope(None))
        .order_by(RoleAssignment.role)
    )
    found: dict[UUID, list[Role]] = {user_id: [] for user_id in user_ids}
    for user_id, role in rows:
        found[user_id].append(Role(role))
    return found


def _lock(ctx: WriteCtx, user_id: UUID) -> None:
    found = ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True)).first()
    if found is None:
        raise NotFound("There is no such person here.")


def _scope(course_id: UUID | None) -> ColumnElement[bool]:
    column: ColumnElement[UUID | None] = RoleAssignment.course_id  # type: ignore[assignment]
    return column.is_(None) if course_id is None else column == course_id


def _member(account: Account, roles: list[Role]) -> Member:
    return Member(**account.model_dump(), roles=roles)
