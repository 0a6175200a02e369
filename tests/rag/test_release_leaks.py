"""Nothing of a locked lesson leaves the service, whatever route a learner without the key asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from api.routes import ROUTERS
from api.web import pages
from lms_core.kit.permissions import Role
from tests.factories.assessments import create_quiz, single
from tests.factories.assistant import ask, farm_course, installation
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from tests.factories.release import API, after_lesson, complete, opens, rule
from tests.serving import app_of
from workers.runtime import Runtime

SECRET = "top-bar hive is a long box"  # stands in the lesson that is locked, and nowhere else
ALSO_SECRET = ("wooden bars", "bees hang their combs", "Leave two combs", "when the bees are calm")
HIVE = "What is a top-bar hive?"
TANK = "What is a first-flush diverter?"


@dataclass(frozen=True)
class School:
    """A live installation with an indexed course whose third lesson waits for the first, and its quiz."""

    runtime: Runtime
    client: TestClient
    course: Made
    instructor: Person
    quiz: UUID
    teaching: dict[str, str]

    @property
    def bees(self) -> UUID:
        return self.course.lessons[2]

    def learner(self) -> dict[str, str]:
        """Somebody who has just joined."""
        headers = log_in(self.client, create_person(self.runtime.database))
        assert self.client.post(f"{API}/courses/{self.course.slug}/enroll", headers=headers).status_code == 200
        return headers

    def lock(self) -> None:
        made = rule(self.client, self.teaching, f"lessons/{self.bees}", after_lesson(self.course.lessons[0]))
        assert made.status_code == 200

    def unlock(self) -> None:
        assert rule(self.client, self.teaching, f"lessons/{self.bees}").status_code == 200


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    runtime = installation(tmp_path_factory.mktemp("locked"), run_jobs=True)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = farm_course(runtime.database, instructor)
    question = single("How long is a top-bar hive is a long box?")
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[question], lesson_id=course.lessons[2])
    runtime.start()
    with TestClient(app_of(runtime), raise_server_exceptions=False) as client:
        made = School(runtime, client, course, instructor, quiz.id, log_in(client, instructor))
        made.lock()
        yield made
    runtime.stop()


def _tells(text: str) -> bool:
    return any(each in text for each in (SECRET, *ALSO_SECRET))


def _paths(school: School, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every route that reads, with whatever of the locked lesson its address can name."""
    routers = (*ROUTERS, *pages.ROUTERS)
    for route in (route for router in routers for route in router.routes if isinstance(route, APIRoute)):
        prefix = API if route.include_in_schema else ""
        if "GET" in route.methods:
            path = route.path
            for name in route.param_convertors:
                path = path.replace(f"{{{name}}}", ids.get(name, ids["lesson_id"])).replace(
                    f"{{{name}:path}}", ids.get(name, "x")
                )
            yield route.path, f"{prefix}{path}"


def test_no_route_that_reads_tells_of_a_locked_lesson(school: School) -> None:
    headers = school.learner()
    asked = ask(school.client, school.course.slug, headers, HIVE)
    ids = {
        "lesson_id": str(school.bees),
        "course": school.course.slug,
        "slug": school.course.slug,
        "quiz_id": str(school.quiz),
        "module_id": str(school.course.modules[0]),
        "conversation_id": asked["conversation_id"],
        "answer_id": asked["id"],
        "number": "1",
        "part": "lesson",
        "part_id": str(school.bees),
    }
    paths = dict(_paths(school, ids))
    assert len(paths) > 80
    told = {}
    for route, path in paths.items():
        for accept in ("application/json", "text/html"):
            answer = school.client.get(path, headers=headers | {"accept": accept}, params={"q": HIVE})
            if _tells(answer.text):
                told[route] = answer.text[:300]
    assert not told
    assert _tells(school.client.get(f"{API}/lessons/{school.bees}", headers=school.teaching).text)


def test_the_assistant_answers_from_what_is_open(school: School) -> None:
    headers = school.learner()
    for question in (HIVE, "When is honey harvested?", "Tell me about bees", "Where do the combs of bees hang?"):
        for mode in ("answer", "explain", "hint", "summary"):
            answer = ask(school.client, school.course.slug, headers, question, mode=mode, lesson_id=str(school.bees))
            assert not _tells(str(answer)), (question, mode, answer)
            cited = {each["lesson_id"] for each in (*answer["citations"], *answer["suggestions"])}
            assert str(school.bees) not in cited
    tank = ask(school.client, school.course.slug, headers, TANK)
    assert tank["status"] == "answered" and "dirty water" in tank["answer"]
    assert "long box" in ask(school.client, school.course.slug, school.teaching, HIVE)["answer"]
    complete(school.client, headers, school.course.lessons[0])
    assert opens(school.client, headers, school.bees)
    assert "long box" in ask(school.client, school.course.slug, headers, HIVE)["answer"]


def test_what_was_answered_before_is_hidden_while_its_lesson_is_locked(school: School) -> None:
    headers = school.learner()
    school.unlock()
    try:
        before = ask(school.client, school.course.slug, headers, HIVE)
        assert _tells(before["answer"]) and before["citations"]
    finally:
        school.lock()
    conversation = f"{API}/conversations/{before['conversation_id']}"
    for path in (conversation, f"{API}/answers/{before['id']}", f"/conversations/{before['conversation_id']}"):
        answer = school.client.get(path, headers=headers)
        assert answer.status_code == 200 and not _tells(answer.text), path
    for after in (0, 1, 3):
        stream = school.client.get(f"{API}/answers/{before['id']}/stream", params={"after": after}, headers=headers)
        assert stream.status_code == 200 and not _tells(stream.text)
    shown = school.client.get(f"{API}/answers/{before['id']}", headers=headers).json()
    assert (shown["answer"], shown["citations"]) == ("", []) and shown["notes"][0]["code"] == "lesson_locked"
    follow_up = {"conversation_id": before["conversation_id"]}
    again = ask(school.client, school.course.slug, headers, "And what does it hold?", **follow_up)
    assert not _tells(str(again))
    complete(school.client, headers, school.course.lessons[0])
    assert _tells(school.client.get(conversation, headers=headers).text)


def test_a_quiz_beside_a_locked_lesson_waits_with_it(school: School) -> None:
    headers = school.learner()
    for method, path, body in (
        ("GET", f"quizzes/{school.quiz}", None),
        ("GET", f"quizzes/{school.quiz}/leaderboard", None),
        ("POST", "quiz-attempts", {"quiz_id": str(school.quiz)}),
    ):
        answer = school.client.request(method, f"{API}/{path}", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "lesson_locked"), path
    page = school.client.get(f"/quizzes/{school.quiz}", headers=headers | {"accept": "text/html"})
    assert page.url.path == f"/lessons/{school.bees}" and "Solar dryers" in page.text
    complete(school.client, headers, school.course.lessons[0])
    started = school.client.post(f"{API}/quiz-attempts", json={"quiz_id": str(school.quiz)}, headers=headers)
    assert started.status_code == 201
