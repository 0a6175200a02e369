"""Nobody pays twice for one thing: what somebody has, refused before it is ordered or paid for once more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import (
    AlreadyYours,
    BoughtMeanwhile,
    NotCancellable,
    OrderNotFound,
    OtherOrderUnderWay,
)
from lms_core.commerce.orders.models import GrantKind, LineItem, Order
from lms_core.commerce.orders.transitions import OrderState
from lms_core.commerce.payments import guards
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import IntentView
from lms_core.commerce.payments.states import IntentState, Way
from lms_core.commerce.products.models import ProductKind
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.enrolments.models import EnrollmentStatus

OPEN_PROMPT = timedelta(minutes=2)  # how long a phone may still show the prompt of an order that was given up


@dataclass(frozen=True, slots=True)
class Part:
    """A product that somebody buys for themselves: the courses it opens, and those whose certificate's fee it is."""

    title: str
    course_ids: frozenset[UUID]
    fee_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Holding:
    """What somebody has, or is about to have."""

    course_ids: frozenset[UUID]
    fee_ids: frozenset[UUID]

    def covers(self, part: Part) -> bool:
        """Whether nothing in the part would be new: everything in it, not only a part of it."""
        nothing = not part.course_ids and not part.fee_ids
        return not nothing and self.course_ids >= part.course_ids and self.fee_ids >= part.fee_ids

    def with_parts(self, parts: Collection[Part]) -> "Holding":
        """The same with these."""
        return Holding(
            self.course_ids.union(*(each.course_ids for each in parts)),
            self.fee_ids.union(*(each.fee_ids for each in parts)),
        )


def part_of(line: LineItem) -> Part | None:
    """What a line is to its buyer; None for what others get, and what went back."""
    if line.for_others or line.kind == ProductKind.SEAT or line.back_total == line.total > 0:
        return None
    return Part(
        line.title,
        frozenset(UUID(each) for each in line.opens.get("courses", ())),
        frozenset(UUID(each) for each in line.opens.get("fees", ())),
    )


def require_new(ctx: ReadCtx, parts: Sequence[Part], *, user_id: UUID) -> None:
    """AlreadyYours for who would order what is open to them. Four statements at most."""
    has = _with_enrolments(ctx, bought(ctx, parts, user_id=user_id), parts, user_id)
    for each in parts:
        if has.covers(each):
            raise AlreadyYours(each.title)


@guards.guard("order")
def require_payable(ctx: WriteCtx, order_id: UUID) -> None:
    """What must hold before an order's money is asked for: it is open, and nothing in it is the buyer's by now.

    NotCancellable (it is not open), BoughtMeanwhile, OtherOrderUnderWay. Until the transaction ends no other order of
    the buyer begins to be paid, or is paid.
    """
    try:
        buyer_id = queries.order(ctx, order_id).buyer_id
    except OrderNotFound:  # an intent that names no order of ours opens nothing, so there is nothing to have twice
        return
    queries.locked_cart(ctx, buyer_id)
    order = queries.locked(ctx, order_id)
    if order.state != OrderState.OPEN:
        raise NotCancellable(order.state)
    parts = _parts(queries.lines_of(ctx, [order.id])[order.id])
    if not parts:
        return
    has = _with_enrolments(ctx, bought(ctx, parts, user_id=buyer_id, without=order.id), parts, buyer_id)
    for each in parts:
        if has.covers(each):
            raise BoughtMeanwhile(each.title)
    _require_no_other(ctx, order, parts, has)


def bought_before(ctx: WriteCtx, order: Order) -> list[LineItem]:
    """The lines of an order that is being paid whose contents its buyer has by other orders. Four statements at most.

    Whoever calls holds the buyer's cart.
    """
    lines = queries.lines_of(ctx, [order.id])[order.id]
    has = bought(ctx, _parts(lines), user_id=order.buyer_id, without=order.id)
    return [each for each in lines if each.total and (part := part_of(each)) is not None and has.covers(part)]


def bought(ctx: ReadCtx, parts: Collection[Part], *, user_id: UUID, without: UUID | None = None) -> Holding:
    """What of these somebody has by other orders than `without`, those included that are paid and not opened yet.

    Orders are read before grants: one that is opened in between is seen in either. Three statements, none for none.
    """
    nothing = Holding(frozenset(), frozenset())
    wanted = nothing.with_parts(parts)
    if wanted == nothing:
        return nothing
    paid = _parts(queries.unopened_lines(ctx, user_id, without=without))
    courses = queries.granted(ctx, wanted.course_ids, user_id=user_id, kinds=[GrantKind.COURSE], without=without)
    fees = queries.granted(ctx, wanted.fee_ids, user_id=user_id, kinds=[GrantKind.CERTIFICATE_FEE], without=without)
    return Holding(courses, fees).with_parts(paid)


def _parts(lines: Collection[LineItem]) -> list[Part]:
    return [part for each in lines if (part := part_of(each)) is not None]


def _with_enrolments(ctx: ReadCtx, has: Holding, parts: Collection[Part], user_id: UUID) -> Holding:
    course_ids: frozenset[UUID] = frozenset().union(*(each.course_ids for each in parts))
    # What a subscription lends is no hindrance: to have it for good is worth a price.
    ever = enrolments.ever_in(ctx, course_ids, user_id=user_id, lent=False) if course_ids else {}
    within = {course_id for course_id, status in ever.items() if status == EnrollmentStatus.ACTIVE}
    return Holding(has.course_ids | within, has.fee_ids)


def _require_no_other(ctx: WriteCtx, order: Order, parts: Sequence[Part], has: Holding) -> None:
    """OtherOrderUnderWay: another order's payment that nobody knows the end of would open the same."""
    others = {each.intent_id: each for each in queries.unpaid_beside(ctx, order) if each.intent_id is not None}
    under_way = [each for each in payments.views(ctx, list(others)) if _may_be_paid(ctx, others[each.id], each)]
    inside = queries.lines_of(ctx, [others[each.id].id for each in under_way])
    for each in under_way:  # together they may open all that is in a bundle
        other = others[each.id]
        has = has.with_parts(_parts(inside[other.id]))
        for part in parts:
            if has.covers(part):
                raise OtherOrderUnderWay(part.title, order_id=other.id, number=other.number, state=other.state)


def _may_be_paid(ctx: ReadCtx, order: Order, intent: IntentView) -> bool:
    """Whether money of an unpaid order may arrive: its prompt is open, or it came and was not written down here yet."""
    if intent.state == IntentState.PAID:
        return True
    live = intent.live
    if live is None or order.state == OrderState.OPEN:
        return live is not None
    return live.way == Way.PROMPT and ctx.now - live.created_at < OPEN_PROMPT
