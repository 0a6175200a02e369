"""The institution's terms, and the shares of its courses."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.errors import EarnerNotFound, SharesTooHigh
from lms_core.commerce.revenue.models import RevenueSettings, RevenueShare
from lms_core.commerce.revenue.policies import require
from lms_core.commerce.revenue.schemas import SharesIn, ShareView, TermsIn, TermsView
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Conflict
from lms_core.kit.money import BASIS_POINTS, Currency
from lms_core.kit.permissions import Permission

# Before anybody says otherwise: above 100,000 shillings two people approve; nothing below 500 is paid out.
USUAL = TermsIn(two_above={Currency.KES: 10_000_000}, smallest={Currency.KES: 50_000})


def terms(ctx: ReadCtx) -> TermsView:
    """The terms in force, for who reads the finances. One statement. Forbidden."""
    require(ctx, Permission.FINANCE_READ)
    return in_force(ctx)


def in_force(ctx: ReadCtx) -> TermsView:
    """The terms in force. One statement."""
    row = queries.settings(ctx)
    if row is None:
        return TermsView(**USUAL.model_dump())
    return TermsView(
        hold_days=row.hold_days, owner_share=row.owner_share, two_above=row.two_above, smallest=row.smallest
    )


def set_terms(ctx: WriteCtx, *, given: TermsIn) -> TermsView:
    """Say the terms, for sales and batches to come. Forbidden; Conflict when somebody else saves in that moment."""
    require(ctx, Permission.FINANCE_MANAGE)
    row = queries.settings(ctx) or RevenueSettings(updated_at=ctx.now)
    for name, value in given.model_dump(mode="json").items():
        setattr(row, name, value)
    row.updated_at = ctx.now
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("Somebody else saved these terms in the same moment. Load them again.") from error
    audit.record(
        ctx,
        action="revenue.terms_changed",
        object=("revenue", row.id),
        hold_days=given.hold_days,
        owner_share=given.owner_share,
        two_above=", ".join(f"{name} {limit}" for name, limit in given.two_above.items()),
    )
    return in_force(ctx)


def shares(ctx: ReadCtx, course: str | UUID) -> list[ShareView]:
    """The shares of a course with its history, newest first. Forbidden, CourseNotFound."""
    require(ctx, Permission.FINANCE_READ)
    return _shown(ctx, _course(ctx, course).id)


def set_shares(ctx: WriteCtx, course: str | UUID, *, given: SharesIn) -> list[ShareView]:
    """Make these the shares of a course from now on; those that are the same go on.

    Forbidden, CourseNotFound, EarnerNotFound, SharesTooHigh.
    """
    require(ctx, Permission.FINANCE_MANAGE)
    card = _course(ctx, course)
    found = accounts.ids_of_emails(ctx, [each.email for each in given.shares])
    wanted: dict[UUID, int] = {}
    for each in given.shares:
        if each.email not in found:
            raise EarnerNotFound()
        wanted[found[each.email]] = wanted.get(found[each.email], 0) + each.basis_points
    if sum(wanted.values()) > BASIS_POINTS:
        raise SharesTooHigh()
    tenants.one_at_a_time(ctx)  # two who save at once must not both add theirs
    known = {row.user_id: row for row in queries.shares_at(ctx, [card.id], ctx.now)}
    ended = [row.id for row in known.values() if wanted.get(row.user_id) != row.basis_points]
    if ended:
        ctx.session.execute(update(RevenueShare).where(RevenueShare.id.in_(ended)).values(ends_at=ctx.now))
    for user_id, basis_points in wanted.items():
        same = user_id in known and known[user_id].basis_points == basis_points
        if basis_points and not same:
            ctx.add(
                RevenueShare(
                    course_id=card.id,
                    user_id=user_id,
                    basis_points=basis_points,
                    starts_at=ctx.now,
                    set_by=ctx.actor.user_id,
                )
            )
    audit.record(
        ctx, action="revenue.shares_changed", object=("course", card.id), people=len(wanted), sum=sum(wanted.values())
    )
    return _shown(ctx, card.id)


def _course(ctx: ReadCtx, course: str | UUID) -> CourseCard:
    return courses.access_course(ctx, course, even_archived=True)


def _shown(ctx: ReadCtx, course_id: UUID) -> list[ShareView]:
    rows = queries.shares_of(ctx, course_id)
    ids = {row.user_id for row in rows}
    names, emails = accounts.names_of(ctx, ids), accounts.emails_of(ctx, ids)
    return [
        ShareView(
            id=row.id,
            user_id=row.user_id,
            name=names.get(row.user_id, ""),
            email=emails.get(row.user_id, ""),
            basis_points=row.basis_points,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
    ]
