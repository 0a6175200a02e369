"""Taking quizzes: a quiz, an attempt at it, its answers, its leaderboard."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses.errors import CourseNotFound
from lms_core.kit.errors import Invalid, TooManyRequests, Unauthenticated
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import (
    AttemptNotFound,
    AttemptNotThere,
    AttemptOver,
    NoAttemptsLeft,
    NotFromHere,
    NothingToTake,
    NotYours,
    QuestionNotFound,
    QuizNotFound,
    QuizNotOpen,
    StillWaiting,
    TooSoon,
    WrongPassword,
)
from lms_core.learning.assessments.schemas import (
    AnswerIn,
    AnswerView,
    AttemptSheet,
    AttemptStart,
    AttemptView,
    BoardName,
    Leaderboard,
    QuizView,
)
from lms_core.learning.release.errors import LessonLocked

router = APIRouter(tags=["quizzes"])


@router.get(
    "/quizzes/{quiz_id}", response_model=QuizView, responses=errors(Unauthenticated, QuizNotFound, LessonLocked)
)
def read_quiz(ctx: Reading, quiz_id: UUID) -> QuizView:
    """A quiz with the caller's own attempts; its questions come with an attempt."""
    return assessments.read_quiz(ctx, quiz_id)


@router.get("/quizzes/{quiz_id}/leaderboard", response_model=Leaderboard, responses=errors(QuizNotFound))
def read_leaderboard(ctx: Reading, quiz_id: UUID) -> Leaderboard:
    """The best results, equal ones sharing the rank; names of those who agreed to be named."""
    return assessments.leaderboard(ctx, quiz_id)


@router.put("/courses/{course}/leaderboard-name", response_model=BoardName, responses=errors(CourseNotFound))
def be_named(ctx: Writing, course: CourseName, name: BoardName) -> BoardName:
    """Agree to be named on the leaderboards of a course."""
    assessments.be_named(ctx, course, name=name)
    return name


@router.delete(
    "/courses/{course}/leaderboard-name", status_code=204, response_model=None, responses=errors(CourseNotFound)
)
def be_nameless(ctx: Writing, course: CourseName) -> None:
    """Take the agreement back: the place stays, without a name."""
    assessments.be_named(ctx, course, name=None)


@router.post(
    "/quiz-attempts",
    status_code=201,
    response_model=AttemptView,
    responses=errors(
        Unauthenticated,
        QuizNotFound,
        LessonLocked,
        QuizNotOpen,
        NoAttemptsLeft,
        NothingToTake,
        TooSoon,
        NotFromHere,
        WrongPassword,
        TooManyRequests,
    ),
)
def start(ctx: Writing, given: AttemptStart) -> AttemptView:
    """Start an attempt, or go on with the unfinished one. That of a supervised quiz waits for its checks."""
    return assessments.start(ctx, given.quiz_id, password=given.password)


@router.get("/quiz-attempts/{attempt_id}", response_model=AttemptSheet, responses=errors(AttemptNotFound))
def read_attempt(ctx: Reading, attempt_id: UUID) -> AttemptSheet:
    """An attempt: its questions and answers while it is open, marks and key once the quiz lets them be seen."""
    return assessments.read_attempt(ctx, attempt_id)


@router.put(
    "/quiz-attempts/{attempt_id}/answers/{question_id}",
    response_model=AnswerView,
    responses=errors(AttemptNotFound, QuestionNotFound, NotYours, AttemptOver, StillWaiting, NotFromHere, Invalid),
)
def save_answer(ctx: Writing, attempt_id: UUID, question_id: UUID, answer: AnswerIn) -> AnswerView:
    """Keep an answer; safe to repeat. One with a lower `sequence` than the kept one's changes nothing."""
    return assessments.save_answer(ctx, attempt_id, question_id=question_id, answer=answer)


@router.post(
    "/quiz-attempts/{attempt_id}/submit",
    response_model=AttemptView,
    responses=errors(AttemptNotFound, AttemptNotThere),
)
def submit(ctx: Writing, attempt_id: UUID) -> AttemptView:
    """Hand the attempt in; again: no change."""
    return assessments.submit(ctx, attempt_id)
