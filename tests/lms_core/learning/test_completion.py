"""When a lesson is complete: opened, read long enough, watched, passed, or its learner's word; and days of learning."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.ids import new_id
from lms_core.learning.viewing.events import VideoWatched
from tests.factories.assessments import create_quiz, enrol, pass_it, single
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from tests.factories.release import API, complete, opens, rule
from workers.runtime import Runtime

Headers = dict[str, str]


def _completion(client: TestClient, teaching: Headers, lesson: object, **asked: object) -> None:
    answer = client.put(f"{API}/lessons/{lesson}/completion", json=asked, headers=teaching)
    assert answer.status_code == 200, answer.text


def _beat(client: TestClient, headers: Headers, lesson: object, *, begins: bool = False) -> dict[str, object]:
    answer = client.post(f"{API}/lessons/{lesson}/heartbeat", json={"begins": begins}, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _percent(client: TestClient, headers: Headers, course: Made) -> int:
    return int(client.get(f"{API}/courses/{course.slug}/progress", headers=headers).json()["percent"])


def test_a_lesson_that_is_complete_when_opened(
    client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second = course.lessons[:2]
    _completion(client, teaching, first, viewed=True)
    rule(client, teaching, f"lessons/{second}", {"kind": "lesson", "lesson_id": str(first)})
    assert not opens(client, headers, second)
    seen = client.put(f"{API}/lessons/{first}/position", json={"percent": 10}, headers=headers).json()
    assert seen["state"] == "completed"
    assert opens(client, headers, second) and _percent(client, headers, course) == 25


def test_active_time_is_counted_by_the_server(
    client: TestClient, clock: MovingClock, teaching: Headers, learner: Person, headers: Headers, course: Made
) -> None:
    first, second = course.lessons[:2]
    _completion(client, teaching, first, minutes=2)
    refused = client.put(f"{API}/lessons/{first}/complete", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_done_yet")
    assert [(each["kind"], each["goal"]) for each in refused.json()["requirements"]] == [("minutes", 2)]
    page = client.get(f"/lessons/{first}", headers=headers | {"accept": "text/html"}).text
    assert "Read for 2 minutes" in page and "Mark as completed" not in page
    assert _beat(client, headers, first, begins=True)["active_seconds"] == 0
    for _ in range(100):  # as fast as one likes: no time, no seconds
        _beat(client, headers, first)
    clock.move(timedelta(seconds=30))
    assert _beat(client, headers, first)["active_seconds"] == 30
    _beat(client, headers, second)
    clock.move(timedelta(seconds=30))
    _beat(client, headers, second)  # another tab: the same half minute counts once
    assert _beat(client, headers, first)["active_seconds"] == 30
    clock.move(timedelta(hours=1))
    headers = log_in(client, learner)
    assert _beat(client, headers, first)["active_seconds"] == 30  # a page left open and forgotten
    clock.move(timedelta(seconds=40))
    assert _beat(client, headers, first, begins=True)["active_seconds"] == 30  # it was out of sight
    for _ in range(2):
        clock.move(timedelta(seconds=45))
        reading = _beat(client, headers, first)
    assert reading["completed"] is True and reading["active_seconds"] == 120
    week = client.get(f"{API}/my-week", headers=headers).json()
    assert (week["minutes"], week["lessons"], week["questions"]) == (2, 1, 0)
    assert week["days"][0]["day"] == clock.now().date().isoformat()


def test_several_things_together_and_the_learners_word(
    runtime: Runtime,
    client: TestClient,
    drain: Callable[[], int],
    instructor: Person,
    learner: Person,
    teaching: Headers,
    headers: Headers,
    course: Made,
) -> None:
    first = course.lessons[0]
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], lesson_id=first)
    _completion(client, teaching, first, by_learner=True, video_percent=90, passed_id=str(quiz.id))
    said = complete(client, headers, first)
    assert said["lesson"]["state"] == "opened"
    assert {each["kind"]: each["met"] for each in said["requirements"]} == {
        "by_learner": True,
        "video_percent": False,
        "passed": False,
    }
    for percent in (95, 20):  # less than before changes nothing
        with runtime.database.write(system_actor(learner.tenant_id)) as ctx:
            about = {"user_id": learner.id, "course_id": course.id, "lesson_id": first, "item_id": new_id()}
            ctx.emit(VideoWatched(**about, percent=percent))
        drain()
        seen = client.post(f"{API}/lessons/{first}/heartbeat", json={"begins": True}, headers=headers).json()
        assert seen["completed"] is False and seen["requirements"][1]["reached"] == 95
    failed = pass_it(client, quiz, headers, right=False)
    assert _percent(client, headers, course) == 0
    passed = pass_it(client, quiz, headers)
    assert _percent(client, headers, course) == 25
    client.put(f"{API}/quiz-attempts/{passed['id']}/void", json={"reason": "copied"}, headers=teaching)
    assert _percent(client, headers, course) == 0
    client.delete(f"{API}/quiz-attempts/{passed['id']}/void", headers=teaching)
    assert _percent(client, headers, course) == 25 and failed["status"] == "graded"


def test_optional_lessons_do_not_hold_a_course_up(
    client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, *rest = course.lessons
    _completion(client, teaching, first, optional=True)
    results = [complete(client, headers, lesson) for lesson in rest]
    assert [each["course_percent"] for each in results] == [33, 66, 100]
    assert results[-1]["course_completed"] is True
    mine = client.get(f"{API}/my-courses", headers=headers).json()["items"][0]
    assert (mine["percent"], mine["completed"]) == (100, 3)
    assert complete(client, headers, first)["course_percent"] == 100


def test_where_one_left_off_across_courses(
    client: TestClient, clock: MovingClock, headers: Headers, course: Made
) -> None:
    nothing = client.get(f"{API}/my-courses/resume", headers=headers)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "nothing_begun")
    client.put(f"{API}/lessons/{course.lessons[2]}/position", json={"percent": 40, "anchor": "up"}, headers=headers)
    found = client.get(f"{API}/my-courses/resume", headers=headers).json()
    assert (found["lesson_id"], found["anchor"]) == (str(course.lessons[2]), "up")
    page = client.get("/my-courses", headers=headers | {"accept": "text/html"}).text
    assert "Go on where you left off" in page and f"/lessons/{course.lessons[2]}#up" in page


def test_a_heartbeat_is_for_readers_only(
    runtime: Runtime, client: TestClient, teaching: Headers, headers: Headers, course: Made
) -> None:
    first, second = course.lessons[:2]
    outside = log_in(client, create_person(runtime.database))
    rule(client, teaching, f"lessons/{second}", {"kind": "lesson", "lesson_id": str(first)})
    for method, path, body in (
        ("POST", "heartbeat", {"begins": False}),
        ("PUT", "position", {"percent": 100}),
        ("PUT", "complete", None),
        ("DELETE", "complete", None),
    ):
        for who, status in ((outside, 404), (headers, 403)):
            answer = client.request(method, f"{API}/lessons/{second}/{path}", json=body, headers=who)
            assert answer.status_code == status, (path, answer.text)


@pytest.fixture
def cohort(runtime: Runtime, client: TestClient, clock: MovingClock, teaching: Headers, course: Made) -> str:
    """A cohort that takes ten days from today."""
    days = {"starts_on": clock.now().date(), "ends_on": (clock.now() + timedelta(days=9)).date()}
    given = {"name": "May"} | {name: day.isoformat() for name, day in days.items()}
    return str(client.post(f"{API}/courses/{course.slug}/cohorts", json=given, headers=teaching).json()["id"])


def test_who_may_need_help_and_why(
    runtime: Runtime,
    client: TestClient,
    clock: MovingClock,
    instructor: Person,
    teaching: Headers,
    learner: Person,
    cohort: str,
    course: Made,
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    people = {
        name: enrol(runtime.database, create_person(runtime.database, full_name=name), course.id) for name in "BC"
    }
    members = {"emails": [learner.email, people["B"].email]}
    client.post(f"{API}/cohorts/{cohort}/members", json=members, headers=teaching)
    clock.move(timedelta(days=1))
    assert _listed(client, instructor, course)["total"] == 0
    clock.move(timedelta(days=7))
    pass_it(client, quiz, log_in(client, learner), right=False)
    busy = log_in(client, people["B"])
    for lesson in course.lessons[:3]:
        complete(client, busy, lesson)
    found = _listed(client, instructor, course)
    reasons = {each["name"]: [risk["kind"] for risk in each["risks"]] for each in found["items"]}
    assert reasons == {learner.full_name: ["inactive", "behind", "failing"], "C": ["inactive"]}
    first = found["items"][0]
    assert first["risks"][0]["days"] == 8 and first["risks"][1]["expected"] >= 75
    assert first["risks"][2]["result_ids"] == [str(quiz.id)] and found["learners"] == 3
    page = client.get(
        f"/teach/courses/{course.slug}/at-risk", headers=log_in(client, instructor) | {"accept": "text/html"}
    )
    assert "no sign for 8 days" in page.text and "Water" in page.text
    before = _statements(runtime, client, instructor, course)
    for _ in range(10):
        enrol(runtime.database, create_person(runtime.database), course.id)
    assert _statements(runtime, client, instructor, course) == before


def _listed(client: TestClient, instructor: Person, course: Made) -> dict[str, object] | object:
    answer = client.get(f"{API}/courses/{course.slug}/at-risk", headers=log_in(client, instructor))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _statements(runtime: Runtime, client: TestClient, instructor: Person, course: Made) -> int:
    headers = log_in(client, instructor)
    client.get(f"{API}/courses/{course.slug}/at-risk", headers=headers)
    with statements(runtime.database) as sent:
        assert client.get(f"{API}/courses/{course.slug}/at-risk", headers=headers).status_code == 200
    return len(sent)
