"""The selects of the list of people: a fixed number of statements whatever the page's size."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select

from lms_core.identity.access.models import CustomRole, CustomRoleGrant, RoleAssignment
from lms_core.identity.accounts.models import User
from lms_core.identity.auth.models import AuthSession
from lms_core.identity.erasure.models import PENDING, AccountDeletion
from lms_core.identity.people.schemas import PeopleFilter, PersonStatus, Seen
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Role

WITHIN = {Seen.DAY: timedelta(days=1), Seen.WEEK: timedelta(days=7), Seen.MONTH: timedelta(days=30)}
LONG_AGO = timedelta(days=90)

_OWN = AuthSession.impersonator_id.is_(None)  # an administrator who acts as somebody is not them
_LAST_SEEN = select(func.max(AuthSession.last_seen_at)).where(AuthSession.user_id == User.id, _OWN).scalar_subquery()
_LEAVING = exists().where(AccountDeletion.user_id == User.id, PENDING)


def people(ctx: ReadCtx, *, wanted: PeopleFilter, after: str, limit: int) -> list[Any]:
    """Rows (user, last seen, whether to be deleted) in the order of addresses, after the key `after`."""
    found = (
        select(User, _LAST_SEEN.label("last_seen_at"), _LEAVING.label("leaving"))
        .where(User.is_service.is_(False), User.deleted_at.is_(None))
        .order_by(User.email_key)
        .limit(limit)
    )
    if after:
        found = found.where(User.email_key > after)
    return list(ctx.session.execute(_chosen(ctx, found, wanted)))


def person(ctx: ReadCtx, user_id: UUID) -> Any:
    """The row of one person, or None."""
    return ctx.session.execute(
        select(User, _LAST_SEEN.label("last_seen_at"), _LEAVING.label("leaving")).where(
            User.id == user_id, User.is_service.is_(False), User.deleted_at.is_(None)
        )
    ).one_or_none()


def roles(ctx: ReadCtx, user_ids: list[UUID]) -> list[Any]:
    """Rows (user id, role, course id) of the roles these people hold."""
    return list(
        ctx.session.execute(
            select(RoleAssignment.user_id, RoleAssignment.role, RoleAssignment.course_id)
            .where(RoleAssignment.user_id.in_(user_ids))
            .order_by(RoleAssignment.role, RoleAssignment.id)
        )
    )


def own_roles(ctx: ReadCtx, user_ids: list[UUID]) -> list[Any]:
    """Rows (user id, role id, name, course id) of the institution's own roles that these people hold."""
    return list(
        ctx.session.execute(
            select(CustomRoleGrant.user_id, CustomRole.id, CustomRole.name, CustomRoleGrant.course_id)
            .join(CustomRole, CustomRole.id == CustomRoleGrant.role_id)
            .where(CustomRoleGrant.user_id.in_(user_ids))
            .order_by(CustomRole.name, CustomRoleGrant.id)
        )
    )


def sessions(ctx: ReadCtx, user_id: UUID) -> list[AuthSession]:
    """The standing sessions of a person, newest first, without those of administrators who act as them."""
    return list(
        ctx.session.execute(
            select(AuthSession)
            .where(
                AuthSession.user_id == user_id,
                AuthSession.revoked_at.is_(None),
                AuthSession.expires_at > ctx.now,
                _OWN,
            )
            .order_by(AuthSession.id.desc())
            .limit(50)
        ).scalars()
    )


def acting_session(ctx: ReadCtx, session_id: UUID) -> Any:
    """(name of the person acted as, end) of a standing session that an administrator holds, or None."""
    return ctx.session.execute(
        select(User.full_name, AuthSession.expires_at)
        .join(User, User.id == AuthSession.user_id)
        .where(AuthSession.id == session_id, AuthSession.impersonator_id.is_not(None))
    ).one_or_none()


def _chosen(ctx: ReadCtx, found: "Select[Any]", wanted: PeopleFilter) -> "Select[Any]":
    if wanted.q:
        named = User.full_name.icontains(wanted.q, autoescape=True)
        found = found.where(or_(named, User.email_key.contains(wanted.q.casefold(), autoescape=True)))
    if wanted.role is not None:
        found = found.where(_holds(wanted.role))
    if wanted.own_role_id is not None:
        found = found.where(
            User.id.in_(select(CustomRoleGrant.user_id).where(CustomRoleGrant.role_id == wanted.own_role_id))
        )
    if wanted.status is not None:
        found = found.where(_stands(wanted.status))
    return found if wanted.seen is None else found.where(_was_here(ctx, wanted.seen))


def _holds(role: Role) -> Any:
    return User.id.in_(
        select(RoleAssignment.user_id).where(RoleAssignment.role == role, RoleAssignment.course_id.is_(None))
    )


def _stands(status: PersonStatus) -> Any:
    not_closed, unconfirmed = User.disabled_at.is_(None), User.email_verified_at.is_(None)
    return {
        PersonStatus.LEAVING: User.id.in_(select(AccountDeletion.user_id).where(PENDING)),
        PersonStatus.CLOSED: and_(~_LEAVING, ~not_closed),
        PersonStatus.UNCONFIRMED: and_(~_LEAVING, not_closed, unconfirmed),
        PersonStatus.OPEN: and_(~_LEAVING, not_closed, ~unconfirmed),
    }[status]


def _was_here(ctx: ReadCtx, seen: Seen) -> Any:
    own = exists().where(AuthSession.user_id == User.id, _OWN)
    if seen is Seen.NEVER:
        return ~own
    if seen is Seen.LONG_AGO:
        return and_(own, ~own.where(AuthSession.last_seen_at > ctx.now - LONG_AGO))
    return own.where(AuthSession.last_seen_at > ctx.now - WITHIN[seen])
