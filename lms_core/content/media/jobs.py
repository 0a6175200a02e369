"""Background work of media: whole uploads taken in, films encoded, what is left behind removed."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.files import service as files
from lms_core.content.media import names, pictures, queries, taking
from lms_core.content.media.errors import Refused, UploadNotFound
from lms_core.content.media.events import MediaReady, MediaRefused, UploadQuarantined
from lms_core.content.media.film import encoding, ladder
from lms_core.content.media.film.encoding import Encoded
from lms_core.content.media.film.ladder import Film
from lms_core.content.media.models import MediaItem, MediaKind, MediaState, Upload, UploadPiece, UploadState
from lms_core.content.media.scanning import Scanner
from lms_core.content.media.service.library import ENCODE
from lms_core.content.media.service.receiving import DISCARD_FOLDERS, TAKE_IN
from lms_core.content.media.storing import store_variants
from lms_core.content.media.taking import Content
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.events import Notice
from lms_core.kit.jobs import every, job
from lms_core.kit.storage import Storage

KEEP_ENDED = timedelta(days=30)
TELL_SECONDS = 2.0
PURGED_AT_ONCE = 200


@job(TAKE_IN, queue="media", attempts=8)
def take_in(work: Work, *, upload_id: str) -> None:
    """Make an item of a whole upload, or refuse it; safe to repeat, since the item has the upload's id."""
    with work.read() as view:
        try:
            upload = queries.upload(view, UUID(upload_id))
        except UploadNotFound:  # its course or its sender is gone
            return
        keys = [key for _, _, key in queries.pieces(view, upload.id)]
    if upload.state != UploadState.CHECKING:
        return
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    with tempfile.TemporaryDirectory(prefix="mwalimu-upload-") as folder:
        path = Path(folder) / "upload"
        digest = taking.gathered(storage, keys, to=path)
        virus = work.resources.get(Scanner).found_in(path)  # type: ignore[type-abstract]
        if virus is not None:
            storage.put_file(names.quarantine_key(upload.tenant_id, upload.id), path)
            with work.write() as ctx:
                _quarantine(ctx, upload.id, virus)
            return
        try:
            content = taking.recognised(path)
            _keep(work, storage, upload, content, path, digest)
        except Refused as refusal:
            with work.write() as ctx:
                _refuse(ctx, upload.id, refusal)


@job(ENCODE, queue="film", attempts=3)
def encode(work: Work, *, item_id: str) -> None:
    """Make a film's renditions from its source, which is then dropped; a film that cannot be made says why."""
    with work.read() as view:
        item = view.session.get(MediaItem, UUID(item_id))
    if item is None or item.state != MediaState.PROCESSING:
        return
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    with tempfile.TemporaryDirectory(prefix="mwalimu-film-") as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        made.mkdir()
        taking.gathered(storage, [item.source_key], to=source)
        try:
            film = ladder.probe(source, item.media_type)
            told = _teller(work, item.id)
            encoded = encoding.encode(source, item.media_type, film, folder=made, told=told)
        except Refused as refusal:
            with work.write() as ctx:
                _fail(ctx, item.id, refusal)
            return
        folder_key = names.item_folder(item.tenant_id, item.course_id, item.id)
        for name, file in encoded.files.items():
            storage.put_file(f"{folder_key}/{name}", file)
        with work.write() as ctx:
            there = _finish_film(ctx, item.id, film, encoded)
    storage.delete(item.source_key)
    if not there:
        storage.delete_under(folder_key)


@job(DISCARD_FOLDERS, queue="io")
def discard_folders(work: Work, *, prefixes: list[str]) -> None:
    """Remove everything stored under these prefixes; safe to repeat."""
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    for prefix in prefixes:
        storage.delete_under(prefix)


@every(timedelta(hours=1), "media.purge_uploads", queue="idle")
def purge_uploads(work: Work) -> None:
    """Drop uploads nobody went on with, and the traces of those that ended a month ago, a hundred or two at a time."""
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    purged = PURGED_AT_ONCE
    while purged == PURGED_AT_ONCE:
        work.check_stop()
        with work.write() as ctx:
            ended = Upload.state.not_in((UploadState.RECEIVING, UploadState.CHECKING))
            stale = (Upload.state == UploadState.RECEIVING) & (Upload.expires_at < ctx.now)
            old = ended & (Upload.expires_at < ctx.now - KEEP_ENDED)
            wanted = select(Upload).where(stale | old).limit(PURGED_AT_ONCE).with_for_update(skip_locked=True)
            rows = list(ctx.session.execute(wanted).scalars())
            ctx.session.execute(delete(Upload).where(Upload.id.in_([row.id for row in rows])))
        for row in rows:
            storage.delete_under(names.upload_folder(row.tenant_id, row.course_id, row.id))
            storage.delete(names.quarantine_key(row.tenant_id, row.id))
        purged = len(rows)


def _keep(work: Work, storage: Storage, upload: Upload, content: Content, path: Path, digest: str) -> None:
    """Store what an accepted file becomes, then its item and (but for films) its place among the course's files."""
    with work.read() as view:
        taken = queries.names_in(view, upload.course_id)
        taken |= {asset.path for asset in files.of_owner(view, owner_id=upload.course_id)}
    item = MediaItem(
        id=upload.id,
        course_id=upload.course_id,
        uploaded_by=upload.user_id,
        kind=content.kind,
        media_type=content.media_type,
        name="",
        size=upload.size,
        created_at=upload.created_at,
    )
    folder = names.item_folder(upload.tenant_id, upload.course_id, upload.id)
    stored = None
    if content.kind == MediaKind.FILM:
        item.source_key = f"{folder}/source"
        storage.put_file(item.source_key, path)
    elif content.kind == MediaKind.PICTURE:
        drawn = pictures.draw(path, content.media_type)
        path.write_bytes(drawn.content)
        item.media_type, item.width, item.height = drawn.media_type, drawn.width, drawn.height
        item.details = {"variants": store_variants(storage, folder, drawn.variants)}
        small = sum(size for made in item.details["variants"].values() for _, size in made.values())
        item.size = len(drawn.content) + small
    if content.kind != MediaKind.FILM:
        owner = upload.course_id
        stored = files.upload(work.resources, tenant_id=upload.tenant_id, owner_id=owner, source=path)
    is_film = content.kind == MediaKind.FILM
    item.name = names.item_name(upload.name, item.media_type, film=is_film, taken=taken)
    with work.write() as ctx:
        row = queries.upload(ctx, upload.id, locked=True)
        if row.state != UploadState.CHECKING:
            return
        if stored is not None:
            files.attach(ctx, owner_id=upload.course_id, path=item.name, stored=stored)
            item.state, item.percent = MediaState.READY, 100
            courses.renew_pages(ctx, upload.course_id)
            ctx.emit(MediaReady(course_id=upload.course_id, item_id=item.id))
        else:
            ctx.enqueue(ENCODE, item_id=str(item.id))
        ctx.add(item)
        _end(ctx, row, UploadState.TAKEN)
        work.finish(ctx)


def _quarantine(ctx: WriteCtx, upload_id: UUID, virus: str) -> None:
    row = queries.upload(ctx, upload_id, locked=True)
    row.code = "virus_found"
    row.reason = f"A virus was found in the file ({virus}), so nobody can open it. Clean your computer of it."
    _end(ctx, row, UploadState.QUARANTINED)
    notice = Notice(recipients=(row.user_id,), kind="media.quarantined", variables=_told(row))
    ctx.emit(UploadQuarantined(course_id=row.course_id, upload_id=row.id, notice=notice))


def _refuse(ctx: WriteCtx, upload_id: UUID, refusal: Refused) -> None:
    row = queries.upload(ctx, upload_id, locked=True)
    row.code, row.reason = refusal.reason_code, refusal.detail
    _end(ctx, row, UploadState.REFUSED)
    notice = Notice(recipients=(row.user_id,), kind="media.refused", variables=_told(row))
    ctx.emit(MediaRefused(course_id=row.course_id, notice=notice))


def _end(ctx: WriteCtx, row: Upload, state: UploadState) -> None:
    row.state = state
    ctx.session.execute(delete(UploadPiece).where(UploadPiece.upload_id == row.id))
    ctx.enqueue(DISCARD_FOLDERS, prefixes=[names.upload_folder(row.tenant_id, row.course_id, row.id)])


def _teller(work: Work, item_id: UUID) -> Callable[[float], None]:
    """What writes the progress of a film down, every two seconds, and ends the work when the process is to stop."""
    last = time.monotonic()

    def tell(done: float) -> None:
        nonlocal last
        if time.monotonic() - last < TELL_SECONDS:
            return
        work.check_stop()
        last = time.monotonic()
        with work.write() as ctx:
            row = queries.locked_item(ctx, item_id)
            if row is not None:
                row.percent = min(99, int(done * 100))

    return tell


def _finish_film(ctx: WriteCtx, item_id: UUID, film: Film, encoded: Encoded) -> bool:
    """Mark a film as made; False when it was deleted meanwhile."""
    row = queries.locked_item(ctx, item_id)
    if row is None:
        return False
    row.state, row.percent, row.source_key = MediaState.READY, 100, ""
    row.width, row.height, row.seconds = film.width, film.height, film.seconds
    row.size = sum(file.stat().st_size for file in encoded.files.values())
    row.details = {"renditions": [[rung.name, rung.width, rung.height] for rung in encoded.rungs]}
    ctx.emit(MediaReady(course_id=row.course_id, item_id=row.id))
    return True


def _fail(ctx: WriteCtx, item_id: UUID, refusal: Refused) -> None:
    row = queries.locked_item(ctx, item_id)
    if row is None:
        return
    row.state, row.code, row.reason = MediaState.FAILED, refusal.reason_code, refusal.detail
    notice = None
    if row.uploaded_by is not None:
        told = _told(row)
        notice = Notice(recipients=(row.uploaded_by,), kind="media.refused", variables=told)
    ctx.emit(MediaRefused(course_id=row.course_id, notice=notice))


def _told(row: Upload | MediaItem) -> dict[str, str]:
    return {"file": row.name, "reason": row.reason, "course_id": str(row.course_id)}
