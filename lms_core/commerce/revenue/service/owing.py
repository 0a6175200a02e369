"""What is owed to whom now, and who is not paid for a while."""

from typing import Literal
from uuid import UUID

from sqlalchemy import select

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.errors import AlreadyHeld, BatchNotFound, EarnerNotFound
from lms_core.commerce.revenue.models import PayoutDetails, PayoutHold
from lms_core.commerce.revenue.policies import require
from lms_core.commerce.revenue.schemas import DueRow, HoldIn, HoldView
from lms_core.commerce.revenue.service.detailing import is_fresh
from lms_core.commerce.revenue.service.terms import in_force
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Permission

Obstacle = Literal["", "details", "fresh", "held", "small"]


def due(ctx: ReadCtx) -> list[DueRow]:
    """Everybody something is due to, or who owes something back, by name. Five statements. Forbidden."""
    require(ctx, Permission.FINANCE_READ)
    return sorted(owed(ctx), key=lambda each: (each.name.casefold(), each.user_id, each.currency))


def owed(ctx: ReadCtx) -> list[DueRow]:
    """The same, whoever asks."""
    rows = queries.due(ctx)
    ids = sorted({row[0] for row in rows})
    names, known = accounts.names_of(ctx, ids), queries.details(ctx, ids)
    held = {row.user_id for row in queries.holds(ctx)}
    smallest = in_force(ctx).smallest
    found = []
    for user_id, currency, total in rows:
        row = known.get(user_id)
        least = max(1, smallest.get(Currency(currency), 1))
        found.append(
            DueRow(
                user_id=user_id,
                name=names.get(user_id, ""),
                currency=currency,
                amount=int(total),
                way=row.way if row is not None else None,
                shown=row.shown if row is not None else "",
                obstacle=_obstacle(ctx, row, held=user_id in held, small=int(total) < least),
            )
        )
    return found


def holds(ctx: ReadCtx) -> list[HoldView]:
    """The holds in force. Two statements. Forbidden."""
    require(ctx, Permission.FINANCE_READ)
    rows = queries.holds(ctx)
    names = accounts.names_of(ctx, [row.user_id for row in rows])
    return [_hold(row, names) for row in rows]


def place_hold(ctx: WriteCtx, *, given: HoldIn) -> HoldView:
    """Pay nothing out to somebody until the hold is lifted. Forbidden, EarnerNotFound, AlreadyHeld."""
    require(ctx, Permission.FINANCE_MANAGE)
    user_id = accounts.ids_of_emails(ctx, [given.email]).get(given.email)
    if user_id is None:
        raise EarnerNotFound()
    if queries.is_held(ctx, user_id):
        raise AlreadyHeld()
    row = ctx.add(PayoutHold(user_id=user_id, reason=given.reason, placed_by=ctx.actor.user_id, placed_at=ctx.now))
    audit.record(ctx, action="payout_hold.placed", object=("user", user_id), reason=given.reason)
    return _hold(row, accounts.names_of(ctx, [user_id]))


def lift(ctx: WriteCtx, hold_id: UUID) -> None:
    """Let somebody be paid out again; lifting twice is fine. Forbidden, BatchNotFound."""
    require(ctx, Permission.FINANCE_MANAGE)
    row: PayoutHold | None = ctx.session.execute(
        select(PayoutHold).where(PayoutHold.id == hold_id)
    ).scalar_one_or_none()
    if row is None:
        raise BatchNotFound()
    if row.lifted_at is None:
        row.lifted_at, row.lifted_by = ctx.now, ctx.actor.user_id
        ctx.add(row)
        audit.record(ctx, action="payout_hold.lifted", object=("user", row.user_id))


def _obstacle(ctx: ReadCtx, row: PayoutDetails | None, *, held: bool, small: bool) -> Obstacle:
    if held:
        return "held"
    if small:
        return "small"
    if row is None:
        return "details"
    return "fresh" if is_fresh(row, ctx.now) else ""


def _hold(row: PayoutHold, names: dict[UUID, str]) -> HoldView:
    return HoldView(
        id=row.id,
        user_id=row.user_id,
        name=names.get(row.user_id, ""),
        reason=row.reason,
        placed_at=row.placed_at,
    )
