"""Verbs on one's own notifications."""

from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, NotFound, Unauthenticated
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.reach.notifications.models import Notification
from lms_core.reach.notifications.schemas import NotificationView
from lms_core.reach.notifications.wording import told


def mine(
    ctx: ReadCtx, *, language: str = "", unread_only: bool = False, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[NotificationView]:
    """The actor's notifications, newest first, in `language` (the actor's when empty). One statement."""
    wanted = select(Notification).where(Notification.user_id == _reader(ctx))
    if unread_only:
        wanted = wanted.where(Notification.read_at.is_(None))
    if cursor:
        wanted = wanted.where(Notification.id < _position(cursor))
    rows = list(ctx.session.execute(wanted.order_by(Notification.id.desc()).limit(limit + 1)).scalars())
    found = page(rows, limit, key=lambda row: [str(row.id)])
    spoken = language or ctx.actor.language
    return Page(items=[_view(row, spoken) for row in found.items], next_cursor=found.next_cursor)


def unread(ctx: ReadCtx) -> int:
    """How many of the actor's notifications are unread."""
    counted = select(func.count(Notification.id)).where(
        Notification.user_id == _reader(ctx), Notification.read_at.is_(None)
    )
    found: int = ctx.session.execute(counted).scalar_one()
    return found


def mark_read(ctx: WriteCtx, notification_id: UUID) -> NotificationView:
    """Note that the actor read this one; again: no change. NotFound for anybody else's."""
    wanted = select(Notification).where(Notification.id == notification_id, Notification.user_id == _reader(ctx))
    row = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such notification, or it is not yours.")
    row.read_at = row.read_at or ctx.now
    return _view(row, ctx.actor.language)


def mark_all_read(ctx: WriteCtx) -> None:
    """Note that the actor read all there are."""
    ctx.session.execute(
        update(Notification)
        .where(Notification.user_id == _reader(ctx), Notification.read_at.is_(None))
        .values(read_at=ctx.now)
    )


def _reader(ctx: ReadCtx) -> UUID:
    if ctx.actor.user_id is None:
        raise Unauthenticated()
    return ctx.actor.user_id


def _position(cursor: str) -> UUID:
    last = parse_id(decode_cursor(cursor, (str,))[0])
    if last is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return last


def _view(row: Notification, language: str) -> NotificationView:
    words = told(row.kind, row.variables, language=language)
    return NotificationView(
        id=row.id,
        kind=row.kind,
        title=words.title,
        text=words.text,
        path=words.path,
        created_at=row.created_at,
        read_at=row.read_at,
    )
