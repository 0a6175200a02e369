"""Reading all day: what is kept in the process is never stale, a request takes one thread, and none waits for ever."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import event

from api.web.rendering import environment
from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.courses import Made, create_course, outline, statements
from tests.factories.people import create_person, log_in
from tests.serving import app_of
from workers import runtime as runtimes
from workers.runtime import Runtime

API = "/api/v1"
READERS = 24


@dataclass(frozen=True)
class School:
    """A course that a teacher changes while a learner, who has read all of it, reads on. The clock stands still."""

    client: TestClient
    teacher: dict[str, str]
    learner: dict[str, str]
    course: Made

    def change(self, method: str, path: str, body: object = None) -> Response:
        answer = self.client.request(method, f"{API}/{path}", headers=self.teacher, json=body)
        assert answer.status_code < 300, answer.text
        return answer

    def read(self) -> str:
        """All that shows the course: catalogue, course and lessons, as pages and as JSON."""
        paths = ["/", f"/courses/{self.course.slug}", *(f"/lessons/{each}" for each in self.course.lessons)]
        paths += [f"{API}/courses", f"{API}/courses/{self.course.slug}", f"{API}/courses/{self.course.slug}/progress"]
        paths += [f"{API}/lessons/{each}" for each in self.course.lessons]
        return "\n".join(self.client.get(path, headers=self.learner).text for path in paths)

    def edit(self, place: int, **changed: str) -> None:
        path = f"lessons/{self.course.lessons[place]}"
        version = self.change("GET", f"{path}/source").json()["version"]
        self.change("PUT", path, {"base_version": version, **changed})


@pytest.fixture
def school(runtime: Runtime, client: TestClient) -> School:
    person = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, person, title="Heat", summary="Of warmth.", modules=outline(2, 2))
    teacher, learner = log_in(client, person), log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{course.slug}/enroll", headers=learner)
    made = School(client, teacher, learner, course)
    made.read()
    return made


def _rename(school: School) -> None:
    school.change("PATCH", f"courses/{school.course.slug}", {"title": "Quartz", "tags": ["Quartz"]})


def _reword(school: School) -> None:
    school.edit(1, body="Quartz is hard.")


def _retitle(school: School) -> None:
    school.edit(2, title="Quartz")


def _add(school: School) -> None:
    added = {"module_id": str(school.course.modules[0]), "title": "Quartz", "body": "Hard."}
    school.change("POST", f"courses/{school.course.slug}/lessons", added)


def _rename_module(school: School) -> None:
    school.change("PATCH", f"courses/{school.course.slug}/modules/{school.course.modules[1]}", {"title": "Quartz"})


@pytest.mark.parametrize("change", [_rename, _reword, _retitle, _add, _rename_module])
def test_a_change_is_read_at_once(school: School, change: Callable[[School], None]) -> None:
    assert "Quartz" not in school.read()
    change(school)
    assert "Quartz" in school.read()


def test_the_second_of_two_changes_in_a_moment_is_read_too(school: School) -> None:
    for word in ("Quartz", "Basalt", "Marble"):
        school.edit(0, title=word)
        assert word in school.read()
    assert "Quartz" not in school.read()
    revisions = [
        school.change("PATCH", f"courses/{school.course.slug}", {"summary": word}).json()["updated_at"] for word in "ab"
    ]
    assert revisions[0] < revisions[1]


def test_what_is_hidden_or_gone_is_hidden_at_once(school: School) -> None:
    assert "Lesson 1.2" in school.read() and "Lesson 2.1" in school.read()
    school.edit(1, status="draft")
    school.change("DELETE", f"lessons/{school.course.lessons[2]}")
    after = school.read()
    assert "Lesson 1.2" not in after and "Lesson 2.1" not in after
    for place in (1, 2):
        refused = school.client.get(f"{API}/lessons/{school.course.lessons[place]}", headers=school.learner)
        assert refused.status_code == 404


def test_an_order_is_read_at_once(school: School) -> None:
    first, second, *_ = school.course.lessons
    place = {"module_id": str(school.course.modules[0]), "position": 1}
    school.change("PUT", f"lessons/{first}/place", place)
    page = school.client.get(f"/courses/{school.course.slug}", headers=school.learner).text
    assert page.index(str(second)) < page.index(f"/lessons/{first}")


def test_an_archived_course_leaves_the_catalogue_at_once(school: School) -> None:
    visitor = TestClient(school.client.app, raise_server_exceptions=False)
    assert visitor.get(f"/courses/{school.course.slug}").status_code == 200
    school.change("POST", f"courses/{school.course.slug}/archive")
    assert school.course.slug not in school.client.get("/").text
    assert visitor.get(f"/courses/{school.course.slug}").status_code == 404
    assert visitor.get(f"{API}/courses/{school.course.slug}").status_code == 404
    school.change("POST", f"courses/{school.course.slug}/publish")
    assert visitor.get(f"/courses/{school.course.slug}").status_code == 200


def test_one_readers_marks_are_not_anothers(school: School, runtime: Runtime) -> None:
    other = log_in(school.client, create_person(runtime.database))
    school.client.post(f"{API}/courses/{school.course.slug}/enroll", headers=other)
    school.client.put(f"{API}/lessons/{school.course.lessons[0]}/complete", headers=school.learner)
    path = f"/courses/{school.course.slug}"
    assert "tick done" in school.client.get(path, headers=school.learner).text
    assert "tick done" not in school.client.get(path, headers=other).text
    locked = school.client.get(path, headers=log_in(school.client, create_person(runtime.database))).text
    assert f"/lessons/{school.course.lessons[0]}" not in locked


def test_a_known_page_is_few_statements(school: School, runtime: Runtime) -> None:
    lesson = school.course.lessons[0]
    for path, most in (("/", 5), (f"/courses/{school.course.slug}", 8), (f"/lessons/{lesson}", 6)):
        school.client.get(path, headers=school.learner)
        with statements(runtime.database) as sent:
            assert school.client.get(path, headers=school.learner).status_code == 200
        assert len(sent) <= most, "\n".join(sent)


def test_a_request_is_the_work_of_one_thread(school: School, runtime: Runtime) -> None:
    threads: list[int] = []

    def note(*_: object) -> None:
        threads.append(threading.get_ident())

    engine = runtime.database.engine
    watched = ("before_cursor_execute", "checkout", "checkin")
    for name in watched:
        event.listen(engine, name, note)
    try:
        assert school.client.get(f"/courses/{school.course.slug}", headers=school.learner).status_code == 200
    finally:
        for name in watched:
            event.remove(engine, name, note)
    assert len(threads) >= 5
    assert len(set(threads)) == 1


@pytest.fixture
def narrow(settings: Settings, clock: MovingClock) -> Iterator[Runtime]:
    """An installation with two database connections."""
    built = runtimes.build(settings.model_copy(update={"database_pool": 1}), clock=clock, run_jobs=False)
    yield built
    built.stop()


def test_more_readers_than_connections_are_all_answered(narrow: Runtime) -> None:
    create_course(narrow.database, create_person(narrow.database, role=Role.INSTRUCTOR))
    transport = httpx.ASGITransport(app_of(narrow))

    async def read_at_once() -> list[Response]:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as reader:
            return await asyncio.gather(*(reader.get(path) for path in ["/", f"{API}/courses"] * (READERS // 2)))

    answers = asyncio.run(read_at_once())  # one that waits 30 seconds for a connection is refused
    assert [answer.status_code for answer in answers] == [200] * READERS


def test_phrases_in_templates_are_what_the_catalogue_says() -> None:
    source = '{{ _("Courses") }}|{{ _("Log in") if yes else _("Log out") }}|{{ _("%(minutes)s min", minutes=5) }}'
    shown = {language: environment(language).from_string(source).render(yes=True) for language in ("en", "sw")}
    assert shown["en"] == "Courses|Log in|5 min"
    assert shown["sw"].split("|")[0] == environment("sw").phrases.gettext("Courses") != "Courses"  # type: ignore[attr-defined]
    assert environment("en").from_string('{{ _("a & b") }}{{ "a & b" }}').render() == "a & ba &amp; b"
