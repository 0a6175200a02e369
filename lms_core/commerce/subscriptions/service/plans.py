"""Plans: what can be subscribed to, what it opens, and for how much."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from lms_core.commerce.subscriptions import queries, shelving
from lms_core.commerce.subscriptions.errors import PlanNotFound, PlanNotReady
from lms_core.commerce.subscriptions.models import Plan, PlanAllowance, PlanCourse, PlanPrice, Scope
from lms_core.commerce.subscriptions.policies import require_manager, require_reader
from lms_core.commerce.subscriptions.schemas import AllowanceIn, PlanChange, PlanCoursesIn, PlanIn, PlanView, PriceIn
from lms_core.commerce.subscriptions.shown import plan_views
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, encode_cursor
from lms_core.kit.permissions import Permission

FOLLOW = "subscriptions.follow_plan"


def browse(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[PlanView]:
    """The plans that are offered, in their order. Five statements, seven for unknown courses."""
    return _page(ctx, cursor, limit, offered_only=True)


def manageable(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[PlanView]:
    """All plans, for those who read the books. Forbidden."""
    require_reader(ctx)
    return _page(ctx, cursor, limit, offered_only=False)


def access_plan(ctx: ReadCtx, plan_id: UUID) -> PlanView:
    """A plan that is offered, or any for those who read the books. PlanNotFound."""
    row = queries.plan(ctx, plan_id)
    if row.active:
        return plan_views(ctx, [row])[0]
    if not ctx.actor.may(Permission.FINANCE_READ):
        raise PlanNotFound()
    return plan_views(ctx, [row], drafts=True)[0]


def access_managed(ctx: ReadCtx, plan_id: UUID) -> PlanView:
    """A plan as those who read the books see it. Forbidden, PlanNotFound."""
    require_reader(ctx)
    return plan_views(ctx, [queries.plan(ctx, plan_id)], drafts=True)[0]


def create_plan(ctx: WriteCtx, *, plan: PlanIn) -> PlanView:
    """Make a plan; it is not offered yet. Forbidden."""
    require_manager(ctx)
    row = ctx.add(Plan(**plan.model_dump(), active=False, created_at=ctx.now, updated_at=ctx.now))
    shelving.place(ctx, row)
    return plan_views(ctx, [row], drafts=True)[0]


def change_plan(ctx: WriteCtx, plan_id: UUID, *, change: PlanChange) -> PlanView:
    """Describe a plan anew, offer it or not; who has it keeps the price. Forbidden, PlanNotFound, PlanNotReady."""
    require_manager(ctx)
    row = queries.plan_held(ctx, plan_id)
    for name, value in change.model_dump(exclude_unset=True).items():
        if value is not None:
            setattr(row, name, value)
    row.updated_at = ctx.now
    _require_ready(ctx, row)
    ctx.session.flush()
    shelving.place(ctx, row)
    if change.scope is not None:
        ctx.enqueue(FOLLOW, plan_id=str(row.id))
    return plan_views(ctx, [row], drafts=True)[0]


def set_courses(ctx: WriteCtx, plan_id: UUID, *, given: PlanCoursesIn) -> PlanView:
    """Make these the courses that the plan opens; who subscribed gets and loses them in the background.

    Forbidden, PlanNotFound, PlanNotReady; Invalid for a course that does not exist.
    """
    require_manager(ctx)
    row = queries.plan_held(ctx, plan_id)
    if len(courses.cards(ctx, given.course_ids)) < len(given.course_ids):
        raise Invalid("One of the courses does not exist any more. Load the list again.")
    ctx.session.execute(delete(PlanCourse).where(PlanCourse.plan_id == row.id))
    for course_id in given.course_ids:
        ctx.session.add(PlanCourse(plan_id=row.id, course_id=course_id))
    row.updated_at = ctx.now
    ctx.session.flush()
    _require_ready(ctx, row)
    ctx.enqueue(FOLLOW, plan_id=str(row.id))
    return plan_views(ctx, [row], drafts=True)[0]


def set_price(ctx: WriteCtx, plan_id: UUID, *, price: PriceIn) -> PlanView:
    """Offer a price from now on in place of the one for the same currency and term. Who subscribed keeps theirs."""
    require_manager(ctx)
    row = queries.plan_held(ctx, plan_id)
    present = queries.present_price(ctx, row.id, price.currency, price.interval)
    if present is None or present.amount != price.amount:
        ctx.session.execute(
            update(PlanPrice)
            .where(
                PlanPrice.plan_id == row.id,
                PlanPrice.currency == price.currency,
                PlanPrice.interval == price.interval,
                PlanPrice.valid_to.is_(None),
            )
            .values(valid_to=ctx.now)
        )
        if price.amount is not None:
            said = price.model_dump()
            ctx.add(PlanPrice(plan_id=row.id, **said, valid_from=ctx.now))
    row.updated_at = ctx.now
    _require_ready(ctx, row)
    shelving.place(ctx, row)
    return plan_views(ctx, [row], drafts=True)[0]


def set_allowance(ctx: WriteCtx, plan_id: UUID, *, given: AllowanceIn) -> PlanView:
    """Say how much of something the plan includes, now and for all who have it. Forbidden, PlanNotFound."""
    require_manager(ctx)
    row = queries.plan_held(ctx, plan_id)
    metered = (PlanAllowance.plan_id == row.id, PlanAllowance.metric == given.metric)
    ctx.session.execute(delete(PlanAllowance).where(*metered))
    if given.included is not None:
        prices = {currency.value: amount for currency, amount in given.beyond_prices.items()}
        ctx.session.add(
            PlanAllowance(
                plan_id=row.id, metric=given.metric, included=given.included, most_beyond=given.most_beyond,
                beyond_prices=prices,
            )
        )  # fmt: skip
    row.updated_at = ctx.now
    ctx.session.flush()
    return plan_views(ctx, [row], drafts=True)[0]


def _require_ready(ctx: ReadCtx, row: Plan) -> None:
    """PlanNotReady for a plan that is offered without a price, or without anything to open."""
    if not row.active:
        return
    opens = row.scope == Scope.ALL or queries.courses_of(ctx, [row.id])[row.id]
    if not opens or not queries.prices_of(ctx, [row.id])[row.id]:
        raise PlanNotReady()


def _page(ctx: ReadCtx, cursor: str, limit: int, *, offered_only: bool) -> Page[PlanView]:
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    after: tuple[int, UUID] | None = None
    if cursor:
        position, last = decode_cursor(cursor, (int, str))
        last_id = parse_id(last)
        if last_id is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        after = (position, last_id)
    rows = queries.plans(ctx, offered_only=offered_only, after=after, limit=limit + 1)
    shown = rows[:limit]
    key: list[Any] = [shown[-1].position, str(shown[-1].id)] if len(rows) > limit else []
    return Page(items=plan_views(ctx, shown, drafts=not offered_only), next_cursor=encode_cursor(key) if key else None)
