"""Background work: the clock's part, one subscription a transaction; plans whose courses change; seats, their letters.

A seat's token is made by the job that mails it, so that no job row ever carries one.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.subscriptions import letters, opening, queries, renewing
from lms_core.commerce.subscriptions.models import Subscription, SubscriptionSeat
from lms_core.commerce.subscriptions.service.plans import FOLLOW
from lms_core.commerce.subscriptions.service.seats import MAIL_SEAT
from lms_core.commerce.subscriptions.transitions import OPEN, OVER
from lms_core.identity.accounts import service as accounts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Work, WriteCtx, system_actor
from lms_core.kit.ids import new_token, token_hash
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.settings import Settings

AT_ONCE = 500
BATCH = 50
LATER = timedelta(hours=1)

log = structlog.get_logger(__name__)


@every(timedelta(minutes=5), "subscriptions.look")
def look(work: Work) -> None:
    """Do what is due in every institution, oldest first; what is left over waits for the next time."""
    with work.read() as view:
        due = view.session.execute(
            select(Subscription.id, Subscription.tenant_id)
            .where(Subscription.look_at <= view.now)
            .order_by(Subscription.look_at)
            .limit(AT_ONCE)
        ).all()
    for row in due:
        work.check_stop()
        try:
            with work.database.write(system_actor(row.tenant_id)) as ctx:
                if (held := queries.held(ctx, row.id)) is not None:
                    renewing.look(ctx, held)
        except Exception:  # one that cannot go on must not hold up those behind it
            log.exception("subscriptions.stuck", subscription_id=str(row.id))
            with work.database.write(system_actor(row.tenant_id)) as ctx:
                if (held := queries.held(ctx, row.id)) is not None:
                    held.look_at = ctx.now + LATER


@job(FOLLOW, queue="idle")
def follow_plan(work: Work, *, plan_id: str) -> None:
    """Open and close courses for everybody who has the plan, batch by batch; safe to repeat."""
    after: UUID | None = None
    while True:
        work.check_stop()
        with work.write() as ctx:
            ids = queries.open_of_plan(ctx, UUID(plan_id), OPEN, after=after, limit=BATCH)
            for subscription_id in ids:
                held = queries.held(ctx, subscription_id)
                if held is not None and held.state in OPEN:
                    opening.settle(ctx, held)
        if not ids:
            return
        after = ids[-1]


@job(opening.SETTLE_SEATS, queue="io")
def settle_seats(work: Work, *, subscription_id: str) -> None:
    """Open or close the courses of everybody with a seat that was given, batch by batch; safe to repeat.

    Of a subscription that is over, the seats that nobody took go, and the addresses with them.
    """
    after: UUID | None = None
    while True:
        work.check_stop()
        with work.write() as ctx:
            row = queries.held(ctx, UUID(subscription_id))
            seats = queries.seats(ctx, row.id, after=after, limit=BATCH) if row is not None else []
            for seat in seats:
                if row is not None and seat.user_id is not None:
                    opening.settle_person(ctx, row, seat.user_id)
                elif row is not None and row.state in OVER:
                    ctx.session.delete(seat)
        if not seats:
            return
        after = seats[-1].id


@job(MAIL_SEAT, queue="io")
def mail_seat(work: Work, *, seat_id: str) -> None:
    """Mail the link that takes a seat, unless it was taken or withdrawn by now."""
    with work.write() as ctx:
        letter = _letter(ctx, UUID(seat_id))
    if letter is not None:
        work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]


def _letter(ctx: WriteCtx, seat_id: UUID) -> Letter | None:
    seat = queries.seat_held(ctx, (col(SubscriptionSeat.id) == seat_id) & col(SubscriptionSeat.user_id).is_(None))
    row = queries.by_id(ctx, seat.subscription_id) if seat is not None else None
    if seat is None or row is None or row.user_id is None or row.state in OVER:
        return None
    token = new_token()
    seat.token_hash, seat.sent_at = token_hash(token), ctx.now
    ctx.session.flush()
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    return letters.seat(
        to=seat.email,
        language=seat.language,
        giver=accounts.names_of(ctx, [row.user_id]).get(row.user_id, ""),
        plan=queries.plan(ctx, row.plan_id).title,
        link=f"{origin}/seats?token={token}",
    )
