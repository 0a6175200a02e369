"""Inputs and views of the sections of a quiz."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.learning.assessments.models import BankQuestionStatus, QuestionType
from lms_core.learning.assessments.schemas.banks import Tags
from lms_core.learning.assessments.schemas.shared import MAXIMUM_QUESTIONS, Points, Text, View

MAXIMUM_SECTIONS = 50
MAXIMUM_POOL = 1000  # questions a paper holds to draw from


class OwnSlotIn(BaseModel):
    """A question of the quiz's own."""

    kind: Literal["own"]
    question_id: UUID


class BankSlotIn(BaseModel):
    """A question of a bank: pinned to a version, or always the newest (None); for its own points unless given."""

    kind: Literal["bank"]
    question_id: UUID
    version: int | None = Field(default=None, ge=1, le=2_000_000_000)
    points: Points | None = None


class DrawSlotIn(BaseModel):
    """`count` questions of a bank for `points` each, another choice in each attempt. Which: as `BankFilter` says."""

    kind: Literal["draw"]
    bank_id: UUID
    count: int = Field(ge=1, le=MAXIMUM_QUESTIONS)
    points: Points = 1.0
    category_id: UUID | None = None
    subcategories: bool = True
    types: list[QuestionType] = Field(default=[], max_length=len(QuestionType))
    tags: Tags = []


SlotIn = Annotated[OwnSlotIn | BankSlotIn | DrawSlotIn, Field(discriminator="kind")]


class SectionIn(BaseModel):
    """A section; `shuffle` puts what stands in it in another order for each attempt."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_CONTROL)] = ""
    instructions: Text = ""
    shuffle: bool = False
    new_page: bool = False
    slots: list[SlotIn] = Field(default=[], max_length=MAXIMUM_QUESTIONS)


class SectionsIn(BaseModel):
    """All sections of a quiz in their order, based on the revision that was opened; none: back to plain questions."""

    base_revision: int = Field(ge=1, le=2_000_000_000)
    sections: list[SectionIn] = Field(max_length=MAXIMUM_SECTIONS)


class PlacedQuestion(View):
    """A question as the editor of sections shows it."""

    id: UUID
    type: QuestionType
    text: str
    points: float


class SlotView(View):
    """A slot: the fields of its input, and what they mean now.

    `question` for own and bank; `newest`, `status` for bank; `matching` questions that a draw could take.
    """

    kind: str
    question_id: UUID | None = None
    bank_id: UUID | None = None
    bank_name: str = ""
    version: int | None = None
    newest: int | None = None
    status: BankQuestionStatus | None = None
    points: float | None = None
    question: PlacedQuestion | None = None
    count: int = 1
    category_id: UUID | None = None
    subcategories: bool = True
    types: tuple[QuestionType, ...] = ()
    tags: tuple[str, ...] = ()
    matching: int | None = None


class SectionView(View):
    """A section with its slots in order."""

    title: str
    instructions: str
    shuffle: bool
    new_page: bool
    slots: tuple[SlotView, ...]


class QuizPlan(View):
    """The sections of a quiz. `loose`: questions of its own that are in none; they stand first."""

    quiz_id: UUID
    revision: int
    questions: int
    points: float
    sections: tuple[SectionView, ...]
    loose: tuple[PlacedQuestion, ...]
