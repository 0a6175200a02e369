"""The courses that a subscription opens and closes for everybody who has a seat in it, by enrolments of its own source.

What somebody has in another way stays theirs: who was in a course before is never marked, who bought it or was given it
meanwhile is in it for good, another subscription that covers it goes on with it, and nobody is put back into a course
they left by themselves.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from lms_core.commerce.orders import service as orders
from lms_core.commerce.subscriptions import queries
from lms_core.commerce.subscriptions.models import Scope, SubscribedCourse, Subscription
from lms_core.commerce.subscriptions.transitions import OPEN
from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.learning.enrolments import service as enrolments

SETTLE_SEATS = "subscriptions.settle_seats"


def source_of(row: Subscription) -> str:
    """What the enrolments of this subscription are marked with."""
    return enrolments.lent_by(row.id)


def settle(ctx: WriteCtx, row: Subscription) -> None:
    """Open or close, as the subscription stands: for its own person now, for other seats in the background."""
    if row.user_id is not None:
        settle_person(ctx, row, row.user_id, seated=row.own_seat)
    if queries.any_seat(ctx, row.id):
        ctx.enqueue(SETTLE_SEATS, subscription_id=str(row.id))


def settle_person(ctx: WriteCtx, row: Subscription, user_id: UUID, *, seated: bool = True) -> None:
    """Open to one person what the subscription opens now, and close what it does not. Safe to repeat."""
    if not seated or row.state not in OPEN:
        close(ctx, row, user_id)
        return
    known = {each.course_id: each for each in queries.opened(ctx, row.id, user_id)}
    listed = queries.courses_of(ctx, [row.plan_id])[row.plan_id]
    if queries.plan(ctx, row.plan_id).scope == Scope.ALL:
        listed = list(known)
    else:
        close(ctx, row, user_id, but=listed)
    wanted = [each for each in listed if each not in known or known[each].closed_at is not None]
    for course_id in sorted(courses.not_drafts(ctx, wanted) if wanted else ()):
        open_one(ctx, row, user_id, course_id, known.get(course_id))


def open_one(ctx: WriteCtx, row: Subscription, user_id: UUID, course_id: UUID, known: SubscribedCourse | None) -> bool:
    """Put somebody into one course. False: they are in it another way, which is left alone."""
    given = enrolments.enrol_person(ctx, user_id=user_id, course_id=course_id, source=source_of(row))
    if given and known is None:
        _note(ctx, row, user_id, course_id)
    elif given and known is not None:
        known.opened_at, known.closed_at = ctx.now, None
        ctx.session.flush()
    return given


def close(ctx: WriteCtx, row: Subscription, user_id: UUID, *, but: Iterable[UUID] = ()) -> None:
    """Take somebody out of every course it opened to them, except for `but`; progress is kept."""
    kept = frozenset(but)
    opened = queries.opened(ctx, row.id, user_id)
    open_now = {each.course_id: each for each in opened if each.closed_at is None and each.course_id not in kept}
    if not open_now:
        return
    bought = orders.bought_among(ctx, list(open_now), user_id=user_id)
    enrolments.lend(ctx, user_id=user_id, course_ids=bought, sources=[source_of(row)], source=orders.SOURCE)
    ended = enrolments.end_lent(ctx, user_id=user_id, course_ids=open_now, source=source_of(row))
    for course_id in ended:  # a course they left by themselves is not opened again after a pause
        open_now[course_id].closed_at = ctx.now
    ctx.session.flush()
    _hand_on(ctx, row, user_id, ended)


def _hand_on(ctx: WriteCtx, row: Subscription, user_id: UUID, ended: Collection[UUID]) -> None:
    """What another subscription covers goes on by that one."""
    for other in queries.rights(ctx, user_id) if ended else ():
        covered = covered_by(ctx, other, ended) if other.id != row.id else frozenset()
        known = {each.course_id: each for each in queries.opened(ctx, other.id, user_id)}
        for course_id in sorted(covered):
            open_one(ctx, other, user_id, course_id, known.get(course_id))


def covered_by(ctx: ReadCtx, row: Subscription, course_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the courses that the plan of a subscription opens. Two statements."""
    if queries.plan(ctx, row.plan_id).scope == Scope.ALL:
        return frozenset(course_ids)
    return frozenset(queries.courses_of(ctx, [row.plan_id])[row.plan_id]) & frozenset(course_ids)


@orders.keeper
def keep_open(ctx: ReadCtx, user_id: UUID, course_ids: Collection[UUID]) -> Iterable[UUID]:
    """What a purchase opened and a refund takes back stays open by a subscription, for as long as that lasts."""
    if not isinstance(ctx, WriteCtx):
        return ()
    every = set[UUID]()
    for row in queries.rights(ctx, user_id):
        known = {each.course_id for each in queries.opened(ctx, row.id, user_id)}
        mine = {*known, *queries.courses_of(ctx, [row.plan_id])[row.plan_id]} & set(course_ids) - every
        lent = enrolments.lend(ctx, user_id=user_id, course_ids=mine, sources=orders.OURS, source=source_of(row))
        for course_id in lent - known:
            _note(ctx, row, user_id, course_id)
        every |= lent
    return every


def _note(ctx: WriteCtx, row: Subscription, user_id: UUID, course_id: UUID) -> None:
    ctx.add(SubscribedCourse(subscription_id=row.id, user_id=user_id, course_id=course_id, opened_at=ctx.now))
