"""Background work of orders: the letters of gifts, and closing what nobody paid.

A gift's token is made by the job that mails it, so that no job row ever carries one.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from lms_core.commerce.orders import letters, queries
from lms_core.commerce.orders.models import Gift, LineItem
from lms_core.commerce.orders.service import placing
from lms_core.commerce.orders.service.gifting import MAIL_GIFT
from lms_core.identity.accounts import service as accounts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.ids import new_token, token_hash
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.settings import Settings


@job(MAIL_GIFT, queue="io")
def mail_gift(work: Work, *, gift_id: str) -> None:
    """Mail the link that opens a gift, unless it was taken or withdrawn by now."""
    with work.write() as ctx:
        letter = _letter(ctx, UUID(gift_id))
    if letter is not None:
        work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]


@every(timedelta(minutes=15), "orders.expire")
def expire(work: Work) -> None:
    """Close orders that nobody paid in time, in every institution, each in a transaction of its own."""
    with work.read() as ctx:
        waiting = placing.due(ctx)
    for order_id in waiting:
        work.check_stop()
        with work.write() as ctx:
            placing.expire(ctx, order_id)


def _letter(ctx: WriteCtx, gift_id: UUID) -> Letter | None:
    wanted = select(Gift).where(
        col(Gift.id) == gift_id, col(Gift.claimed_at).is_(None), col(Gift.withdrawn_at).is_(None)
    )
    row: Gift | None = ctx.session.execute(wanted.with_for_update(key_share=True)).scalar_one_or_none()
    if row is None or not row.email:
        return None
    line: LineItem = ctx.session.execute(select(LineItem).where(col(LineItem.id) == row.line_id)).scalar_one()
    buyer_id = queries.order(ctx, row.order_id).buyer_id
    token = new_token()
    row.token_hash, row.sent_at = token_hash(token), ctx.now
    ctx.session.flush()
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    return letters.gift(
        to=row.email,
        language=row.language,
        giver=accounts.names_of(ctx, [buyer_id]).get(buyer_id, ""),
        title=line.title,
        message=line.message,
        link=f"{origin}/gifts?token={token}",
    )
