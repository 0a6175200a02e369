"""Verbs on the people of an institution, for those who manage accounts: find, look at, sign out, send a link, close."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import Member
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import service as auth
from lms_core.identity.auth import standing
from lms_core.identity.erasure import service as erasure
from lms_core.identity.people import queries
from lms_core.identity.people.impersonation import may_act_as
from lms_core.identity.people.schemas import (
    CourseRoleHeld,
    OwnRoleHeld,
    PeopleFilter,
    PersonLine,
    PersonStatus,
    PersonView,
)
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor import trust
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid, NotFound
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission, Role


def search(
    ctx: ReadCtx, *, wanted: PeopleFilter | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[PersonLine]:
    """The people wanted, in the order of their addresses. Three statements. Forbidden, Invalid."""
    _require_manager(ctx)
    after = _position(cursor) if cursor else ""
    rows = queries.people(ctx, wanted=wanted or PeopleFilter(), after=after, limit=limit + 1)
    found = page(rows, limit, lambda row: [row[0].email_key])
    ids = [row[0].id for row in found.items]
    roles: dict[UUID, list[Role]] = defaultdict(list)
    for user_id, role, course_id in queries.roles(ctx, ids):
        if course_id is None:
            roles[user_id].append(Role(role))
    own: dict[UUID, list[str]] = defaultdict(list)
    for user_id, _role_id, name, course_id in queries.own_roles(ctx, ids):
        if course_id is None:
            own[user_id].append(name)
    lines = [PersonLine(**_line(row), roles=roles[row[0].id], own_roles=own[row[0].id]) for row in found.items]
    return Page(items=lines, next_cursor=found.next_cursor)


def person(ctx: ReadCtx, *, user_id: UUID) -> PersonView:
    """One person's whole standing. A fixed number of statements. Forbidden, NotFound."""
    _require_manager(ctx)
    row = queries.person(ctx, user_id)
    if row is None:
        raise NotFound("There is no such person here.")
    user, roles, own = row[0], queries.roles(ctx, [user_id]), queries.own_roles(ctx, [user_id])
    held, in_courses = access.permissions_of(ctx, user_id=user_id)
    above = all(ctx.actor.may(each) for each in held)
    return PersonView(
        **_line(row),
        roles=[Role(role) for _, role, course_id in roles if course_id is None],
        own_roles=[name for _, _, name, course_id in own if course_id is None],
        language=user.language,
        time_zone=user.time_zone,
        has_password=user.password_hash is not None,
        second_factor=secondfactor.required_for(ctx, user_id=user_id),
        own_roles_held=[OwnRoleHeld(role_id=each[1], name=each[2], course_id=each[3]) for each in own],
        course_roles=[CourseRoleHeld(role=each[1], course_id=each[2]) for each in roles if each[2] is not None],
        sessions=[standing.shown(ctx, each) for each in queries.sessions(ctx, user_id)],
        deletion=erasure.pending(ctx, user_id=user_id),
        above=above,
        may_act_as=above and may_act_as(ctx, user_id=user_id, held=held, in_courses=in_courses),
        permissions=sorted(held),
    )


def set_closed(ctx: WriteCtx, *, user_id: UUID, closed: bool, ip: str = "") -> Member:
    """Close an account (its sessions end) or open it again. Forbidden, NotFound, LastAdmin."""
    access.require_above(ctx, user_id=user_id)
    return auth.set_closed(ctx, user_id=user_id, closed=closed, ip=ip)


def send_reset(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Mail a person the link that sets a new password. Forbidden, NotFound."""
    account = access.require_above(ctx, user_id=user_id)
    accounts.send_reset(ctx, email=account.email)
    audit.record(ctx, action="user.reset_sent", object=("user", user_id))


def sign_out(ctx: WriteCtx, *, user_id: UUID) -> None:
    """End all sessions of a person, and the trust in their browsers. Forbidden, NotFound."""
    access.require_above(ctx, user_id=user_id)
    standing.end_all(ctx, user_id=user_id)
    trust.end_all(ctx, user_id=user_id)
    audit.record(ctx, action="user.signed_out", object=("user", user_id))


def _require_manager(ctx: ReadCtx) -> None:
    if not ctx.actor.may(Permission.ACCOUNT_MANAGE):
        raise Forbidden("Only administrators manage people. Ask one of them.")


def _line(row: Any) -> dict[str, Any]:
    user, last_seen_at, leaving = row
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "status": _status(user, leaving=bool(leaving)),
        "last_seen_at": last_seen_at,
        "created_at": user.created_at,
    }


def _status(user: Any, *, leaving: bool) -> PersonStatus:
    if leaving:
        return PersonStatus.LEAVING
    if user.disabled_at is not None:
        return PersonStatus.CLOSED
    return PersonStatus.OPEN if user.email_verified_at is not None else PersonStatus.UNCONFIRMED


def _position(cursor: str) -> str:
    position: str = decode_cursor(cursor, [str])[0]
    if not position.isprintable():
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return position
