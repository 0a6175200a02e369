"""Insights: what was asked, what was not answered, what was rated badly; for the course's instructors alone."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.context import Database
from lms_core.kit.permissions import Role
from rag.conversations.models import Answer, AnswerFeedback, AnswerStatus, Conversation, Question
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from workers.runtime import Runtime


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


def asked(
    database: Database,
    course: Made,
    person: Person,
    question: str,
    status: AnswerStatus,
    *,
    note: str = "",
    helpful: bool | None = None,
    reason: str = "",
) -> UUID:
    """A question that was put and answered."""
    with database.write(actor_of(database, person)) as ctx:
        common = {"course_id": course.id, "created_at": ctx.now}
        thread = ctx.add(Conversation(user_id=person.id, title=question, updated_at=ctx.now, **common))
        row = ctx.add(Question(conversation_id=thread.id, user_id=person.id, text=question, **common))
        notes = [{"code": note, "text": note}] if note else []
        answer = ctx.add(Answer(question_id=row.id, status=status, text="said", notes=notes, **common))
        if helpful is not None:
            rating = AnswerFeedback(
                answer_id=answer.id, user_id=person.id, helpful=helpful, reason=reason, created_at=ctx.now
            )
            ctx.add(rating)
        return row.id


def read(client: TestClient, course: Made, person: Person) -> dict:
    answer = client.get(f"/api/v1/courses/{course.slug}/assistant/insights", headers=log_in(client, person))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_totals_and_open_questions(runtime: Runtime, client: TestClient, course: Made, instructor: Person) -> None:
    learner = create_person(runtime.database, full_name="Never Told")
    put = [
        ("good", AnswerStatus.ANSWERED, {"helpful": True}),
        ("refused", AnswerStatus.REFUSED, {}),
        ("a joke", AnswerStatus.REFUSED, {"note": "off_topic"}),
        ("bad", AnswerStatus.ANSWERED, {"helpful": False, "reason": "wrong year"}),
        ("running", AnswerStatus.RUNNING, {}),
    ]
    for question, status, more in put:
        asked(runtime.database, course, learner, question, status, **more)
    found = read(client, course, instructor)
    assert found["totals"] == {"questions": 5, "answered": 2, "refused": 2, "helpful": 1, "unhelpful": 1}
    listed = [(each["question"], each["why"], each["reasons"]) for each in found["open_questions"]]
    assert listed == [("bad", "rated_badly", ["wrong year"]), ("refused", "refused", [])]
    assert "Never Told" not in str(found)
    assert learner.email not in str(found)


def test_only_the_courses_own_instructors_and_questions(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person
) -> None:
    learner, colleague = create_person(runtime.database), create_person(runtime.database, role=Role.INSTRUCTOR)
    other = create_course(runtime.database, colleague, title="Other")
    asked(runtime.database, other, learner, "elsewhere", AnswerStatus.REFUSED)
    assert read(client, course, instructor)["open_questions"] == []
    path = f"/api/v1/courses/{course.slug}/assistant/insights"
    assert client.get(path, headers=log_in(client, learner)).status_code == 403
    assert client.get(path).status_code == 401


def test_the_number_of_statements_does_not_grow_with_the_questions(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person
) -> None:
    learner = create_person(runtime.database)
    headers = log_in(client, instructor)
    sent = []
    client.get(f"/api/v1/courses/{course.slug}/assistant/insights", headers=headers)  # what is kept is kept now
    for _ in range(2):
        for number in range(5):
            asked(runtime.database, course, learner, f"q{number}", AnswerStatus.REFUSED)
        with statements(runtime.database) as log:
            client.get(f"/api/v1/courses/{course.slug}/assistant/insights", headers=headers)
        sent.append(len(log))
    assert sent[0] == sent[1]
