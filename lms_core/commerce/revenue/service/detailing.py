"""Where somebody is paid out. Who takes over an account must not be paid its money: a fresh proof, a word to its
owner, and some days before the first payout to a new place.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.revenue import queries
from lms_core.commerce.revenue.errors import DetailsMissing
from lms_core.commerce.revenue.events import PayoutDetailsChanged
from lms_core.commerce.revenue.models import PayoutDetails
from lms_core.commerce.revenue.policies import own
from lms_core.commerce.revenue.schemas import DetailsIn, DetailsView
from lms_core.commerce.revenue.sealing import masked, seal
from lms_core.identity.access import reauthentication
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Conflict
from lms_core.kit.events import Notice

FRESH = timedelta(days=3)


def details(ctx: ReadCtx) -> DetailsView:
    """Where the actor is paid out, masked. One statement. DetailsMissing."""
    row = queries.details(ctx, [own(ctx)]).get(own(ctx))
    if row is None:
        raise DetailsMissing()
    return shown(row)


def set_details(ctx: WriteCtx, *, given: DetailsIn) -> DetailsView:
    """Say where the actor is paid out from the next batch on. Unauthenticated, Forbidden, ConfirmFirst, Conflict."""
    user_id = reauthentication.proven_account(ctx)
    way, sealed, told = given.details.way, seal(ctx, given.details), masked(given.details)
    row = queries.details(ctx, [user_id]).get(user_id)
    if row is None:
        row = PayoutDetails(user_id=user_id, way=way, sealed=sealed, shown=told, changed_at=ctx.now)
    row.way, row.sealed, row.shown, row.changed_at = way, sealed, told, ctx.now
    try:
        with ctx.session.begin_nested():
            ctx.add(row)
    except IntegrityError as error:
        raise Conflict("You saved this in another window in the same moment. Load the page again.") from error
    _changed(ctx, user_id, row.shown)
    return shown(row)


def forget_details(ctx: WriteCtx) -> None:
    """Pay the actor out nowhere; what they earn waits. ConfirmFirst as above; having none is fine."""
    user_id = reauthentication.proven_account(ctx)
    if user_id in queries.details(ctx, [user_id]):
        ctx.session.execute(delete(PayoutDetails).where(PayoutDetails.user_id == user_id))
        _changed(ctx, user_id, "—")


def shown(row: PayoutDetails) -> DetailsView:
    """The details as they may be seen."""
    return DetailsView(way=row.way, shown=row.shown, changed_at=row.changed_at, from_when=row.changed_at + FRESH)


def is_fresh(row: PayoutDetails, now: datetime) -> bool:
    """Whether the place is too new to be paid to."""
    return now < row.changed_at + FRESH


def _changed(ctx: WriteCtx, user_id: UUID, place: str) -> None:
    audit.record(ctx, action="payout_details.changed", object=("user", user_id), shown=place)
    notice = Notice(recipients=(user_id,), kind="revenue.details_changed", variables={"shown": place})
    ctx.emit(PayoutDetailsChanged(user_id=user_id, notice=notice))
