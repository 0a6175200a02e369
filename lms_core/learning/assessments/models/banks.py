"""The tables of question banks, and of the sections in which quizzes take questions from them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from lms_core.kit.db import TenantOwned, UtcDateTime, one_of
from lms_core.kit.ids import new_id
from lms_core.learning.assessments.models.quizzes import QuestionType


class BankQuestionStatus(StrEnum):
    """Whether quizzes may use a question: not yet; yes; only where it stands already, and never by a draw."""

    DRAFT = "draft"
    READY = "ready"
    RETIRED = "retired"


class SlotKind(StrEnum):
    """What stands at one place of a section: a question of the quiz's own, one of a bank, or some that are drawn."""

    OWN = "own"
    BANK = "bank"
    DRAW = "draw"


class QuestionBank(TenantOwned, table=True):
    """Questions to be used in many quizzes. `course_id` None: the whole institution's.

    `revision` grows with every change that could change a quiz.
    """

    __tablename__ = "question_bank"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    course_id: UUID | None = Field(default=None, foreign_key="course.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=200)
    description: str = Field(default="", sa_type=Text)
    revision: int = 1
    created_by: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BankCategory(TenantOwned, table=True):
    """A category of a bank, within another one or at the top."""

    __tablename__ = "bank_category"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    bank_id: UUID = Field(foreign_key="question_bank.id", ondelete="CASCADE", index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="bank_category.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=100)


class BankQuestion(TenantOwned, table=True):
    """A question of a bank as lists and searches need it; what it says is its newest version's matter."""

    __tablename__ = "bank_question"
    __table_args__ = (
        Index("ix_bank_question_bank", "bank_id", "id"),
        one_of("type", QuestionType),
        one_of("status", BankQuestionStatus),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    bank_id: UUID = Field(foreign_key="question_bank.id", ondelete="CASCADE")
    category_id: UUID | None = Field(default=None, foreign_key="bank_category.id", ondelete="SET NULL", index=True)
    status: BankQuestionStatus = Field(default=BankQuestionStatus.READY, sa_type=Text)
    version: int = 1
    type: QuestionType = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    points: float = 1.0
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BankQuestionTag(TenantOwned, table=True):
    """A word on a question, in small letters."""

    __tablename__ = "bank_question_tag"
    __table_args__ = (UniqueConstraint("question_id", "tag"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    question_id: UUID = Field(foreign_key="bank_question.id", ondelete="CASCADE")
    tag: str = Field(max_length=60, index=True)


class BankQuestionVersion(TenantOwned, table=True):
    """What a question said from one edit to the next; never changed.

    `content` is a `QuestionDetail`; `printed` the `PaperQuestion` made of it, whose pictures are of no course yet.
    """

    __tablename__ = "bank_question_version"
    __table_args__ = (UniqueConstraint("question_id", "number"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    question_id: UUID = Field(foreign_key="bank_question.id", ondelete="CASCADE")
    number: int
    content: dict[str, Any] = Field(sa_type=JSON)
    printed: dict[str, Any] = Field(sa_type=JSON)
    note: str = Field(default="", max_length=300)
    author_id: UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)


class QuizSection(TenantOwned, table=True):
    """A part of a quiz with a title and instructions of its own. `new_page`: it begins a page of the attempt."""

    __tablename__ = "quiz_section"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE", index=True)
    position: int
    title: str = Field(default="", max_length=200)
    instructions: str = Field(default="", sa_type=Text)
    shuffle: bool = False
    new_page: bool = False


class QuizSlot(TenantOwned, table=True):
    """One place of a section, by `kind`.

    own: `question_id` of the quiz. bank: `bank_question_id`, in `version` (None: the newest), for `points` (None: its
    own). draw: `count` questions of `bank_id` for `points` each, from `category_id` (None: any; with `subcategories`
    what is below it), of one of `types` (none: any), with all of `tags`.
    """

    __tablename__ = "quiz_slot"
    __table_args__ = (
        one_of("kind", SlotKind),
        CheckConstraint("count > 0", name="count"),
        CheckConstraint("points > 0", name="points"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    section_id: UUID = Field(foreign_key="quiz_section.id", ondelete="CASCADE", index=True)
    quiz_id: UUID = Field(foreign_key="quiz.id", ondelete="CASCADE", index=True)
    position: int
    kind: SlotKind = Field(sa_type=Text)
    question_id: UUID | None = None
    bank_id: UUID | None = Field(default=None, foreign_key="question_bank.id", ondelete="CASCADE", index=True)
    bank_question_id: UUID | None = Field(default=None, foreign_key="bank_question.id", ondelete="CASCADE", index=True)
    version: int | None = None
    count: int = 1
    points: float | None = None
    category_id: UUID | None = Field(default=None, foreign_key="bank_category.id", ondelete="CASCADE", index=True)
    subcategories: bool = True
    types: list[str] = Field(default_factory=list, sa_type=JSON)
    tags: list[str] = Field(default_factory=list, sa_type=JSON)
