"""Policies: versions, who sets them, what a taker is told, and what they mean for signals."""

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.sessions import service as sessions
from tests.factories.assessments import create_quiz
from tests.factories.people import actor_of, create_person, log_in
from tests.factories.proctoring import API, begin, make_exam, start, supervise
from workers.runtime import Runtime


def test_versions_are_appended_and_sessions_keep_theirs(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client, snapshot_interval_seconds=7)
    sitting = begin(client, exam)
    path = f"{API}/quizzes/{exam.quiz.id}/proctoring/policy"
    editor = log_in(client, exam.instructor)

    changed = client.put(path, json={"snapshot_interval_seconds": 20, "allowed_materials": ["book"]}, headers=editor)

    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert client.get(path, headers=editor).json()["rules"]["snapshot_interval_seconds"] == 20
    shown = client.get(sitting.path(), headers=exam.headers).json()
    assert (shown["policy_version"], shown["snapshot_interval_seconds"]) == (1, 7)


def test_supervision_ends_only_without_running_sessions(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    path, editor = f"{API}/quizzes/{exam.quiz.id}/proctoring/policy", log_in(client, exam.instructor)
    busy = client.delete(path, headers=editor)
    client.post(sitting.path("end"), headers=exam.headers)

    assert (busy.status_code, busy.json()["code"]) == (409, "sessions_running")
    assert client.delete(path, headers=editor).status_code == 204
    assert client.get(path, headers=editor).json()["code"] == "not_supervised"
    assert client.get(f"{API}/quizzes/{exam.quiz.id}", headers=exam.headers).json()["supervised"] is False
    assert client.put(path, json={}, headers=editor).json()["version"] == 3


def test_only_editors_set_policies(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    path = f"{API}/quizzes/{exam.quiz.id}/proctoring/policy"
    outsider = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    for method in ("GET", "PUT", "DELETE"):
        body = {} if method == "PUT" else None
        assert client.request(method, path, json=body, headers=exam.headers).status_code == 403
        assert client.request(method, path, json=body, headers=outsider).status_code in (403, 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"snapshot_interval_seconds": 0},
        {"snapshot_interval_seconds": 61},
        {"retention_days": 0},
        {"checks": ["faces", "identity"]},
        {"checks": ["minds"]},
        {"thresholds": {"yaw_degrees": 1}},
        {"weights": {"phone": -1}},
        {"weights": {"jealousy": 1}},
        {"surprise": True},
    ],
)
def test_what_a_policy_cannot_say(client: TestClient, runtime: Runtime, wrong: dict[str, object]) -> None:
    exam = make_exam(runtime, client)
    path = f"{API}/quizzes/{exam.quiz.id}/proctoring/policy"
    assert client.put(path, json=wrong, headers=log_in(client, exam.instructor)).status_code == 422


def test_the_consent_text_names_what_will_happen_and_nothing_else(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client, snapshot_interval_seconds=12, retention_days=45, identity=True, microphone=True)
    told = client.get(f"{API}/quizzes/{exam.quiz.id}/proctoring?language=en", headers=exam.headers).json()
    text = told["consent"]["text"]
    assert "12 seconds" in text
    assert "45 days" in text
    assert "FACE RECOGNITION" in text
    assert "microphone" in text
    assert "screen that you choose" not in text
    assert told["consent"]["hash"] == hashlib.sha256(text.encode()).hexdigest()
    swahili = client.get(f"{API}/quizzes/{exam.quiz.id}/proctoring?language=sw", headers=exam.headers).json()["consent"]
    assert "UTAMBUZI WA USO" in swahili["text"]
    assert swahili["hash"] != told["consent"]["hash"]

    plain = make_exam(runtime, client)
    text = client.get(f"{API}/quizzes/{plain.quiz.id}/proctoring", headers=plain.headers).json()["consent"]["text"]
    assert "FACE RECOGNITION" not in text


def test_a_policy_as_rules_of_signals() -> None:
    rules = policies.signal_rules(PolicyIn(allowed_materials=frozenset({"phone", "book"}), snapshot_interval_seconds=5))
    assert not rules.phone_forbidden
    assert rules.forbidden_labels == {"laptop", "tv", "remote", "keyboard"}
    assert rules.interval_seconds == 5.0
    assert policies.signal_rules(PolicyIn()).phone_forbidden


def test_reviewers_named_by_the_newest_policy_replace_the_instructors(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam)
    reviewer = create_person(runtime.database, role=Role.INSTRUCTOR)

    def seen_by(person: object) -> set[UUID]:
        with runtime.database.read(actor_of(runtime.database, person)) as ctx:
            return {card.id for card in sessions.for_review(ctx)}

    assert seen_by(exam.instructor) == {UUID(sitting.id)}
    assert seen_by(reviewer) == seen_by(exam.taker) == set()
    path = f"{API}/quizzes/{exam.quiz.id}/proctoring/policy"
    client.put(path, json={"reviewers": [str(reviewer.id)]}, headers=log_in(client, exam.instructor))
    assert seen_by(exam.instructor) == set()
    assert seen_by(reviewer) == {UUID(sitting.id)}
    admin = create_person(runtime.database, role=Role.ADMIN)
    assert seen_by(admin) == {UUID(sitting.id)}
    with runtime.database.read(system_actor(exam.taker.tenant_id)) as ctx:
        assert policies.reviewers(ctx, exam.quiz.id) == {reviewer.id}


def test_a_quiz_marked_supervised_has_the_default_policy_at_once(client: TestClient, runtime: Runtime) -> None:
    exam = make_exam(runtime, client)
    quiz = create_quiz(runtime.database, exam.instructor, exam.quiz.course_id)
    editor = log_in(client, exam.instructor)
    path = f"{API}/quizzes/{quiz.id}"
    assert client.get(f"{path}/proctoring/policy", headers=editor).status_code == 404

    marked = client.put(f"{path}/supervision", json={"supervised": True}, headers=editor)

    assert (marked.status_code, marked.json()["supervised"]) == (200, True)
    policy = client.get(f"{path}/proctoring/policy", headers=editor).json()
    assert (policy["version"], policy["rules"]) == (1, PolicyIn().model_dump(mode="json"))
    client.put(f"{path}/supervision", json={"supervised": True}, headers=editor)
    assert client.get(f"{path}/proctoring/policy", headers=editor).json()["version"] == 1


@pytest.mark.parametrize("had_terms", [False, True])
def test_nobody_waits_for_checks_that_no_policy_describes(
    client: TestClient, runtime: Runtime, had_terms: bool
) -> None:
    """A quiz marked by older versions, or past its policy: the defaults, or its last terms, are in force."""
    exam = make_exam(runtime, client)
    quiz = create_quiz(runtime.database, exam.instructor, exam.quiz.course_id, supervised=True)
    if had_terms:
        supervise(runtime, exam.instructor, quiz.id, snapshot_interval_seconds=7)
        with runtime.database.write(actor_of(runtime.database, exam.instructor)) as ctx:
            policies.end_supervision(ctx, quiz.id)
            assessments.set_supervised(ctx, quiz.id, supervised=True)
    sitting = begin(client, replace(exam, quiz=quiz))
    shown = client.get(sitting.path(), headers=exam.headers).json()
    assert shown["state"] == "active"
    assert (shown["policy_version"], shown["snapshot_interval_seconds"]) == ((3, 7) if had_terms else (1, 10))
