"""Affiliates: who sends buyers, by which code, and whose link somebody came by last."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.products import queries
from lms_core.commerce.products.errors import AffiliateNotFound, AlreadyAffiliate, CodeTaken
from lms_core.commerce.products.models import Affiliate, Attribution
from lms_core.commerce.products.policies import require_manager, require_reader
from lms_core.commerce.products.schemas import AffiliateChange, AffiliateIn, AffiliateView
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.pagination import MAXIMUM_LIMIT, Page, page

AFFILIATES_A_PAGE = 50


def affiliates(ctx: ReadCtx, *, cursor: str = "", limit: int = AFFILIATES_A_PAGE) -> Page[AffiliateView]:
    """Every affiliate, newest first. One statement. Forbidden without `finance:read`."""
    require_reader(ctx)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(Affiliate)
    if cursor:
        wanted = wanted.where(Affiliate.id < queries.after(cursor))
    rows = ctx.session.execute(wanted.order_by(Affiliate.id.desc()).limit(limit + 1)).scalars()
    return page([AffiliateView.model_validate(row) for row in rows], limit, key=lambda each: (str(each.id),))


def add_affiliate(ctx: WriteCtx, *, affiliate: AffiliateIn) -> AffiliateView:
    """Let somebody of the institution earn a share. Forbidden, NotFound (nobody there), AlreadyAffiliate, CodeTaken."""
    require_manager(ctx)
    if affiliate.user_id not in accounts.names_of(ctx, [affiliate.user_id]):
        raise NotFound("Nobody here has this account. Choose somebody of the institution.")
    if _of_person(ctx, affiliate.user_id) is not None:
        raise AlreadyAffiliate()
    row = Affiliate(**affiliate.model_dump(), code_key=affiliate.code.casefold(), created_at=ctx.now)
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise CodeTaken() from error
    audit.record(ctx, action="affiliate.added", object=("affiliate", row.id), share_bp=row.share_bp)
    return AffiliateView.model_validate(row)


def change_affiliate(ctx: WriteCtx, affiliate_id: UUID, *, change: AffiliateChange) -> AffiliateView:
    """Change the share or the window, or let the code count no longer. AffiliateNotFound."""
    require_manager(ctx)
    wanted = select(Affiliate).where(Affiliate.id == affiliate_id).with_for_update(key_share=True)
    row: Affiliate | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise AffiliateNotFound()
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(row, name, value)
    ctx.session.flush()
    audit.record(ctx, action="affiliate.changed", object=("affiliate", row.id), share_bp=row.share_bp)
    return AffiliateView.model_validate(row)


def affiliate_of(ctx: ReadCtx, affiliate_id: UUID) -> AffiliateView | None:
    """An affiliate by id, for callers who have authorised. One statement."""
    row = ctx.session.execute(select(Affiliate).where(Affiliate.id == affiliate_id)).scalar_one_or_none()
    return AffiliateView.model_validate(row) if row is not None else None


def affiliate_names(ctx: ReadCtx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of affiliates by their own ids, for callers who have authorised; two statements at most."""
    rows = ctx.session.execute(
        select(Affiliate.id, Affiliate.user_id, Affiliate.code).where(Affiliate.id.in_(set(ids)))
    )
    found = {row[0]: (row[1], row[2]) for row in rows}
    names = accounts.names_of(ctx, (user_id for user_id, _ in found.values() if user_id is not None))
    return {each: names.get(user_id, code) for each, (user_id, code) in found.items()}


def own_affiliate(ctx: ReadCtx) -> AffiliateView | None:
    """The actor as an affiliate; None for who sends no buyers. One statement."""
    row = _of_person(ctx, ctx.actor.user_id) if ctx.actor.user_id is not None else None
    return AffiliateView.model_validate(row) if row is not None else None


def attribute(ctx: WriteCtx, code: str) -> AffiliateView:
    """Count the visit, and note that the actor came by this code; the last one counts. AffiliateNotFound.

    Of a visitor who is not logged in nothing is kept but the count; an affiliate's own visits count for nothing.
    """
    row = _with_code(ctx, code)
    if row is None:
        raise AffiliateNotFound()
    user_id = ctx.actor.user_id
    if user_id is None or user_id != row.user_id:
        seen = update(Affiliate).where(Affiliate.id == row.id).values(visits=Affiliate.visits + 1)
        ctx.session.execute(seen, execution_options={"synchronize_session": False})
    if user_id is not None and user_id != row.user_id:
        wanted = select(Attribution).where(Attribution.user_id == user_id).with_for_update(key_share=True)
        own: Attribution | None = ctx.session.execute(wanted).scalar_one_or_none()
        until = ctx.now + timedelta(days=row.window_days)
        if own is None:
            try:
                with ctx.session.begin_nested():
                    ctx.add(Attribution(user_id=user_id, affiliate_id=row.id, at=ctx.now, expires_at=until))
            except IntegrityError:  # another tab was first, on PostgreSQL: either came by a link just now
                pass
        else:
            own.affiliate_id, own.at, own.expires_at = row.id, ctx.now, until
            ctx.session.flush()
    return AffiliateView.model_validate(row)


def find_affiliate(ctx: ReadCtx, *, code: str, user_id: UUID) -> UUID | None:
    """Whose buyer this is: of the code they bring, else of the link they came by last. Nobody earns from themselves."""
    row = _with_code(ctx, code) if code else None
    if row is None:
        wanted = select(Affiliate).join(Attribution, Attribution.affiliate_id == Affiliate.id)
        wanted = wanted.where(Attribution.user_id == user_id, Attribution.expires_at > ctx.now, Affiliate.active)
        row = ctx.session.execute(wanted).scalar_one_or_none()
    return row.id if row is not None and row.user_id is not None and row.user_id != user_id else None


def _with_code(ctx: ReadCtx, code: str) -> Affiliate | None:
    wanted = select(Affiliate).where(Affiliate.code_key == code.strip().casefold(), Affiliate.active)
    found: Affiliate | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found


def _of_person(ctx: ReadCtx, user_id: UUID) -> Affiliate | None:
    wanted = select(Affiliate).where(Affiliate.user_id == user_id)
    found: Affiliate | None = ctx.session.execute(wanted).scalar_one_or_none()
    return found
