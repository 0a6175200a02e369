"""Verbs on roles.

`grant` and `revoke` are the ground for slices above and for installation
commands: their callers check the right to do it. `set_role` and what lists
people check it here.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.access.events import RoleChanged
from lms_core.identity.access.models import RoleAssignment
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.models import User
from lms_core.identity.accounts.schemas import Account, ProfileUpdate, Registration
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, NotFound, Unauthenticated
from lms_core.kit.events import Notice
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.kit.permissions import Permission, Role


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


def roles_of(ctx: ReadCtx, user_id: UUID) -> tuple[frozenset[Role], dict[UUID, frozenset[Role]]]:
    """The roles of a person: in the institution, and by course."""
    rows = ctx.session.execute(
        select(RoleAssignment.role, RoleAssignment.course_id).where(RoleAssignment.user_id == user_id)
    )
    return gather((Role(role), course_id) for role, course_id in rows)


def gather(pairs: Iterable[tuple[Role, UUID | None]]) -> tuple[frozenset[Role], dict[UUID, frozenset[Role]]]:
    """Sort (role, course or None) pairs into roles of the institution and roles by course."""
    tenant_roles: set[Role] = set()
    course_roles: dict[UUID, set[Role]] = defaultdict(set)
    for role, course_id in pairs:
        (tenant_roles if course_id is None else course_roles[course_id]).add(role)
    return frozenset(tenant_roles), {course_id: frozenset(roles) for course_id, roles in course_roles.items()}


def add_member(
    ctx: WriteCtx, *, registration: Registration, role: Role = Role.LEARNER, verified: bool = False, ip: str = ""
) -> Member:
    """A new account with its first role. EmailTaken, WeakPassword."""
    account = accounts.register(ctx, registration=registration, verified=verified)
    grant(ctx, user_id=account.id, role=role)
    audit.record(ctx, action="user.registered", object=("user", account.id), ip=ip, role=role.value)
    return _member(account, [role])


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
    """Replace the actor's own name, language and time zone."""
    accounts.update_profile(ctx, user_id=_own_id(ctx), update=update)
    return own_member(ctx)


def members(ctx: ReadCtx, *, q: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[Member]:
    """The people of the institution, for those who manage accounts; two statements whatever the page's size."""
    _require_manager(ctx)
    found = accounts.accounts(ctx, q=q, cursor=cursor, limit=limit)
    roles = _tenant_roles(ctx, [account.id for account in found.items])
    return Page(items=[_member(account, roles[account.id]) for account in found.items], next_cursor=found.next_cursor)


def set_role(ctx: WriteCtx, *, user_id: UUID, role: Role, ip: str = "") -> Member:
    """Make `role` the person's only role in the institution. Forbidden, NotFound, LastAdmin."""
    _require_manager(ctx)
    account = accounts.person(ctx, user_id=user_id)
    before = _tenant_roles(ctx, [user_id])[user_id]
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


def ensure_admin_beside(ctx: WriteCtx, *, user_id: UUID) -> None:
    """LastAdmin when `user_id` is the only person among the administrators who can log in.

    The rows are locked, so two administrators cannot leave at the same moment.
    """
    rows = ctx.session.execute(
        select(RoleAssignment.user_id)
        .join(User, User.id == RoleAssignment.user_id)
        .where(RoleAssignment.role == Role.ADMIN, _scope(None), User.disabled_at.is_(None), User.is_service.is_(False))
        .order_by(RoleAssignment.id)
        .with_for_update()
    )
    if set(rows.scalars()) == {user_id}:
        raise LastAdmin()


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
    found = ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update()).first()
    if found is None:
        raise NotFound("There is no such person here.")


def _scope(course_id: UUID | None) -> ColumnElement[bool]:
    column: ColumnElement[UUID | None] = RoleAssignment.course_id  # type: ignore[assignment]
    return column.is_(None) if course_id is None else column == course_id


def _member(account: Account, roles: list[Role]) -> Member:
    return Member(**account.model_dump(), roles=roles)
