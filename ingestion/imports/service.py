"""Verbs on imports: begin, look, cancel, retry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

from sqlalchemy import func, select

from ingestion.imports.errors import BadPath, ImportNotFound, NothingUploaded, NotRetryable, NotRunning
from ingestion.imports.models import Import, ImportStatus
from ingestion.imports.schemas import FailureView, ImportOptions, ImportView, NotCarriedView, State
from ingestion.lessons.models import LessonIndex
from lms_core.content.courses import service as courses
from lms_core.content.courses.models import Course, Lesson
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.errors import DomainError, Forbidden
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage, tenant_key
from rag.index.stats import is_calibrated

IMPORT_JOB = "ingestion.import"
CALIBRATION_WAIT = timedelta(minutes=10)
MISSING_PICTURE = "missing_picture"
NOT_CARRIED = "not_carried"
ARCHIVE_ENDINGS = (".zip", ".tar.gz", ".tgz", ".tar", ".imscc", ".mbz", ".h5p")
MAXIMUM_FILES = 20_000
MAXIMUM_PATH = 400
MAXIMUM_NAME_BYTES = 255  # the longest name that common file systems take
ENDED = (ImportStatus.FAILED, ImportStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on this machine and its path inside the course."""

    path: str
    file: Path


def kept_for(resources: Resources) -> timedelta:
    """How long the files of a failed or cancelled import wait for another try."""
    return timedelta(days=resources.get(Settings).import_files_days)


def keep_files(resources: Resources, *, tenant_id: UUID, uploads: Sequence[Upload]) -> tuple[UUID, dict[str, str]]:
    """Put uploads into storage, outside any transaction. Returns a fresh import id and path → key.

    NothingUploaded, BadPath: then nothing was kept.
    """
    if not uploads:
        raise NothingUploaded("Choose at least one file, or a folder with files in it.")
    import_id = new_id()
    paths = [clean_path(upload.path) for upload in uploads]
    _refuse_clashes(paths)
    storage = resources.get(Storage)  # type: ignore[type-abstract]
    files: dict[str, str] = {}
    for number, (path, upload) in enumerate(zip(paths, uploads, strict=True)):
        files[path] = tenant_key(tenant_id, "imports", str(import_id), str(number))
        storage.put_file(files[path], upload.file)
    return import_id, files


def clean_path(path: str) -> str:
    """A relative POSIX path inside the course. BadPath when it would leave it."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    unsafe = not parts or parts[0] == "/" or ".." in parts or any(ord(char) < 32 for char in path)
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    if unsafe or len(path) > MAXIMUM_PATH or any(len(part) > MAXIMUM_NAME_BYTES for part in encoded):
        raise BadPath(f"“{path[:80]}” points outside the course or is too long. Rename the file and upload it again.")
    return "/".join(parts)


def _refuse_clashes(paths: Sequence[str]) -> None:
    """BadPath when two files have one path, or a file stands where another needs a folder."""
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            raise BadPath(f"Two files are called “{path[:80]}”. Rename one of them and upload them again.")
        seen.add(path)
    folders = {str(parent) for path in seen for parent in PurePosixPath(path).parents}
    for path in sorted(folders & seen):
        raise BadPath(f"“{path[:80]}” is both a file and a folder. Rename the file and upload them again.")


def begin(
    ctx: WriteCtx, *, import_id: UUID, files: dict[str, str], options: ImportOptions, course: str | None = None
) -> ImportView:
    """Start an import of kept files: a new course, or lessons added to `course`."""
    course_id = None
    if course is not None:
        course_id = courses.access_course(ctx, course, Permission.COURSE_EDIT).id
    elif not ctx.actor.may(Permission.COURSE_CREATE):
        raise Forbidden("Making courses is for instructors. Ask an administrator for the role.")
    row = ctx.add(
        Import(
            id=import_id,
            owner_id=ctx.actor.user_id,
            course_id=course_id,
            into_course=course_id is not None,
            name=_name(files, options),
            options=options.model_dump() | {"source": source_name(files)},
            files=files,
            created_at=ctx.now,
        )
    )
    row.job_id = ctx.enqueue(IMPORT_JOB, import_id=str(row.id))
    return view(ctx, import_id=row.id)


def _name(files: dict[str, str], options: ImportOptions) -> str:
    first = next(iter(files))
    return options.title or (first.split("/")[0] if len(files) > 1 and "/" in first else first)[:300]


def source_name(paths: Iterable[str]) -> str:
    """What the files come from: the folder, the archive without its ending, or the single file."""
    listed = list(paths)
    return _without_ending(listed[0].split("/")[0] if len(listed) > 1 or "/" in listed[0] else listed[0])[:300]


def _without_ending(name: str) -> str:
    ending = next((each for each in ARCHIVE_ENDINGS if name.lower().endswith(each)), "")
    return name[: len(name) - len(ending)] or name


def earlier(ctx: ReadCtx, *, name: str, title: str = "") -> CourseCard | None:
    """The course that the caller made last from a source of this `name` (see `source_name`) and may still edit.

    With a `title`, only when the course bears it.
    """
    found = ctx.session.execute(
        select(Import.course_id)
        .where(
            Import.owner_id == ctx.actor.user_id,
            Import.course_id.is_not(None),
            Import.into_course.is_(False),
            Import.options["source"].as_string() == _without_ending(name),
        )
        .order_by(Import.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        return None
    try:
        card = courses.access_course(ctx, found, Permission.COURSE_EDIT)
    except DomainError:  # no longer theirs
        return None
    return card if not title or card.title == title.strip() else None


def access_import(ctx: ReadCtx, *, import_id: UUID) -> Import:
    """An import of the caller, or into a course they edit; any for those who manage jobs."""
    row = ctx.session.execute(select(Import).where(Import.id == import_id)).scalar_one_or_none()
    if row is None:
        raise ImportNotFound
    mine = row.owner_id is not None and row.owner_id == ctx.actor.user_id
    edits = row.course_id is not None and ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id)
    if not (mine or edits or ctx.actor.may(Permission.JOB_MANAGE)):
        raise ImportNotFound
    return row


def view(ctx: ReadCtx, *, import_id: UUID) -> ImportView:
    """How an import stands; indexing is counted from the lessons themselves."""
    row = access_import(ctx, import_id=import_id)
    lesson_ids = [UUID(each) for each in row.lesson_ids]
    indexed, chunks = _indexed(ctx, lesson_ids)
    there = _still_there(ctx, lesson_ids)
    state = _state(row, ready=indexed >= there and _judges(ctx, row))
    reading = state in ("queued", "reading")
    course = ctx.session.execute(select(Course.slug, Course.created_at).where(Course.id == row.course_id)).one_or_none()
    missing = [FailureView(**each) for each in row.failures if each["code"] == MISSING_PICTURE]
    left = [each for each in row.failures if each["code"] == NOT_CARRIED]
    return ImportView(
        id=row.id,
        name=row.name,
        status=state,
        course_id=row.course_id,
        slug=course.slug if course is not None else None,
        updated=course is not None and course.created_at < row.created_at,
        kind=row.kind,
        done=row.read_done if reading else indexed,
        total=row.read_total if reading else there,
        current=row.current,
        modules=row.modules,
        lessons=len(lesson_ids),
        documents=row.read_total,
        chunks=chunks,
        failed=[FailureView(**each) for each in row.failures if each["code"] not in (MISSING_PICTURE, NOT_CARRIED)],
        missing_pictures=missing,
        not_carried=[NotCarriedView(where=each["path"], what=each["what"], why=each["reason"]) for each in left],
        seconds=round(((row.finished_at or ctx.now) - row.created_at).total_seconds(), 2),
        created_at=row.created_at,
    )


def _judges(ctx: ReadCtx, row: Import) -> bool:
    """Whether the course knows when to refuse; an import does not wait for that longer than `CALIBRATION_WAIT`."""
    if row.course_id is None or not row.lesson_ids or row.finished_at is None:
        return True
    return ctx.now > row.finished_at + CALIBRATION_WAIT or is_calibrated(ctx, course_id=row.course_id)


def _state(row: Import, *, ready: bool) -> State:
    if row.status == ImportStatus.STORING:
        return "reading"
    if row.status != ImportStatus.STORED:
        return str(row.status)  # type: ignore[return-value]  # the enum's other values are states
    return "done" if ready else "indexing"


def _indexed(ctx: ReadCtx, lesson_ids: Sequence[UUID]) -> tuple[int, int]:
    """Lessons whose present version is in the index, and their chunks."""
    found = ctx.session.execute(
        select(func.count(), func.coalesce(func.sum(LessonIndex.chunks), 0))
        .join(Lesson, (Lesson.id == LessonIndex.lesson_id) & (Lesson.version == LessonIndex.version))
        .where(LessonIndex.lesson_id.in_(lesson_ids))
    ).one()
    return int(found[0]), int(found[1])


def _still_there(ctx: ReadCtx, lesson_ids: Sequence[UUID]) -> int:
    return ctx.session.execute(select(func.count()).where(Lesson.id.in_(lesson_ids))).scalar_one()


def cancel(ctx: WriteCtx, *, import_id: UUID) -> ImportView:
    """Stop an import before its lessons are stored."""
    row = access_import(ctx, import_id=import_id)
    if row.status not in (ImportStatus.QUEUED, ImportStatus.READING):
        raise NotRunning("It has ended, or its lessons are being stored. Delete the course or the lessons instead.")
    row.status, row.finished_at = ImportStatus.CANCELLED, ctx.now
    ctx.add(row)
    return view(ctx, import_id=row.id)


def retry(ctx: WriteCtx, *, import_id: UUID) -> ImportView:
    """Read the same files again. NotRetryable once they are no longer kept."""
    row = access_import(ctx, import_id=import_id)
    if row.status not in ENDED:
        raise NotRetryable
    if not row.files:
        days = kept_for(ctx.resources).days
        raise NotRetryable(f"Its files were kept for {days} days and are gone. Upload them again.")
    row.status, row.finished_at, row.failures, row.read_done = ImportStatus.QUEUED, None, [], 0
    row.job_id = ctx.enqueue(IMPORT_JOB, import_id=str(row.id))
    ctx.add(row)
    return view(ctx, import_id=row.id)


def of_course(ctx: ReadCtx, *, course: str, limit: int = 20) -> list[ImportView]:
    """The last imports into a course, for its editors."""
    found = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    ids = ctx.session.execute(
        select(Import.id).where(Import.course_id == found.id).order_by(Import.id.desc()).limit(limit)
    ).scalars()
    return [view(ctx, import_id=import_id) for import_id in ids.all()]
