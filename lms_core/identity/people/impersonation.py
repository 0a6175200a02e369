"""Verbs on acting as somebody: begin, stop, and what a page shows meanwhile.

An administrator with a page's session acts as a person with fewer rights, for half an hour at most, for a reason that
the audit log keeps. Every entry written meanwhile names both; what only the owner of an account does stays closed
(`access.ensure_own`).
"""

from collections.abc import Mapping
from uuid import UUID

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client, WebSession
from lms_core.identity.people import queries
from lms_core.identity.people.schemas import Acting, ActingReason
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden
from lms_core.kit.permissions import Permission


def may_act_as(
    ctx: ReadCtx,
    *,
    user_id: UUID,
    held: frozenset[Permission],
    in_courses: Mapping[UUID, frozenset[Permission]],
) -> bool:
    """Whether the actor may act as a person with these rights: fewer than their own, everywhere.

    Nobody who manages accounts is acted as: what they do to others must be their own doing.
    """
    mine = frozenset(each for each in Permission if ctx.actor.may(each))
    fewer = held < mine and Permission.ACCOUNT_MANAGE not in held
    in_every_course = all(
        ctx.actor.may(each, course_id=course_id) for course_id, some in in_courses.items() for each in some
    )
    return fewer and in_every_course and user_id != ctx.actor.user_id


def begin(ctx: WriteCtx, *, user_id: UUID, reason: ActingReason, client: Client) -> WebSession:
    """A page's session as this person. Forbidden for programs, for who acts already, and for who is not above.

    NotFound: no such person. A closed account is nobody's to act as. ConfirmFirst.
    """
    actor = ctx.actor
    if actor.session_id is None or actor.scopes is not None or actor.impersonator_id is not None:
        raise Forbidden("Only an administrator logged in with a browser, and as themselves, acts as somebody.")
    reauthentication.ensure_fresh(ctx)
    account = access.require_above(ctx, user_id=user_id)
    held, in_courses = access.permissions_of(ctx, user_id=user_id)
    if account.disabled or not may_act_as(ctx, user_id=user_id, held=held, in_courses=in_courses):
        raise Forbidden("You act as people with fewer rights than yours, and with an open account, only.")
    session = auth.open_as(ctx, user_id=user_id, client=client)
    audit.record(ctx, action="impersonation.begun", object=("user", user_id), ip=client.ip, reason=reason.reason)
    return session


def stop(ctx: WriteCtx) -> None:
    """End the session in which the actor acts as somebody; fine when it is over."""
    if ctx.actor.impersonator_id is not None and ctx.actor.user_id is not None:
        audit.record(ctx, action="impersonation.stopped", object=("user", ctx.actor.user_id))
        auth.log_out(ctx)


def acting(ctx: ReadCtx) -> Acting | None:
    """As whom the actor acts and until when; None when they are themselves. One statement."""
    if ctx.actor.session_id is None or ctx.actor.impersonator_id is None:
        return None
    row = queries.acting_session(ctx, ctx.actor.session_id)
    return Acting(full_name=row[0], until=row[1]) if row is not None else None


def note_change(ctx: WriteCtx, *, method: str, path: str) -> None:
    """Write down that an administrator changes something as somebody else: both persons, and where."""
    if ctx.actor.impersonator_id is not None and ctx.actor.user_id is not None:
        audit.record(
            ctx, action="impersonation.changed", object=("user", ctx.actor.user_id), method=method, path=path[:300]
        )
