"""Verbs on plans and subscriptions; `from ...subscriptions import service as subscriptions`."""

from lms_core.commerce.subscriptions.service.changing import (
    change,
    keep_plan,
    preview_change,
    preview_seats,
    set_seats,
)
from lms_core.commerce.subscriptions.service.ending import cancel, leave_for_good, pause, resume
from lms_core.commerce.subscriptions.service.finance import figures, subscribers
from lms_core.commerce.subscriptions.service.plans import (
    access_managed,
    access_plan,
    browse,
    change_plan,
    create_plan,
    manageable,
    set_allowance,
    set_courses,
    set_price,
)
from lms_core.commerce.subscriptions.service.seats import give_seats, seat_offer, seats, take_seat, withdraw_seat
from lms_core.commerce.subscriptions.service.subscribing import (
    access_due,
    checkout,
    covered,
    join_course,
    set_way,
    status,
)
from lms_core.commerce.subscriptions.service.usage import use

__all__ = [
    "access_due",
    "access_managed",
    "access_plan",
    "browse",
    "cancel",
    "change",
    "change_plan",
    "checkout",
    "covered",
    "create_plan",
    "figures",
    "give_seats",
    "join_course",
    "keep_plan",
    "leave_for_good",
    "manageable",
    "pause",
    "preview_change",
    "preview_seats",
    "resume",
    "seat_offer",
    "seats",
    "set_allowance",
    "set_courses",
    "set_price",
    "set_seats",
    "set_way",
    "status",
    "subscribers",
    "take_seat",
    "use",
    "withdraw_seat",
]
