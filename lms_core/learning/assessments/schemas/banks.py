"""Inputs and views of question banks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL, Note
from lms_core.learning.assessments.models import BankQuestionStatus, QuestionType
from lms_core.learning.assessments.schemas.inputs import QuestionIn
from lms_core.learning.assessments.schemas.shared import Text, View
from lms_core.learning.assessments.schemas.teaching import QuestionDetail

MAXIMUM_TAGS = 20
MAXIMUM_AT_ONCE = 500
MAXIMUM_CATEGORIES = 500
DEEPEST = 6

BankName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_CONTROL)]
CategoryName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL)
]
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=60, pattern=NO_CONTROL),
    AfterValidator(lambda tag: " ".join(tag.split())),
]
Tags = Annotated[list[Tag], Field(max_length=MAXIMUM_TAGS)]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=MAXIMUM_AT_ONCE)]


class BankChange(BaseModel):
    """Name and description of a bank."""

    name: BankName
    description: Text = ""


class BankIn(BankChange):
    """A new bank, of a course (its id or slug) or, without one, of the whole institution."""

    course: Annotated[str, StringConstraints(max_length=80)] | None = None


class BankCategoryIn(BaseModel):
    """A category and the one it stands in; None: at the top."""

    name: CategoryName
    parent_id: UUID | None = None


class BankQuestionIn(BaseModel):
    """A new question of a bank."""

    question: QuestionIn
    category_id: UUID | None = None
    tags: Tags = []
    status: BankQuestionStatus = BankQuestionStatus.READY
    note: Note = ""


class BankQuestionEdit(BaseModel):
    """The next version of a question, based on the one that was opened."""

    base_version: int = Field(ge=1, le=2_000_000_000)
    question: QuestionIn
    note: Note = ""


class BankQuestionsChange(BaseModel):
    """What to change of several questions at once; what is left out stays.

    `move` says whether `category_id` counts, since None is the top of the bank.
    """

    question_ids: Ids
    status: BankQuestionStatus | None = None
    add_tags: Tags = []
    remove_tags: Tags = []
    move: bool = False
    category_id: UUID | None = None


class BankQuestionsTarget(BaseModel):
    """Where several questions are to go: a bank, and a category of it."""

    question_ids: Ids
    bank_id: UUID
    category_id: UUID | None = None


class BankFilter(BaseModel):
    """Which questions of a bank to list. `text`: every word of it; `tags`: every one of them; None or empty: any."""

    category_id: UUID | None = None
    subcategories: bool = True
    types: list[QuestionType] = []
    status: BankQuestionStatus | None = None
    tags: Tags = []
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_CONTROL)] = ""


class BankCard(View):
    """A bank as lists show it. `course_id` None: the institution's. `editable` for the reader."""

    id: UUID
    course_id: UUID | None
    name: str
    description: str
    questions: int
    editable: bool
    updated_at: datetime


class BankCategoryView(View):
    """A category; `questions` that stand in itself. `depth` from 0; they come in the order of the tree."""

    id: UUID
    parent_id: UUID | None
    name: str
    depth: int
    questions: int


class BankDetail(BankCard):
    """A bank with its categories and tags, by name, and how many questions have each."""

    categories: tuple[BankCategoryView, ...]
    tags: dict[str, int]


class BankQuestionCard(View):
    """A question of a bank as lists show it; `quizzes` that use it, by name or by a draw that may take it."""

    id: UUID
    bank_id: UUID
    category_id: UUID | None
    status: BankQuestionStatus
    version: int
    type: QuestionType
    text: str
    points: float
    tags: tuple[str, ...]
    quizzes: int
    updated_at: datetime


class BankQuestionDetail(BankQuestionCard):
    """The same with its key, in its newest version."""

    question: QuestionDetail


class ChangedLine(View):
    """A line of a question: added (+), gone (-), or the same."""

    sign: Annotated[str, StringConstraints(pattern=r"^[+ -]$")]
    text: str


class BankQuestionVersionView(View):
    """A version: who made it, when, why; and the lines in which it differs from the one before."""

    number: int
    created_at: datetime
    author: str
    note: str
    current: bool
    question: QuestionDetail
    changes: tuple[ChangedLine, ...]


class QuizUse(View):
    """A quiz that uses a question. `version` None: always the newest; `drawn`: by a draw that may take it."""

    quiz_id: UUID
    title: str
    course_id: UUID
    version: int | None
    drawn: bool


class ChangedQuestions(View):
    """How many questions were changed or moved."""

    questions: int


class Matching(View):
    """How many questions a draw could take."""

    questions: int
