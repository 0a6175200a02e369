"""The slices of learning together: work handed in and marked opens lessons, completes them, and reaches the grades."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient

from lms_core.content.media.models import MediaItem, MediaKind, MediaState
from lms_core.kit.clock import MovingClock
from tests.factories.assessments import enrol
from tests.factories.assignments import hand_in, make, mark, read, release
from tests.factories.courses import Made, create_course, outline
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.factories.release import API, Headers, after_lesson, complete, opens, rule
from tests.lms_core.learning.grading import opened
from workers.runtime import Runtime


def test_an_assignment_completes_its_lesson_and_opens_the_next(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    first, second, third = course.lessons[:3]
    work = make(client, teaching, course, lesson_id=str(first), points=20)
    asked = {"submitted_id": work["id"]}
    assert client.put(f"{API}/lessons/{first}/completion", json=asked, headers=teaching).status_code == 200
    assert rule(client, teaching, f"lessons/{second}", after_lesson(first)).status_code == 200
    scored = {"kind": "score", "result_id": work["id"], "percent": 70}
    assert rule(client, teaching, f"lessons/{third}", scored).status_code == 200
    assert (opens(client, headers, second), opens(client, headers, third)) == (False, False)
    one = hand_in(client, work, headers)
    assert (opens(client, headers, second), opens(client, headers, third)) == (True, False)
    assert mark(client, one, teaching, points=15).status_code == 200
    assert not opens(client, headers, third), "a mark that is not released opens nothing"
    assert release(client, one, teaching).status_code == 200
    assert opens(client, headers, third)


def test_an_assignment_beside_a_locked_lesson_waits_with_it(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers
) -> None:
    first, second = course.lessons[:2]
    work = make(client, teaching, course, lesson_id=str(second))
    rule(client, teaching, f"lessons/{second}", after_lesson(first))
    refused = client.get(f"{API}/assignments/{work['id']}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "lesson_locked")
    draft = client.put(
        f"{API}/assignments/{work['id']}/submission", json={"text": "x", "base_revision": 0}, headers=headers
    )
    assert draft.status_code == 403
    assert read(client, work, teaching)["id"] == work["id"]
    outsider = log_in(client, create_person(runtime.database))
    assert client.get(f"{API}/assignments/{work['id']}", headers=outsider).status_code == 404
    complete(client, headers, first)
    assert read(client, work, headers)["id"] == work["id"]


def test_what_waited_for_a_deleted_assignment_waits_no_longer(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    work = make(client, teaching, course)
    scored = {"kind": "score", "result_id": work["id"], "percent": 70}
    rule(client, teaching, f"lessons/{course.lessons[0]}", scored)
    assert not opens(client, headers, course.lessons[0])
    assert client.delete(f"{API}/assignments/{work['id']}", headers=teaching).status_code == 204
    assert opens(client, headers, course.lessons[0])


def test_released_marks_reach_the_gradebook_and_change_with_it(
    client: TestClient, drain: Callable[[], int], course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    work = make(client, teaching, course, points=20)
    drain()
    (column,) = opened(client, course, teaching)["columns"]
    assert (column["title"], column["kind"]) == ("Why water boils", "assignment")
    one = hand_in(client, work, headers)
    mark(client, one, teaching, points=15)
    drain()
    assert _earned(client, course, teaching, learner) is None, "not before it is released"
    release(client, one, teaching)
    drain()
    assert _earned(client, course, teaching, learner) == 15
    mark(client, one, teaching, points=18)
    drain()
    assert _earned(client, course, teaching, learner) == 18
    mine = client.get(f"{API}/courses/{course.slug}/my-grades", headers=headers).json()
    assert [each["title"] for each in mine["columns"]] == ["Why water boils"]


def _earned(client: TestClient, course: Made, teaching: Headers, learner: Person) -> float | None:
    """What stands in the one column for the learner."""
    book = opened(client, course, teaching)
    (row,) = [each for each in book["rows"] if each["user_id"] == str(learner.id)]
    cells = [each["points"] for each in row["cells"]]
    return cells[0] if cells else None


def test_a_film_of_a_locked_lesson_stays_shut_and_completes_its_own(
    client: TestClient, runtime: Runtime, drain: Callable[[], int], clock: MovingClock, instructor: Person
) -> None:
    made = create_course(runtime.database, instructor, modules=outline(1, 1, body="# Heat\n\n![Heat](video:heat)\n"))
    with runtime.database.write(actor_of(runtime.database, instructor)) as ctx:
        about = {"kind": MediaKind.FILM, "media_type": "video/mp4", "size": 1, "state": MediaState.READY}
        ctx.add(MediaItem(course_id=made.id, name="heat", seconds=10.0, created_at=ctx.now, **about))
    teaching = log_in(client, instructor)
    headers = log_in(client, enrol(runtime.database, create_person(runtime.database), made.id))
    address = f"{API}/courses/{made.slug}/videos/heat"
    lesson = made.lessons[0]
    client.put(f"{API}/lessons/{lesson}/completion", json={"video_percent": 90}, headers=teaching)
    assert client.get(address, headers=headers).status_code == 200
    for each in made.lessons:
        date = {"kind": "date", "at": (clock.now() + timedelta(days=1)).isoformat()}
        assert rule(client, teaching, f"lessons/{each}", date).status_code == 200
    for path in ("", "/captions/en"):
        refused = client.get(f"{address}{path}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "lesson_locked")
    watched = {"position": 10, "watched": [(0, 10)]}
    told = client.put(f"{API}/lessons/{lesson}/videos/heat/progress", json=watched, headers=headers)
    assert told.status_code == 403
    clock.move(timedelta(days=2))
    headers = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{made.slug}/enroll", headers=headers)
    assert client.get(address, headers=headers).status_code == 200
    told = client.put(f"{API}/lessons/{lesson}/videos/heat/progress", json=watched, headers=headers)
    assert told.json()["percent"] == 100
    drain()
    progress = client.get(f"{API}/courses/{made.slug}/progress", headers=headers).json()
    assert progress["percent"] == 50
