"""Measures what an instructor waits for after an exam: statistics, and the preview of a regrade.

On SQLite, in one process without a network between: the server's own time for one request, nothing remembered.
"""

import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.accounts.models import User
from lms_core.kit.context import WriteCtx, system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.recent import Recent
from lms_core.kit.settings import Settings
from lms_core.learning.assessments.models import Attempt, AttemptAnswer, AttemptStatus
from lms_core.learning.assessments.service import analysing
from tests.factories.assessments import MadeQuiz, begin, create_quiz, enrol, single
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from workers import runtime as runtimes
from workers.runtime import Runtime

Row = tuple[str, str, str]

LEARNERS, QUESTIONS, VISITS = 1000, 40, 7


def run() -> list[Row]:
    """Median and slowest of both, and how many statements each takes."""
    from api.main import create_app  # the application, once the settings are made

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder) / "data", log_level="WARNING")
        runtime = runtimes.build(settings, run_jobs=False)
        try:
            instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
            course = create_course(runtime.database, instructor)
            with TestClient(create_app(runtime)) as client:
                quiz = _exam(runtime, client, instructor, course)
                headers = log_in(client, instructor)
                return _measured(runtime, client, quiz, headers)
        finally:
            runtime.stop()


def _exam(runtime: Runtime, client: TestClient, instructor: Person, course: Made) -> MadeQuiz:
    """The quiz with its attempts; the first one is really taken, so that there is a paper."""
    questions = [single(text=f"Question {number}?") for number in range(QUESTIONS)]
    quiz = create_quiz(runtime.database, instructor, course.id, questions=questions)
    begin(client, quiz, log_in(client, enrol(runtime.database, create_person(runtime.database), course.id)))
    drawn = random.Random(4)
    choices = [[str(choice.id) for choice in question.choices] for question in quiz.questions]
    with runtime.database.write(system_actor(runtime.console.tenant_id)) as ctx:  # type: ignore[union-attr]
        paper = ctx.session.execute(select(Attempt.paper_id)).scalar_one()
        for at in range(LEARNERS):
            email = f"learner{at}@example.org"
            person = ctx.add(User(email=email, email_key=email, full_name=f"Asha {at:04}", created_at=ctx.now))
            _attempt(ctx, quiz, course, person.id, paper, choices, drawn)
    return quiz


def _attempt(
    ctx: WriteCtx, quiz: MadeQuiz, course: Made, user_id: UUID, paper: UUID, keys: list[list[str]], drawn: random.Random
) -> None:
    now, able = ctx.now, drawn.random()
    picked = [1 if drawn.random() < able else drawn.choice((0, 2)) for _ in keys]
    score = float(picked.count(1))
    attempt = Attempt(
        quiz_id=quiz.id,
        course_id=course.id,
        user_id=user_id,
        number=1,
        status=AttemptStatus.GRADED,
        seed=7,
        paper_id=paper,
        started_at=now,
        begun_at=now,
        submitted_at=now + timedelta(minutes=40),
        graded_at=now,
        score=score,
        percent=100 * score / QUESTIONS,
    )
    ctx.session.add(attempt)
    ctx.session.flush()
    for place, (question, pick) in enumerate(zip(quiz.questions, picked, strict=True)):
        answer = AttemptAnswer(
            attempt_id=attempt.id,
            question_id=question.id,
            choices=[keys[place][pick]],
            saved_at=now + timedelta(minutes=place),
            points=float(pick == 1),
        )
        ctx.session.add(answer)


def _measured(runtime: Runtime, client: TestClient, quiz: MadeQuiz, headers: dict[str, str]) -> list[Row]:
    chosen = [{"question_id": str(question.id), "how": "full"} for question in quiz.questions]
    choice = {"base_revision": 1, "questions": chosen}

    def figures() -> None:
        analysing._KEPT = Recent(capacity=1)
        client.get(f"/api/v1/quizzes/{quiz.id}/statistics", headers=headers).raise_for_status()

    def preview() -> None:
        client.post(f"/api/v1/quizzes/{quiz.id}/regrades/preview", json=choice, headers=headers).raise_for_status()

    rows: list[Row] = []
    for name, visit, goal in (("statistics", figures, "below 1000"), ("regrade preview", preview, "seconds")):
        visit()
        with statements(runtime.database) as sent:
            visit()
        took, worked = [], []
        for _ in range(VISITS):
            began, spent = time.perf_counter(), time.process_time()
            visit()
            took.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - spent))
        label = f"quiz of {LEARNERS} attempts × {QUESTIONS} questions, {name}, SQLite"
        rows.append((f"{label}: median ms", f"{median(took):.0f}", goal))
        rows.append((f"{label}: slowest ms; processor ms", f"{max(took):.0f}; {median(worked):.0f}", ""))
        rows.append((f"{label}: statements", f"{len(sent)}", ""))
    return rows
