"""Inputs and views of release. Moments are UTC; days are whole; percentages go from 0 to 100."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lms_core.content.courses.schemas import NO_CONTROL
from lms_core.learning.release.models import Combination, ConditionKind

MAXIMUM_CONDITIONS = 20


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no such time zone")
    return ZoneInfo(name).key


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
CohortName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL)]

# Far enough from both ends of the calendar that shifts and time zones stay inside it.
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=FIRST, le=LAST)]
Day = Annotated[date, Field(ge=FIRST.date(), le=LAST.date())]

# What a condition of each kind must say.
NEEDS: dict[ConditionKind, tuple[str, ...]] = {
    ConditionKind.DATE: ("at",),
    ConditionKind.DAYS: ("days",),
    ConditionKind.LESSON: ("lesson_id",),
    ConditionKind.MODULE: ("module_id",),
    ConditionKind.SCORE: ("result_id", "percent"),
    ConditionKind.COURSE: ("required_course_id",),
    ConditionKind.COHORT: ("cohort_id",),
}


class View(BaseModel):
    """Base of what is only read."""

    model_config = ConfigDict(frozen=True)


class ConditionIn(BaseModel):
    """One condition: its kind, and the fields that `NEEDS` names for it; others must be left out."""

    kind: ConditionKind
    at: Moment | None = None
    days: int | None = Field(default=None, ge=0, le=3650)
    percent: int | None = Field(default=None, ge=0, le=100)
    lesson_id: UUID | None = None
    module_id: UUID | None = None
    required_course_id: UUID | None = None
    cohort_id: UUID | None = None
    result_id: UUID | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = {name for name in set().union(*NEEDS.values()) if getattr(self, name) is not None}
        if given != set(NEEDS[self.kind]):
            raise ValueError(f"a condition of kind {self.kind.value} has {', '.join(NEEDS[self.kind])} and no more")
        return self


class RuleIn(BaseModel):
    """A rule; without conditions there is none. `id`s of conditions are kept where a condition stays the same."""

    combination: Combination = Combination.ALL
    conditions: list[ConditionIn] = Field(default=[], max_length=MAXIMUM_CONDITIONS)


class Marked(View):
    """Something of the course that is marked, as the slice that owns it tells."""

    kind: Literal["quiz", "assignment"]
    title: str
    lesson_id: UUID | None
    published: bool


class PlanIn(BaseModel):
    """The time zone of a course's dates, and the rule of the course itself."""

    time_zone: TimeZone
    rule: RuleIn = RuleIn()


class ConditionView(View):
    """A condition, and for one person whether it is met.

    `title` names what it waits for. `at` is the person's own date, of a date or of days after the beginning;
    `reached` is their present percentage, of a score. `met` None: shown to nobody in particular.
    """

    id: UUID
    kind: ConditionKind
    met: bool | None = None
    title: str = ""
    at: datetime | None = None
    days: int | None = None
    percent: int | None = None
    reached: float | None = None
    lesson_id: UUID | None = None
    module_id: UUID | None = None
    required_course_id: UUID | None = None
    course_slug: str | None = None
    cohort_id: UUID | None = None
    result_id: UUID | None = None


class RuleView(View):
    """A rule of a lesson, a module (`title`), or the whole course (neither id)."""

    module_id: UUID | None
    lesson_id: UUID | None
    title: str
    combination: Combination
    conditions: tuple[ConditionView, ...]


class LockView(View):
    """A locked lesson, and the rules that are not met yet."""

    lesson_id: UUID
    title: str
    rules: tuple[RuleView, ...]


class LocksView(View):
    """What is locked in a course for its reader. `course_rules`: what keeps the whole course locked."""

    course_id: UUID
    course_rules: tuple[RuleView, ...]
    lessons: tuple[LockView, ...]


class WarningView(View):
    """Something to look at in a course's rules: a stable code, and the lesson or module it is about."""

    code: str
    title: str
    lesson_id: UUID | None = None
    module_id: UUID | None = None


class CompletionIn(BaseModel):
    """When a lesson is complete: all that is set. Nothing set: when its learner says so. `optional`: not needed."""

    by_learner: bool = False
    viewed: bool = False
    minutes: int | None = Field(default=None, ge=1, le=600)
    video_percent: int | None = Field(default=None, ge=1, le=100)
    passed_id: UUID | None = None
    submitted_id: UUID | None = None
    marked_id: UUID | None = None
    optional: bool = False


class RequirementView(View):
    """One thing a lesson asks for before it is complete, and how far its learner is.

    `kind` is a field of `CompletionIn`; `goal` and `reached` are minutes or percent; `object_id` what has to be passed,
    submitted or marked, `title` its name.
    """

    kind: str
    met: bool
    goal: int | None = None
    reached: int | None = None
    object_id: UUID | None = None
    title: str = ""


class PlanView(View):
    """Every rule of a course, for its editors, with what looks wrong about them."""

    course_id: UUID
    time_zone: str
    rules: tuple[RuleView, ...]
    completion: dict[UUID, CompletionIn]
    warnings: tuple[WarningView, ...]


class CohortIn(BaseModel):
    """A cohort. With `starts_on` its members open lessons from that day on, and days are counted from it."""

    name: CohortName
    starts_on: Day | None = None
    ends_on: Day | None = None
    shift_days: int = Field(default=0, ge=-3650, le=3650)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts_on is not None and self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("a cohort ends after it starts")
        return self


class CohortDateIn(BaseModel):
    """A cohort's own date for a condition of the kind `date`; None: the common one again."""

    condition_id: UUID
    at: Moment | None


class CohortView(View):
    """A cohort, how many are in it, and its own dates by condition."""

    id: UUID
    name: str
    starts_on: date | None
    ends_on: date | None
    shift_days: int
    members: int
    dates: dict[UUID, datetime]


class MembersIn(BaseModel):
    """People to put into a cohort, by the addresses of their accounts."""

    emails: list[Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)]] = Field(max_length=2000)


class MembersAdded(View):
    """How many are in the cohort now who were not, and the addresses of nobody in the course."""

    added: int
    unknown: tuple[str, ...]


class MemberView(View):
    """Somebody in a cohort."""

    user_id: UUID
    name: str
    email: str
