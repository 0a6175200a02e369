"""Cancelling, pausing and going on."""

from uuid import UUID

from lms_core.commerce.subscriptions import dunning, queries, renewing, settling, telling
from lms_core.commerce.subscriptions.errors import PauseTooLong, SubscriptionState
from lms_core.commerce.subscriptions.models import Subscription, TermKind
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import CancelIn, PauseIn, SubscriptionView, When
from lms_core.commerce.subscriptions.shown import subscription_view, verbs
from lms_core.commerce.subscriptions.states import move
from lms_core.commerce.subscriptions.transitions import Cause, State
from lms_core.kit.context import WriteCtx


def cancel(ctx: WriteCtx, *, given: CancelIn) -> SubscriptionView:
    """End the caller's subscription, at once or when its term does. Again: as it is. NoSubscription, SubscriptionState.

    What is not running (never paid, past due, unpaid, paused) ends at once whichever is asked for.
    """
    row = queries.living_held(ctx, subscriber(ctx))
    if given.when == When.PERIOD_END and row.state in (State.ACTIVE, State.TRIALING):
        settling.drop_dues(ctx, row, TermKind.CHANGE)
        row.cancel_at_end, row.next_price_id = True, None
        ctx.session.flush()
        return subscription_view(ctx, row)
    _end_now(ctx, row)
    return subscription_view(ctx, row)


def _end_now(ctx: WriteCtx, row: Subscription) -> None:
    began = row.state != State.INCOMPLETE
    settling.drop_dues(ctx, row)
    move(ctx, row, Cause.CANCELLED)
    if began:
        telling.ended(ctx, row)


def pause(ctx: WriteCtx, *, given: PauseIn) -> SubscriptionView:
    """Let it rest: the courses close, and the days that are paid for are kept. It goes on by itself at the end.

    NoSubscription, SubscriptionState, PauseTooLong.
    """
    row = queries.living_held(ctx, subscriber(ctx))
    until = given.until or ctx.now + dunning.LONGEST_PAUSE
    if "pause" not in verbs(row, due=False) or row.ends_at <= ctx.now:
        raise SubscriptionState()
    if not ctx.now < until <= ctx.now + dunning.LONGEST_PAUSE:
        raise PauseTooLong(dunning.LONGEST_PAUSE.days)
    settling.drop_dues(ctx, row, TermKind.CHANGE)
    row.paused_at, row.paused_until, row.look_at = ctx.now, until, until
    move(ctx, row, Cause.PAUSED)
    telling.paused(ctx, row, until)
    return subscription_view(ctx, row)


def resume(ctx: WriteCtx) -> SubscriptionView:
    """Go on after a pause, or take back a cancellation at the end of the term. NoSubscription, SubscriptionState."""
    row = queries.living_held(ctx, subscriber(ctx))
    if row.state == State.PAUSED:
        renewing.resume(ctx, row)
    elif row.cancel_at_end and row.state in (State.ACTIVE, State.TRIALING):
        row.cancel_at_end = False
        settling.plan_look(row)
    else:
        raise SubscriptionState()
    ctx.session.flush()
    return subscription_view(ctx, row)


def leave_for_good(ctx: WriteCtx, user_id: UUID) -> None:
    """End whatever somebody has whose account goes away; nobody is told."""
    present = queries.living(ctx, user_id)
    row = queries.held(ctx, present.id) if present is not None else None
    if row is not None and row.living is not None:
        settling.drop_dues(ctx, row)
        move(ctx, row, Cause.CANCELLED)
