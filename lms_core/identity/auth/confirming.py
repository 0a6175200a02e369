"""Showing once more that it is oneself: a password or a code, after which a session counts as proved for a while.

One proof is enough, whatever else the account asks for at a login: the session was opened by that already. Passkeys
prove it in `passkeys`. `confirm` takes the database, since a password is compared outside of any transaction and a
refused code is stored although the request fails.
"""

from uuid import UUID

from sqlalchemy import update

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.accounts import passwords
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.errors import WrongPassword
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import second_step
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.models import AuthSession
from lms_core.identity.auth.schemas import Client, ConfirmedView, Proof, WaysView
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor.errors import CodeRefused, NotOn
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.errors import Unauthenticated


def ways(ctx: ReadCtx) -> WaysView:
    """What the actor can prove it with, and until when the last proof counts. Unauthenticated, Forbidden."""
    user_id = access.own_account(ctx)
    return WaysView(
        fresh_until=reauthentication.fresh_until(ctx),
        password=accounts.password_hash_of(ctx, user_id=user_id) is not None,
        code=secondfactor.required_for(ctx, user_id=user_id),
    )


def confirm(database: Database, *, actor: Actor, proof: Proof, client: Client) -> ConfirmedView:
    """Take a proof; the session counts as proved from now on.

    WrongPassword, CodeRefused, NotOn, Unauthenticated, Forbidden, TooManyRequests.
    """
    user_id = actor.user_id
    if user_id is None:
        raise Unauthenticated("Log in first.")
    access.ensure_own(actor)
    auth.limit_attempts(
        database.resources, what="confirm", tenant_id=actor.tenant_id, client=client, about=str(user_id)
    )
    if proof.code and not proof.password:
        return _by_code(database, actor, user_id, proof.code, client)
    with database.read(actor) as view:
        known = accounts.password_hash_of(view, user_id=user_id)
    right = passwords.matches(known, proof.password)
    with database.write(actor) as ctx:
        if right:
            return note(ctx, way="password")
        audit.record(ctx, action="confirm.refused", object=("user", user_id), ip=client.ip)
    raise WrongPassword("Type the password you use now, or ask for a reset link if you forgot it.")


def note(ctx: WriteCtx, *, way: str) -> ConfirmedView:
    """Write down that the holder of the actor's session proved who they are just now, by `way`."""
    assert ctx.actor.user_id is not None
    session_id = ctx.actor.session_id
    if session_id is not None:
        ctx.session.execute(update(AuthSession).where(AuthSession.id == session_id).values(proved_at=ctx.now))
    audit.record(ctx, action="session.confirmed", object=("user", ctx.actor.user_id), way=way)
    return ConfirmedView(fresh_until=ctx.now + reauthentication.FRESH)


def _by_code(database: Database, actor: Actor, user_id: UUID, code: str, client: Client) -> ConfirmedView:
    with database.write(actor) as ctx:
        if not secondfactor.required_for(ctx, user_id=user_id):
            raise NotOn()
        if second_step.is_right(ctx, user_id, code, client):
            return note(ctx, way="code")
    raise CodeRefused()
