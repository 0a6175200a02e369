"""Plans as people choose them, and one's own subscription: how it stands, what is due, and every change of it."""

from datetime import datetime, time, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, RuntimeDep, VisitorReading, Writing
from api.web import amounts
from api.web.forms import Errors
from api.web.refusals import errors_told
from api.web.rendering import language_of, page, redirect, words
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import IntentView, MethodIn, MethodView, SavedMethodView
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.models import Scope, Way
from lms_core.commerce.subscriptions.periods import INSTITUTION_ZONE
from lms_core.commerce.subscriptions.schemas import (
    CancelIn,
    ChangeIn,
    ChangePreview,
    CheckoutIn,
    PauseIn,
    PlanView,
    PriceView,
    SeatsIn,
    StatusView,
    WayIn,
    When,
)
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.ids import new_id

router = APIRouter(include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=200)]
HERE = "/subscription"
FOUND = 12
Refused = (ValidationError, DomainError)


@router.get("/plans")
def list_plans(request: Request, ctx: VisitorReading, cursor: Cursor = "") -> Response:
    """The plans that are offered; four statements, six for unknown courses and for who has a subscription."""
    status = subscriptions.status(ctx) if ctx.actor.user_id is not None else None
    return _plans_page(request, ctx, status, cursor=cursor)


@router.post("/subscription/begin")
def begin(
    request: Request, ctx: Writing, price_id: Annotated[UUID, Form()], seats: Line = "1", own_seat: Line = "yes"
) -> Response:
    """Subscribe at a price, for oneself or for more; the next page asks for the money, or says that all is open."""
    try:
        given = {"price_id": price_id, "seats": seats or "1", "own_seat": own_seat == "yes"}
        made = subscriptions.checkout(ctx, given=CheckoutIn.model_validate(given))
    except Refused as error:
        told = errors_told(words(request, ctx.actor), error)
        status = error.status if isinstance(error, DomainError) else 422
        return _plans_page(request, ctx, subscriptions.status(ctx), errors=told, status_code=status)
    return redirect(HERE, notice=None if made.due else "subscribed")


@router.get("/subscription")
def own(
    request: Request,
    ctx: Reading,
    price: UUID | None = None,
    when: When = When.NOW,
    find: Annotated[str, Query(max_length=200)] = "",
    seats: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = "",
) -> Response:
    """One's subscription; with `price` or `seats` what a change to it would cost, with `find` courses to open.

    From `cursor` on: the seats that were given away.
    """
    return own_page(request, ctx, price_id=price, when=when, find=find, seats=seats, cursor=cursor)


@router.post("/subscription/pay")
def pay(
    request: Request, ctx: Reading, runtime: RuntimeDep, account_id: Annotated[UUID, Form()], phone: Line = ""
) -> Response:
    """Ask for the money that is due: the page shows the prompt, or leads to the provider."""
    try:
        with runtime.database.write(ctx.actor) as writing:
            intent_id = subscriptions.access_due(writing)
        method = MethodIn(account_id=account_id, phone=phone)
        payments.pay(runtime.database, ctx.actor, intent_id=intent_id, method=method, key=new_id().hex)
    except Refused as error:
        return refused(request, ctx, error)
    return redirect(f"{HERE}#due")


@router.post("/subscription/way")
def set_way(
    request: Request, ctx: Writing, way: Annotated[Way, Form()], phone: Line = "", method_id: Line = ""
) -> Response:
    """Choose how later terms are collected."""
    try:
        chosen = UUID(method_id) if way == Way.SAVED and method_id else None
        subscriptions.set_way(ctx, given=WayIn(way=way, phone=phone or None, method_id=chosen))
    except (ValueError, DomainError) as error:
        return refused(request, ctx, error if isinstance(error, DomainError) else Invalid("Choose one of the list."))
    return redirect(HERE, notice="saved")


@router.post("/subscription/change")
def change(
    request: Request, ctx: Writing, price_id: Annotated[UUID, Form()], when: Annotated[When, Form()]
) -> Response:
    """Change the plan as the preview said."""
    try:
        made = subscriptions.change(ctx, given=ChangeIn(price_id=price_id, when=when))
    except DomainError as error:
        return refused(request, ctx, error)
    return redirect(f"{HERE}#due" if made.due else HERE, notice=None if made.due else "plan-changed")


@router.post("/subscription/keep")
def keep(request: Request, ctx: Writing) -> Response:
    """Take back a change that was to come."""
    try:
        subscriptions.keep_plan(ctx)
    except DomainError as error:
        return refused(request, ctx, error)
    return redirect(HERE, notice="saved")


@router.post("/subscription/pause")
def pause(request: Request, ctx: Writing, until: Line = "") -> Response:
    """Let it rest until a day, or for as long as it may."""
    try:
        subscriptions.pause(ctx, given=PauseIn(until=_morning_of(until)))
    except (ValueError, DomainError) as error:
        refusal = error if isinstance(error, DomainError) else Invalid("Please give a day such as 2027-01-11.")
        return refused(request, ctx, refusal)
    return redirect(HERE, notice="subscription-paused")


@router.post("/subscription/resume")
def resume(request: Request, ctx: Writing) -> Response:
    """Go on."""
    try:
        subscriptions.resume(ctx)
    except DomainError as error:
        return refused(request, ctx, error)
    return redirect(HERE, notice="subscription-resumed")


@router.post("/subscription/cancel")
def cancel(request: Request, ctx: Writing, when: Annotated[When, Form()] = When.PERIOD_END) -> Response:
    """End it."""
    try:
        subscriptions.cancel(ctx, given=CancelIn(when=when))
    except DomainError as error:
        return refused(request, ctx, error)
    return redirect(HERE, notice="subscription-cancelled")


@router.post("/subscription/courses/{slug}")
def join_course(ctx: Writing, slug: str) -> Response:
    """Open a course by one's plan."""
    return redirect(f"/courses/{subscriptions.join_course(ctx, slug)}", notice="enrolled")


def _morning_of(day: str) -> datetime | None:
    """The beginning of a day at the institution. ValueError."""
    if not day:
        return None
    return datetime.combine(datetime.fromisoformat(day).date(), time(), tzinfo=ZoneInfo(INSTITUTION_ZONE))


def refused(request: Request, ctx: ReadCtx, error: ValidationError | DomainError) -> Response:
    told = errors_told(words(request, ctx.actor), error)
    status = error.status if isinstance(error, DomainError) else 422
    return own_page(request, ctx, errors=told, status_code=status)


def _plans_page(
    request: Request,
    ctx: ReadCtx,
    status: StatusView | None,
    *,
    cursor: str = "",
    errors: Errors | None = None,
    status_code: int = 200,
) -> Response:
    money = partial(amounts.written, language=language_of(request, ctx.actor))
    found = subscriptions.browse(ctx, cursor=cursor)
    mine = status.subscription if status else None
    return page(
        request, ctx.actor, "plans.html", status=status_code, found=found, mine=mine, money=money, errors=errors or {}
    )


def own_page(
    request: Request,
    ctx: ReadCtx,
    *,
    price_id: UUID | None = None,
    when: When = When.NOW,
    find: str = "",
    seats: str = "",
    cursor: str = "",
    errors: Errors | None = None,
    status_code: int = 200,
) -> Response:
    """The whole page; its statements do not grow with terms or courses."""
    told = dict(errors or {})
    status = subscriptions.status(ctx)
    mine = status.subscription
    preview: ChangePreview | None = None
    resized: ChangePreview | None = None
    try:
        if price_id is not None and mine is not None:
            preview = subscriptions.preview_change(ctx, given=ChangeIn(price_id=price_id, when=when))
        elif seats and mine is not None:
            resized = subscriptions.preview_seats(ctx, given=SeatsIn.model_validate({"seats": seats}))
    except Refused as error:
        told |= errors_told(words(request, ctx.actor), error)
        status_code = error.status if isinstance(error, DomainError) else 422
    shared = mine is not None and (mine.seats > 1 or not mine.own_seat)
    shown: dict[str, Any] = {
        "found": status,
        "mine": mine,
        "preview": preview,
        "resized": resized,
        "shared": shared,
        "seats": subscriptions.seats(ctx, cursor=cursor) if shared else None,
        "others": _others(ctx, status) if mine is not None and "change" in mine.may else [],
        "intent": _intent(ctx, status),
        "find": find,
        "matching": _matching(ctx, status, find),
        "methods": _methods(ctx, status),
        "kept": _kept(ctx) if mine is not None else [],
        "money": partial(amounts.written, language=language_of(request, ctx.actor)),
        "earliest": (ctx.now + timedelta(days=1)).date().isoformat(),
        "latest": (ctx.now + timedelta(days=90)).date().isoformat(),
    }
    return page(request, ctx.actor, "subscription.html", status=status_code, errors=told, **shown)


def _others(ctx: ReadCtx, status: StatusView) -> list[tuple[PlanView, PriceView]]:
    """The prices one could change to."""
    mine = status.subscription
    assert mine is not None
    return [
        (plan, price)
        for plan in subscriptions.browse(ctx, limit=100).items
        for price in plan.prices
        if price.currency == mine.currency and price.id != mine.price_id
    ]


def _matching(ctx: ReadCtx, status: StatusView, find: str) -> list[CourseCard]:
    """Courses to open, where the plan leaves the choice."""
    mine = status.subscription
    if mine is None or not mine.open or mine.scope != Scope.ALL:
        return []
    inside = {each.id for each in status.courses}
    found = courses.browse(ctx, q=find, limit=FOUND + len(inside)).items
    return [each for each in found if each.id not in inside][:FOUND]


def _intent(ctx: ReadCtx, status: StatusView) -> IntentView | None:
    due = status.subscription.due if status.subscription else None
    return payments.view(ctx, due.intent_id) if due is not None and due.intent_id is not None else None


def _methods(ctx: ReadCtx, status: StatusView) -> list[MethodView]:
    due = status.subscription.due if status.subscription else None
    return payments.methods(ctx, currency=due.currency, amount=due.amount) if due is not None else []


def _kept(ctx: ReadCtx) -> list[SavedMethodView]:
    return payments.saved_methods(ctx)
