"""Verbs on plans and subscriptions; `from ...subscriptions import service as subscriptions`."""

from lms_core.commerce.subscriptions.service.changing import change, keep_plan, preview_change
from lms_core.commerce.subscriptions.service.ending import cancel, leave_for_good, pause, resume
from lms_core.commerce.subscriptions.service.finance import figures, subscribers
from lms_core.commerce.subscriptions.service.plans import (
    access_managed,
    access_plan,
    browse,
    change_plan,
    create_plan,
    manageable,
    set_courses,
    set_price,
)
from lms_core.commerce.subscriptions.service.subscribing import (
    access_due,
    checkout,
    join_course,
    set_way,
    status,
)

__all__ = [
    "access_due",
    "access_managed",
    "access_plan",
    "browse",
    "cancel",
    "change",
    "change_plan",
    "checkout",
    "create_plan",
    "figures",
    "join_course",
    "keep_plan",
    "leave_for_good",
    "manageable",
    "pause",
    "preview_change",
    "resume",
    "set_courses",
    "set_price",
    "set_way",
    "status",
    "subscribers",
]
