"""How the courses of a path stand for somebody: plain data in, plain data out."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from lms_core.learning.paths.schemas import StepState


@dataclass(frozen=True, slots=True)
class Step:
    """A course on a path for one person. `takeable`: published, or they are in it; `left`: they were in it."""

    course_id: UUID
    optional: bool
    takeable: bool
    open: bool
    enrolled: bool
    left: bool
    completed: bool

    @property
    def counts(self) -> bool:
        """Whether the path asks for it."""
        return not self.optional and (self.takeable or self.completed)


def waits_for(steps: Sequence[Step], place: int, *, sequential: bool) -> UUID | None:
    """The first course that has to be completed before the one at `place`; None: it is open."""
    if not sequential:
        return None
    return next((step.course_id for step in steps[:place] if step.counts and not step.completed), None)


def state_of(steps: Sequence[Step], place: int, *, sequential: bool) -> StepState:
    """How the course at `place` stands."""
    step = steps[place]
    if step.completed:
        return StepState.COMPLETED
    if step.enrolled:  # nobody is thrown out of a course they are in
        return StepState.UNDER_WAY
    if waits_for(steps, place, sequential=sequential) is not None:
        return StepState.LOCKED
    return StepState.OPEN if step.open else StepState.CLOSED


def to_join(steps: Sequence[Step], *, sequential: bool) -> list[UUID]:
    """The courses that following the path joins now. Nobody is taken back into one they left."""
    return [
        step.course_id
        for place, step in enumerate(steps)
        if step.takeable and not step.left and state_of(steps, place, sequential=sequential) == StepState.OPEN
    ]


def tally(steps: Sequence[Step]) -> tuple[int, int]:
    """How many courses that count are completed, and how many count."""
    counted = [step for step in steps if step.counts]
    return sum(step.completed for step in counted), len(counted)
