"""Verbs of administrators on reviews: what was reported, hide one with a reason, show it again."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from lms_core.content.courses import service as courses
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.events import Notice
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission
from lms_core.learning.reviews import service
from lms_core.learning.reviews.errors import ReviewNotFound
from lms_core.learning.reviews.events import ReviewHidden
from lms_core.learning.reviews.models import Review, ReviewReport
from lms_core.learning.reviews.schemas import Hiding, ReportedReview

REASONS_SHOWN = 5


def reported(ctx: ReadCtx, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[ReportedReview]:
    """Reviews that somebody reported, and hidden ones, newest first. Forbidden. A fixed number of statements."""
    _require(ctx)
    wanted: Any = (
        select(Review, func.count(ReviewReport.user_id))
        .outerjoin(ReviewReport, ReviewReport.review_id == Review.id)
        .group_by(Review.id)
        .having((func.count(ReviewReport.user_id) > 0) | Review.hidden_at.is_not(None))
    )
    if cursor:
        last = parse_id(decode_cursor(cursor, (str,))[0])
        if last is None:
            raise Invalid("The cursor belongs to another list. Start again without it.")
        wanted = wanted.where(Review.id < last)
    rows = ctx.session.execute(wanted.order_by(Review.id.desc()).limit(limit + 1)).all()
    found = page(rows, limit, key=lambda row: [str(row[0].id)])
    reasons = _reasons(ctx, [row[0].id for row in found.items])
    names = accounts.names_of(ctx, [row[0].user_id for row in found.items])
    cards = courses.cards(ctx, list({row[0].course_id for row in found.items}))
    items = [
        ReportedReview(
            id=row.id,
            course_title=cards[row.course_id].title,
            course_slug=cards[row.course_id].slug,
            stars=row.stars,
            text=row.text,
            author=names.get(row.user_id, ""),
            reports=reports,
            reasons=tuple(reasons.get(row.id, ())),
            hidden_at=row.hidden_at,
            hidden_reason=row.hidden_reason,
        )
        for row, reports in found.items
        if row.course_id in cards
    ]
    return Page(items=items, next_cursor=found.next_cursor)


def hide(ctx: WriteCtx, review_id: UUID, *, given: Hiding) -> None:
    """Take a review out of sight and out of the sums; who wrote it is told why. ReviewNotFound, Forbidden."""
    row = _held(ctx, review_id)
    fresh = row.hidden_at is None
    row.hidden_at, row.hidden_reason = row.hidden_at or ctx.now, given.reason
    ctx.session.flush()
    service.recount(ctx, row.course_id)
    audit.record(ctx, action="review.hidden", object=("review", row.id), reason=given.reason, stars=row.stars)
    if fresh:
        card = courses.cards(ctx, [row.course_id])[row.course_id]
        about = {"course": card.title, "slug": card.slug, "reason": given.reason}
        told = Notice(recipients=(row.user_id,), kind="reviews.hidden", variables=about)
        ctx.emit(ReviewHidden(review_id=row.id, course_id=row.course_id, notice=told))


def show(ctx: WriteCtx, review_id: UUID) -> None:
    """Show a hidden review again. ReviewNotFound, Forbidden."""
    row = _held(ctx, review_id)
    row.hidden_at, row.hidden_reason = None, ""
    ctx.session.flush()
    service.recount(ctx, row.course_id)
    audit.record(ctx, action="review.shown", object=("review", row.id))


def forget(ctx: WriteCtx, user_id: UUID) -> None:
    """Before an account is emptied: its reviews leave, and the sums of their courses with them."""
    theirs = select(Review).where(Review.user_id == user_id).order_by(Review.course_id)
    for row in ctx.session.execute(theirs).scalars().all():
        courses.hold(ctx, row.course_id)
        ctx.session.delete(row)
        ctx.session.flush()
        service.recount(ctx, row.course_id)


def _require(ctx: ReadCtx) -> None:
    if not ctx.actor.may(Permission.REVIEW_HIDE):
        raise Forbidden("Only administrators hide reviews. Report it, and they look at it.")


def _held(ctx: WriteCtx, review_id: UUID) -> Review:
    """The review, its course held: sums are made by one at a time."""
    _require(ctx)
    wanted = select(Review).where(Review.id == review_id)
    row: Review | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise ReviewNotFound()
    courses.hold(ctx, row.course_id)
    ctx.session.refresh(row)
    return row


def _reasons(ctx: ReadCtx, ids: list[UUID]) -> dict[UUID, list[str]]:
    wanted = select(ReviewReport.review_id, ReviewReport.reason).where(ReviewReport.review_id.in_(ids))
    found: dict[UUID, list[str]] = {}
    for review_id, reason in ctx.session.execute(wanted.order_by(ReviewReport.created_at)):
        if len(kept := found.setdefault(review_id, [])) < REASONS_SHOWN:
            kept.append(reason)
    return found
