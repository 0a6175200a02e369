"""Logging in and accounts: what is compared, and the pause after too many wrong passwords.

Five wrong passwords in a row pause an account for a minute, each further one
for twice as long, up to an hour. Tries during a pause are refused unseen and do
not lengthen it, so nobody can keep an owner out for good; a reset link ends it.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from lms_core.identity.accounts import jobs
from lms_core.identity.accounts.events import AccountLocked
from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx, WriteCtx

ALLOWED_FAILURES = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a given password is compared with, outside any transaction."""

    user_id: UUID
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a person whose password matched may come in."""

    admitted: bool
    disabled: bool = False


def pause_after(failures: int) -> timedelta | None:
    """How long nobody may try after so many wrong tries in a row; None while they are few."""
    beyond = failures - ALLOWED_FAILURES
    return min(FIRST_PAUSE * 2 ** min(beyond, 20), LONGEST_PAUSE) if beyond >= 0 else None


def credentials_of(ctx: ReadCtx, *, email_key: str) -> Credentials | None:
    """The credentials of the account with this address, if there is one."""
    found = ctx.session.execute(select(User.id, User.password_hash).where(User.email_key == email_key)).one_or_none()
    return Credentials(found[0], found[1]) if found is not None else None


def record_failure(ctx: WriteCtx, *, user_id: UUID) -> bool:
    """Count a wrong password; at the limit, pause the account and tell its owner by mail. True at the first pause."""
    user = ctx.session.execute(select(User).where(User.id == user_id).with_for_update(key_share=True)).scalar_one()
    if _paused(ctx, user):
        return False
    user.failed_logins += 1
    pause = pause_after(user.failed_logins)
    if pause is None:
        return False
    user.locked_until = ctx.now + pause
    ctx.emit(AccountLocked(user_id=user.id, minutes=int(pause.total_seconds() // 60)))
    is_first: bool = user.failed_logins == ALLOWED_FAILURES
    if is_first:
        ctx.enqueue(jobs.MAIL_WARNING, user_id=str(user.id), kind="account_locked")
    return is_first


def admit(ctx: WriteCtx, *, matched: Credentials, rehashed: str | None) -> Admission:
    """Let in the person whose password matched, unless the account is paused, closed, or was given another password.

    `rehashed` replaces a hash made with older parameters.
    """
    user = ctx.session.execute(
        select(User).where(User.id == matched.user_id).with_for_update(key_share=True)
    ).scalar_one()
    if _paused(ctx, user) or user.password_hash != matched.password_hash:
        return Admission(admitted=False)
    if user.disabled_at is not None:
        return Admission(admitted=False, disabled=True)
    user.failed_logins, user.locked_until, user.last_login_at = 0, None, ctx.now
    if rehashed is not None:
        user.password_hash = rehashed
    return Admission(admitted=True)


def _paused(ctx: WriteCtx, user: User) -> bool:
    return user.locked_until is not None and user.locked_until > ctx.now
