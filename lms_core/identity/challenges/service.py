"""Verbs on challenges: begin, look at, count a wrong try, use up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.challenges.models import Challenge, ChallengePurpose
from lms_core.kit.context import WriteCtx
from lms_core.kit.ids import new_token, token_hash

LIFETIME = timedelta(minutes=5)
ALLOWED_TRIES = 5


@dataclass(frozen=True, slots=True)
class Open:
    """A challenge that still waits."""

    id: UUID
    user_id: UUID | None
    data: dict[str, Any]


def begin(
    ctx: WriteCtx, *, purpose: ChallengePurpose, user_id: UUID | None = None, data: dict[str, Any] | None = None
) -> str:
    """A new challenge; returns the token its holder gives back with the second half."""
    token = new_token()
    ctx.add(
        Challenge(
            purpose=purpose,
            user_id=user_id,
            token_hash=token_hash(token),
            data=data or {},
            created_at=ctx.now,
            expires_at=ctx.now + LIFETIME,
        )
    )
    return token


def waiting(ctx: WriteCtx, *, token: str, purpose: ChallengePurpose) -> Open:
    """The challenge of `token`, not used up yet, held: many tries at once are tries one after the other.

    ChallengeExpired.
    """
    found = ctx.session.execute(
        select(Challenge.id, Challenge.user_id, Challenge.data)
        .where(
            Challenge.token_hash == token_hash(token),
            Challenge.purpose == purpose,
            Challenge.used_at.is_(None),
            Challenge.expires_at > ctx.now,
            Challenge.tries < ALLOWED_TRIES,
        )
        .with_for_update(key_share=True)
    ).one_or_none()
    if found is None:
        raise ChallengeExpired()
    return Open(id=found[0], user_id=found[1], data=found[2])


def use(ctx: WriteCtx, *, challenge_id: UUID) -> None:
    """Use up a challenge that `waiting` gave in this transaction."""
    ctx.session.execute(update(Challenge).where(Challenge.id == challenge_id).values(used_at=ctx.now))


def count_try(ctx: WriteCtx, *, challenge_id: UUID) -> None:
    """Count a wrong second half; after a few the challenge is over."""
    ctx.session.execute(update(Challenge).where(Challenge.id == challenge_id).values(tries=Challenge.tries + 1))
