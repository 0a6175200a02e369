"""Single-use links: issued for one purpose and address, redeemed once, before they expire."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.identity.accounts.errors import LinkExpired
from lms_core.identity.accounts.models import AccountLink, LinkPurpose, User
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import new_token, token_hash

LIFETIME = {
    LinkPurpose.VERIFY_EMAIL: timedelta(days=3),
    LinkPurpose.RESET_PASSWORD: timedelta(hours=1),
    LinkPurpose.INVITATION: timedelta(days=14),
}
HOURLY_LIMIT = 5  # letters of one purpose to one person


def too_many(ctx: ReadCtx, *, user_id: UUID, purpose: LinkPurpose) -> bool:
    """Whether the person was sent enough links in the last hour: others must not be able to flood a mailbox."""
    sent: int = ctx.session.execute(
        select(func.count())
        .select_from(AccountLink)
        .where(
            AccountLink.user_id == user_id,
            AccountLink.purpose == purpose,
            AccountLink.created_at > ctx.now - timedelta(hours=1),
        )
    ).scalar_one()
    return sent >= HOURLY_LIMIT


def issue(ctx: WriteCtx, *, user: User, purpose: LinkPurpose) -> tuple[UUID, str]:
    """A new link to the user's present address: its id, and the token that only the letter carries."""
    token = new_token()
    link = ctx.add(
        AccountLink(
            user_id=user.id,
            purpose=purpose,
            email_key=user.email_key,
            token_hash=token_hash(token),
            created_at=ctx.now,
            expires_at=ctx.now + LIFETIME[purpose],
        )
    )
    return link.id, token


def redeem(ctx: WriteCtx, *, token: str, purposes: Collection[LinkPurpose]) -> User:
    """Use the link up and give the person it was sent to. LinkExpired in every other case.

    The person's other links of these purposes end with it.
    """
    user_id = ctx.session.execute(
        update(AccountLink)
        .where(
            AccountLink.token_hash == token_hash(token),
            AccountLink.purpose.in_(purposes),
            AccountLink.used_at.is_(None),
            AccountLink.expires_at > ctx.now,
        )
        .values(used_at=ctx.now)
        .returning(AccountLink.user_id)
    ).scalar_one_or_none()
    wanted = select(User).where(User.id == user_id, User.disabled_at.is_(None)).with_for_update(key_share=True)
    user: User | None = ctx.session.execute(wanted).scalar_one_or_none() if user_id else None
    if user is None:
        raise LinkExpired("It was used before, or is too old. Ask for a new one; it comes by mail.")
    ctx.session.execute(
        update(AccountLink)
        .where(AccountLink.user_id == user.id, AccountLink.purpose.in_(purposes), AccountLink.used_at.is_(None))
        .values(used_at=ctx.now)
    )
    return user
