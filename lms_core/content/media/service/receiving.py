"""Taking a file in: begun, received piece by piece, cancelled or complete."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lms_core.content.courses import service as courses
from lms_core.content.media import names, queries, quotas
from lms_core.content.media.errors import FileTooLarge, NotReceiving, UploadNotFound, WrongOffset
from lms_core.content.media.models import MediaItem, Upload, UploadPiece, UploadState
from lms_core.content.media.schemas import DirectUpload, UploadIn, UploadView, Usage
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Unauthenticated
from lms_core.kit.permissions import Permission
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage

TAKE_IN, DISCARD_FOLDERS = "media.take_in", "media.discard_folders"
MEGABYTE = 2**20
DIRECT_SECONDS = 6 * 3600


def begin(ctx: WriteCtx, course: str | UUID, *, upload: UploadIn) -> UploadView:
    """A new upload to a course, for its editors. FileTooLarge; QuotaExceeded with what is free.

    Quotas are looked at here, where nothing was sent yet; two uploads to two courses that begin in the same
    moment may together pass a person's quota by one file.
    """
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in to upload files.")
    settings = ctx.resources.get(Settings)
    if upload.size > settings.media_limit_mb * MEGABYTE:
        raise FileTooLarge(settings.media_limit_mb)
    quotas.require_room(ctx, course_id=card.id, user_id=ctx.actor.user_id, size=upload.size)
    row = ctx.add(
        Upload(
            course_id=card.id,
            user_id=ctx.actor.user_id,
            name=upload.name,
            size=upload.size,
            created_at=ctx.now,
            expires_at=ctx.now + timedelta(days=settings.upload_days),
        )
    )
    return view(row)


def begin_direct(ctx: WriteCtx, course: str | UUID, *, upload: UploadIn) -> DirectUpload:
    """A new upload whose bytes go straight to storage, by a presigned PUT; `finish_direct` takes it in."""
    begun = begin(ctx, course, upload=upload)
    storage = ctx.resources.get(Storage)  # type: ignore[type-abstract]
    return DirectUpload(
        upload=begun, put_url=storage.link(_direct_key(ctx, begun), method="PUT", seconds=DIRECT_SECONDS)
    )


def finish_direct(ctx: WriteCtx, upload_id: UUID, *, stored: int) -> UploadView:
    """Take in what was put to storage, `stored` bytes (see `direct_size`). WrongOffset when that is not the whole."""
    row = _own(ctx, upload_id, locked=True)
    _require_receiving(row)
    if stored != row.size:
        raise WrongOffset(stored)
    return _advance(ctx, row, size=stored, key=_direct_key(ctx, view(row)))


def direct_key(ctx: ReadCtx, upload_id: UUID) -> str:
    """Where the caller's direct upload lies in storage."""
    return _direct_key(ctx, view(_own(ctx, upload_id)))


def access_upload(ctx: ReadCtx, upload_id: UUID) -> UploadView:
    """An upload, for whoever began it. UploadNotFound for others. Two statements."""
    row = _own(ctx, upload_id)
    item = ctx.session.execute(select(MediaItem.id).where(MediaItem.id == upload_id)).scalar_one_or_none()
    return view(row, item_id=item)


def new_piece_key(ctx: ReadCtx, upload: UploadView) -> str:
    """A storage key for the next piece: nobody else's, so that of two senders neither can spoil the other's bytes."""
    folder = names.upload_folder(ctx.tenant_id, upload.course_id, upload.id)
    return f"{folder}/{upload.received:015d}-{uuid4().hex}"


def note_piece(ctx: WriteCtx, upload_id: UUID, *, start: int, size: int, key: str) -> UploadView:
    """The bytes `start` to `start + size` lie under `key`. WrongOffset when others came there first."""
    row = _own(ctx, upload_id, locked=True)
    _require_receiving(row)
    if start != row.received or start + size > row.size:
        raise WrongOffset(row.received)
    return _advance(ctx, row, size=size, key=key)


def cancel(ctx: WriteCtx, upload_id: UUID) -> None:
    """Give an upload up, before it is whole or after it was refused."""
    row = _own(ctx, upload_id, locked=True)
    if row.state == UploadState.CHECKING:
        raise NotReceiving()
    if row.state == UploadState.RECEIVING:
        ctx.enqueue(DISCARD_FOLDERS, prefixes=[names.upload_folder(ctx.tenant_id, row.course_id, row.id)])
    ctx.session.execute(delete(Upload).where(Upload.id == row.id))


def usage(ctx: ReadCtx, course: str | UUID) -> Usage:
    """What the caller, a course they edit, and the institution use of their quotas."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    return quotas.usage(ctx, course_id=card.id, user_id=ctx.actor.user_id)


def unfinished(ctx: ReadCtx, course_id: UUID) -> list[UploadView]:
    """The caller's uploads to a course that did not become items, newest first. One statement."""
    rows = ctx.session.execute(
        select(Upload)
        .where(Upload.course_id == course_id, Upload.user_id == ctx.actor.user_id, Upload.state != UploadState.TAKEN)
        .order_by(Upload.id.desc())
        .limit(50)
    )
    return [view(row) for row in rows.scalars()]


def view(row: Upload, *, item_id: UUID | None = None) -> UploadView:
    """The upload as its sender sees it."""
    return UploadView(
        id=row.id,
        course_id=row.course_id,
        name=row.name,
        size=row.size,
        received=row.received,
        state=row.state,
        code=row.code,
        reason=row.reason,
        expires_at=row.expires_at,
        item_id=item_id,
    )


def _own(ctx: ReadCtx, upload_id: UUID, *, locked: bool = False) -> Upload:
    row = queries.upload(ctx, upload_id, locked=locked)
    if row.user_id != ctx.actor.user_id or not courses.may_edit(ctx, row.course_id):
        raise UploadNotFound()
    return row


def _require_receiving(row: Upload) -> None:
    if row.state != UploadState.RECEIVING:
        raise NotReceiving()


def _advance(ctx: WriteCtx, row: Upload, *, size: int, key: str) -> UploadView:
    try:
        with ctx.session.begin_nested():
            ctx.add(UploadPiece(upload_id=row.id, start=row.received, size=size, storage_key=key))
    except IntegrityError as error:
        raise WrongOffset(row.received) from error
    whole = row.received + size == row.size
    row.received += size
    row.state = UploadState.CHECKING if whole else UploadState.RECEIVING
    row.expires_at = ctx.now + timedelta(days=ctx.resources.get(Settings).upload_days)
    ctx.session.flush()
    if whole:
        ctx.enqueue(TAKE_IN, upload_id=str(row.id))
    return view(row)


def _direct_key(ctx: ReadCtx, upload: UploadView) -> str:
    return names.direct_key(ctx.tenant_id, upload.course_id, upload.id)
