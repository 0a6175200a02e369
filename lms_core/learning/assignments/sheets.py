"""What is handed in, marked and reviewed: inputs and views. Points have at most two decimals; times are UTC."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.learning.assignments.models import FileKind, LateRule, SubmissionStatus
from lms_core.learning.assignments.schemas import (
    MAXIMUM_CRITERIA,
    AssignmentCard,
    Key,
    Note,
    Points,
    SchemeView,
    Text,
    View,
)

MAXIMUM_TEXT = 200_000  # characters of a submission; a long thesis chapter has half of that
MAXIMUM_ANNOTATIONS = 200

Written = Annotated[str, StringConstraints(max_length=MAXIMUM_TEXT, pattern=r"^[^\x00]*$")]


# What learners hand in


class DraftIn(BaseModel):
    """The text of a draft, based on the revision that was loaded (0: a new one)."""

    text: Written
    base_revision: int = Field(ge=0, le=2_000_000_000)


class SubmitIn(BaseModel):
    """Which attempt is handed in: pressing the button twice hands in once."""

    number: int = Field(ge=1, le=1_000_000)


class FileView(View):
    """A file of a submission. `size` in bytes; it is only ever downloaded, never shown in place."""

    id: UUID
    name: str
    media_type: str
    size: int


class Judgement(BaseModel):
    """What was found on one criterion: a level of a rubric, or points of a guide; and a comment."""

    level: Key | None = None
    points: Points | None = None
    comment: Note = ""


class AnnotationIn(BaseModel):
    """A comment on a passage of the text. `start` is a hint where several passages read the same."""

    quote: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=NO_CONTROL)]
    start: int = Field(default=0, ge=0, le=MAXIMUM_TEXT)


class Annotation(View):
    """A comment anchored to the characters `start` to `end` of the text, which read `quote`."""

    start: int
    end: int
    quote: str
    comment: str


class MarkIn(BaseModel):
    """A mark, replacing what was there. `points` None: what the judgements come to."""

    points: Points | None = None
    judgements: dict[Key, Judgement] = Field(default={}, max_length=MAXIMUM_CRITERIA)
    comment: Text = ""
    annotations: list[AnnotationIn] = Field(default=[], max_length=MAXIMUM_ANNOTATIONS)


class MarkView(View):
    """A mark. `earned` before the penalty for lateness, `points` after it; None: not complete yet."""

    earned: float | None
    kept_percent: float
    points: float | None
    maximum: float
    comment: str
    judgements: dict[str, Judgement]
    annotations: tuple[Annotation, ...]
    scheme: SchemeView | None
    marked_at: datetime
    released_at: datetime | None


class PeerFeedback(View):
    """What one of one's peers wrote; who they are is not told."""

    number: int
    points: float | None
    comment: str
    judgements: dict[str, Judgement]


class SubmissionView(View):
    """An attempt as its owners read it; `mark` and `reviews` once they are released."""

    id: UUID
    number: int
    status: SubmissionStatus
    revision: int
    text: str
    saved_at: datetime
    submitted_at: datetime | None
    receipt: str
    days_late: int
    files: tuple[FileView, ...]
    mark: MarkView | None = None
    reviews: tuple[PeerFeedback, ...] = ()


class ReviewTask(View):
    """A review that a learner was drawn to write; `reviewed_at` once they have."""

    id: UUID
    reviewed_at: datetime | None


class AssignmentView(AssignmentCard):
    """An assignment as a learner sees it, dates being their own. `refusal`: the code of why nothing is taken now."""

    course_slug: str
    instructions_html: str
    takes_text: bool
    takes_files: bool
    file_kinds: tuple[FileKind, ...]
    files_allowed: int
    file_megabytes: int
    attempts_allowed: int | None
    attempts_left: int | None
    late_rule: LateRule
    late_percent: float
    late_floor: float
    anonymous: bool
    extended: bool
    group_name: str | None
    group_members: tuple[str, ...]
    scheme: SchemeView | None
    refusal: str | None
    draft: SubmissionView | None
    submissions: tuple[SubmissionView, ...]
    reviews_to_write: tuple[ReviewTask, ...]
    reviews_due_at: datetime | None
    server_now: datetime


# What instructors read


class SubmissionRow(View):
    """A current submission in the marking list. `owner` is a stand-in while marking is anonymous."""

    id: UUID
    owner: str
    number: int
    submitted_at: datetime
    days_late: int
    files: int
    points: float | None
    maximum: float
    marked: bool
    released: bool
    similar: float | None


class MissingRow(View):
    """A learner who has not handed in. `due_at` is theirs; `drafting`: they, or their group, began."""

    user_id: UUID
    name: str
    drafting: bool
    due_at: datetime | None


class Match(View):
    """Another submission of the course with the same text in it, in percent of the shorter one."""

    submission_id: UUID
    owner: str
    assignment_title: str
    share: float
    passages: tuple[tuple[str, str], ...]


class SubmissionSheet(View):
    """One submission for who marks it."""

    id: UUID
    assignment: AssignmentCard
    course_slug: str
    owner: str
    members: tuple[str, ...]
    number: int
    submitted_at: datetime
    days_late: int
    kept_percent: float
    text: str
    files: tuple[FileView, ...]
    scheme: SchemeView | None
    mark: MarkView | None
    matches: tuple[Match, ...]
    reviews: tuple[PeerFeedback, ...]
    review_median: float | None
    earlier: tuple[UUID, ...]
    next_unmarked: UUID | None


class Count(View):
    """How many rows a verb touched."""

    count: int


class ReviewSheet(View):
    """A submission of somebody, for the learner who reviews it."""

    id: UUID
    assignment_id: UUID
    assignment_title: str
    instructions_html: str
    due_at: datetime | None
    text: str
    files: tuple[FileView, ...]
    scheme: SchemeView | None
    maximum: float
    points: float | None
    comment: str
    judgements: dict[str, Judgement]
    reviewed_at: datetime | None
    open: bool


class ReviewIn(BaseModel):
    """A review: judgements by the scheme, or points where there is none."""

    points: Points | None = None
    judgements: dict[Key, Judgement] = Field(default={}, max_length=MAXIMUM_CRITERIA)
    comment: Text = ""


class GradedAssignment(View):
    """An assignment as a gradebook's column."""

    id: UUID
    title: str
    points: float
    due_at: datetime | None
    published: bool


class AssignmentResult(View):
    """A released mark, as the gradebook takes it."""

    assignment_id: UUID
    user_id: UUID
    points: float
    maximum: float
    marked_at: datetime
