"""Orders as their buyers and the finances see them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import col

from lms_core.commerce.orders import queries
from lms_core.commerce.orders.errors import OrderNotFound
from lms_core.commerce.orders.models import GrantKind, LineItem, Order
from lms_core.commerce.orders.schemas import (
    FinanceOrder,
    GiftView,
    LineView,
    Opened,
    OrderCard,
    OrderFilter,
    OrderView,
    RefundLine,
)
from lms_core.commerce.orders.transitions import HOLDING
from lms_core.commerce.products import service as products
from lms_core.commerce.products.models import ProductKind
from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, page
from lms_core.learning.enrolments.service import learner_of
from lms_core.learning.paths import service as paths
from lms_core.learning.paths.errors import PathNotFound


def access_order(ctx: ReadCtx, order_id: UUID) -> OrderView:
    """An order of the actor's. OrderNotFound for others. Eight statements at most."""
    row = queries.order(ctx, order_id)
    if ctx.actor.user_id is None or row.buyer_id != ctx.actor.user_id:
        raise OrderNotFound()
    return view(ctx, row)


def mine(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[OrderCard]:
    """The actor's orders, newest first. Two statements."""
    return _listed(ctx, select(Order).where(col(Order.buyer_id) == learner_of(ctx)), cursor, limit)


def found(
    ctx: ReadCtx, *, wanted: OrderFilter | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[OrderCard]:
    """Every order, newest first, of those wanted. Three statements at most. Forbidden without `finance:read`."""
    products.require_reader(ctx)
    chosen = select(Order)
    if wanted is not None and wanted.state is not None:
        chosen = chosen.where(col(Order.state) == wanted.state)
    if wanted is not None and wanted.q:
        known = accounts.ids_of_emails(ctx, [wanted.q])
        number = wanted.q.replace("\0", "").upper()
        begins = col(Order.number).startswith(number, autoescape=True)
        chosen = chosen.where(or_(begins, col(Order.buyer_id).in_(list(known.values()))))
    return _listed(ctx, chosen, cursor, limit)


def access_finances(ctx: ReadCtx, order_id: UUID) -> FinanceOrder:
    """An order, with who bought it, for who reads the finances. OrderNotFound, Forbidden. Ten statements at most."""
    products.require_reader(ctx)
    seen = view(ctx, queries.order(ctx, order_id))
    names, emails = accounts.names_of(ctx, [seen.buyer_id]), accounts.emails_of(ctx, [seen.buyer_id])
    return FinanceOrder(
        **{name: getattr(seen, name) for name in OrderView.model_fields},
        buyer_name=names.get(seen.buyer_id, ""),
        buyer_email=emails.get(seen.buyer_id, ""),
    )


def view(ctx: ReadCtx, row: Order) -> OrderView:
    """An order with everything in it, for callers who have authorised. Seven statements at most."""
    lines = queries.lines_of(ctx, [row.id])[row.id]
    own = [each for each in lines if not each.for_others and each.kind != ProductKind.SEAT]
    holds = row.state in HOLDING
    return OrderView(
        **dict(queries.card(row, lines)),
        lines=tuple(line_view(each) for each in lines),
        gifts=tuple(GiftView.model_validate(each) for each in queries.gifts_of(ctx, row.id))
        if len(own) < len(lines)
        else (),
        refunds=tuple(RefundLine.model_validate(each) for each in queries.refunds_of(ctx, row.id))
        if row.paid_at
        else (),
        opened=opened_by(ctx, own) if row.fulfilled_at is not None and holds else (),
        refundable=sum(each.total - each.back_total for each in lines) if holds and row.payment_id else 0,
    )


def line_view(line: LineItem) -> LineView:
    """A line."""
    said = {name: getattr(line, name) for name in LineView.model_fields if name != "recipients"}
    return LineView(**said, recipients=tuple(line.recipients))


def opened_by(ctx: ReadCtx, lines: Sequence[LineItem]) -> tuple[Opened, ...]:
    """The pages of what lines open. Three statements at most when the courses are known."""
    found = list[Opened]()
    course_ids = [UUID(each) for line in lines for each in line.opens.get("courses", ())]
    path_ids = [UUID(each) for line in lines for each in line.opens.get("paths", ())]
    for path_id in path_ids:
        try:
            track = paths.access_path(ctx, path_id)
        except PathNotFound:  # deleted meanwhile
            continue
        found.append(Opened(kind=GrantKind.PATH, title=track.title, path=f"/paths/{track.slug}"))
    inside = {each for line in lines for each in line.opens.get("in_paths", ())}
    cards = courses.cards(ctx, list(dict.fromkeys(course_ids)))
    for course_id, card in cards.items():
        if str(course_id) not in inside:
            found.append(Opened(kind=GrantKind.COURSE, title=card.title, path=f"/courses/{card.slug}"))
    return tuple(found)


def bought_among(ctx: ReadCtx, course_ids: Sequence[UUID], *, user_id: UUID) -> frozenset[UUID]:
    """Those of the courses that somebody has by an order: other rights that end must not take them. One statement."""
    return queries.granted(ctx, course_ids, user_id=user_id, kinds=[GrantKind.COURSE])


def _listed(ctx: ReadCtx, wanted: object, cursor: str, limit: int) -> Page[OrderCard]:
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    chosen = wanted.where(col(Order.id) < queries.after(cursor)) if cursor else wanted
    rows = ctx.session.execute(chosen.order_by(col(Order.id).desc()).limit(limit + 1)).scalars().all()
    return page(queries.cards(ctx, rows), limit, key=lambda each: (str(each.id),))
