"""What uses the questions of a bank: the quizzes that name them, and those whose draws may take them."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select

from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import pools
from lms_core.learning.assessments.errors import BankInUse
from lms_core.learning.assessments.models import BankQuestion, BankQuestionStatus, BankQuestionTag, Quiz, QuizSlot
from lms_core.learning.assessments.models import QuestionBank as Bank
from lms_core.learning.assessments.models import SlotKind as Kind
from lms_core.learning.assessments.schemas.banks import QuizUse
from lms_core.learning.assessments.service.banks import access

Uses = dict[UUID, list[Row[Any]]]


def uses(ctx: ReadCtx, bank: Bank, questions: Collection[BankQuestion], tags: dict[UUID, list[str]]) -> Uses:
    """The slots that use each of these questions of a bank, with the title and course of their quiz. Two statements."""
    named = QuizSlot.bank_question_id.in_([each.id for each in questions])
    wanted = (
        select(QuizSlot, Quiz.title, Quiz.course_id)
        .join(Quiz, Quiz.id == QuizSlot.quiz_id)
        .where(QuizSlot.bank_id == bank.id, or_(QuizSlot.kind == Kind.DRAW, named))
        .order_by(QuizSlot.quiz_id, QuizSlot.id)
    )
    slots = ctx.session.execute(wanted).all()
    tree = pools.tree_of(ctx, [bank.id])
    return {each.id: [row for row in slots if _is_used(row.QuizSlot, each, tags, tree)] for each in questions}


def usage(ctx: ReadCtx, bank_id: UUID, question_id: UUID) -> list[QuizUse]:
    """The quizzes that use a question; without the title of one in a course that the actor does not teach."""
    bank = access.readable(ctx, bank_id)
    question = access.question_in(ctx, bank, question_id)
    found: dict[UUID, QuizUse] = {}
    for row in uses(ctx, bank, [question], tags_of(ctx, [question_id]))[question_id]:
        slot: QuizSlot = row.QuizSlot
        if slot.quiz_id not in found or slot.kind == Kind.BANK:
            own = ctx.actor.may(Permission.COURSE_EDIT, course_id=row.course_id)
            found[slot.quiz_id] = QuizUse(
                quiz_id=slot.quiz_id,
                title=row.title if own else "",
                course_id=row.course_id,
                version=slot.version,
                drawn=slot.kind == Kind.DRAW,
            )
    return list(found.values())


def refuse_used(ctx: ReadCtx, bank: Bank, questions: Collection[BankQuestion]) -> None:
    """BankInUse when a quiz uses one of them."""
    found = uses(ctx, bank, questions, tags_of(ctx, [each.id for each in questions]))
    quizzes = {row.QuizSlot.quiz_id for rows in found.values() for row in rows}
    if quizzes:
        raise BankInUse(len(quizzes))


def tags_of(ctx: ReadCtx, question_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The tags of these questions by name. One statement."""
    wanted = select(BankQuestionTag.question_id, BankQuestionTag.tag)
    wanted = wanted.where(BankQuestionTag.question_id.in_(list(question_ids))).order_by(BankQuestionTag.tag)
    found: dict[UUID, list[str]] = {}
    for row in ctx.session.execute(wanted):
        found.setdefault(row.question_id, []).append(row.tag)
    return found


def _is_used(slot: QuizSlot, question: BankQuestion, tags: dict[UUID, list[str]], tree: pools.Tree) -> bool:
    if slot.kind != Kind.DRAW:
        return slot.bank_question_id == question.id
    if question.status != BankQuestionStatus.READY:
        return False
    words = frozenset(tags.get(question.id, ()))
    seen = pools.Candidate(question.id, question.bank_id, question.category_id, question.type, question.version, words)
    return pools.takes(pools.filter_of(slot), seen, tree)
