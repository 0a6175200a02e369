"""Quizzes for tests, made through the product's own verbs, and people in courses to take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response

from lms_core.kit.context import Database
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import AnswerIn, ChoiceIn, QuestionDetail, QuestionIn, QuizIn
from lms_core.learning.enrolments import service as enrolments
from tests.factories.people import Person, actor_of

API = "/api/v1"
Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class MadeQuiz:
    """A quiz that exists: its id, course, and its questions with their keys, in order."""

    id: UUID
    course_id: UUID
    questions: tuple[QuestionDetail, ...]

    def choice(self, question: int, text: str) -> str:
        """The id of a choice of question number `question` (from 0), by its text."""
        return next(str(choice.id) for choice in self.questions[question].choices if choice.text == text)


def single(text: str = "At how many degrees does water boil at sea level?", **fields: Any) -> QuestionIn:
    """One right choice of three; the key is "100"."""
    choices = [
        ChoiceIn(text="90", feedback="Higher up perhaps."),
        ChoiceIn(text="100", correct=True, feedback="Just so."),
        ChoiceIn(text="110"),
    ]
    return QuestionIn(type=QuestionType.SINGLE, text=text, choices=choices, **fields)


def multiple(**fields: Any) -> QuestionIn:
    """Two right choices of four: ice and steam."""
    texts = {"ice": True, "steam": True, "salt": False, "sand": False}
    choices = [ChoiceIn(text=text, correct=right) for text, right in texts.items()]
    return QuestionIn(type=QuestionType.MULTIPLE, text="Which are water?", choices=choices, **fields)


def every_type() -> list[QuestionIn]:
    """One question of each type, worth 1, 2, 1, 2, 1 and 3 points."""
    return [
        single(),
        multiple(points=2.0),
        QuestionIn(
            type=QuestionType.TRUE_FALSE,
            text="Ice floats.",
            choices=[ChoiceIn(text="True", correct=True), ChoiceIn(text="False")],
        ),
        QuestionIn(
            type=QuestionType.NUMERIC, text="Density of ice, in g/cm³?", points=2.0, value=0.917, tolerance=0.01
        ),
        QuestionIn(type=QuestionType.SHORT_TEXT, text="Frozen water is called?", accepted=["ice", "glacé"]),
        QuestionIn(type=QuestionType.ESSAY, text="Why does ice float?", points=3.0),
    ]


def create_quiz(
    database: Database,
    instructor: Person,
    course_id: UUID,
    *,
    questions: Sequence[QuestionIn] | None = None,
    publish: bool = True,
    supervised: bool = False,
    **rules: Any,
) -> MadeQuiz:
    """A quiz of a course (one single-choice and one multiple-choice question unless given), published."""
    given = [single(), multiple()] if questions is None else list(questions)
    with database.write(actor_of(database, instructor)) as ctx:
        quiz_in = QuizIn.model_validate({"title": "Water", **rules, "questions": given})
        quiz = assessments.create(ctx, course_id, quiz=quiz_in)
        if supervised:
            assessments.set_supervised(ctx, quiz.id, supervised=True)
        if publish:
            assessments.publish(ctx, quiz.id)
        source = assessments.read_source(ctx, quiz.id)
    return MadeQuiz(id=quiz.id, course_id=course_id, questions=source.question_list)


def enrol(database: Database, person: Person, course_id: UUID) -> Person:
    """Put the person into the course."""
    with database.write(actor_of(database, person)) as ctx:
        enrolments.enrol(ctx, course_id)
    return person


def begin(client: TestClient, quiz: MadeQuiz, headers: Headers) -> dict[str, Any]:
    """Start an attempt over HTTP."""
    started = client.post(f"{API}/quiz-attempts", json={"quiz_id": str(quiz.id)}, headers=headers)
    assert started.status_code == 201, started.text
    return dict(started.json())


def save(
    client: TestClient, attempt: dict[str, Any], question: object, headers: Headers, sequence: int = 1, **said: Any
) -> Response:
    """Save an answer over HTTP, whatever comes of it."""
    path = f"{API}/quiz-attempts/{attempt['id']}/answers/{question}"
    answer: Response = client.put(path, json={"sequence": sequence, **said}, headers=headers)
    return answer


def submit(client: TestClient, attempt: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """Hand an attempt in over HTTP."""
    done = client.post(f"{API}/quiz-attempts/{attempt['id']}/submit", headers=headers)
    assert done.status_code == 200, done.text
    return dict(done.json())


def read(client: TestClient, attempt: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """An attempt as its reader gets it over HTTP."""
    found = client.get(f"{API}/quiz-attempts/{attempt['id']}", headers=headers)
    assert found.status_code == 200, found.text
    return dict(found.json())


def pass_it(client: TestClient, quiz: MadeQuiz, headers: Headers, *, right: bool = True) -> dict[str, Any]:
    """One attempt at a quiz of one single-choice question."""
    attempt = begin(client, quiz, headers)
    save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, "100" if right else "90")])
    return submit(client, attempt, headers)


def sit(database: Database, quiz: MadeQuiz, person: Person, choice: str) -> str:
    """A whole attempt with this choice at the first question and no other answer, through the verbs; its id."""
    with database.write(actor_of(database, person)) as ctx:
        attempt = assessments.start(ctx, quiz.id)
        answer = AnswerIn.model_validate({"sequence": 1, "choices": [quiz.choice(0, choice)]})
        assessments.save_answer(ctx, attempt.id, question_id=quiz.questions[0].id, answer=answer)
        assessments.submit(ctx, attempt.id)
    return str(attempt.id)
