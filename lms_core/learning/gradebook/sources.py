"""Where columns get their marks by themselves. Another source is one more entry of `SOURCES`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assignments import service as assignments
from lms_core.learning.gradebook.models import ItemKind


@dataclass(frozen=True, slots=True)
class Column:
    """What is marked. `told`: learners may know their results now. `maximum` 0: nothing can be earned yet."""

    id: UUID
    title: str
    maximum: float
    due_at: datetime | None
    published: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What a learner earned, of how many points, and when it was marked."""

    source_id: UUID
    user_id: UUID
    earned: float
    out_of: float
    marked_at: datetime | None


class Results(Protocol):
    """Results in a course, of one column and some learners when given."""

    def __call__(
        self, ctx: ReadCtx, course_id: UUID, *, source_id: UUID | None = None, user_ids: Collection[UUID] | None = None
    ) -> Sequence[Result]: ...


@dataclass(frozen=True, slots=True)
class Source:
    """The questions a source answers, one statement each; rights are the caller's to have checked.

    `columns`: what is marked in these courses, drafts included.
    `waiting`: by column, how much waits for a person's mark. `unfollowed`: (institution, course) of each course with a
    published column that is not among those known.
    """

    columns: Callable[[ReadCtx, Collection[UUID]], Sequence[Column]]
    results: Results
    waiting: Callable[[ReadCtx, UUID], Mapping[UUID, int]]
    unfollowed: Callable[[ReadCtx, Collection[UUID]], Sequence[tuple[UUID, UUID]]]


def _quiz_columns(ctx: ReadCtx, course_ids: Collection[UUID]) -> Sequence[Column]:
    return [
        Column(quiz.id, quiz.title, quiz.points, quiz.closes_at, quiz.published, quiz.told)
        for quiz in assessments.graded_quizzes(ctx, course_ids)
    ]


def _quiz_results(
    ctx: ReadCtx, course_id: UUID, *, source_id: UUID | None = None, user_ids: Collection[UUID] | None = None
) -> Sequence[Result]:
    return [
        # Negative weights of choices can take a sum below zero; a grade begins there.
        Result(each.quiz_id, each.user_id, min(max(each.points, 0.0), each.maximum), each.maximum, each.marked_at)
        for each in assessments.results(ctx, course_id, quiz_id=source_id, user_ids=user_ids)
        if each.maximum > 0
    ]


def _assignment_columns(ctx: ReadCtx, course_ids: Collection[UUID]) -> Sequence[Column]:
    return [
        # A mark is a result only once it is released, so its learner may always know it.
        Column(each.id, each.title, each.points, each.due_at, each.published, told=True)
        for each in assignments.graded_assignments(ctx, course_ids)
    ]


def _assignment_results(
    ctx: ReadCtx, course_id: UUID, *, source_id: UUID | None = None, user_ids: Collection[UUID] | None = None
) -> Sequence[Result]:
    return [
        Result(each.assignment_id, each.user_id, min(each.points, each.maximum), each.maximum, each.marked_at)
        for each in assignments.results(ctx, course_id, assignment_id=source_id, user_ids=user_ids)
    ]


SOURCES: dict[ItemKind, Source] = {
    ItemKind.QUIZ: Source(_quiz_columns, _quiz_results, assessments.waiting, assessments.unfollowed),
    ItemKind.ASSIGNMENT: Source(_assignment_columns, _assignment_results, assignments.waiting, assignments.unfollowed),
}
