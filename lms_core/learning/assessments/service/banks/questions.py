"""The questions of a bank: added, searched, edited, moved, copied, tagged, deleted."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import new_id
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page, page
from lms_core.learning.assessments import pools
from lms_core.learning.assessments.errors import BankPlaceNotFound, BankQuestionChanged
from lms_core.learning.assessments.models import (
    BankQuestion,
    BankQuestionStatus,
    BankQuestionTag,
    BankQuestionVersion,
    QuestionBank,
    QuizSlot,
)
from lms_core.learning.assessments.schemas import QuestionDetail, QuestionIn
from lms_core.learning.assessments.schemas.banks import (
    BankFilter,
    BankQuestionCard,
    BankQuestionDetail,
    BankQuestionEdit,
    BankQuestionIn,
    BankQuestionsChange,
    BankQuestionsTarget,
    Matching,
)
from lms_core.learning.assessments.service.banks import access, keeping, usage, versions


def add_questions(
    ctx: WriteCtx,
    bank_id: UUID,
    *,
    category_path: Sequence[str] = (),
    questions: Sequence[QuestionIn],
    tags: Sequence[str] = (),
    status: BankQuestionStatus = BankQuestionStatus.READY,
) -> list[UUID]:
    """New questions at a path of categories, which are made where they are missing; returns ids in order.

    BankNotFound, Forbidden; Invalid for a picture that the bank's course does not have.
    """
    bank = access.editable(ctx, bank_id)
    category_id = keeping.category_at(ctx, bank, category_path)
    return _insert(ctx, bank, questions, category_id=category_id, tags=tags, status=status)


def add(ctx: WriteCtx, bank_id: UUID, *, given: BankQuestionIn) -> BankQuestionDetail:
    """One new question; refused as in `add_questions`."""
    bank = access.editable(ctx, bank_id)
    access.category_in(ctx, bank, given.category_id)
    (made,) = _insert(
        ctx,
        bank,
        [given.question],
        category_id=given.category_id,
        tags=given.tags,
        status=given.status,
        note=given.note,
    )
    return read_question(ctx, bank_id, made)


def read_question(ctx: ReadCtx, bank_id: UUID, question_id: UUID) -> BankQuestionDetail:
    """A question with its key, in its newest version. BankPlaceNotFound. Six statements."""
    bank = access.readable(ctx, bank_id)
    row = access.question_in(ctx, bank, question_id)
    (card,) = _cards(ctx, bank, [row])
    return BankQuestionDetail(**card.model_dump(), question=versions.content_of(ctx, row.id, row.version))


def edit(ctx: WriteCtx, bank_id: UUID, question_id: UUID, *, given: BankQuestionEdit) -> BankQuestionDetail:
    """Keep the next version of a question; the same as before: no change. BankQuestionChanged."""
    bank = access.editable(ctx, bank_id)
    row = access.question_in(ctx, bank, question_id)
    if given.base_version != row.version:
        raise BankQuestionChanged(row.version)
    versions.check_pictures(ctx, bank, [given.question])
    before = versions.content_of(ctx, row.id, row.version)
    content = versions.detail_of(row.id, given.question, before)
    if content != before:
        row.version += 1
        versions.write(ctx, row, content, note=given.note)
        access.changed(ctx, bank)
    return read_question(ctx, bank_id, question_id)


def browse(
    ctx: ReadCtx, bank_id: UUID, *, wanted: BankFilter, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[BankQuestionCard]:
    """Questions of a bank, newest first. Six statements, however many there are."""
    bank = access.readable(ctx, bank_id)
    limit = min(max(limit, 1), MAXIMUM_LIMIT)
    found = select(BankQuestion).where(BankQuestion.bank_id == bank.id, *_conditions(ctx, bank, wanted))
    if cursor:
        found = found.where(BankQuestion.id < keeping.last_of(cursor))
    rows = list(ctx.session.execute(found.order_by(BankQuestion.id.desc()).limit(limit + 1)).scalars())
    return page(_cards(ctx, bank, rows), limit, key=lambda each: (str(each.id),))


def matching(ctx: ReadCtx, bank_id: UUID, *, wanted: BankFilter) -> Matching:
    """How many questions a draw with this filter could take; words and status of it are no matter. Four statements."""
    bank = access.readable(ctx, bank_id)
    asked = pools.Filter(
        bank.id, wanted.category_id, wanted.subcategories, frozenset(wanted.types), frozenset(wanted.tags)
    )
    return Matching(questions=len(pools.load(ctx, [bank.id]).matching(asked)))


def change(ctx: WriteCtx, bank_id: UUID, *, given: BankQuestionsChange) -> int:
    """Change status, tags or category of several questions at once; returns how many they are.

    BankInUse for making a draft of what quizzes use.
    """
    bank = access.editable(ctx, bank_id)
    rows = _all(ctx, bank, given.question_ids)
    if given.status == BankQuestionStatus.DRAFT:
        usage.refuse_used(ctx, bank, rows)
    category = access.category_in(ctx, bank, given.category_id) if given.move else None
    for row in rows:
        row.status = given.status or row.status
        row.updated_at = ctx.now
        if given.move:
            row.category_id = category.id if category is not None else None
    ids = [row.id for row in rows]
    gone = BankQuestionTag.tag.in_(given.remove_tags)
    ctx.session.execute(delete(BankQuestionTag).where(BankQuestionTag.question_id.in_(ids), gone))
    known = usage.tags_of(ctx, ids)
    _tag(ctx, {each: [tag for tag in given.add_tags if tag not in known.get(each, ())] for each in ids})
    access.changed(ctx, bank)
    return len(rows)


def move(ctx: WriteCtx, bank_id: UUID, *, target: BankQuestionsTarget) -> int:
    """Put questions into another bank, with their versions. BankInUse where a quiz could not use them there."""
    banks = {each: access.editable(ctx, each) for each in sorted({bank_id, target.bank_id})}  # locked in one order
    source, bank = banks[bank_id], banks[target.bank_id]
    access.category_in(ctx, bank, target.category_id)
    rows = _all(ctx, source, target.question_ids)
    versions.check_pictures(ctx, bank, [_again(each) for each in _contents(ctx, rows).values()])
    if bank.course_id is not None and bank.course_id != source.course_id:
        usage.refuse_used(ctx, source, rows)
    ids = [row.id for row in rows]
    for row in rows:
        row.bank_id, row.category_id, row.updated_at = bank.id, target.category_id, ctx.now
    ctx.session.flush()
    ctx.session.execute(update(QuizSlot).where(QuizSlot.bank_question_id.in_(ids)).values(bank_id=bank.id))
    for each in banks.values():
        access.changed(ctx, each)
    return len(rows)


def copy(ctx: WriteCtx, bank_id: UUID, *, target: BankQuestionsTarget) -> list[UUID]:
    """New questions that say what these say in their newest version, with their tags; returns ids in order."""
    source = access.readable(ctx, bank_id)
    bank = access.editable(ctx, target.bank_id)
    access.category_in(ctx, bank, target.category_id)
    rows = _all(ctx, source, target.question_ids)
    contents, tags = _contents(ctx, rows), usage.tags_of(ctx, [row.id for row in rows])
    made: list[UUID] = []
    for row in rows:
        again = [_again(contents[row.id])]
        place = {"category_id": target.category_id, "tags": tags.get(row.id, []), "status": row.status}
        made += _insert(ctx, bank, again, **place)
    return made


def delete_question(ctx: WriteCtx, bank_id: UUID, question_id: UUID) -> None:
    """Delete a question that no quiz uses, with its versions; BankInUse. Attempts keep what they were made on."""
    bank = access.editable(ctx, bank_id)
    row = access.question_in(ctx, bank, question_id)
    usage.refuse_used(ctx, bank, [row])
    ctx.session.execute(delete(BankQuestion).where(BankQuestion.id == row.id))
    access.changed(ctx, bank)


def _insert(
    ctx: WriteCtx,
    bank: QuestionBank,
    questions: Sequence[QuestionIn],
    *,
    category_id: UUID | None,
    tags: Sequence[str],
    status: BankQuestionStatus,
    note: str = "",
) -> list[UUID]:
    versions.check_pictures(ctx, bank, list(questions))
    contents = [versions.detail_of(new_id(), each) for each in questions]
    rows = [
        BankQuestion(
            id=content.id,
            bank_id=bank.id,
            category_id=category_id,
            status=status,
            type=content.type,
            text=content.text,
            points=content.points,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
        for content in contents
    ]
    ctx.session.add_all(rows)
    ctx.session.flush()  # before versions and tags, which refer to them
    for row, content in zip(rows, contents, strict=True):
        versions.write(ctx, row, content, note=note)
    _tag(ctx, {row.id: list(tags) for row in rows})
    access.changed(ctx, bank)
    return [row.id for row in rows]


def _tag(ctx: WriteCtx, tags: dict[UUID, list[str]]) -> None:
    ctx.session.add_all(
        BankQuestionTag(id=new_id(), question_id=question_id, tag=tag)
        for question_id, named in tags.items()
        for tag in dict.fromkeys(named)
    )
    ctx.session.flush()


def _all(ctx: ReadCtx, bank: QuestionBank, ids: Collection[UUID]) -> list[BankQuestion]:
    """These questions of a bank, oldest first; BankPlaceNotFound unless it has every one. One statement."""
    wanted = select(BankQuestion).where(BankQuestion.bank_id == bank.id, BankQuestion.id.in_(ids))
    rows = list(ctx.session.execute(wanted.order_by(BankQuestion.id)).scalars())
    if len(rows) != len(set(ids)):
        raise BankPlaceNotFound("question")
    return rows


def _contents(ctx: ReadCtx, rows: Sequence[BankQuestion]) -> dict[UUID, QuestionDetail]:
    """What these questions say now. One statement."""
    wanted = (
        select(BankQuestionVersion.question_id, BankQuestionVersion.content)
        .join(BankQuestion, BankQuestion.id == BankQuestionVersion.question_id)
        .where(BankQuestion.id.in_([row.id for row in rows]), BankQuestionVersion.number == BankQuestion.version)
    )
    found = ctx.session.execute(wanted)
    return {row.question_id: QuestionDetail.model_validate(row.content) for row in found}


def _again(content: QuestionDetail) -> QuestionIn:
    """The content as its author would send it."""
    return QuestionIn.model_validate(content.model_dump(mode="json"))


def _conditions(ctx: ReadCtx, bank: QuestionBank, wanted: BankFilter) -> list[ColumnElement[bool]]:
    conditions: list[Any] = []
    if wanted.category_id is not None:
        tree = pools.tree_of(ctx, [bank.id])
        inner = pools.below(tree, wanted.category_id) if wanted.subcategories else [wanted.category_id]
        conditions.append(BankQuestion.category_id.in_(inner))
    if wanted.types:
        conditions.append(BankQuestion.type.in_(wanted.types))
    if wanted.status is not None:
        conditions.append(BankQuestion.status == wanted.status)
    for tag in wanted.tags:
        tagged = select(BankQuestionTag.question_id).where(BankQuestionTag.tag == tag)
        conditions.append(BankQuestion.id.in_(tagged))
    conditions += [BankQuestion.text.icontains(word, autoescape=True) for word in wanted.text.split()]
    return conditions


def _cards(ctx: ReadCtx, bank: QuestionBank, rows: Sequence[BankQuestion]) -> list[BankQuestionCard]:
    """Three statements."""
    tags = usage.tags_of(ctx, [row.id for row in rows])
    used = usage.uses(ctx, bank, rows, tags)
    names = [name for name in BankQuestionCard.model_fields if name not in ("tags", "quizzes")]
    return [
        BankQuestionCard(
            **{name: getattr(row, name) for name in names},
            tags=tuple(tags.get(row.id, ())),
            quizzes=len({slot.QuizSlot.quiz_id for slot in used[row.id]}),
        )
        for row in rows
    ]
