"""How a quiz is conducted: how questions behave, what is shown when, who may start from where, and exceptions.

`Conduct` is kept as JSON with its quiz; `Terms`, the part that must not change under somebody's hands, is copied to
each attempt when it begins.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lms_core.learning.assessments.schemas.shared import LONGEST_TIME_LIMIT, SomeText, Text, View

LONGEST_DELAY = 60 * 24 * 3600
LONGEST_GRACE = 3600
MAXIMUM_NETWORKS = 50
MAXIMUM_BANDS = 20
MAXIMUM_HINTS = 9
DEFAULT_PENALTY = 100 / 3  # percent, as Moodle's `question.penalty`

Certainty = Literal[1, 2, 3]
Password = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Behaviour(StrEnum):
    """How questions behave during an attempt."""

    DEFERRED = "deferred"  # answered, and judged when the attempt is handed in
    CERTAINTY = "certainty"  # the same, and each answer says how certain it is
    INTERACTIVE = "interactive"  # checked one by one, with hints and further tries
    IMMEDIATE = "immediate"  # checked one by one, once


CHECKING = frozenset({Behaviour.INTERACTIVE, Behaviour.IMMEDIATE})


class WrongChoice(StrEnum):
    """What a wrong choice of one among several costs."""

    FREE = "free"
    BY_NUMBER = "by_number"  # 1 / (choices - 1) of the points, so that guessing earns nothing on average
    PERCENT = "percent"


class ReviewItem(StrEnum):
    """What can be shown of a result."""

    SCORE = "score"
    MARKS = "marks"
    CORRECTNESS = "correctness"
    FEEDBACK = "feedback"  # on the choices somebody made, and the marker's comment
    GENERAL = "general"  # on the question, whatever was answered
    ANSWER = "answer"
    OVERALL = "overall"


class Phase(StrEnum):
    """When somebody looks at their attempt."""

    DURING = "during"
    AFTER = "after"  # within two minutes of handing it in
    LATER = "later"  # while the quiz is open
    CLOSED = "closed"


ALL_ITEMS = tuple(ReviewItem)
OF_QUESTIONS = tuple(item for item in ReviewItem if item not in (ReviewItem.SCORE, ReviewItem.OVERALL))


def _in_order(items: Iterable[ReviewItem]) -> tuple[ReviewItem, ...]:
    wanted = set(items)
    return tuple(item for item in ReviewItem if item in wanted)


Items = Annotated[tuple[ReviewItem, ...], Field(max_length=len(ReviewItem))]


class ReviewTable(View):
    """What is shown at each moment. `during` holds for questions that are checked during the attempt."""

    during: Items = OF_QUESTIONS
    after: Items = ALL_ITEMS
    later: Items = ALL_ITEMS
    closed: Items = ALL_ITEMS

    @field_validator("during", "after", "later", "closed")
    @classmethod
    def _once_each(cls, items: tuple[ReviewItem, ...]) -> tuple[ReviewItem, ...]:
        return _in_order(items)

    @model_validator(mode="after")
    def _no_result_before_the_end(self) -> Self:
        if not set(self.during) <= set(OF_QUESTIONS):
            raise ValueError("the score and the overall feedback come when the attempt is handed in")
        return self

    def at(self, phase: Phase) -> tuple[ReviewItem, ...]:
        """What is shown then."""
        items: tuple[ReviewItem, ...] = getattr(self, phase.value)
        return items


PRESETS: Mapping[str, ReviewTable] = {
    "after_submit": ReviewTable(),
    "after_close": ReviewTable(during=(), after=(), later=()),
    "score_only": ReviewTable(
        during=(), after=(ReviewItem.SCORE,), later=(ReviewItem.SCORE,), closed=(ReviewItem.SCORE,)
    ),
    "never": ReviewTable(during=(), after=(), later=(), closed=()),
}


def _preset(value: Any) -> Any:
    return PRESETS.get(value, value) if isinstance(value, str) else value


class Band(View):
    """What is said to whoever reached so many percent, and not the next band."""

    from_percent: Percent
    text: SomeText


class Terms(View):
    """What holds for an attempt from its beginning to its end. `networks`: where each save must come from; (): any."""

    behaviour: Behaviour = Behaviour.DEFERRED
    certainty_floor: bool = True
    wrong_choice: WrongChoice = WrongChoice.FREE
    wrong_choice_percent: Percent = Field(default=0.0, validate_default=True)
    networks: tuple[str, ...] = ()
    grace_seconds: int = Field(default=0, ge=0, le=LONGEST_GRACE)

    @field_validator("wrong_choice")
    @classmethod
    def _costs_once(cls, wrong_choice: WrongChoice, info: ValidationInfo) -> WrongChoice:
        costly = (Behaviour.CERTAINTY, Behaviour.INTERACTIVE)
        if wrong_choice != WrongChoice.FREE and info.data.get("behaviour") in costly:
            raise ValueError("wrong choices cost points by this behaviour already; take their own cost away")
        return wrong_choice

    @field_validator("wrong_choice_percent")
    @classmethod
    def _costs_something(cls, percent: float, info: ValidationInfo) -> float:
        if info.data.get("wrong_choice") == WrongChoice.PERCENT and percent == 0:
            raise ValueError("say how many percent a wrong choice costs")
        return percent


class Conduct(Terms):
    """How a quiz is conducted. `networks` are CIDR ranges from which it is started, and saved to `networks_at_saves`.

    `review` may be given by the name of a preset. Delays: seconds between the end of the first attempt and the second,
    and between later ones.
    """

    networks: tuple[str, ...] = Field(default=(), max_length=MAXIMUM_NETWORKS)
    networks_at_saves: bool = False
    review: Annotated[ReviewTable, BeforeValidator(_preset)] = ReviewTable()
    overall_feedback: tuple[Band, ...] = Field(default=(), max_length=MAXIMUM_BANDS)
    first_delay_seconds: int = Field(default=0, ge=0, le=LONGEST_DELAY)
    later_delay_seconds: int = Field(default=0, ge=0, le=LONGEST_DELAY)

    @field_validator("networks")
    @classmethod
    def _ranges(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(each.strip(), strict=False)) for each in networks)
        except ValueError as error:
            raise ValueError(f"not an address or a range such as 10.1.0.0/16 or 2001:db8::/32: {error}") from error

    @field_validator("overall_feedback")
    @classmethod
    def _highest_first(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        if len({band.from_percent for band in bands}) < len(bands):
            raise ValueError("two bands of feedback begin at the same percentage")
        return tuple(sorted(bands, key=lambda band: -band.from_percent))

    def terms(self) -> Terms:
        """What an attempt that begins now keeps."""
        networks = self.networks if self.networks_at_saves else ()
        kept = {name: getattr(self, name) for name in Terms.model_fields if name != "networks"}
        return Terms(**kept, networks=networks)


class ConductIn(Conduct):
    """The same as its editors write and read it. `password` "": none."""

    password: Password = ""


class HintIn(BaseModel):
    """A hint after a wrong try, in Markdown, and what else helps: wrong parts taken out, how many are right."""

    text: Text = ""
    clear_wrong: bool = False
    show_number_right: bool = False


class OverrideIn(BaseModel):
    """What holds for somebody in place of the quiz's own rules; None: as for everybody."""

    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    time_limit_seconds: int | None = Field(default=None, ge=10, le=LONGEST_TIME_LIMIT)
    attempts_allowed: int | None = Field(default=None, ge=1, le=1000)
    password: Password | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(value is None for value in self.model_dump().values()):
            raise ValueError("an exception gives something another value")
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValueError("a quiz closes after it opens")
        return self


class OverrideView(View):
    """An exception for a person or a cohort, whose `name` it is, for the quiz's editors."""

    id: UUID
    user_id: UUID | None
    cohort_id: UUID | None
    name: str
    opens_at: datetime | None
    closes_at: datetime | None
    time_limit_seconds: int | None
    attempts_allowed: int | None
    password: str | None


class StartRefusal(View):
    """Why somebody cannot start now. `at`: when that changes by itself, or changed; None: not by waiting."""

    code: str
    detail: str
    at: datetime | None = None
