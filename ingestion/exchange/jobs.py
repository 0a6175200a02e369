"""The job that brings questions into quizzes and banks, and the one that forgets files nobody confirmed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update

from ingestion.exchange.models import ExchangeStatus, QuestionImport
from ingestion.questions import ReadBank, ReadQuestion, read
from ingestion.readers import Unreadable
from ingestion.storing import author
from lms_core.content.files import service as files
from lms_core.content.files.schemas import StoredFile
from lms_core.kit.context import Interrupted, Work, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.jobs import every, job
from lms_core.kit.storage import Storage
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import QuizChanged
from lms_core.learning.assessments.schemas import MAXIMUM_QUESTIONS, QuestionIn, QuestionsIn, QuizIn
from lms_core.learning.assessments.schemas.banks import DEEPEST, MAXIMUM_TAGS, BankIn
from lms_core.learning.assessments.service import banks

CARRY_OUT = "exchange.carry_out"
DISCARD = "exchange.discard"
KEPT = timedelta(days=30)
KEPT_UNCONFIRMED = timedelta(days=2)
TOLD_EVERY = 10  # files
NOBODY = "Whoever uploaded the file has no account any more. Upload it again."
UNEXPECTED = "Something unexpected went wrong, and again when it was repeated. Upload the file again."
LONGEST_NAME, LONGEST_CATEGORY, LONGEST_TAG = 200, 100, 60  # characters that banks hold
ENDED = (ExchangeStatus.DONE, ExchangeStatus.FAILED)

log = structlog.get_logger(__name__)


@job(CARRY_OUT, queue="heavy", attempts=3)
def carry_out(work: Work, *, import_id: str) -> None:
    """Store the files, then the questions in one transaction; repeated, it finds that it was done."""
    row = _row(work, UUID(import_id))
    if row is None or row.status in ENDED:
        return
    try:
        _carry_out(work, row)
    except (Unreadable, DomainError) as error:
        if isinstance(error, QuizChanged) and not _is_last(work):
            raise  # somebody saved the quiz at the same moment: the next try finds what they wrote
        _fail(work, row.id, error.reason if isinstance(error, Unreadable) else error.detail)
    except Interrupted:
        raise
    except Exception:
        if _is_last(work):
            _fail(work, row.id, UNEXPECTED)
        raise
    _let_go(work, row.storage_key)


@job(DISCARD, queue="io")
def discard(work: Work, *, key: str) -> None:
    """Remove the file of an import that was given up."""
    _let_go(work, key)


def _carry_out(work: Work, row: QuestionImport) -> None:
    if row.owner_id is None:
        _fail(work, row.id, NOBODY)
        return
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    bank = read(storage.get(row.storage_key), name=row.name)
    stored = _store_files(work, row, bank)
    with work.database.write(author(work, row.owner_id), request_id=work.job.request_id) as ctx:
        mine = ctx.session.execute(
            select(QuestionImport).where(QuestionImport.id == row.id).with_for_update(key_share=True)
        ).scalar_one_or_none()
        if mine is None or mine.status in ENDED:
            return
        for path, each in stored.items():
            files.attach(ctx, owner_id=row.course_id, path=path, stored=each)
        if mine.to_bank:
            mine.bank_id = _into_bank(ctx, mine, bank.questions)
        else:
            questions = [each.question for each in bank.questions]
            mine.quiz_ids = [str(each) for each in _into_quizzes(ctx, mine, questions)]
        mine.status, mine.done, mine.finished_at = ExchangeStatus.DONE, mine.total, ctx.now


def _store_files(work: Work, row: QuestionImport, bank: ReadBank) -> dict[str, StoredFile]:
    """Put the bank's files into storage, telling now and then how far it is. No transaction is open meanwhile."""
    stored = {}
    for done, (path, content) in enumerate(bank.files.items()):
        work.check_stop()
        if done % TOLD_EVERY == 0:
            with work.write() as ctx:
                ctx.session.execute(
                    update(QuestionImport)
                    .where(QuestionImport.id == row.id)
                    .values(status=ExchangeStatus.RUNNING, done=done)
                )
        stored[path] = files.upload(work.resources, tenant_id=row.tenant_id, owner_id=row.course_id, source=content)
    return stored


def _into_quizzes(ctx: WriteCtx, row: QuestionImport, questions: Sequence[QuestionIn]) -> list[UUID]:
    """Behind the questions of the quiz; or in new quizzes, as many as it takes."""
    if row.append and row.quiz_id is not None:
        source = assessments.read_source(ctx, row.quiz_id)
        present = [QuestionIn.model_validate(each.model_dump()) for each in source.question_list]
        given = QuestionsIn(base_revision=source.revision, questions=[*present, *questions])
        return [assessments.set_questions(ctx, row.quiz_id, given=given).id]
    parts = [questions[start : start + MAXIMUM_QUESTIONS] for start in range(0, len(questions), MAXIMUM_QUESTIONS)]
    titles = [row.title if len(parts) == 1 else f"{row.title} ({number})" for number in range(1, len(parts) + 1)]
    return [
        assessments.create(ctx, row.course_id, quiz=QuizIn(title=title, questions=list(part))).id
        for title, part in zip(titles, parts, strict=True)
    ]


def _into_bank(ctx: WriteCtx, row: QuestionImport, questions: Sequence[ReadQuestion]) -> UUID:
    """Into the bank that was chosen, or a new one of the course; categories and tags come along."""
    bank_id = row.bank_id
    if bank_id is None:
        bank_id = banks.create(ctx, bank=BankIn(name=row.title[:LONGEST_NAME], course=str(row.course_id))).id
    for (path, tags), group in groupby(questions, key=lambda each: (_fitting(each.category), each.tags)):
        kept = [tag.strip().casefold()[:LONGEST_TAG] for tag in tags if tag.strip()][:MAXIMUM_TAGS]
        banks.add_questions(
            ctx,
            bank_id,
            category_path=path,
            questions=[each.question for each in group],
            tags=list(dict.fromkeys(kept)),
        )
    return bank_id


def _fitting(path: Sequence[str]) -> tuple[str, ...]:
    """A path of categories no deeper than banks have; what lies deeper stands in the last one."""
    return tuple(name.strip()[:LONGEST_CATEGORY] for name in path if name.strip())[:DEEPEST]


def _is_last(work: Work) -> bool:
    return work.job.attempts >= work.job.attempts_allowed


def _row(work: Work, import_id: UUID) -> QuestionImport | None:
    with work.read() as view:
        found: QuestionImport | None = view.session.execute(
            select(QuestionImport).where(QuestionImport.id == import_id)
        ).scalar_one_or_none()
    return found


def _fail(work: Work, import_id: UUID, reason: str) -> None:
    log.info("exchange.failed", import_id=str(import_id))
    with work.write() as ctx:
        ctx.session.execute(
            update(QuestionImport)
            .where(QuestionImport.id == import_id, QuestionImport.status.not_in(ENDED))
            .values(status=ExchangeStatus.FAILED, reason=reason, finished_at=ctx.now)
        )


def _let_go(work: Work, key: str) -> None:
    with suppress(OSError):  # a file left behind costs space, nothing else
        work.resources.get(Storage).delete(key)  # type: ignore[type-abstract]


@every(timedelta(hours=12), "exchange.forget", queue="idle")
def forget(work: Work) -> None:
    """Forget imports of more than 30 days, and after two days what nobody confirmed, in every institution."""
    with work.write() as ctx:
        unconfirmed = (QuestionImport.status == ExchangeStatus.PREVIEW) & (
            QuestionImport.created_at < ctx.now - KEPT_UNCONFIRMED
        )
        due = unconfirmed | (QuestionImport.created_at < ctx.now - KEPT)
        keys = list(ctx.session.execute(select(QuestionImport.storage_key).where(due)).scalars())
        ctx.session.execute(delete(QuestionImport).where(due))
    for key in keys:
        _let_go(work, key)
