"""The courses that a subscription opens and closes, by enrolments that carry its own source.

A course that somebody is in another way (bought, or joined for nothing) is never marked, and so never taken away; nor
is anybody put back into a course they left by themselves.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from lms_core.commerce.orders.service.fulfilling import OURS, keeper
from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.models import Scope, SubscribedCourse, Subscription
from lms_core.commerce.subscriptions.transitions import OPEN
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.enrolments import service as enrolments


def source_of(row: Subscription) -> str:
    """What the enrolments of this subscription are marked with."""
    return enrolments.lent_by(row.id)


def open_listed(ctx: WriteCtx, row: Subscription) -> None:
    """Put its person into every course it opens now: those its plan names, or those that a pause had closed."""
    known = {each.course_id: each for each in queries.opened(ctx, row.id)}
    listed = queries.courses_of(ctx, [row.plan_id])[row.plan_id]
    if queries.plan(ctx, row.plan_id).scope == Scope.ALL:
        listed = list(known)
    wanted = [each for each in listed if each not in known or known[each].closed_at is not None]
    for course_id in sorted(courses.not_drafts(ctx, wanted) if wanted else ()):
        open_one(ctx, row, course_id, known.get(course_id))


def open_one(ctx: WriteCtx, row: Subscription, course_id: UUID, known: SubscribedCourse | None) -> bool:
    """Put its person into one course. False: they are in it another way, which is left alone."""
    if row.user_id is None:
        return False
    given = enrolments.enrol_person(ctx, user_id=row.user_id, course_id=course_id, source=source_of(row))
    if given and known is None:
        ctx.add(SubscribedCourse(subscription_id=row.id, course_id=course_id, opened_at=ctx.now))
    elif given and known is not None:
        known.opened_at, known.closed_at = ctx.now, None
        ctx.session.flush()
    return given


def close_all(ctx: WriteCtx, row: Subscription, *, but: Iterable[UUID] = ()) -> None:
    """Take its person out of every course it opened, except for `but`; progress is kept."""
    kept = frozenset(but)
    open_now = [each for each in queries.opened(ctx, row.id) if each.closed_at is None and each.course_id not in kept]
    if not open_now or row.user_id is None:
        return
    ids = [each.course_id for each in open_now]
    ended = enrolments.end_lent(ctx, user_id=row.user_id, course_ids=ids, source=source_of(row))
    for each in open_now:
        if each.course_id in ended:  # a course they left by themselves is not opened again after a pause
            each.closed_at = ctx.now
    ctx.session.flush()


@keeper
def keep_open(ctx: ReadCtx, user_id: UUID, course_ids: Collection[UUID]) -> Iterable[UUID]:
    """What a purchase opened and a refund takes back stays open by a subscription, for as long as that lasts."""
    row = queries.living(ctx, user_id)
    if row is None or row.state not in OPEN or not isinstance(ctx, WriteCtx):
        return ()
    known = {each.course_id: each for each in queries.opened(ctx, row.id)}
    mine = {*known, *queries.courses_of(ctx, [row.plan_id])[row.plan_id]} & set(course_ids)
    lent = enrolments.lend(ctx, user_id=user_id, course_ids=mine, sources=OURS, source=source_of(row))
    for course_id in lent - known.keys():
        ctx.add(SubscribedCourse(subscription_id=row.id, course_id=course_id, opened_at=ctx.now))
    return lent


def follow_plan(ctx: WriteCtx, row: Subscription) -> None:
    """After a change of plan, or of the plan's courses: what is gone closes, what is new opens."""
    if queries.plan(ctx, row.plan_id).scope == Scope.COURSES:
        close_all(ctx, row, but=queries.courses_of(ctx, [row.plan_id])[row.plan_id])
    open_listed(ctx, row)
