"""The course's assistant while a quiz is open: closed, or pointing to places only, or as ever."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.conftest import START
from tests.factories.assessments import create_quiz, enrol
from tests.factories.assistant import BEES, DRYER, TANK, farm_course, installation
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from tests.serving import app_of
from workers.runtime import Runtime

API = "/api/v1"
HIVE = "What is a top-bar hive?"


@dataclass(frozen=True)
class School:
    """An installation with the farm course and its instructor."""

    runtime: Runtime
    clock: MovingClock
    client: TestClient
    course: Made
    instructor: Person

    def learner(self) -> dict[str, str]:
        person = enrol(self.runtime.database, create_person(self.runtime.database), self.course.id)
        return log_in(self.client, person)

    def opens(self, headers: dict[str, str], **rules: Any) -> str:
        """Begin an attempt at a new quiz with these rules; its id."""
        quiz = create_quiz(self.runtime.database, self.instructor, self.course.id, **rules)
        begun = self.client.post(f"{API}/quiz-attempts", json={"quiz_id": str(quiz.id)}, headers=headers)
        return str(begun.json()["id"])

    def asks(self, headers: dict[str, str], question: str = HIVE, mode: str = "answer") -> Response:
        path, body = f"{API}/courses/{self.course.slug}/assistant/questions", {"question": question, "mode": mode}
        return self.client.post(path, json=body, headers=headers)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    clock = MovingClock(START)
    runtime = installation(tmp_path_factory.mktemp("school"), run_jobs=True, clock=clock)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = farm_course(runtime.database, instructor)
    runtime.start()
    with TestClient(app_of(runtime)) as client:
        yield School(runtime, clock, client, course, instructor)
    runtime.stop()


def test_a_quiz_that_says_off_closes_the_assistant_until_it_is_handed_in(school: School) -> None:
    headers = school.learner()
    assert school.asks(headers).json()["citations"]
    attempt = school.opens(headers, assistant="off")
    refused = school.asks(headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "assistant_closed_during_exam")
    assert "Submit it first" in refused.json()["detail"]
    assert school.client.get(f"{API}/courses/{school.course.slug}/faq", headers=headers).status_code == 403
    assert school.asks(school.learner()).status_code == 200, "others ask as ever"
    school.client.post(f"{API}/quiz-attempts/{attempt}/submit", headers=headers)
    assert school.asks(headers).json()["citations"]


@pytest.mark.parametrize("mode", ["answer", "explain", "hint", "summary"])
def test_hints_name_places_and_quote_nothing(school: School, mode: str) -> None:
    headers = school.learner()
    school.opens(headers, assistant="hints")
    said = school.asks(headers, mode=mode).json()
    assert (said["status"], said["citations"], said["answered_by"]) == ("answered", [], "places")
    assert said["suggestions"][0]["lesson_title"] == "Keeping bees"
    sentences = [line for body in (BEES, DRYER, TANK) for line in body.splitlines() if line.endswith(".")]
    assert len(sentences) > 5
    assert not [sentence for sentence in sentences if sentence in str(said)]
    assert "wooden bars" not in str(said)
    assert school.asks(headers, "Who won the football world cup in 1998?").json()["status"] == "refused"
    assert school.client.get(f"{API}/courses/{school.course.slug}/faq", headers=headers).status_code == 403


def test_the_strictest_of_the_open_quizzes_decides(school: School) -> None:
    headers = school.learner()
    school.opens(headers, assistant="on")
    assert school.asks(headers).json()["citations"]
    school.opens(headers, assistant="hints")
    strict = school.opens(headers, assistant="off")
    assert school.asks(headers).status_code == 403
    school.client.post(f"{API}/quiz-attempts/{strict}/submit", headers=headers)
    assert school.asks(headers).json()["answered_by"] == "places"


def test_time_that_is_over_and_a_waiting_attempt_close_nothing(school: School) -> None:
    headers = school.learner()
    school.opens(headers, assistant="off", supervised=True)
    assert school.asks(headers).status_code == 200
    school.opens(headers, assistant="off", time_limit_seconds=60)
    assert school.asks(headers).status_code == 403
    school.clock.move(timedelta(seconds=71))
    assert school.asks(headers).status_code == 200
