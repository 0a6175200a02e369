"""Verbs on questions from files, for the editors of a course: take in, look, confirm, discard."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from ingestion.exchange import jobs
from ingestion.exchange.errors import (
    NothingToImport,
    QuestionFileRefused,
    QuestionImportNotFound,
    QuestionImportStarted,
    TooManyQuestions,
)
from ingestion.exchange.models import ExchangeStatus, QuestionImport
from ingestion.exchange.schemas import Confirmation, NotCarried, QuestionImportView
from ingestion.questions import Format, ReadBank, ReportLine, read, told
from ingestion.questions.report import line
from ingestion.readers import Unreadable
from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.errors import Forbidden, NotFound
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.kit.storage import Storage, tenant_key
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import BankNotFound, QuizNotFound
from lms_core.learning.assessments.schemas import MAXIMUM_QUESTIONS, QuestionIn, QuestionReview
from lms_core.learning.assessments.service import banks

SHOWN = 10  # questions of a preview
MOST_LINES = 1000  # of a report
HELD_BY_BANKS = frozenset({"category", "tags"})


def keep(resources: Resources, *, tenant_id: UUID, content: bytes) -> str:
    """Put an uploaded file into storage, outside any transaction; returns its key."""
    key = tenant_key(tenant_id, "question-imports", str(new_id()))
    resources.get(Storage).put(key, content)  # type: ignore[type-abstract]
    return key


def read_file(content: bytes, *, name: str) -> ReadBank:
    """The questions of an upload; QuestionFileRefused. Touches no database."""
    try:
        return read(content, name=name)
    except Unreadable as error:
        raise QuestionFileRefused(error) from error


def access(ctx: ReadCtx, course: str | UUID, *, quiz_id: UUID | None) -> CourseCard:
    """The course, and the quiz within it, for their editors; CourseNotFound, QuizNotFound, Forbidden."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT)
    if quiz_id is not None and assessments.access_quiz_for_editing(ctx, quiz_id).course_id != card.id:
        raise QuizNotFound()
    return card


def take_in(
    ctx: WriteCtx, course: str | UUID, *, quiz_id: UUID | None, name: str, bank: ReadBank, storage_key: str
) -> QuestionImportView:
    """Write down what a kept file holds. Nothing reaches a quiz yet."""
    card = access(ctx, course, quiz_id=quiz_id)
    report = [*bank.report, *_not_held(bank)]
    questions = [each.question for each in bank.questions]
    row = ctx.add(
        QuestionImport(
            owner_id=ctx.actor.user_id,
            course_id=card.id,
            quiz_id=quiz_id,
            name="".join(each for each in name if each.isprintable())[:200] or "questions",
            title=bank.title[:290],
            format=bank.format.value,
            storage_key=storage_key,
            counts=dict(Counter(question.type.value for question in questions)),
            questions=len(questions),
            files=len(bank.files),
            first=[question.model_dump(mode="json") for question in questions[:SHOWN]],
            report=[{"item": each.item, "code": each.code, "value": each.value} for each in report[:MOST_LINES]],
            created_at=ctx.now,
        )
    )
    return _view(row, card)


def view(ctx: ReadCtx, *, import_id: UUID) -> QuestionImportView:
    """An import for the editors of its course; QuestionImportNotFound."""
    return _view(*_access(ctx, import_id))


def first_questions(ctx: ReadCtx, *, import_id: UUID) -> tuple[QuestionReview, ...]:
    """The first questions of an import with their keys, as pages show them; pictures are not there yet."""
    row, card = _access(ctx, import_id)
    return assessments.proof([QuestionIn.model_validate(each) for each in row.first], course_slug=card.slug)


def confirm(ctx: WriteCtx, *, import_id: UUID, given: Confirmation) -> QuestionImportView:
    """Let a job bring the questions in. QuestionImportStarted, NothingToImport, TooManyQuestions, BankNotFound."""
    row, card = _access(ctx, import_id, locked=True)
    if row.status != ExchangeStatus.PREVIEW:
        raise QuestionImportStarted()
    if row.questions == 0:
        raise NothingToImport()
    if given.append:
        if row.quiz_id is None:
            raise QuizNotFound()
        quiz = assessments.access_quiz_for_editing(ctx, row.quiz_id)
        if quiz.questions + row.questions > MAXIMUM_QUESTIONS:
            raise TooManyQuestions(MAXIMUM_QUESTIONS)
    if given.bank_id is not None and not banks.read(ctx, given.bank_id).editable:
        raise BankNotFound()
    if given.to_bank:
        row.report = [each for each in row.report if each["code"] not in HELD_BY_BANKS]
    row.to_bank, row.bank_id = given.to_bank, given.bank_id if given.to_bank else None
    row.append, row.title = given.append, given.title or row.title or row.name.rpartition(".")[0] or row.name
    row.status, row.total = ExchangeStatus.QUEUED, row.files + row.questions
    ctx.enqueue(jobs.CARRY_OUT, import_id=str(row.id))
    ctx.session.flush()
    return _view(row, card)


def discard(ctx: WriteCtx, *, import_id: UUID) -> QuestionImportView:
    """Forget an import that was not started; QuestionImportStarted. Its file goes with the next tidying up."""
    row, card = _access(ctx, import_id, locked=True)
    if row.status != ExchangeStatus.PREVIEW:
        raise QuestionImportStarted()
    gone = _view(row, card)
    ctx.session.delete(row)
    ctx.session.flush()
    ctx.enqueue(jobs.DISCARD, key=row.storage_key)
    return gone


def lines_of(report: Iterable[ReportLine]) -> list[NotCarried]:
    """A report as it is sent."""
    return [
        NotCarried(
            item=each.item,
            effect=each.effect,
            code=each.code,
            value=each.value,
            detail=told(each),
            kept_by_banks=each.code in HELD_BY_BANKS,
        )
        for each in report
    ]


def _not_held(bank: ReadBank) -> list[ReportLine]:
    """What a bank says that quizzes have no place for, in one line each for the whole file."""
    categories = dict.fromkeys(" / ".join(each.category) for each in bank.questions if each.category)
    tags = dict.fromkeys(tag for each in bank.questions for tag in each.tags)
    found = [("category", ", ".join(categories)), ("tags", ", ".join(tags))]
    return [line("", code, value) for code, value in found if value]


def _access(ctx: ReadCtx, import_id: UUID, *, locked: bool = False) -> tuple[QuestionImport, CourseCard]:
    wanted = select(QuestionImport).where(QuestionImport.id == import_id)
    if locked:
        wanted = wanted.with_for_update(key_share=True)
    row: QuestionImport | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise QuestionImportNotFound()
    try:
        return row, courses.access_course(ctx, row.course_id, Permission.COURSE_EDIT)
    except (NotFound, Forbidden) as error:
        raise QuestionImportNotFound() from error


def _view(row: QuestionImport, card: CourseCard) -> QuestionImportView:
    return QuestionImportView(
        id=row.id,
        name=row.name,
        title=row.title,
        status=row.status,
        format=Format(row.format),
        course_id=row.course_id,
        course_slug=card.slug,
        quiz_id=row.quiz_id,
        questions=row.questions,
        counts=row.counts,
        files=row.files,
        report=lines_of(ReportLine(**each) for each in row.report),
        done=row.done,
        total=row.total,
        quiz_ids=[UUID(each) for each in row.quiz_ids],
        bank_id=row.bank_id,
        reason=row.reason,
        created_at=row.created_at,
    )
