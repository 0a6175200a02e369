"""Files handed in with answers: taken in, given out, taken back, erased when their attempt is gone.

The bytes belong to `content.files` under the id of their `AnswerFile`, so that no two answers share any. They go to
storage before the transaction that keeps them.
"""

from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import select

from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView, StoredFile
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, TooLarge
from lms_core.learning.assessments import views
from lms_core.learning.assessments.errors import FileNotHere, NoMoreFiles
from lms_core.learning.assessments.models import AnswerFile, Attempt, AttemptAnswer
from lms_core.learning.assessments.schemas import AnswerView, HandedFile
from lms_core.learning.assessments.service.access import access_attempt, own
from lms_core.learning.assessments.service.attempts import answer_row, question_of_open
from lms_core.learning.assessments.types import upload
from lms_core.learning.assessments.types.upload import MEGABYTE, UploadKey

STORED_AS = "file"
LONGEST_NAME = 120
ERASED_AT_ONCE = 200


def check_file(ctx: WriteCtx, attempt_id: UUID, *, question_id: UUID, size: int, media_type: str) -> None:
    """Whether a file of this size and (sniffed) type may be handed in now, before anything is stored.

    As `save_answer` refuses; NoMoreFiles; TooLarge; Invalid for another kind of file than the question takes.
    """
    attempt = own(ctx, attempt_id)
    _check(ctx, attempt, question_id, size=size, media_type=media_type)


def add_file(
    ctx: WriteCtx, attempt_id: UUID, *, question_id: UUID, file_id: UUID, name: str, stored: StoredFile
) -> AnswerView:
    """Keep a stored file (its owner is `file_id`) with an answer of the actor's open attempt.

    Refused as in `check_file`.
    """
    attempt = own(ctx, attempt_id)
    row = _check(ctx, attempt, question_id, size=stored.size, media_type=stored.media_type)
    file = AnswerFile(
        id=file_id,
        attempt_id=attempt.id,
        question_id=question_id,
        name=plain_name(name),
        media_type=stored.media_type,
        size=stored.size,
        created_at=ctx.now,
    )
    ctx.add(file)
    files.attach(ctx, owner_id=file_id, path=STORED_AS, stored=stored)
    row = row or AttemptAnswer(attempt_id=attempt.id, question_id=question_id, sequence=-1, saved_at=ctx.now)
    return _list_files(ctx, row, {**row.parts, str(file_id): file.name})


def remove_file(ctx: WriteCtx, attempt_id: UUID, *, file_id: UUID) -> AnswerView:
    """Take a file back while the attempt is open. FileNotHere, and as `save_answer` refuses."""
    attempt = own(ctx, attempt_id)
    file = _file(ctx, attempt_id, file_id)
    question_of_open(ctx, attempt, file.question_id)
    row = answer_row(ctx, attempt, file.question_id)
    assert row is not None
    _erase(ctx, file)
    return _list_files(ctx, row, {each: name for each, name in row.parts.items() if each != str(file_id)})


def access_file(ctx: ReadCtx, attempt_id: UUID, file_id: UUID) -> tuple[HandedFile, AssetView]:
    """A file for who handed it in and who marks it; AttemptNotFound, FileNotHere for others. Three statements."""
    access_attempt(ctx, attempt_id)
    file = _file(ctx, attempt_id, file_id)
    return views.handed(file), files.find(ctx, owner_id=file.id, path=STORED_AS)


def erase_orphans(ctx: WriteCtx) -> int:
    """Erase files whose attempt is gone; returns how many, at most `ERASED_AT_ONCE`."""
    wanted = select(AnswerFile).where(AnswerFile.attempt_id.is_(None)).limit(ERASED_AT_ONCE)
    gone = list(ctx.session.execute(wanted).scalars())
    for file in gone:
        _erase(ctx, file)
    return len(gone)


def plain_name(name: str) -> str:
    """A file's name to show and to save it by: its last part, without control characters, its ending kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(char for char in last if char.isprintable()).strip(" .") or "file"
    if len(shown) <= LONGEST_NAME:
        return shown
    ending = PurePosixPath(shown).suffix[:12]
    return shown[: LONGEST_NAME - len(ending)] + ending


def _check(ctx: WriteCtx, attempt: Attempt, question_id: UUID, *, size: int, media_type: str) -> AttemptAnswer | None:
    """The answer so far, when one more such file may be added to it."""
    key = question_of_open(ctx, attempt, question_id).key
    if not isinstance(key, UploadKey):
        raise Invalid("This question takes no files. Answer it as it asks.")
    row = answer_row(ctx, attempt, question_id)
    if row is not None and len(row.parts) >= key.maximum_files:
        raise NoMoreFiles(key.maximum_files)
    if size > key.maximum_megabytes * MEGABYTE:
        raise TooLarge(f"A file has at most {key.maximum_megabytes} MB here. Make it smaller, or split it.")
    if not size or not upload.accepts(key, media_type):
        told = f"This is {media_type.split(';')[0]}, by what is in it. The question takes {_kinds(key)}."
        raise Invalid(told, fields=[{"field": "file", "message": told}])
    return row


def _file(ctx: ReadCtx, attempt_id: UUID, file_id: UUID) -> AnswerFile:
    wanted = select(AnswerFile).where(AnswerFile.id == file_id, AnswerFile.attempt_id == attempt_id)
    found: AnswerFile | None = ctx.session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise FileNotHere()
    return found


def _list_files(ctx: WriteCtx, row: AttemptAnswer, parts: dict[str, str]) -> AnswerView:
    """The answer with these files, newer than any that a page could send meanwhile without knowing them."""
    row.parts = parts
    row.sequence = max(row.sequence + 1, int(ctx.now.timestamp() * 1000))
    row.saved_at = ctx.now
    ctx.add(row)
    return views.answer(row)


def _erase(ctx: WriteCtx, file: AnswerFile) -> None:
    files.remove(ctx, owner_id=file.id)
    ctx.session.delete(file)
    ctx.session.flush()


def _kinds(key: UploadKey) -> str:
    return ", ".join(kind.value for kind in key.kinds) or "any file that is not empty"
