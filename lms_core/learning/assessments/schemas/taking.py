"""What learners see: quizzes, attempts, questions without and with their key, leaderboards."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from lms_core.learning.assessments.models import (
    AssistantPolicy,
    AttemptStatus,
    CountingAttempt,
    QuestionType,
    QuizStatus,
)
from lms_core.learning.assessments.schemas.conduct import Behaviour, ReviewItem, StartRefusal
from lms_core.learning.assessments.schemas.shared import View
from lms_core.learning.assessments.types.hotspot import Region
from lms_core.learning.assessments.types.shapes import PartKind
from lms_core.learning.assessments.types.upload import FileKind


class QuizCard(View):
    """A quiz as lists show it."""

    id: UUID
    course_id: UUID
    lesson_id: UUID | None
    title: str
    language: str
    status: QuizStatus
    questions: int
    points: float
    time_limit_seconds: int | None
    attempts_allowed: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    supervised: bool


class AttemptView(View):
    """An attempt without its questions. `percent` and `passed` are None until they may be told and are final."""

    id: UUID
    quiz_id: UUID
    quiz_title: str
    course_id: UUID
    user_id: UUID
    number: int
    status: AttemptStatus
    supervised: bool
    started_at: datetime
    begun_at: datetime | None
    deadline_at: datetime | None
    submitted_at: datetime | None
    automatic: bool
    received_late_at: datetime | None
    server_now: datetime
    score: float | None
    points: float | None
    percent: float | None
    passed: bool | None
    voided: bool
    void_reason: str


class QuizView(QuizCard):
    """A quiz for who may take it, with their own attempts, oldest first.

    `may_start` says whether a new attempt could start now (`cannot_start`: why not); `unfinished_id` is the one to go
    on with. Dates and attempts are the person's own, `eased` where an exception gives them; `own_time_limit_seconds`
    has their extra time in it. `result_percent` is the percentage that counts, of the attempt `counting_id` or, with
    the average, of all.
    """

    course_slug: str
    instructions_html: str
    passing_percent: int
    counts: CountingAttempt
    behaviour: Behaviour
    needs_password: bool
    restricted: bool
    first_delay_seconds: int
    later_delay_seconds: int
    grace_seconds: int
    costly: bool
    eased: bool
    assistant: AssistantPolicy
    leaderboard: bool
    own_time_limit_seconds: int | None
    attempts: tuple[AttemptView, ...]
    attempts_left: int | None
    unfinished_id: UUID | None
    counting_id: UUID | None
    result_percent: float | None
    may_start: bool
    cannot_start: StartRefusal | None
    server_now: datetime


class OfferedChoice(View):
    """A choice as a learner sees it."""

    id: UUID
    html: str


class OfferedOption(View):
    """An option of a part as a learner sees it."""

    id: str
    html: str


class AskedPart(View):
    """A part of a question as a learner sees it: its text ("" for a gap), how it is answered, and its own options."""

    id: str
    kind: PartKind
    html: str = ""
    options: tuple[OfferedOption, ...] = ()


class AskedPicture(View):
    """The picture of a hotspot question."""

    url: str
    description: str


class FileLimits(View):
    """What may be handed in; no `kinds`: any."""

    maximum_files: int
    maximum_megabytes: int
    kinds: tuple[FileKind, ...]


class AskedQuestion(View):
    """A question as a learner sees it, in the place it has in this attempt. Nothing here tells the key.

    `parts` are answered by `options` where they have none of their own. A gap stands in `html` as
    `<span data-gap="part id"></span>`. `tries`: how often it may be checked; 0: it is not. `penalty_percent` is what a
    wrong try, or a wrong choice, costs.
    """

    id: UUID
    number: int
    type: QuestionType
    html: str
    points: float
    choices: tuple[OfferedChoice, ...] = ()
    parts: tuple[AskedPart, ...] = ()
    options: tuple[OfferedOption, ...] = ()
    reusable: bool = True
    picture: AskedPicture | None = None
    files: FileLimits | None = None
    units: bool = False
    tries: int = 0
    certainty: bool = False
    penalty_percent: float = 0.0


class AnswerView(View):
    """The answer that is kept. `kept` False: what was sent is older than this and changed nothing."""

    question_id: UUID
    sequence: int
    choices: tuple[UUID, ...]
    text: str
    parts: dict[str, str]
    flagged: bool
    certainty: int | None
    saved_at: datetime
    kept: bool = True


class Verdict(StrEnum):
    """Whether an answer is right."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"


class ChoiceReview(View):
    """A choice with what was hidden before. `correct` None: not told."""

    id: UUID
    html: str
    correct: bool | None
    chosen: bool
    feedback_html: str


class PartReview(View):
    """A part with what was hidden before; `correct` None: not told.

    `given_html` "": not answered; `point`: "x,y" of a hotspot's marker.
    """

    id: str
    html: str
    correct: bool | None
    given_html: str
    right_html: str
    point: str = ""


class HandedFile(View):
    """A file that was handed in; fetched by its id."""

    id: UUID
    name: str
    media_type: str
    size: int


class MarkChange(View):
    """One answer's mark before and after a regrade. None: it waits for a person, or does not count."""

    question_id: UUID
    before: float | None
    after: float | None


class RegradeLine(View):
    """A line of an attempt's history: when it was regraded, why, and what changed."""

    at: datetime
    reason: str
    changes: tuple[MarkChange, ...]
    score_before: float | None
    score_after: float | None


class QuestionReview(View):
    """A question after the fact. `awarded` None: it waits for a person, or is not told. `key`: right value or words.

    `verdict` None: not told, or not judged yet. `tries` is how often it was checked. `counts` False: a regrade took it
    out of the total.
    """

    id: UUID
    number: int
    type: QuestionType
    html: str
    points: float
    awarded: float | None
    answer: str
    choices: tuple[ChoiceReview, ...]
    parts: tuple[PartReview, ...] = ()
    files: tuple[HandedFile, ...] = ()
    picture: AskedPicture | None = None
    regions: tuple[Region, ...] = ()
    key: tuple[str, ...]
    feedback_html: str
    comment: str
    counts: bool = True
    verdict: Verdict | None = None
    certainty: int | None = None
    tries: int = 0


class AskedSection(View):
    """A part of an attempt: `questions` of them from number `first` on. `new_page`: it begins a page."""

    title: str
    instructions_html: str
    new_page: bool
    first: int
    questions: int


class CheckView(View):
    """How far the tries at a question went. `settled`: right, or no try left; then `review` tells what may be told.

    `answer` is what is kept now: a hint may have taken wrong parts out. `hint_html` follows the latest wrong try,
    `number_right` where that hint tells it. `kept` False: what was sent is older than this, and cost nothing.
    """

    question_id: UUID
    answer: AnswerView
    tries: int
    tries_left: int
    settled: bool
    verdict: Verdict | None
    hint_html: str = ""
    number_right: int | None = None
    review: QuestionReview | None = None
    shown: tuple[ReviewItem, ...] = ()
    kept: bool = True


class CertaintyLevel(View):
    """How the answers of one certainty went, in percent; `verdict`: right, over or under, `clear` when clearly so."""

    certainty: int
    answers: int
    percent: float
    ideal_percent: tuple[float, float]
    verdict: str
    clear: bool


class CertaintySummary(View):
    """Accuracy in percent, the average mark with certainty (-6 to 3), and the bonus in percentage points."""

    questions: int
    accuracy: float
    average: float
    bonus: float
    accuracy_and_bonus: float
    levels: tuple[CertaintyLevel, ...]


class AttemptSheet(AttemptView):
    """An attempt with its paper; `sections` beside questions or review, where the quiz has some.

    Open: `questions`, `answers` (also flagged ones) and `checks`. Finished, once it may be told: `review`, as far as
    `shown` says, and `regrades` that changed something, oldest first. Waiting: none of them. `results_from`: when
    something is shown, where nothing is now.
    """

    behaviour: Behaviour = Behaviour.DEFERRED
    checks: tuple[CheckView, ...] = ()
    shown: tuple[ReviewItem, ...] = ()
    certainty: CertaintySummary | None = None
    overall_html: str = ""

    questions: tuple[AskedQuestion, ...] = ()
    answers: tuple[AnswerView, ...] = ()
    sections: tuple[AskedSection, ...] = ()
    review: tuple[QuestionReview, ...] | None = None
    results_from: datetime | None = None
    regrades: tuple[RegradeLine, ...] = ()


class BoardEntry(View):
    """A place on a leaderboard; equal results share the rank. `name` None: this person did not agree to be named."""

    rank: int
    name: str | None
    percent: float
    me: bool


class Leaderboard(View):
    """The best results of a quiz, best first, and the reader's own place. Not `shown` while results are held back."""

    shown: bool
    entries: tuple[BoardEntry, ...]
    mine: BoardEntry | None
    participants: int
