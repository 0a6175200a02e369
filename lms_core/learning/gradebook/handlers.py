"""Reactions: what quizzes and assignments say of a learner reaches the gradebook."""

from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.assessments.events import (
    AttemptGraded,
    AttemptRegraded,
    AttemptRestored,
    AttemptVoided,
    QuizPublished,
)
from lms_core.learning.assignments.events import AssignmentPublished, SubmissionMarked
from lms_core.learning.gradebook.models import ItemKind
from lms_core.learning.gradebook.service.feeding import feed, follow
from lms_core.learning.gradebook.service.standing_apart import lift_override


@on(QuizPublished)
def add_column(ctx: WriteCtx, event: QuizPublished) -> None:
    """A published quiz has its column, whether or not anybody attempted it."""
    follow(ctx, ItemKind.QUIZ, course_id=event.course_id, source_id=event.quiz_id)


@on(AttemptGraded)
def take_mark(ctx: WriteCtx, event: AttemptGraded) -> None:
    """A marked attempt may be the one that counts."""
    _feed(ctx, event)


@on(AttemptRegraded)
def follow_again(ctx: WriteCtx, event: AttemptRegraded) -> None:
    """Who regraded may have asked that overrides give way to the new mark."""
    if event.lifts_override:
        ids = {"course_id": event.course_id, "source_id": event.quiz_id, "user_id": event.user_id}
        lift_override(ctx, ItemKind.QUIZ, **ids, reason=event.reason)


@on(AttemptVoided)
def take_back(ctx: WriteCtx, event: AttemptVoided) -> None:
    """Another attempt counts now, or none."""
    _feed(ctx, event)


@on(AttemptRestored)
def take_again(ctx: WriteCtx, event: AttemptRestored) -> None:
    """The attempt may count again."""
    _feed(ctx, event)


@on(AssignmentPublished)
def add_column_of_assignment(ctx: WriteCtx, event: AssignmentPublished) -> None:
    """A published assignment has its column, whether or not anybody handed in."""
    follow(ctx, ItemKind.ASSIGNMENT, course_id=event.course_id, source_id=event.assignment_id)


@on(SubmissionMarked)
def take_mark_of_assignment(ctx: WriteCtx, event: SubmissionMarked) -> None:
    """A released mark reaches its column."""
    feed(ctx, ItemKind.ASSIGNMENT, course_id=event.course_id, source_id=event.assignment_id, user_id=event.user_id)


def _feed(ctx: WriteCtx, event: AttemptGraded | AttemptVoided | AttemptRestored) -> None:
    feed(ctx, ItemKind.QUIZ, course_id=event.course_id, source_id=event.quiz_id, user_id=event.user_id)
