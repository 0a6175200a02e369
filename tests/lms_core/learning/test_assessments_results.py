"""Quizzes over HTTP: voided, ranked, listed, refused, hidden and deleted."""

import json
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.factories.assessments import (
    begin,
    create_quiz,
    enrol,
    pass_it,
    single,
    submit,
)
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"
MOST_STATEMENTS = 9
Headers = dict[str, str]


def test_a_voided_attempt_does_not_count_until_it_is_restored(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    attempt = pass_it(client, quiz, headers)
    path = f"{API}/quiz-attempts/{attempt['id']}/void"
    assert client.put(path, json={"reason": "Mine"}, headers=headers).status_code == 403
    voided = client.put(path, json={"reason": "Another person sat here."}, headers=teaching).json()
    assert voided["voided"] and voided["status"] == "graded"
    view = client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()
    assert (view["counting_id"], view["attempts"][0]["void_reason"]) == (None, "Another person sat here.")
    assert client.get(f"{API}/quizzes/{quiz.id}/leaderboard", headers=headers).json()["entries"] == []
    assert not client.delete(path, headers=teaching).json()["voided"]
    assert client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()["counting_id"] == attempt["id"]


def test_the_leaderboard_ranks_the_best_and_names_only_who_agreed(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    people = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(3)]
    tokens = [log_in(client, person) for person in people]
    for token, right in zip(tokens, (True, True, False), strict=True):
        pass_it(client, quiz, token, right=right)
    pass_it(client, quiz, headers, right=False)
    pass_it(client, quiz, headers)
    named = client.put(f"{API}/courses/{course.slug}/leaderboard-name", json={"name": " Simba "}, headers=tokens[0])
    assert named.json() == {"name": "Simba"}
    path = f"{API}/quizzes/{quiz.id}/leaderboard"
    client.get(path, headers=headers)
    with statements(runtime.database) as sent:
        board = client.get(path, headers=headers).json()
    assert len(sent) <= 6, sent
    assert [(each["rank"], each["percent"]) for each in board["entries"]] == [(1, 100.0)] * 3 + [(4, 0.0)]
    assert sorted(filter(None, (each["name"] for each in board["entries"]))) == ["Simba"]
    assert (board["mine"]["rank"], board["participants"]) == (1, 4)
    assert "Asha" not in json.dumps(board)
    assert client.delete(f"{API}/courses/{course.slug}/leaderboard-name", headers=tokens[0]).status_code == 204
    assert not [each for each in client.get(path, headers=headers).json()["entries"] if each["name"]]


def test_lists_cost_the_same_however_long_they_are(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    paths = [
        (f"{API}/quizzes/{quiz.id}", headers),
        (f"{API}/quizzes/{quiz.id}/attempts", teaching),
        (f"{API}/courses/{course.slug}/quizzes", headers),
    ]
    costs: list[list[int]] = []
    for _ in range(2):
        costs.append([])
        for _ in range(3):
            pass_it(client, quiz, headers)
            create_quiz(runtime.database, instructor, course.id)
        for path, who in paths:
            with statements(runtime.database) as sent:
                assert client.get(path, headers=who).status_code == 200
            assert len(sent) <= MOST_STATEMENTS, "\n".join([path, *sent])
            costs[-1].append(len(sent))
    assert costs[1] <= costs[0]
    attempts = client.get(f"{API}/quizzes/{quiz.id}/attempts?limit=4", headers=teaching).json()
    rest = client.get(
        f"{API}/quizzes/{quiz.id}/attempts?limit=4&cursor={attempts['next_cursor']}", headers=teaching
    ).json()
    assert [each["number"] for each in (*attempts["items"], *rest["items"])] == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"choices": []}, "two choices"),
        ({"choices": [{"text": "a"}, {"text": "b"}]}, "at least one choice as correct"),
        ({"choices": [{"text": "a", "correct": True}, {"text": "b", "correct": True}]}, "exactly one"),
        ({"choices": [{"text": "a", "correct": True, "weight": 100}, {"text": "b"}]}, "every choice a weight"),
        ({"type": "true_false"}, "exactly two"),
        ({"type": "numeric"}, "right value"),
        ({"type": "short_text"}, "accepted answer"),
        ({"points": 0}, "greater than 0"),
        ({"points": 1.005}, "multiple of 0.01"),
        ({"text": "  "}, "at least 1 character"),
        ({"type": "riddle"}, "Input should be"),
        ({"type": "matching"}, "needs its key"),
    ],
)
def test_a_question_without_its_key_is_refused(
    client: TestClient, course: Made, teaching: Headers, change: dict[str, Any], told: str
) -> None:
    question = json.loads(single().model_dump_json()) | change
    body = {"title": "Q", "questions": [question]}
    answer = client.post(f"{API}/courses/{course.slug}/quizzes", json=body, headers=teaching)
    assert answer.status_code == 422
    assert told in answer.text


def test_rules_that_contradict_each_other_are_refused(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    path = f"{API}/quizzes/{quiz.id}"
    for rules in (
        {"opens_at": "2026-02-01T00:00:00Z", "closes_at": "2026-01-01T00:00:00Z"},
        {"lesson_id": str(uuid4())},
        {"time_limit_seconds": 5},
    ):
        assert client.put(path, json={"title": "Q", **rules}, headers=teaching).status_code == 422, rules
    kept = client.put(path, json={"title": "Q", "lesson_id": str(course.lessons[0])}, headers=teaching).json()
    assert (kept["title"], kept["lesson_id"]) == ("Q", str(course.lessons[0]))


def test_a_quiz_with_results_is_hidden_not_deleted(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    empty = {"base_revision": 1, "questions": []}
    refused = client.put(f"{API}/quizzes/{quiz.id}/questions", json=empty, headers=teaching)
    assert refused.json()["code"] == "quiz_empty"
    attempt = begin(client, quiz, headers)
    assert client.delete(f"{API}/quizzes/{quiz.id}", headers=teaching).json()["code"] == "quiz_has_attempts"
    assert client.post(f"{API}/quizzes/{quiz.id}/unpublish", headers=teaching).json()["status"] == "draft"
    assert client.get(f"{API}/quizzes/{quiz.id}", headers=headers).status_code == 404
    assert submit(client, attempt, headers)["status"] == "graded", "an open attempt goes on"
    other = create_quiz(runtime.database, instructor, course.id)
    assert client.delete(f"{API}/quizzes/{other.id}", headers=teaching).status_code == 204
    assert client.get(f"{API}/quizzes/{other.id}", headers=teaching).status_code == 404


def test_a_person_who_is_deleted_leaves_no_attempt(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, learner: Person, headers: Headers
) -> None:
    from sqlalchemy import delete

    from lms_core.identity.access.models import RoleAssignment
    from lms_core.identity.accounts.models import AccountLink, User
    from lms_core.identity.auth.models import AuthSession, RefreshToken
    from lms_core.kit.context import system_actor
    from lms_core.learning.assessments.models import Attempt, AttemptAnswer

    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    pass_it(client, quiz, headers)
    with runtime.database.write(system_actor(learner.tenant_id)) as ctx:
        ctx.session.execute(delete(RefreshToken))
        for table in (AuthSession, RoleAssignment, AccountLink):
            ctx.session.execute(delete(table).where(table.user_id == learner.id))
        ctx.session.execute(delete(User).where(User.id == learner.id))
        assert ctx.session.query(Attempt).count() == ctx.session.query(AttemptAnswer).count() == 0
