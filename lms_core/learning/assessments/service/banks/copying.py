"""The banks of a course in a copy of it, with every version of their questions; those of the institution stay one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.kit.context import WriteCtx
from lms_core.kit.copies import copied
from lms_core.learning.assessments import papers
from lms_core.learning.assessments.models import (
    BankCategory,
    BankQuestion,
    BankQuestionTag,
    BankQuestionVersion,
    QuestionBank,
)
from lms_core.learning.assessments.schemas import QuestionDetail


def copy_to(ctx: WriteCtx, source: UUID, target: UUID, *, ids: dict[UUID, UUID]) -> None:
    """Give `target` every bank of `source`; `ids` learns of banks, categories and questions."""
    banks = ctx.session.execute(select(QuestionBank).where(QuestionBank.course_id == source)).scalars().all()
    if not banks:
        return
    for bank in banks:
        made = {"course_id": target, "created_by": ctx.actor.user_id, "created_at": ctx.now, "updated_at": ctx.now}
        ids[bank.id] = ctx.add(copied(bank, **made)).id
    inside = [bank.id for bank in banks]
    ctx.session.flush()
    categories = ctx.session.execute(select(BankCategory).where(BankCategory.bank_id.in_(inside))).scalars().all()
    for category in _outer_first(categories):
        parent_id = ids[category.parent_id] if category.parent_id is not None else None
        ids[category.id] = ctx.add(copied(category, bank_id=ids[category.bank_id], parent_id=parent_id)).id
        ctx.session.flush()
    wanted = select(BankQuestion).where(BankQuestion.bank_id.in_(inside)).order_by(BankQuestion.id)
    questions = ctx.session.execute(wanted).scalars().all()
    for question in questions:
        category_id = ids[question.category_id] if question.category_id is not None else None
        ids[question.id] = ctx.add(copied(question, bank_id=ids[question.bank_id], category_id=category_id)).id
    ctx.session.flush()
    known = select(BankQuestion.id).where(BankQuestion.bank_id.in_(inside))
    tags = select(BankQuestionTag).where(BankQuestionTag.question_id.in_(known))
    ctx.session.add_all(copied(tag, question_id=ids[tag.question_id]) for tag in ctx.session.execute(tags).scalars())
    _copy_versions(ctx, source, target, inside, ids=ids)


def _copy_versions(ctx: WriteCtx, source: UUID, target: UUID, banks: Sequence[UUID], *, ids: dict[UUID, UUID]) -> None:
    slugs = courses.slugs_of(ctx, source, target)
    known = select(BankQuestion.id).where(BankQuestion.bank_id.in_(banks))
    versions = select(BankQuestionVersion).where(BankQuestionVersion.question_id.in_(known))
    for version in ctx.session.execute(versions.order_by(BankQuestionVersion.id)).scalars().all():
        question_id = ids[version.question_id]
        said = QuestionDetail.model_validate(version.content)
        text = courses.relinked(said.text, ids, slugs=slugs)
        content = said.model_copy(update={"id": question_id, "text": text})
        shown = papers.printed(content, course_slug=papers.NO_COURSE).model_copy(update={"version": version.number})
        ctx.session.add(
            copied(
                version,
                question_id=question_id,
                content=content.model_dump(mode="json"),
                printed=shown.model_dump(mode="json"),
            )
        )
    ctx.session.flush()


def _outer_first(categories: Sequence[BankCategory]) -> list[BankCategory]:
    """Each category after the one it stands in."""
    by_id = {category.id: category for category in categories}

    def depth(category: BankCategory) -> int:
        return 0 if category.parent_id is None else 1 + depth(by_id[category.parent_id])

    return sorted(categories, key=depth)
