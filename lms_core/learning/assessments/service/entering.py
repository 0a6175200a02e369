"""Whether somebody may start a quiz now, and why not: one list of reasons, for the start and for the page before it."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from lms_core.kit.cache import RateLimiter
from lms_core.kit.context import ReadCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.errors import DomainError
from lms_core.learning.assessments import networks
from lms_core.learning.assessments.errors import (
    NoAttemptsLeft,
    NotFromHere,
    NothingToTake,
    QuizNotOpen,
    TooSoon,
    WrongPassword,
)
from lms_core.learning.assessments.models import AttemptStatus, Quiz, QuizStatus
from lms_core.learning.assessments.schemas import Conduct, StartRefusal
from lms_core.learning.assessments.service.own_rules import OwnRules

PURPOSE = "assessments.password"
TRIES_A_MINUTE = 10


class Past(Protocol):
    """An earlier attempt."""

    @property
    def status(self) -> AttemptStatus: ...

    @property
    def submitted_at(self) -> datetime | None: ...


def refusal(
    ctx: ReadCtx, quiz: Quiz, own: OwnRules, conduct: Conduct, *, past: Sequence[Past]
) -> tuple[DomainError, datetime | None] | None:
    """Why the actor cannot start another attempt, and when that changes by itself; None when they can.

    NothingToTake, QuizNotOpen, NoAttemptsLeft, TooSoon, NotFromHere. `past`: their attempts in order.
    """
    if quiz.question_count == 0 or quiz.status != QuizStatus.PUBLISHED:
        return NothingToTake(), None
    try:
        check_window(own, ctx.now)
    except QuizNotOpen as error:
        return error, own.opens_at if own.opens_at is not None and ctx.now < own.opens_at else None
    used = [attempt for attempt in past if attempt.status != AttemptStatus.EXPIRED]
    if own.attempts_allowed is not None and len(used) >= own.attempts_allowed:
        return NoAttemptsLeft(own.attempts_allowed), None
    available = available_at(conduct, used)
    if available is not None and ctx.now < available:
        return TooSoon(available_at=available), available
    if not networks_allow(ctx, conduct.networks):
        return NotFromHere(), None
    return None


def told(found: tuple[DomainError, datetime | None] | None) -> StartRefusal | None:
    """A refusal as pages and programs read it."""
    return None if found is None else StartRefusal(code=found[0].code, detail=found[0].detail, at=found[1])


def available_at(conduct: Conduct, used: Sequence[Past]) -> datetime | None:
    """When the pause after the latest of these attempts is over; None: there is none."""
    ended = used[-1].submitted_at if used else None
    if ended is None:
        return None
    seconds = conduct.first_delay_seconds if len(used) == 1 else conduct.later_delay_seconds
    return ended + timedelta(seconds=seconds) if seconds else None


def check_window(own: OwnRules, now: datetime) -> None:
    """QuizNotOpen outside of the dates."""
    if own.opens_at is not None and now < own.opens_at:
        raise QuizNotOpen(opens_at=own.opens_at)
    if own.closes_at is not None and now >= own.closes_at:
        raise QuizNotOpen(closes_at=own.closes_at)


def check_network(ctx: ReadCtx, allowed: Sequence[str]) -> None:
    """NotFromHere when there are networks and the caller's address is in none."""
    if not networks_allow(ctx, allowed):
        raise NotFromHere()


def networks_allow(ctx: ReadCtx, allowed: Sequence[str]) -> bool:
    """Whether the caller is in one of these networks, or there are none."""
    return not allowed or networks.is_within(ctx.address, allowed)


def check_password(ctx: ReadCtx, quiz: Quiz, own: OwnRules, given: str) -> None:
    """WrongPassword; TooManyRequests after ten tries in a minute at the same quiz, right or wrong."""
    if not own.password_sealed:
        return
    if given:
        limiter = ctx.resources.get(RateLimiter)
        limiter.check(f"quiz-password:{quiz.id}:{ctx.actor.user_id}", per_minute=TRIES_A_MINUTE)
    if not hmac.compare_digest(given.strip().encode(), opened(ctx, own.password_sealed).encode()):
        raise WrongPassword()


def sealed(ctx: ReadCtx, password: str) -> str:
    """A password as rows hold it; "" stays ""."""
    return ctx.resources.get(Keys).encrypt(PURPOSE, password.encode()).decode() if password else ""


def opened(ctx: ReadCtx, stored: str) -> str:
    """The password again."""
    return ctx.resources.get(Keys).decrypt(PURPOSE, stored.encode()).decode() if stored else ""
