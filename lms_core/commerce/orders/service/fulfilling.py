"""Opening what was bought, and taking away what an order gave and nothing else gave."""

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.events import OrderFulfilled
from lms_core.commerce.orders.models import Gift, Grant, GrantKind, LineItem, Order
from lms_core.commerce.orders.service import gifting
from lms_core.commerce.orders.transitions import HOLDING, OrderState
from lms_core.commerce.products.models import OnReversal, ProductKind
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.events import Notice
from lms_core.learning.certificates import fees
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.enrolments.models import EnrollmentStatus
from lms_core.learning.paths import service as paths

SOURCE = "purchase"
OURS = (SOURCE, "path")  # the ways into a course that a purchase may have been

Keeper = Callable[[ReadCtx, UUID, Collection[UUID]], Iterable[UUID]]
KEEPERS: list[Keeper] = []


def keeper(function: Keeper) -> Keeper:
    """Declare another right to courses: `(ctx, user_id, course_ids) -> those it gives`. They are not taken away."""
    if function not in KEEPERS:
        KEEPERS.append(function)
    return function


def fulfil(ctx: WriteCtx, order_id: UUID) -> None:
    """Open what a paid order is for: its buyer's courses, and letters to those it is a gift to. Safe to repeat."""
    order = queries.locked(ctx, order_id)
    if order.fulfilled_at is not None or order.state not in HOLDING:
        return
    for line in queries.lines_of(ctx, [order.id])[order.id]:
        if line.back_total == line.total > 0:  # its money went back before it was opened
            continue
        if line.for_others or line.kind == ProductKind.SEAT:
            gifting.prepare(ctx, order, line)
        else:
            give(ctx, line, user_id=order.buyer_id)
    order.fulfilled_at = ctx.now
    if order.state == OrderState.PAID:
        order.state = OrderState.FULFILLED
    ctx.session.flush()
    told = Notice(
        recipients=(order.buyer_id,),
        kind="orders.fulfilled",
        variables={"number": order.number, "order_id": str(order.id)},
    )
    ctx.emit(OrderFulfilled(order_id=order.id, buyer_id=order.buyer_id, at=ctx.now, notice=told))


def give(ctx: WriteCtx, line: LineItem, *, user_id: UUID) -> None:
    """Open a line for somebody, and write down what they did not have before. Safe to repeat."""
    opens = {name: [UUID(each) for each in found] for name, found in line.opens.items()}
    ever = enrolments.ever_in(ctx, opens.get("courses", ()), user_id=user_id, lent=False)
    bought = queries.only_bought(ctx, [*opens.get("courses", ()), *opens.get("paths", ())], user_id=user_id)
    for course_id in opens.get("courses", ()):
        fresh = course_id in bought or ever.get(course_id) != EnrollmentStatus.ACTIVE
        _grant(ctx, line, user_id, GrantKind.COURSE, course_id, fresh=fresh)
    for course_id in opens.get("courses", ()):
        if course_id not in opens.get("in_paths", ()):
            enrolments.enrol_person(ctx, user_id=user_id, course_id=course_id, source=SOURCE)
    for path_id in opens.get("paths", ()):
        fresh = paths.enrol_person(ctx, user_id=user_id, path_id=path_id)
        _grant(ctx, line, user_id, GrantKind.PATH, path_id, fresh=fresh or path_id in bought)
    for course_id in opens.get("fees", ()):
        _grant(ctx, line, user_id, GrantKind.CERTIFICATE_FEE, course_id, fresh=True)
        fees.paid(ctx, user_id=user_id, course_id=course_id)


def take_back(ctx: WriteCtx, order: Order, line_ids: Collection[UUID]) -> None:
    """Take away what these lines gave, where their products say so: only what nothing else gave. Safe to repeat."""
    lines = {each.id: each for each in queries.lines_of(ctx, [order.id])[order.id] if each.id in line_ids}
    revoked = {line_id for line_id, each in lines.items() if each.on_reversal == OnReversal.REVOKE}
    for gift in queries.gifts_of(ctx, order.id):
        if gift.line_id in revoked and gift.claimed_at is None and gift.withdrawn_at is None:
            gift.withdrawn_at, gift.token_hash = ctx.now, None
    taken = [each for each in queries.grants_of(ctx, order.id) if each.line_id in revoked]
    for grant in taken:
        grant.taken_at = ctx.now
    ctx.session.flush()
    for user_id in {each.user_id for each in taken}:
        _close(ctx, user_id, [each for each in taken if each.user_id == user_id])


def _close(ctx: WriteCtx, user_id: UUID, taken: list[Grant]) -> None:
    objects = {each.object_id for each in taken}
    still = queries.granted(ctx, objects, user_id=user_id, kinds=[GrantKind.COURSE, GrantKind.PATH])
    course_ids = {each.object_id for each in taken if each.kind == GrantKind.COURSE}
    for other in KEEPERS:
        still |= frozenset(other(ctx, user_id, course_ids))
    for grant in taken:
        if not grant.fresh or grant.object_id in still:
            continue
        if grant.kind == GrantKind.COURSE:
            enrolments.take_out(ctx, user_id=user_id, course_id=grant.object_id, sources=OURS)
        elif grant.kind == GrantKind.PATH:
            paths.take_out(ctx, user_id=user_id, path_id=grant.object_id)


def _grant(ctx: WriteCtx, line: LineItem, user_id: UUID, kind: GrantKind, object_id: UUID, *, fresh: bool) -> None:
    wanted = select(Grant).where(
        col(Grant.line_id) == line.id,
        col(Grant.user_id) == user_id,
        col(Grant.kind) == kind,
        col(Grant.object_id) == object_id,
    )
    if ctx.session.execute(wanted).scalar_one_or_none() is None:
        ctx.add(
            Grant(
                order_id=line.order_id,
                line_id=line.id,
                user_id=user_id,
                kind=kind,
                object_id=object_id,
                fresh=fresh,
                given_at=ctx.now,
            )
        )


def gift_of(ctx: WriteCtx, gift: Gift, *, user_id: UUID) -> LineItem:
    """Open a gift for whoever took it; its line."""
    line: LineItem = ctx.session.execute(select(LineItem).where(col(LineItem.id) == gift.line_id)).scalar_one()
    give(ctx, line, user_id=user_id)
    return line
