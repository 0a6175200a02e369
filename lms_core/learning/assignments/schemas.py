"""Inputs and views of assignments, their marking schemes, extensions and groups; times are UTC."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from lms_core.content.courses.schemas import NO_CONTROL, LessonTitle, Title
from lms_core.learning.assignments.models import AssignmentStatus, FileKind, LateRule, SchemeKind

MAXIMUM_CRITERIA = 20
MAXIMUM_LEVELS = 10
MAXIMUM_MEMBERS = 50

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000, pattern=NO_CONTROL)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_CONTROL)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=NO_CONTROL)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320, pattern=NO_CONTROL)]
# Within what both databases hold in UTC, whatever the offset that was sent.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC))]
Points = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False, multiple_of=0.01)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


# Marking schemes


class Level(BaseModel):
    """A level of a rubric's criterion."""

    id: Key
    title: Short
    description: Note = ""
    points: Points


class Criterion(BaseModel):
    """What is judged. In a rubric `levels` give the points; in a guide up to `maximum` are given freely."""

    id: Key
    title: Short
    description: Note = ""
    maximum: Points = 0.0
    levels: list[Level] = Field(default=[], max_length=MAXIMUM_LEVELS)


class SchemeIn(BaseModel):
    """A rubric or marking guide. Ids of criteria are unique, those of levels within their criterion."""

    title: Title
    kind: SchemeKind
    criteria: list[Criterion] = Field(min_length=1, max_length=MAXIMUM_CRITERIA)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len({each.id for each in self.criteria}) < len(self.criteria):
            raise ValueError("two criteria have the same id")
        for each in self.criteria:
            if self.kind == SchemeKind.RUBRIC:
                if len(each.levels) < 2:
                    raise ValueError("a criterion of a rubric needs at least two levels")
                if len({level.id for level in each.levels}) < len(each.levels):
                    raise ValueError("two levels have the same id")
                each.maximum = max(level.points for level in each.levels)
            else:
                each.levels = []
            if each.maximum <= 0:
                raise ValueError("a criterion needs a maximum above 0")
        return self


class SchemeView(View):
    """A rubric or marking guide. `in_use`: somebody was marked by it, so it does not change any more."""

    id: UUID
    course_id: UUID
    title: str
    kind: SchemeKind
    criteria: tuple[Criterion, ...]
    maximum: float
    in_use: bool


# Assignments


class AssignmentIn(BaseModel):
    """An assignment as its author writes it; instructions are Markdown. None: no such date, no limit, no scheme."""

    title: LessonTitle
    instructions: Text = ""
    lesson_id: UUID | None = None
    scheme_id: UUID | None = None
    points: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False, multiple_of=0.01)] = 100.0
    opens_at: Moment | None = None
    due_at: Moment | None = None
    cutoff_at: Moment | None = None
    takes_text: bool = True
    takes_files: bool = False
    file_kinds: list[FileKind] = Field(default=[], max_length=len(FileKind))
    files_allowed: int = Field(default=5, ge=1, le=20)
    file_megabytes: int = Field(default=10, ge=1, le=100)
    attempts_allowed: int | None = Field(default=1, ge=1, le=100)
    late_rule: LateRule = LateRule.NONE
    late_percent: Percent = 10.0
    late_floor: Percent = 50.0
    grouped: bool = False
    anonymous: bool = False
    reviews: int = Field(default=0, ge=0, le=10)
    reviews_due_at: Moment | None = None

    @field_validator("file_kinds")
    @classmethod
    def _once_each(cls, kinds: list[FileKind]) -> list[FileKind]:
        return sorted(set(kinds))

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        dates = [each for each in (self.opens_at, self.due_at, self.cutoff_at) if each is not None]
        if dates != sorted(dates) or len(set(dates)) < len(dates):
            raise ValueError("an assignment opens before it is due, and is due before it is cut off")
        if not (self.takes_text or self.takes_files):
            raise ValueError("let learners hand in text, files, or both")
        if self.late_rule != LateRule.NONE and self.due_at is None:
            raise ValueError("a rule for late work needs a due date")
        if self.reviews and self.grouped:
            raise ValueError("peer review is for assignments that each learner hands in alone")
        return self


class AssignmentCard(View):
    """An assignment as lists show it."""

    id: UUID
    course_id: UUID
    lesson_id: UUID | None
    title: str
    status: AssignmentStatus
    points: float
    opens_at: datetime | None
    due_at: datetime | None
    cutoff_at: datetime | None
    grouped: bool


class AssignmentRow(AssignmentCard):
    """The same for instructors: how much was handed in, and how much of it waits for a mark or its release."""

    submitted: int
    unmarked: int
    unreleased: int


class AssignmentDetail(AssignmentCard):
    """An assignment with all of its rules, for its editors."""

    course_slug: str
    instructions: str
    scheme_id: UUID | None
    takes_text: bool
    takes_files: bool
    file_kinds: tuple[FileKind, ...]
    files_allowed: int
    file_megabytes: int
    attempts_allowed: int | None
    late_rule: LateRule
    late_percent: float
    late_floor: float
    anonymous: bool
    reviews: int
    reviews_due_at: datetime | None
    reviews_drawn_at: datetime | None
    submissions: int


class ExtensionIn(BaseModel):
    """Later dates for one learner, by their address."""

    email: Email
    due_at: Moment
    cutoff_at: Moment | None = None
    reason: Note = ""

    @model_validator(mode="after")
    def _dates_agree(self) -> Self:
        if self.cutoff_at is not None and self.cutoff_at < self.due_at:
            raise ValueError("the cut-off is not before the due date")
        return self


class ExtensionView(View):
    """Who has later dates."""

    user_id: UUID
    user_name: str
    due_at: datetime
    cutoff_at: datetime | None
    reason: str


class GroupIn(BaseModel):
    """A group and the addresses of all its members."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL)]
    emails: list[Email] = Field(default=[], max_length=MAXIMUM_MEMBERS)


class GroupView(View):
    """A group with its members. `unknown`: addresses of a request that are nobody's in this course."""

    id: UUID
    name: str
    members: tuple[str, ...]
    emails: tuple[str, ...]
    unknown: tuple[str, ...] = ()
