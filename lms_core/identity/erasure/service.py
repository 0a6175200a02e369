"""Verbs on deletions: ask for one's own, by an administrator on request, cancel."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.models import User
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import confirming, standing
from lms_core.identity.auth.schemas import Client, Proof
from lms_core.identity.erasure.models import PENDING, AccountDeletion
from lms_core.identity.erasure.schemas import DeletionView
from lms_core.identity.secondfactor import trust
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.errors import Unauthenticated

GRACE = timedelta(days=14)
LOGIN_PAGE = "/login"


def request_own(database: Database, *, actor: Actor, proof: Proof, client: Client) -> DeletionView:
    """Have one's own account deleted in 14 days; all sessions end, and logging in again cancels it.

    It asks for a fresh proof, which may come along. ConfirmFirst, WrongPassword, CodeRefused, NotOn, LastAdmin,
    Forbidden, TooManyRequests.
    """
    if actor.user_id is None:
        raise Unauthenticated("Log in to delete your account.")
    if proof.password or proof.code:
        confirmed = confirming.confirm(database, actor=actor, proof=proof, client=client)
        actor = replace(actor, proved_at=confirmed.fresh_until - reauthentication.FRESH)
    with database.write(actor) as ctx:
        return _begin(ctx, reauthentication.proven_account(ctx))


def request_for(ctx: WriteCtx, *, user_id: UUID) -> DeletionView:
    """Have somebody's account deleted in 14 days, by an administrator. Forbidden, NotFound, LastAdmin."""
    access.require_above(ctx, user_id=user_id)
    return _begin(ctx, user_id)


def cancel(ctx: WriteCtx, *, user_id: UUID) -> None:
    """Keep an account that was to be deleted, by an administrator; fine when it was not. Forbidden, NotFound."""
    access.require_above(ctx, user_id=user_id)
    keep(ctx, user_id=user_id)


def keep(ctx: WriteCtx, *, user_id: UUID, by_login: UUID | None = None) -> bool:
    """Cancel a pending deletion and tell the owner. False when there is none. The caller has authorised.

    `by_login`: a session, which keeps the account only when it began after the deletion was asked for.
    """
    wanted = update(AccountDeletion).where(AccountDeletion.user_id == user_id, PENDING)
    if by_login is not None:
        wanted = wanted.where(AccountDeletion.id < by_login)  # both ids begin with the time they were made
    kept = ctx.session.execute(wanted.values(cancelled_at=ctx.now).returning(AccountDeletion.id)).first()
    if kept is None:
        return False
    audit.record(ctx, action="deletion.cancelled", object=("user", user_id))
    accounts.send_letter(ctx, user_id=user_id, kind="deletion_kept", path="/forgot")
    return True


def pending(ctx: ReadCtx, *, user_id: UUID) -> DeletionView | None:
    """The deletion to come of this account, if there is one. The caller has authorised."""
    row = ctx.session.execute(
        select(AccountDeletion).where(AccountDeletion.user_id == user_id, PENDING)
    ).scalar_one_or_none()
    return DeletionView.model_validate(row) if row is not None else None


def _begin(ctx: WriteCtx, user_id: UUID) -> DeletionView:
    # The account's row is the lock: two requests of one moment are one deletion.
    ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True)).one()
    known = pending(ctx, user_id=user_id)
    if known is not None:
        return known
    access.ensure_admin_beside(ctx, user_id=user_id)
    row = ctx.add(
        AccountDeletion(user_id=user_id, requested_by=ctx.actor.user_id, requested_at=ctx.now, due_at=ctx.now + GRACE)
    )
    standing.end_all(ctx, user_id=user_id)
    trust.end_all(ctx, user_id=user_id)
    audit.record(ctx, action="deletion.requested", object=("user", user_id))
    accounts.send_letter(ctx, user_id=user_id, kind="deletion_begun", path=LOGIN_PAGE)
    return DeletionView.model_validate(row)
