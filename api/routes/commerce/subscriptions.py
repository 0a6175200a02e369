"""`/plans`, `/subscription`, `/finance/subscriptions`: what can be subscribed to, one's own, and everybody's."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, VisitorReading, Writing
from api.errors import errors
from lms_core.commerce.payments.errors import MethodUnavailable, PhoneInvalid
from lms_core.commerce.subscriptions import service as subscriptions
from lms_core.commerce.subscriptions.errors import (
    AlreadySubscribed,
    CourseNotInPlan,
    NoSubscription,
    NothingToPay,
    OtherCurrency,
    PauseTooLong,
    PlanNotFound,
    PlanNotReady,
    PriceNotFound,
    SamePrice,
    SeatClaimed,
    SeatNotFound,
    SeatsTaken,
    SubscriptionState,
    TooMuchToPay,
)
from lms_core.commerce.subscriptions.schemas import (
    MOST_SEATS,
    AllowanceIn,
    CancelIn,
    ChangeIn,
    ChangePreview,
    CheckoutIn,
    CheckoutView,
    DueView,
    Figures,
    PauseIn,
    PlanChange,
    PlanCoursesIn,
    PlanIn,
    PlanView,
    PriceIn,
    SeatOffer,
    SeatsGivenIn,
    SeatsIn,
    SeatView,
    StatusView,
    SubscriberRow,
    SubscriptionView,
    WayIn,
    When,
)
from lms_core.commerce.subscriptions.transitions import State
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, Unauthenticated
from lms_core.kit.pagination import Page

router = APIRouter(tags=["subscriptions"])

Cursor = Annotated[str, Query(max_length=600)]
Token = Annotated[str, Query(min_length=20, max_length=100)]
OWN = (Unauthenticated, NoSubscription, SubscriptionState)
MANAGED = (Unauthenticated, Forbidden, PlanNotFound, PlanNotReady, Invalid)


@router.get("/plans", response_model=Page[PlanView], responses=errors(Invalid))
def browse(ctx: VisitorReading, cursor: Cursor = "") -> Page[PlanView]:
    """The plans that are offered, with prices and courses."""
    return subscriptions.browse(ctx, cursor=cursor)


@router.get("/plans/{plan_id}", response_model=PlanView, responses=errors(PlanNotFound))
def read_plan(ctx: VisitorReading, plan_id: UUID) -> PlanView:
    """A plan that is offered, or any for those who read the books."""
    return subscriptions.access_plan(ctx, plan_id)


@router.post(
    "/finance/plans", status_code=201, response_model=PlanView, responses=errors(Unauthenticated, Forbidden, Invalid)
)
def create_plan(ctx: Writing, plan: PlanIn) -> PlanView:
    """Make a plan; it is offered once it has a price, something to open, and `active`."""
    return subscriptions.create_plan(ctx, plan=plan)


@router.get("/finance/plans", response_model=Page[PlanView], responses=errors(Unauthenticated, Forbidden, Invalid))
def manageable(ctx: Reading, cursor: Cursor = "") -> Page[PlanView]:
    """All plans, those not offered too."""
    return subscriptions.manageable(ctx, cursor=cursor)


@router.patch("/finance/plans/{plan_id}", response_model=PlanView, responses=errors(*MANAGED))
def change_plan(ctx: Writing, plan_id: UUID, change: PlanChange) -> PlanView:
    """Describe a plan anew, offer it or not; what is left out stays."""
    return subscriptions.change_plan(ctx, plan_id, change=change)


@router.put("/finance/plans/{plan_id}/courses", response_model=PlanView, responses=errors(*MANAGED))
def set_courses(ctx: Writing, plan_id: UUID, given: PlanCoursesIn) -> PlanView:
    """Make these the courses that a plan opens."""
    return subscriptions.set_courses(ctx, plan_id, given=given)


@router.put("/finance/plans/{plan_id}/prices", response_model=PlanView, responses=errors(*MANAGED))
def set_price(ctx: Writing, plan_id: UUID, price: PriceIn) -> PlanView:
    """Offer a price from now on; who subscribed keeps theirs."""
    return subscriptions.set_price(ctx, plan_id, price=price)


@router.put("/finance/plans/{plan_id}/allowances", response_model=PlanView, responses=errors(*MANAGED))
def set_allowance(ctx: Writing, plan_id: UUID, given: AllowanceIn) -> PlanView:
    """Say how much of something a plan includes for each seat and month, and what goes beyond."""
    return subscriptions.set_allowance(ctx, plan_id, given=given)


@router.get(
    "/finance/subscriptions",
    response_model=Page[SubscriberRow],
    responses=errors(Unauthenticated, Forbidden, Invalid),
)
def subscribers(ctx: Reading, state: State | None = None, cursor: Cursor = "") -> Page[SubscriberRow]:
    """Everybody's subscriptions, newest first, of one state or all."""
    return subscriptions.subscribers(ctx, state=state, cursor=cursor)


@router.get("/finance/subscriptions/figures", response_model=Figures, responses=errors(Unauthenticated, Forbidden))
def figures(ctx: Reading) -> Figures:
    """How many subscriptions stand where, and what those that pay bring in a month."""
    return subscriptions.figures(ctx)


@router.post(
    "/subscription/checkout",
    status_code=201,
    response_model=CheckoutView,
    responses=errors(Unauthenticated, PriceNotFound, AlreadySubscribed, PhoneInvalid, TooMuchToPay, Invalid),
)
def checkout(ctx: Writing, given: CheckoutIn) -> CheckoutView:
    """Subscribe at a price. `due.intent_id` is to be paid; without `due` the subscription is open already."""
    return subscriptions.checkout(ctx, given=given)


@router.get("/subscription/status", response_model=StatusView, responses=errors(Unauthenticated))
def status(ctx: Reading) -> StatusView:
    """How the caller's subscription stands, its terms, and the courses it opened."""
    return subscriptions.status(ctx)


@router.post("/subscription/due", response_model=DueView, responses=errors(*OWN, NothingToPay))
def due(ctx: Writing) -> DueView:
    """What the caller has to pay now, as payments know it."""
    return DueView(intent_id=subscriptions.access_due(ctx))


@router.put(
    "/subscription/way",
    response_model=SubscriptionView,
    responses=errors(*OWN, MethodUnavailable, PhoneInvalid, Invalid),
)
def set_way(ctx: Writing, given: WayIn) -> SubscriptionView:
    """Choose how later terms are collected."""
    return subscriptions.set_way(ctx, given=given)


@router.post("/subscription/cancel", response_model=SubscriptionView, responses=errors(*OWN))
def cancel(ctx: Writing, given: CancelIn) -> SubscriptionView:
    """End the subscription, at once or when its term does."""
    return subscriptions.cancel(ctx, given=given)


@router.post("/subscription/pause", response_model=SubscriptionView, responses=errors(*OWN, PauseTooLong))
def pause(ctx: Writing, given: PauseIn) -> SubscriptionView:
    """Let it rest; the days that are paid for are kept."""
    return subscriptions.pause(ctx, given=given)


@router.post("/subscription/resume", response_model=SubscriptionView, responses=errors(*OWN))
def resume(ctx: Writing) -> SubscriptionView:
    """Go on after a pause, or take back a cancellation."""
    return subscriptions.resume(ctx)


@router.get(
    "/subscription/change",
    response_model=ChangePreview,
    responses=errors(*OWN, PriceNotFound, SamePrice, OtherCurrency, TooMuchToPay),
)
def preview_change(ctx: Reading, price_id: UUID, when: When = When.NOW) -> ChangePreview:
    """What a change would cost now."""
    return subscriptions.preview_change(ctx, given=ChangeIn(price_id=price_id, when=when))


@router.post(
    "/subscription/change",
    response_model=CheckoutView,
    responses=errors(*OWN, PriceNotFound, SamePrice, OtherCurrency, TooMuchToPay),
)
def change(ctx: Writing, given: ChangeIn) -> CheckoutView:
    """Change the plan; where something is `due`, once that is paid."""
    return subscriptions.change(ctx, given=given)


@router.delete("/subscription/change", response_model=SubscriptionView, responses=errors(*OWN))
def keep_plan(ctx: Writing) -> SubscriptionView:
    """Take back a change that was to come, or that waits for its payment."""
    return subscriptions.keep_plan(ctx)


@router.post(
    "/subscription/courses/{course}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, NoSubscription, CourseNotInPlan, CourseNotFound),
)
def join_course(ctx: Writing, course: str) -> None:
    """Open a course by a plan that leaves the choice to its subscriber."""
    subscriptions.join_course(ctx, course)


@router.get("/subscription/seats/preview", response_model=ChangePreview, responses=errors(*OWN, TooMuchToPay, Invalid))
def preview_seats(ctx: Reading, seats: Annotated[int, Query(ge=1, le=MOST_SEATS)]) -> ChangePreview:
    """What another number of seats would cost now."""
    return subscriptions.preview_seats(ctx, given=SeatsIn(seats=seats))


@router.put("/subscription/seats", response_model=CheckoutView, responses=errors(*OWN, SeatsTaken, TooMuchToPay))
def set_seats(ctx: Writing, given: SeatsIn) -> CheckoutView:
    """Have so many seats; more of them once what is `due` is paid."""
    return subscriptions.set_seats(ctx, given=given)


@router.get(
    "/subscription/seats", response_model=Page[SeatView], responses=errors(Unauthenticated, NoSubscription, Invalid)
)
def seats(ctx: Reading, cursor: Cursor = "") -> Page[SeatView]:
    """The seats the caller gave away."""
    return subscriptions.seats(ctx, cursor=cursor)


@router.post(
    "/subscription/seats", status_code=201, response_model=list[SeatView], responses=errors(*OWN, SeatsTaken, Invalid)
)
def give_seats(ctx: Writing, given: SeatsGivenIn) -> list[SeatView]:
    """Give seats to addresses; each gets a letter with a link."""
    return subscriptions.give_seats(ctx, given=given)


@router.delete(
    "/subscription/seats/{seat_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, NoSubscription, SeatNotFound),
)
def withdraw_seat(ctx: Writing, seat_id: UUID) -> None:
    """Take a seat back; its courses close."""
    subscriptions.withdraw_seat(ctx, seat_id)


@router.get("/seats", response_model=SeatOffer, responses=errors(SeatNotFound, SeatClaimed))
def seat_offer(ctx: VisitorReading, token: Token) -> SeatOffer:
    """What a letter's link is for."""
    return subscriptions.seat_offer(ctx, token=token)


@router.post("/seats", response_model=SeatOffer, responses=errors(Unauthenticated, SeatNotFound, SeatClaimed))
def take_seat(ctx: Writing, token: Token) -> SeatOffer:
    """Take the seat of a letter; its courses open."""
    return subscriptions.take_seat(ctx, token=token)
