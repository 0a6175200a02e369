"""The job that turns kept files into stored lessons."""

import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

import structlog
from sqlalchemy import select, update

from ingestion.imports.models import Import, ImportStatus
from ingestion.imports.schemas import ImportOptions
from ingestion.imports.service import ENDED, IMPORT_JOB, NOT_CARRIED, kept_for, source_name
from ingestion.readers import Unreadable
from ingestion.sources import open_source
from ingestion.sources.schemas import CourseDraft, Failure
from ingestion.storing import Stored, author, open_course, store_course
from lms_core.kit.context import Interrupted, Work
from lms_core.kit.errors import DomainError
from lms_core.kit.jobs import every, job
from lms_core.kit.storage import Storage

TELL_EVERY_SECONDS = 0.3
UNEXPECTED = "Something unexpected went wrong, and again when it was repeated. Try again later, or import fewer files."

log = structlog.get_logger(__name__)


class Cancelled(Exception):
    """The instructor cancelled while files were being read."""


@job(IMPORT_JOB, queue="heavy", attempts=3)
def import_files(work: Work, *, import_id: str) -> None:
    """Read the files, store the course; a second run finds what the first one stored and changes nothing twice."""
    row = _row(work, UUID(import_id))
    if row is None or row.status in (*ENDED, ImportStatus.STORED):
        return
    try:
        with tempfile.TemporaryDirectory(prefix="mwalimu-import-") as folder:
            _run(work, row, Path(folder))
    except Cancelled:
        log.info("import.cancelled", import_id=import_id)
    except Unreadable as error:
        _fail(work, row.id, Failure(row.name, error.code, error.reason))
    except DomainError as error:
        _fail(work, row.id, Failure(row.name, error.code, error.detail))
    except Interrupted:  # the process is stopping; the next one begins again
        raise
    except Exception:
        if work.job.attempts >= work.job.attempts_allowed:  # nobody would ever end the import otherwise
            _fail(work, row.id, Failure(row.name, "failed", UNEXPECTED))
        raise


def _row(work: Work, import_id: UUID) -> Import | None:
    with work.read() as view:
        found: Import | None = view.session.execute(select(Import).where(Import.id == import_id)).scalar_one_or_none()
    return found


def _run(work: Work, row: Import, folder: Path) -> None:
    """Everything read lives in `folder` until it is stored."""
    options = ImportOptions(**row.options)
    # Files without a folder of their own make a course named after the first of them.
    upload = folder / "upload" / (PurePosixPath(source_name(row.files)).stem or "files")
    workspace = folder / "workspace"
    upload.mkdir(parents=True)
    workspace.mkdir()
    draft = open_source(
        _fetch(work, row, upload),
        title=options.title or None,
        language=options.language or None,
        progress=_Progress(work, row.id),
        workspace=workspace,
    )
    course_id = _open_course(work, row, draft, options)
    stored = store_course(
        work, draft, into=course_id, owner_id=row.owner_id, options=options, replace=not row.into_course
    )
    _end(work, row.id, draft, stored)


def _fetch(work: Work, row: Import, folder: Path) -> Path:
    """Copy the kept files here; the single file itself when there is just one."""
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    for path, key in row.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            for piece in storage.stream(key):
                file.write(piece)
    if len(row.files) == 1:
        return folder / next(iter(row.files))
    entries = list(folder.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else folder


def _open_course(work: Work, row: Import, draft: CourseDraft, options: ImportOptions) -> UUID:
    """The import's course, made and noted in one transaction, so that a run after a crash finds it."""
    with work.database.write(author(work, row.owner_id), request_id=work.job.request_id) as ctx:
        running = ctx.session.execute(
            update(Import)
            .where(Import.id == row.id, Import.status.not_in(ENDED))
            .values(status=ImportStatus.STORING)
            .returning(Import.course_id)
        ).first()
        if running is None:
            raise Cancelled
        course_id: UUID = running.course_id or open_course(ctx, draft, options=options)
        ctx.session.execute(update(Import).where(Import.id == row.id).values(course_id=course_id))
    return course_id


class _Progress:
    """Writes progress now and then, and notices that the instructor cancelled."""

    def __init__(self, work: Work, import_id: UUID) -> None:
        self._work, self._import_id, self._next = work, import_id, 0.0

    def __call__(self, done: int, total: int, path: str) -> None:
        """Told by the source before each file. Interrupted when the process is stopping, Cancelled when unwanted."""
        self._work.check_stop()
        if time.monotonic() < self._next and done < total:
            return
        self._next = time.monotonic() + TELL_EVERY_SECONDS
        with self._work.write() as ctx:
            changed = ctx.session.execute(
                update(Import)
                .where(Import.id == self._import_id, Import.status.not_in(ENDED))
                .values(status=ImportStatus.READING, read_done=done, read_total=total, current=path[:500])
                .returning(Import.id)
            ).first()
        if changed is None:
            raise Cancelled


def _end(work: Work, import_id: UUID, draft: CourseDraft, stored: Stored) -> None:
    lessons = [lesson for module in draft.modules for lesson in module.lessons]
    with work.write() as ctx:
        row = ctx.session.execute(select(Import).where(Import.id == import_id)).scalar_one_or_none()
        if row is None:
            return  # its course was deleted meanwhile, and the import with it
        row.status, row.finished_at, row.course_id = ImportStatus.STORED, ctx.now, stored.course_id
        row.kind, row.modules, row.current = draft.kind, len(draft.modules), ""
        row.read_done = row.read_total = len({path for lesson in lessons for path in lesson.documents})
        row.lesson_ids = [str(each) for each in stored.lesson_ids]
        row.failures = [_failure(each) for each in (*draft.failures, *draft.missing)] + [
            {"path": each.where, "code": NOT_CARRIED, "what": each.what, "reason": each.why} for each in draft.report
        ]
        keys, row.files = list(row.files.values()), {}
    _discard(work, keys)


def _fail(work: Work, import_id: UUID, failure: Failure) -> None:
    with work.write() as ctx:
        row = ctx.session.execute(select(Import).where(Import.id == import_id)).scalar_one_or_none()
        if row is not None:
            row.status, row.finished_at = ImportStatus.FAILED, ctx.now
            row.failures = [_failure(failure)]


def _failure(failure: Failure) -> dict[str, str]:
    return {"path": failure.path, "code": failure.code, "reason": failure.reason}


def _discard(work: Work, keys: list[str]) -> None:
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    for key in keys:
        with suppress(OSError):  # a file left behind costs space, nothing else
            storage.delete(key)


@every(timedelta(hours=6), "ingestion.discard_uploads", queue="io")
def discard_uploads(work: Work) -> None:
    """Let go of the files of imports that failed or were cancelled longer ago than the setting says."""
    with work.write() as ctx:
        ended = ctx.session.execute(
            select(Import).where(Import.status.in_(ENDED), Import.finished_at < ctx.now - kept_for(work.resources))
        ).scalars()
        keys = []
        for row in ended:
            keys += row.files.values()
            row.files = {}
    _discard(work, keys)
