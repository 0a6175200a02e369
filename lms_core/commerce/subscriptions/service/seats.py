"""Seats: how many there are, whom they are given to by letter, and taking one."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from lms_core.commerce.subscriptions import opening, queries
from lms_core.commerce.subscriptions.errors import (
    NoSubscription,
    SeatClaimed,
    SeatNotFound,
    SeatsTaken,
    SubscriptionState,
)
from lms_core.commerce.subscriptions.models import Subscription, SubscriptionSeat
from lms_core.commerce.subscriptions.policies import subscriber
from lms_core.commerce.subscriptions.schemas import SeatOffer, SeatsGivenIn, SeatView
from lms_core.commerce.subscriptions.seating import seats_of
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, State
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id, token_hash
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page

MAIL_SEAT = "subscriptions.mail_seat"
MAXIMUM_SEATS = 1000  # more than a subscription can have


def seats(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[SeatView]:
    """The seats the caller gave away, in the order they were. Three statements. NoSubscription."""
    row = queries.living(ctx, subscriber(ctx))
    if row is None:
        raise NoSubscription()
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    after: UUID | None = None
    if cursor:
        after = parse_id(decode_cursor(cursor, (str,))[0])
        if after is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
    return page(
        _views(ctx, queries.seats(ctx, row.id, after=after, limit=limit + 1)), limit, key=lambda each: (str(each.id),)
    )


def give_seats(ctx: WriteCtx, *, given: SeatsGivenIn) -> list[SeatView]:
    """Give seats to addresses, and write to each; one that has a seat is written to again while nobody took it.

    NoSubscription, SubscriptionState, SeatsTaken.
    """
    row = queries.living_held(ctx, subscriber(ctx))
    if row.state not in OPEN and row.state != State.PAUSED:
        raise SubscriptionState()
    emails = [each.lower() for each in given.emails]
    present = {each.email: each for each in queries.seats(ctx, row.id, limit=MAXIMUM_SEATS)}
    fresh = [each for each in dict.fromkeys(emails) if each not in present]
    if len(present) + len(fresh) > for_others(ctx, row):
        raise SeatsTaken()
    language = accounts.person(ctx, user_id=row.user_id).language if row.user_id is not None else "en"
    for email in fresh:
        present[email] = ctx.add(
            SubscriptionSeat(subscription_id=row.id, email=email, language=language, given_at=ctx.now)
        )
    found = [present[each] for each in dict.fromkeys(emails)]
    for seat in found:
        if seat.taken_at is None:
            ctx.enqueue(MAIL_SEAT, seat_id=str(seat.id))
    return _views(ctx, found)


def for_others(ctx: ReadCtx, row: Subscription) -> int:
    """How many seats can be given away."""
    return seats_of(ctx, row)[0] - int(row.own_seat)


def withdraw_seat(ctx: WriteCtx, seat_id: UUID) -> None:
    """Take a seat back: its courses close, and it can be given to somebody else. NoSubscription, SeatNotFound."""
    row = queries.living_held(ctx, subscriber(ctx))
    mine = (col(SubscriptionSeat.id) == seat_id) & (col(SubscriptionSeat.subscription_id) == row.id)
    seat = queries.seat_held(ctx, mine)
    if seat is None:
        raise SeatNotFound()
    if seat.user_id is not None:
        opening.close(ctx, row, seat.user_id)
    ctx.session.delete(seat)
    ctx.session.flush()


def seat_offer(ctx: ReadCtx, *, token: str) -> SeatOffer:
    """What a letter's link is for. SeatNotFound, SeatClaimed. Five statements."""
    seat = queries.seat_of(ctx, token_hash(token))
    row = queries.by_id(ctx, seat.subscription_id) if seat is not None else None
    if seat is None or row is None or row.state in OVER:
        raise SeatNotFound()
    if seat.user_id is not None and seat.user_id != ctx.actor.user_id:
        raise SeatClaimed()
    giver = accounts.names_of(ctx, [row.user_id]).get(row.user_id, "") if row.user_id is not None else ""
    plan = queries.plan(ctx, row.plan_id)
    return SeatOffer(plan_title=plan.title, giver=giver, taken=seat.user_id is not None)


def take_seat(ctx: WriteCtx, *, token: str) -> SeatOffer:
    """Take the seat of a letter; again: as it is. SeatNotFound, SeatClaimed."""
    user_id = subscriber(ctx)
    known = queries.seat_of(ctx, token_hash(token))
    row = queries.held(ctx, known.subscription_id) if known is not None else None
    seat = queries.seat_held(ctx, col(SubscriptionSeat.token_hash) == token_hash(token))
    if seat is None or row is None or row.state in OVER:
        raise SeatNotFound()
    if seat.user_id not in (None, user_id) or (row.user_id == user_id and row.own_seat):
        raise SeatClaimed()
    if seat.user_id is None:
        try:
            with ctx.session.begin_nested():
                seat.user_id, seat.taken_at = user_id, ctx.now
                ctx.session.flush()
        except IntegrityError as error:  # they have another seat of it
            raise SeatClaimed() from error
        opening.settle_person(ctx, row, user_id)
    return seat_offer(ctx, token=token)


def _views(ctx: ReadCtx, rows: list[SubscriptionSeat]) -> list[SeatView]:
    names = accounts.names_of(ctx, [each.user_id for each in rows if each.user_id is not None])
    return [
        SeatView(
            id=each.id, email=each.email, person=names.get(each.user_id, "") if each.user_id is not None else "",
            given_at=each.given_at, taken_at=each.taken_at,
        )
        for each in rows
    ]  # fmt: skip
