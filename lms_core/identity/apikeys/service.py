"""Verbs on API keys: make, list, revoke, and remember that one was used."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.apikeys import keys
from lms_core.identity.apikeys.errors import TooManyKeys
from lms_core.identity.apikeys.models import ApiKey
from lms_core.identity.apikeys.schemas import ApiKeyView, MadeApiKey, NewApiKey
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound

AT_MOST = 50


def make(ctx: WriteCtx, *, new: NewApiKey) -> MadeApiKey:
    """A key for the actor's own account, told by mail.

    Forbidden to keys and impersonators, ConfirmFirst, TooManyKeys.
    """
    user_id = reauthentication.proven_account(ctx)
    standing = ctx.session.execute(
        select(func.count()).select_from(ApiKey).where(*_standing(ctx, user_id))
    ).scalar_one()
    if standing >= AT_MOST:
        raise TooManyKeys(AT_MOST)
    made = keys.generate()
    row = ctx.add(
        ApiKey(
            user_id=user_id,
            name=new.name,
            prefix=made.prefix,
            secret_hash=made.secret_hash,
            scopes=sorted(scope.value for scope in new.scopes),
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(days=new.days),
        )
    )
    audit.record(ctx, action="key.made", object=("key", row.id), scopes=",".join(row.scopes))
    accounts.send_warning(ctx, user_id=user_id, kind="api_key_made")
    return MadeApiKey(**_view(row).model_dump(), key=made.key)


def own(ctx: ReadCtx) -> list[ApiKeyView]:
    """The actor's own keys that still work, newest first."""
    user_id = access.own_account(ctx)
    rows = ctx.session.execute(select(ApiKey).where(*_standing(ctx, user_id)).order_by(ApiKey.id.desc())).scalars()
    return [_view(row) for row in rows]


def revoke(ctx: WriteCtx, *, key_id: UUID) -> None:
    """End one of the actor's own keys at once. NotFound for any other, ConfirmFirst."""
    user_id = reauthentication.proven_account(ctx)
    ended = ctx.session.execute(
        update(ApiKey)
        .where(ApiKey.id == key_id, *_standing(ctx, user_id))
        .values(revoked_at=ctx.now)
        .returning(ApiKey.id)
    ).first()
    if ended is None:
        raise NotFound("You have no such key.")
    audit.record(ctx, action="key.revoked", object=("key", key_id))


def revoke_all(ctx: WriteCtx, *, user_id: UUID) -> None:
    """End every key of a person."""
    ctx.session.execute(
        update(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).values(revoked_at=ctx.now)
    )


def note_use(ctx: WriteCtx, *, key: str) -> None:
    """Write down that `key`, which was found to be right, is used."""
    ctx.session.execute(update(ApiKey).where(ApiKey.prefix == keys.prefix_of(key)).values(last_used_at=ctx.now))


def _standing(ctx: ReadCtx, user_id: UUID) -> tuple[bool, ...]:
    return (ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > ctx.now)


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
