"""Refusals of release."""

from collections.abc import Sequence
from uuid import UUID

from lms_core.kit.errors import Conflict, Forbidden, Invalid, NotFound
from lms_core.learning.release.schemas import RuleView


class LessonLocked(Forbidden):
    """The lesson (or what stands beside it) is not open yet for this learner; `rules` say what opens it."""

    code = "lesson_locked"
    title = "This lesson is not open for you yet"

    def __init__(self, *, course_id: UUID, lesson_id: UUID | None, rules: Sequence[RuleView]) -> None:
        self.course_id, self.lesson_id, self.rules = course_id, lesson_id, tuple(rules)
        super().__init__(
            "It opens when its conditions are met; `rules` lists them and which are met already.",
            course_id=str(course_id),
            lesson_id=str(lesson_id) if lesson_id is not None else None,
            rules=[rule.model_dump(mode="json") for rule in rules],
        )


class WaitsForItself(Invalid):
    """A rule would make a lesson, or a course, wait for itself; `chain` names the way round."""

    code = "waits_for_itself"
    title = "With this rule nobody could ever go on"

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        told = " → ".join(f"“{title}”" for title in chain)
        super().__init__(f"Each of these waits for the next: {told}. Take one of the conditions away.", chain=chain)


class ConditionRefused(Invalid):
    """A condition names something that is not of this course."""

    code = "condition_refused"
    title = "A condition names something that is not there"


class CohortNotFound(NotFound):
    """No such cohort, or not for this person."""

    code = "cohort_not_found"
    title = "There is no such cohort here"

    def __init__(self) -> None:
        super().__init__("The cohort does not exist, or its course is not yours to edit.")


class CohortNameTaken(Conflict):
    """Two cohorts of a course with one name."""

    code = "cohort_name_taken"
    title = "The course has a cohort of this name"

    def __init__(self) -> None:
        super().__init__("Choose another name, or change the cohort that has it.")
