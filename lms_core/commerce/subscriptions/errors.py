"""Refusals of subscriptions."""

from lms_core.kit.errors import Conflict, Invalid, NotFound


class PlanNotFound(NotFound):
    """No such plan, or it is not offered."""

    code = "plan_not_found"
    title = "There is no such plan"

    def __init__(self) -> None:
        super().__init__("The plan does not exist, or is not offered any more. Look at the list of plans.")


class PriceNotFound(NotFound):
    """No such price, or it was replaced."""

    code = "plan_price_not_found"
    title = "This price is not offered"

    def __init__(self) -> None:
        super().__init__("The price was replaced meanwhile, or its plan is not offered. Look at the plans again.")


class NoSubscription(NotFound):
    """The person has none that is alive."""

    code = "no_subscription"
    title = "You have no subscription"

    def __init__(self) -> None:
        super().__init__("There is no subscription of yours now. Choose a plan to begin one.")


class AlreadySubscribed(Conflict):
    """One living subscription a person."""

    code = "already_subscribed"
    title = "You have a subscription already"

    def __init__(self) -> None:
        super().__init__("You have a subscription already. Change its plan instead of beginning another one.")


class SubscriptionState(Conflict):
    """The table of states knows no such step from here."""

    code = "subscription_state"
    title = "The subscription is not at this point"

    def __init__(self) -> None:
        super().__init__("The subscription does not allow this now. Load its page again to see how it stands.")


class OtherCurrency(Invalid):
    """A change of plan keeps its currency."""

    code = "other_currency"
    title = "This price is in another currency"

    def __init__(self) -> None:
        super().__init__("A subscription keeps its currency. Choose a price in the same one.")


class SamePrice(Conflict):
    """A change to what is there."""

    code = "same_price"
    title = "This is your plan already"

    def __init__(self) -> None:
        super().__init__("The subscription has this plan and price already. Choose another one.")


class PauseTooLong(Invalid):
    """A pause ends in the future and within the longest one."""

    code = "pause_too_long"
    title = "The pause cannot end then"

    def __init__(self, days: int) -> None:
        super().__init__(f"A pause ends after today and lasts {days} days at most. Choose another day.")


class NothingToPay(Conflict):
    """No term waits for money."""

    code = "nothing_to_pay"
    title = "There is nothing to pay"

    def __init__(self) -> None:
        super().__init__("Nothing of your subscription waits for payment now.")


class CourseNotInPlan(NotFound):
    """The plan does not open this course."""

    code = "course_not_in_plan"
    title = "Your plan does not open this course"

    def __init__(self) -> None:
        super().__init__("The course is not part of your plan, or your subscription is not open now.")


class PlanNotReady(Conflict):
    """Offering a plan that opens nothing, or has no price."""

    code = "plan_not_ready"
    title = "The plan is not ready"

    def __init__(self) -> None:
        super().__init__("A plan that is offered needs a price, and courses that it opens. Add them first.")


class TooMuchToPay(Invalid):
    """So many seats cost more than can be written down."""

    code = "too_much_to_pay"
    title = "So many seats cannot be paid for"

    def __init__(self) -> None:
        super().__init__("The sum is larger than any payment can be. Choose fewer seats.")


class SeatsTaken(Conflict):
    """More seats are given away than would be left."""

    code = "seats_taken"
    title = "The seats are taken"

    def __init__(self) -> None:
        super().__init__("More seats are given away than that. Take some back first, or add seats.")


class SeatNotFound(NotFound):
    """No such seat, or its letter's link works no longer."""

    code = "seat_not_found"
    title = "There is no such seat"

    def __init__(self) -> None:
        super().__init__("The seat was taken back, or a newer letter has another link. Ask whoever gave it to you.")


class SeatClaimed(Conflict):
    """Somebody took the seat already, or the person has one."""

    code = "seat_claimed"
    title = "This seat is not to be had"

    def __init__(self) -> None:
        super().__init__("Somebody took this seat already, or you have a seat of this subscription.")


class AllowanceUsed(Conflict):
    """What the plan includes is used up, and no more can be had in this term."""

    code = "allowance_used"
    title = "Your plan's allowance is used up"

    def __init__(self) -> None:
        super().__init__(
            "You have used what your plan includes. The page of your subscription says when it begins anew."
        )
