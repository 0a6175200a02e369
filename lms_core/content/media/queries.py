"""The selects of media."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from lms_core.content.media.errors import MediaNotFound, UploadNotFound
from lms_core.content.media.models import Caption, MediaItem, Upload, UploadPiece
from lms_core.kit.context import ReadCtx, WriteCtx


def upload(ctx: ReadCtx, upload_id: UUID, *, locked: bool = False) -> Upload:
    """An upload's row, locked for a writer; UploadNotFound."""
    wanted = select(Upload).where(Upload.id == upload_id)
    row: Upload | None = ctx.session.execute(
        wanted.with_for_update(key_share=True) if locked else wanted
    ).scalar_one_or_none()
    if row is None:
        raise UploadNotFound()
    return row


def pieces(ctx: ReadCtx, upload_id: UUID) -> list[tuple[int, int, str]]:
    """Start, size and storage key of each piece of an upload, in order."""
    rows = ctx.session.execute(
        select(UploadPiece.start, UploadPiece.size, UploadPiece.storage_key)
        .where(UploadPiece.upload_id == upload_id)
        .order_by(UploadPiece.start)
    )
    return [(row.start, row.size, row.storage_key) for row in rows]


def item(ctx: ReadCtx, item_id: UUID) -> MediaItem:
    """An item's row; MediaNotFound."""
    row: MediaItem | None = ctx.session.execute(select(MediaItem).where(MediaItem.id == item_id)).scalar_one_or_none()
    if row is None:
        raise MediaNotFound()
    return row


def named(ctx: ReadCtx, course_id: UUID, name: str) -> MediaItem:
    """The item of a course with this name; MediaNotFound."""
    row: MediaItem | None = ctx.session.execute(
        select(MediaItem).where(MediaItem.course_id == course_id, MediaItem.name == name)
    ).scalar_one_or_none()
    if row is None:
        raise MediaNotFound()
    return row


def names_in(ctx: ReadCtx, course_id: UUID) -> set[str]:
    """Every name that is taken in a course."""
    return set(ctx.session.execute(select(MediaItem.name).where(MediaItem.course_id == course_id)).scalars())


def caption_languages(ctx: ReadCtx, item_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The languages each of these items has captions in. One statement."""
    found: dict[UUID, list[str]] = {}
    rows = ctx.session.execute(
        select(Caption.item_id, Caption.language).where(Caption.item_id.in_(list(item_ids))).order_by(Caption.language)
    )
    for row in rows:
        found.setdefault(row.item_id, []).append(row.language)
    return found


def locked_item(ctx: WriteCtx, item_id: UUID) -> MediaItem | None:
    """An item's row, locked; None when it went meanwhile."""
    row: MediaItem | None = ctx.session.execute(
        select(MediaItem).where(MediaItem.id == item_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    return row
