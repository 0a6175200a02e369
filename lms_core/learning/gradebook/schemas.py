"""Inputs and views of the gradebook. Points have at most two decimals; percentages are of 100; times are UTC."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lms_core.learning.gradebook.models import ChangeKind, ItemKind
from lms_core.learning.gradebook.scales import PRESETS
from lms_core.learning.gradebook.totals import Aggregation, Empty

NO_CONTROL = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
MAXIMUM_POINTS = 100_000
MAXIMUM_CELLS = 10_000

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=NO_CONTROL)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=NO_CONTROL)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=NO_CONTROL)]
Letter = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=12, pattern=NO_CONTROL)]
Points = Annotated[float, Field(ge=0, le=MAXIMUM_POINTS, allow_inf_nan=False)]
Maximum = Annotated[float, Field(gt=0, le=MAXIMUM_POINTS, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=500)]
Kept = Annotated[int, Field(ge=1, le=500)]


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class Given(BaseModel):
    """Base of what is sent: a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Rules(Given):
    """How a level of the gradebook is counted; see `totals`."""

    aggregation: Aggregation = Aggregation.NATURAL
    empty: Empty = Empty.IGNORED
    drop_lowest: Count = 0
    keep_highest: Kept | None = None


class SettingsIn(Rules):
    """The outermost level, whether learners see a total, and the letters: a preset, an own scale, or neither
    (the institution's usual one)."""

    show_total: bool = True
    preset: str = ""
    scale_id: UUID | None = None

    @model_validator(mode="after")
    def _known_letters(self) -> Self:
        if self.preset and self.preset not in PRESETS:
            raise ValueError("there is no such preset")
        if self.preset and self.scale_id is not None:
            raise ValueError("choose a preset or a scale, not both")
        return self


class CategoryIn(Rules):
    """A category. `parent_id`: the category it stands in, itself in none."""

    name: Line
    parent_id: UUID | None = None
    weight: Weight = 1.0
    position: Annotated[int, Field(ge=0, le=10_000)] = 0


class ColumnIn(Given):
    """A column. Title, points and date of a quiz's column are the quiz's own; `maximum` may scale its marks."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=NO_CONTROL)] = ""
    category_id: UUID | None = None
    maximum: Maximum | None = None
    weight: Weight = 1.0
    due_at: AwareDatetime | None = None
    position: Annotated[int, Field(ge=0, le=10_000)] = 0
    extra_credit: bool = False
    excluded: bool = False
    hidden: bool = False
    locked: bool = False


class GradeIn(Given):
    """Changes of one grade; what is not sent stays. `points` null takes a mark, or an override, back.

    `expected`: the points the sender saw; another value by now is refused (409).
    """

    points: Points | None = None
    excused: bool = False
    locked: bool = False
    comment: Comment = ""
    reason: Reason = ""
    expected: Points | None = None


class CellIn(Given):
    """One cell of an import, with the points its preview showed before."""

    item_id: UUID
    user_id: UUID
    points: Points | None
    expected: Points | None


class ImportIn(Given):
    """The cells of an import somebody looked at, and why."""

    cells: Annotated[list[CellIn], Field(min_length=1, max_length=MAXIMUM_CELLS)]
    reason: Reason = ""


class WhatIfIn(Given):
    """Marks a learner imagines, in points by column; null: without the mark."""

    marks: Annotated[dict[UUID, Points | None], Field(max_length=1000)] = {}


class BandIn(Given):
    """A letter and the percentage from which it is given."""

    letter: Letter
    from_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    points: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] | None = None


class ScaleIn(Given):
    """An institution's own letters; one begins at 0, so that everybody gets one."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=NO_CONTROL)]
    bands: Annotated[list[BandIn], Field(min_length=1, max_length=40)]
    is_default: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.bands.sort(key=lambda band: -band.from_percent)
        starts = [band.from_percent for band in self.bands]
        if starts[-1] != 0:
            raise ValueError("one letter begins at 0 percent")
        if len(set(starts)) < len(starts) or len({band.letter for band in self.bands}) < len(starts):
            raise ValueError("each letter and each percentage stands once")
        return self


class ScaleView(View):
    """Letters. `id` None: a preset, named by `preset`."""

    id: UUID | None
    preset: str
    name: str
    bands: tuple[BandIn, ...]
    is_default: bool


class SettingsView(View):
    """The rules of the outermost level and the letters in force."""

    aggregation: Aggregation
    empty: Empty
    drop_lowest: int
    keep_highest: int | None
    show_total: bool
    preset: str
    scale_id: UUID | None
    scale: ScaleView


class CategoryView(View):
    """A category."""

    id: UUID
    parent_id: UUID | None
    name: str
    position: int
    weight: float
    aggregation: Aggregation
    empty: Empty
    drop_lowest: int
    keep_highest: int | None


class ColumnView(View):
    """A column. `published` false: the quiz is a draft, so it counts for nobody. `told`: learners may know its marks.

    `scaled`: its points are not the quiz's own. `waiting`: how much waits for a person's mark.
    """

    id: UUID
    kind: ItemKind
    source_id: UUID | None
    category_id: UUID | None
    title: str
    maximum: float
    scaled: bool
    weight: float
    due_at: datetime | None
    position: int
    extra_credit: bool
    excluded: bool
    hidden: bool
    locked: bool
    published: bool
    told: bool
    waiting: int


class CellView(View):
    """A grade in points of its column. `source_points`: what it was before the override."""

    item_id: UUID
    points: float | None
    source_points: float | None
    overridden: bool
    excused: bool
    locked: bool
    dropped: bool
    comment: str
    updated_at: datetime | None


class RowView(View):
    """A learner with the grades there are. `categories`: percent by category."""

    user_id: UUID
    name: str
    cells: tuple[CellView, ...]
    categories: dict[UUID, float | None]
    percent: float | None
    letter: str


class Bin(View):
    """How many learners are in `[low, high)` percent; the last bin holds its end and what is above."""

    low: int
    high: int
    count: int


class Figures(View):
    """A distribution in percent over those who have a mark."""

    count: int
    mean: float | None
    median: float | None
    lowest: float | None
    highest: float | None
    bins: tuple[Bin, ...]


class GradebookView(View):
    """The gradebook: its shape, one page of learners, and figures over all whose name fits."""

    course_id: UUID
    settings: SettingsView
    categories: tuple[CategoryView, ...]
    columns: tuple[ColumnView, ...]
    rows: tuple[RowView, ...]
    next_cursor: str | None
    learners: int
    totals: Figures


class SetupView(View):
    """The shape of a gradebook without anybody's grades."""

    course_id: UUID
    settings: SettingsView
    categories: tuple[CategoryView, ...]
    columns: tuple[ColumnView, ...]


class ColumnReport(View):
    """A column with the distribution of its marks."""

    column: ColumnView
    figures: Figures


class LearnerReport(View):
    """One learner's grades: only what they may see when it is their own. `percent` None: no total, or not shown."""

    course_id: UUID
    user_id: UUID
    name: str
    settings: SettingsView
    categories: tuple[CategoryView, ...]
    columns: tuple[ColumnView, ...]
    row: RowView
    possible: float


class ChangeView(View):
    """A line of the history. `by_name` empty: the service itself, after a quiz."""

    id: UUID
    at: datetime
    what: ChangeKind
    by_name: str
    user_id: UUID | None
    user_name: str
    item_id: UUID | None
    subject: str
    before: str
    after: str
    reason: str


class RebuildView(View):
    """What a rebuild found: columns added, and grades that were missing or other than their source says."""

    columns: int
    grades: int


class CourseResult(View):
    """A course on somebody's transcript."""

    course_id: UUID
    slug: str
    title: str
    minutes: int
    enrolled_at: datetime
    left: bool
    last_graded_at: datetime | None
    percent: float | None
    letter: str
    letter_points: float | None


class TranscriptView(View):
    """Everything a learner took at this institution, oldest first."""

    institution: str
    name: str
    at: datetime
    courses: tuple[CourseResult, ...]


class CellChange(View):
    """A cell an import would change. `conflict`: it was changed after the table was exported."""

    item_id: UUID
    user_id: UUID
    name: str
    title: str
    before: float | None
    after: float | None
    override: bool
    conflict: bool


class ImportPreview(View):
    """What applying a table would do; nothing is done yet. `problems`: (row, column, what is wrong)."""

    changes: tuple[CellChange, ...]
    unchanged: int
    unknown_learners: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    problems: tuple[tuple[int, str, str], ...]
    exported_at: datetime | None


class ImportDone(View):
    """How many cells an import changed, and which it left because they were changed or locked meanwhile."""

    changed: int
    left: tuple[CellChange, ...]
