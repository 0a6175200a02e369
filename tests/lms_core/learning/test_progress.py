"""How far somebody is: opened, completed, undone, in percent, and where to go on."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from lms_core.content.courses.schemas import LessonIn
from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, outline
from tests.factories.people import create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"


@pytest.fixture
def made(runtime: Runtime) -> Made:
    """A course of two modules with two and one lessons, the first of them in two languages."""
    modules = outline(2, 1)
    modules[0].lessons.append(
        LessonIn(title="Somo", body="Maji.", source_path="sw.md", language="sw", translation_of="m1/l1.md")
    )
    return create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR), modules=modules)


@pytest.fixture
def headers(runtime: Runtime, client: TestClient, made: Made) -> dict[str, str]:
    """The requests of a learner in the course."""
    found = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{made.slug}/enroll", headers=found)
    return found


def progress(client: TestClient, headers: dict[str, str], made: Made) -> dict[str, object]:
    """The course's progress as the API tells it."""
    answer = client.get(f"{API}/courses/{made.slug}/progress", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_from_nothing_to_everything(client: TestClient, headers: dict[str, str], made: Made) -> None:
    first, second, swahili, third = made.lessons
    start = progress(client, headers, made)
    assert (start["lessons"], start["percent"], start["resume_lesson_id"]) == (3, 0, str(first))
    done = client.put(f"{API}/lessons/{first}/complete", headers=headers).json()
    assert (done["course_percent"], done["course_completed"]) == (33, False)
    assert client.put(f"{API}/lessons/{first}/complete", headers=headers).json() == done
    half = progress(client, headers, made)
    assert [module["percent"] for module in half["modules"]] == [50, 0]
    assert half["resume_lesson_id"] == str(second)
    client.put(f"{API}/lessons/{second}/complete", headers=headers)
    last = client.put(f"{API}/lessons/{third}/complete", headers=headers).json()
    assert (last["course_percent"], last["course_completed"]) == (100, True)
    mine = client.get(f"{API}/my-courses", headers=headers).json()["items"]
    assert [(each["course"]["slug"], each["percent"], each["completed"]) for each in mine] == [(made.slug, 100, 3)]
    undone = client.delete(f"{API}/lessons/{second}/complete", headers=headers).json()
    assert (undone["course_percent"], undone["lesson"]["state"]) == (66, "opened")
    assert progress(client, headers, made)["resume_lesson_id"] == str(second)
    assert str(swahili) not in progress(client, headers, made)["lesson_states"]


def test_a_translation_counts_as_its_original(client: TestClient, headers: dict[str, str], made: Made) -> None:
    done = client.put(f"{API}/lessons/{made.lessons[2]}/complete", headers=headers).json()
    assert (done["lesson"]["lesson_id"], done["course_percent"]) == (str(made.lessons[0]), 33)


def test_resuming_goes_to_the_lesson_left_open_and_its_place(
    client: TestClient, headers: dict[str, str], made: Made, clock: MovingClock
) -> None:
    client.put(f"{API}/lessons/{made.lessons[0]}/complete", headers=headers)
    clock.move(timedelta(minutes=5))
    place = {"percent": 40, "anchor": "higher-up"}
    noted = client.put(f"{API}/lessons/{made.lessons[3]}/position", headers=headers, json=place)
    assert noted.json()["percent"] == 40
    found = progress(client, headers, made)
    assert (found["resume_lesson_id"], found["resume_anchor"]) == (str(made.lessons[3]), "higher-up")
    mine = client.get(f"{API}/my-courses", headers=headers).json()["items"][0]
    assert mine["last_lesson_id"] == str(made.lessons[3])


@pytest.mark.parametrize("position", [{"percent": 101}, {"percent": -1}, {"anchor": "a\u0000"}, {"percent": "x"}])
def test_impossible_positions_are_refused(
    client: TestClient, headers: dict[str, str], made: Made, position: dict[str, object]
) -> None:
    answer = client.put(f"{API}/lessons/{made.lessons[0]}/position", headers=headers, json=position)
    assert answer.status_code == 422


def test_progress_is_ones_own_and_for_those_inside(
    runtime: Runtime, client: TestClient, headers: dict[str, str], made: Made
) -> None:
    client.put(f"{API}/lessons/{made.lessons[0]}/complete", headers=headers)
    other = log_in(client, create_person(runtime.database))
    assert client.get(f"{API}/courses/{made.slug}/progress", headers=other).status_code == 404
    assert client.put(f"{API}/lessons/{made.lessons[0]}/complete", headers=other).status_code == 404
    client.post(f"{API}/courses/{made.slug}/enroll", headers=other)
    assert progress(client, other, made)["percent"] == 0
    assert client.get(f"{API}/my-courses").status_code == 401
