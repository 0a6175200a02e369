"""Which questions of a bank a draw may take: one rule for draws, for their count, and for what uses a question.

Only `ready` questions are taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments.models import (
    BankCategory,
    BankQuestion,
    BankQuestionStatus,
    BankQuestionTag,
    QuestionType,
    QuizSlot,
)

Tree = Mapping[UUID, UUID | None]  # category -> the one it stands in


@dataclass(frozen=True, slots=True)
class Filter:
    """What a draw asks of a question. `category_id` None: any; `types` empty: any; every one of `tags`."""

    bank_id: UUID
    category_id: UUID | None = None
    subcategories: bool = True
    types: frozenset[QuestionType] = frozenset()
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a draw may look at."""

    id: UUID
    bank_id: UUID
    category_id: UUID | None
    type: QuestionType
    version: int
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pool:
    """The ready questions of some banks, and how their categories stand in each other."""

    candidates: tuple[Candidate, ...]
    tree: Tree

    def matching(self, wanted: Filter) -> list[Candidate]:
        """Those that a draw may take."""
        return [each for each in self.candidates if takes(wanted, each, self.tree)]


def filter_of(slot: QuizSlot) -> Filter:
    """What a stored draw asks for."""
    assert slot.bank_id is not None
    types = frozenset(QuestionType(each) for each in slot.types)
    return Filter(slot.bank_id, slot.category_id, slot.subcategories, types, frozenset(slot.tags))


def takes(wanted: Filter, question: Candidate, tree: Tree) -> bool:
    """Whether a draw may take this question."""
    if question.bank_id != wanted.bank_id or (wanted.types and question.type not in wanted.types):
        return False
    if not wanted.tags <= question.tags:
        return False
    if wanted.category_id is None:
        return True
    if wanted.subcategories:
        return wanted.category_id in above(tree, question.category_id)
    return wanted.category_id == question.category_id


def above(tree: Tree, category_id: UUID | None) -> list[UUID]:
    """A category and those it stands in, nearest first."""
    found: list[UUID] = []
    while category_id is not None:
        found.append(category_id)
        category_id = tree.get(category_id)
    return found


def below(tree: Tree, category_id: UUID) -> list[UUID]:
    """A category and all that stand in it."""
    return [each for each in tree if category_id in above(tree, each)]


def load(ctx: ReadCtx, bank_ids: Sequence[UUID]) -> Pool:
    """The ready questions of these banks, oldest first. Three statements."""
    ready = (BankQuestion.bank_id.in_(bank_ids), BankQuestion.status == BankQuestionStatus.READY)
    columns = select(
        BankQuestion.id, BankQuestion.bank_id, BankQuestion.category_id, BankQuestion.type, BankQuestion.version
    )
    rows = ctx.session.execute(columns.where(*ready).order_by(BankQuestion.id)).all()
    tagged = select(BankQuestionTag.question_id, BankQuestionTag.tag).join(
        BankQuestion, BankQuestion.id == BankQuestionTag.question_id
    )
    tags: dict[UUID, set[str]] = {}
    for row in ctx.session.execute(tagged.where(*ready)):
        tags.setdefault(row.question_id, set()).add(row.tag)
    candidates = tuple(
        Candidate(
            row.id, row.bank_id, row.category_id, QuestionType(row.type), row.version, frozenset(tags.get(row.id, ()))
        )
        for row in rows
    )
    return Pool(candidates, tree_of(ctx, bank_ids))


def tree_of(ctx: ReadCtx, bank_ids: Iterable[UUID]) -> dict[UUID, UUID | None]:
    """How the categories of these banks stand in each other. One statement."""
    rows = ctx.session.execute(
        select(BankCategory.id, BankCategory.parent_id).where(BankCategory.bank_id.in_(list(bank_ids)))
    )
    return {row.id: row.parent_id for row in rows}
