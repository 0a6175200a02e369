"""Making quizzes and marking attempts, for instructors."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName, Cursor, Limit
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import (
    AttemptNotFound,
    AttemptNotThere,
    NothingToTake,
    QuestionNotFound,
    QuizChanged,
    QuizHasAttempts,
    QuizNotFound,
)
from lms_core.learning.assessments.schemas import (
    AccommodationView,
    AskedQuestion,
    AttemptRow,
    AttemptView,
    ExtraTime,
    MarkIn,
    QuestionsIn,
    QuizCard,
    QuizDetail,
    QuizIn,
    QuizRules,
    QuizSource,
    Supervision,
    ToMark,
    VoidIn,
)
from lms_core.learning.assessments.schemas.sections import QuizPlan, SectionsIn
from lms_core.learning.assessments.service import sections
from proctoring.policies import service as policies

router = APIRouter(tags=["quizzes"])

Seed = Annotated[int, Query(ge=0, lt=2**31)]
REFUSED = errors(Unauthenticated, Forbidden, QuizNotFound)


@router.get("/courses/{course}/quizzes", response_model=list[QuizCard], responses=errors(CourseNotFound))
def list_quizzes(ctx: Reading, course: CourseName) -> list[QuizCard]:
    """The quizzes of a course the caller reads, oldest first; drafts for its editors."""
    return assessments.quizzes_in(ctx, course)


@router.post(
    "/courses/{course}/quizzes",
    status_code=201,
    response_model=QuizDetail,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, Invalid),
)
def create(ctx: Writing, course: CourseName, quiz: QuizIn) -> QuizDetail:
    """A new quiz, as a draft, with its first questions when they are sent along."""
    return assessments.create(ctx, course, quiz=quiz)


@router.get("/quizzes/{quiz_id}/source", response_model=QuizSource, responses=REFUSED)
def read_source(ctx: Reading, quiz_id: UUID) -> QuizSource:
    """A quiz with its rules, questions and keys."""
    return assessments.read_source(ctx, quiz_id)


@router.get("/quizzes/{quiz_id}/preview", response_model=list[AskedQuestion], responses=REFUSED)
def preview(ctx: Reading, quiz_id: UUID, seed: Seed = 0) -> list[AskedQuestion]:
    """The questions as learners will see them; with sections, another seed draws and shuffles others."""
    return list(assessments.preview(ctx, quiz_id, seed=seed))


@router.get("/quizzes/{quiz_id}/sections", response_model=QuizPlan, responses=REFUSED)
def read_sections(ctx: Reading, quiz_id: UUID) -> QuizPlan:
    """The sections of a quiz: its own questions, those of banks, and random draws."""
    return sections.read_sections(ctx, quiz_id)


@router.put(
    "/quizzes/{quiz_id}/sections",
    response_model=QuizPlan,
    responses=errors(Forbidden, QuizNotFound, QuizChanged, NothingToTake, Invalid),
)
def set_sections(ctx: Writing, quiz_id: UUID, given: SectionsIn) -> QuizPlan:
    """Replace the sections, as a new revision; none: back to plain questions."""
    return sections.set_sections(ctx, quiz_id, given=given)


@router.put("/quizzes/{quiz_id}", response_model=QuizDetail, responses=errors(Forbidden, QuizNotFound, Invalid))
def change_rules(ctx: Writing, quiz_id: UUID, rules: QuizRules) -> QuizDetail:
    """Replace the rules of a quiz; attempts at hand keep their deadline."""
    return assessments.change_rules(ctx, quiz_id, rules=rules)


@router.put(
    "/quizzes/{quiz_id}/questions",
    response_model=QuizSource,
    responses=errors(Forbidden, QuizNotFound, QuizChanged, NothingToTake),
)
def set_questions(ctx: Writing, quiz_id: UUID, given: QuestionsIn) -> QuizSource:
    """Replace the questions, as a new revision: attempts that began keep the ones they have."""
    return assessments.set_questions(ctx, quiz_id, given=given)


@router.post(
    "/quizzes/{quiz_id}/publish", response_model=QuizDetail, responses=errors(Forbidden, QuizNotFound, NothingToTake)
)
def publish(ctx: Writing, quiz_id: UUID) -> QuizDetail:
    """Let learners see and take the quiz."""
    return assessments.publish(ctx, quiz_id)


@router.post("/quizzes/{quiz_id}/unpublish", response_model=QuizDetail, responses=REFUSED)
def unpublish(ctx: Writing, quiz_id: UUID) -> QuizDetail:
    """Hide the quiz; results are kept."""
    return assessments.unpublish(ctx, quiz_id)


@router.put("/quizzes/{quiz_id}/supervision", response_model=QuizDetail, responses=REFUSED)
def set_supervised(ctx: Writing, quiz_id: UUID, supervision: Supervision) -> QuizDetail:
    """Whether attempts that start from now on wait for a supervisor. One without a policy gets the default one."""
    quiz = assessments.set_supervised(ctx, quiz_id, supervised=supervision.supervised)
    if quiz.supervised:
        policies.supervise(ctx, quiz_id)
    return quiz


@router.delete(
    "/quizzes/{quiz_id}",
    status_code=204,
    response_model=None,
    responses=errors(Forbidden, QuizNotFound, QuizHasAttempts),
)
def delete(ctx: Writing, quiz_id: UUID) -> None:
    """Delete a quiz nobody attempted."""
    assessments.delete_quiz(ctx, quiz_id)


@router.get("/quizzes/{quiz_id}/attempts", response_model=Page[AttemptRow], responses=REFUSED)
def list_attempts(ctx: Reading, quiz_id: UUID, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[AttemptRow]:
    """Everybody's attempts, latest first."""
    return assessments.attempts_at(ctx, quiz_id, cursor=cursor, limit=limit)


@router.get("/quizzes/{quiz_id}/to-mark", response_model=Page[ToMark], responses=REFUSED)
def list_to_mark(ctx: Reading, quiz_id: UUID, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[ToMark]:
    """Answers that wait for a person's mark, longest waiting first."""
    return assessments.to_mark(ctx, quiz_id, cursor=cursor, limit=limit)


@router.put(
    "/quiz-attempts/{attempt_id}/marks/{question_id}",
    response_model=AttemptView,
    responses=errors(Forbidden, AttemptNotFound, QuestionNotFound, AttemptNotThere, Invalid),
)
def mark(ctx: Writing, attempt_id: UUID, question_id: UUID, given: MarkIn) -> AttemptView:
    """Points and a comment for one answer; may be changed later."""
    return assessments.mark(ctx, attempt_id, question_id=question_id, mark=given)


@router.put(
    "/quiz-attempts/{attempt_id}/void",
    response_model=AttemptView,
    responses=errors(Forbidden, AttemptNotFound, AttemptNotThere),
)
def void(ctx: Writing, attempt_id: UUID, given: VoidIn) -> AttemptView:
    """Make an attempt not count, and say why."""
    return assessments.void(ctx, attempt_id, reason=given.reason)


@router.delete(
    "/quiz-attempts/{attempt_id}/void", response_model=AttemptView, responses=errors(Forbidden, AttemptNotFound)
)
def restore(ctx: Writing, attempt_id: UUID) -> AttemptView:
    """Let the attempt count again."""
    return assessments.restore(ctx, attempt_id)


@router.get(
    "/courses/{course}/extra-time",
    response_model=list[AccommodationView],
    responses=errors(Unauthenticated, Forbidden, CourseNotFound),
)
def list_extra_time(ctx: Reading, course: CourseName) -> list[AccommodationView]:
    """Who has extra time in a course."""
    return assessments.extra_times(ctx, course)


@router.put(
    "/courses/{course}/extra-time/{user_id}",
    response_model=AccommodationView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound),
)
def set_extra_time(ctx: Writing, course: CourseName, user_id: UUID, extra: ExtraTime) -> AccommodationView:
    """Give a learner extra time, in percent of each time limit; an open attempt gets it at once."""
    return assessments.set_extra_time(ctx, course, user_id=user_id, extra=extra)
