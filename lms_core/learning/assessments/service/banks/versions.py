"""The versions of a bank's question: written, listed with what changed, brought back."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, decode_cursor, page
from lms_core.learning.assessments import keys, papers, wording
from lms_core.learning.assessments.errors import BankPlaceNotFound
from lms_core.learning.assessments.models import BankQuestion, BankQuestionVersion, QuestionBank
from lms_core.learning.assessments.schemas import CHOICE_TYPES, ChoiceDetail, QuestionDetail, QuestionIn
from lms_core.learning.assessments.schemas.banks import BankQuestionVersionView
from lms_core.learning.assessments.service import pictures
from lms_core.learning.assessments.service.banks import access
from lms_core.learning.assessments.types.hotspot import HotspotKey

KEY_FIELDS = frozenset({"id", "choices", "key", "value", "tolerance", "accepted", "match_case"})


def detail_of(question_id: UUID, given: QuestionIn, before: QuestionDetail | None = None) -> QuestionDetail:
    """What was written as the content of a question. Ids of choices and parts are kept where `before` has them."""
    known_parts = keys.part_ids(before.key.model_dump(mode="json")) if before and before.key else ()
    known_choices = {choice.id for choice in before.choices} if before else set[UUID]()
    choices = [
        ChoiceDetail(**choice.model_dump(exclude={"id"}), id=keys.kept_id(choice.id, known_choices))
        for choice in (given.choices if given.type in CHOICE_TYPES else ())
    ]
    told = given.model_dump(exclude=set(KEY_FIELDS))
    told |= keys.fields(given.type, keys.stored(given, frozenset(known_parts)))
    return QuestionDetail(id=question_id, choices=tuple(choices), **told)


def write(ctx: WriteCtx, row: BankQuestion, content: QuestionDetail, *, note: str) -> None:
    """Keep `content` as the version that `row` says it has, and what lists show of it."""
    row.type, row.text, row.points, row.updated_at = content.type, content.text, content.points, ctx.now
    shown = papers.printed(content, course_slug=papers.NO_COURSE).model_copy(update={"version": row.version})
    ctx.session.add(
        BankQuestionVersion(
            id=new_id(),
            question_id=row.id,
            number=row.version,
            content=content.model_dump(mode="json"),
            printed=shown.model_dump(mode="json"),
            note=note,
            author_id=ctx.actor.user_id,
            created_at=ctx.now,
        )
    )


def content_of(ctx: ReadCtx, question_id: UUID, number: int) -> QuestionDetail:
    """What a question said in a version; BankPlaceNotFound. One statement."""
    wanted = select(BankQuestionVersion.content).where(
        BankQuestionVersion.question_id == question_id, BankQuestionVersion.number == number
    )
    content = ctx.session.execute(wanted).scalar_one_or_none()
    if content is None:
        raise BankPlaceNotFound("version")
    return QuestionDetail.model_validate(content)


def versions(
    ctx: ReadCtx, bank_id: UUID, question_id: UUID, *, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[BankQuestionVersionView]:
    """The versions of a question, newest first, with what each changed. Two statements and those of the access."""
    bank = access.readable(ctx, bank_id)
    question = access.question_in(ctx, bank, question_id)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    wanted = select(BankQuestionVersion).where(BankQuestionVersion.question_id == question.id)
    if cursor:
        wanted = wanted.where(BankQuestionVersion.number < decode_cursor(cursor, (int,))[0])
    rows = list(ctx.session.execute(wanted.order_by(BankQuestionVersion.number.desc()).limit(limit + 1)).scalars())
    names = accounts.names_of(ctx, [row.author_id for row in rows if row.author_id is not None])
    said = [QuestionDetail.model_validate(row.content) for row in rows]
    found = [
        BankQuestionVersionView(
            number=row.number,
            created_at=row.created_at,
            author=names.get(row.author_id, "") if row.author_id else "",
            note=row.note,
            current=row.number == question.version,
            question=now,
            changes=wording.changes(before, now),
        )
        for row, now, before in zip(rows, said, [*said[1:], None], strict=True)
    ]
    return page(found, limit, key=lambda each: (each.number,))


def restore(ctx: WriteCtx, bank_id: UUID, question_id: UUID, number: int) -> int:
    """Make what a version said the newest one; returns its number. The newest one itself: no change."""
    bank = access.editable(ctx, bank_id)
    question = access.question_in(ctx, bank, question_id)
    content = content_of(ctx, question.id, number)
    if number != question.version:
        question.version += 1
        write(ctx, question, content, note=f"As in version {number}")
        access.changed(ctx, bank)
    return question.version


def check_pictures(ctx: ReadCtx, bank: QuestionBank, questions: list[QuestionIn]) -> None:
    """Invalid when a question shows a picture that the bank's course does not have; the institution has none."""
    if bank.course_id is not None:
        pictures.check(ctx, bank.course_id, questions)
    elif any(isinstance(each.key, HotspotKey) for each in questions):
        told = "Pictures are files of a course. Keep this question in a bank of the course whose picture it shows."
        raise Invalid(told, fields=[{"field": "bank_id", "message": told}])
