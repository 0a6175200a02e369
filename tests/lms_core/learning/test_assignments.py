"""Assignments over HTTP: made, opened and closed, written, handed in; and everybody who may not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.files.models import Asset
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.conftest import START
from tests.factories.assessments import enrol
from tests.factories.assignments import (
    API,
    ESSAY,
    RUBRIC,
    Headers,
    hand_in,
    make,
    mark,
    put_file,
    read,
    release,
    scheme,
    submit,
    write,
)
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

STEP, DAY = timedelta(minutes=2), timedelta(days=1)  # a login lasts 15 minutes
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def at(moment: timedelta) -> str:
    """A moment after the test's beginning, as JSON carries it."""
    return (START + moment).isoformat()


def code(answer: Any) -> str:
    """The code of a refusal."""
    return str(answer.json()["code"])


def test_a_draft_is_its_writers_alone_until_it_is_handed_in(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(client, teaching, course)
    saved = write(client, made, headers).json()
    draft = saved["draft"]
    assert (draft["number"], draft["status"], draft["revision"], draft["text"]) == (1, "draft", 1, ESSAY)
    assert client.get(f"{API}/submissions/{draft['id']}", headers=teaching).status_code == 404
    listed = client.get(f"{API}/assignments/{made['id']}/submissions", headers=teaching).json()
    assert listed["items"] == []
    done = submit(client, made, headers).json()
    assert done["draft"] is None and done["attempts_left"] == 0 and done["refusal"] == "no_submissions_left"
    (one,) = done["submissions"]
    assert (one["status"], one["days_late"], one["mark"], len(one["receipt"])) == ("submitted", 0, None, 16)
    (row,) = client.get(f"{API}/assignments/{made['id']}/submissions", headers=teaching).json()["items"]
    assert (row["id"], row["owner"], row["marked"]) == (one["id"], "Amina Wanjiru", False)
    sheet = client.get(f"{API}/submissions/{one['id']}", headers=teaching).json()
    assert sheet["text"] == ESSAY


def test_handing_in_twice_is_once(client: TestClient, course: Made, teaching: Headers, headers: Headers) -> None:
    made = make(client, teaching, course, attempts_allowed=2)
    first = hand_in(client, made, headers)
    again = submit(client, made, headers, 1)
    assert again.status_code == 200
    assert [each["receipt"] for each in again.json()["submissions"]] == [first["receipt"]]
    assert code(submit(client, made, headers, 2)) == "submission_empty"
    second = hand_in(client, made, headers, "Better: pressure decides.")
    assert second["number"] == 2
    assert code(write(client, made, headers, "A third one")) == "no_submissions_left"
    (row,) = client.get(f"{API}/assignments/{made['id']}/submissions", headers=teaching).json()["items"]
    assert row["id"] == second["id"]
    sheet = client.get(f"{API}/submissions/{second['id']}", headers=teaching).json()
    assert sheet["earlier"] == [first["id"]]


def test_two_tabs_do_not_overwrite_each_other(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(client, teaching, course)
    address = f"{API}/assignments/{made['id']}/submission"
    assert client.put(address, json={"text": "one", "base_revision": 0}, headers=headers).status_code == 200
    refused = client.put(address, json={"text": "two", "base_revision": 0}, headers=headers)
    assert (refused.status_code, code(refused), refused.json()["current_revision"]) == (409, "submission_changed", 1)
    same = client.put(address, json={"text": "one", "base_revision": 0}, headers=headers)
    assert same.status_code == 200 and same.json()["draft"]["revision"] == 1


def test_dates_open_and_close_it(
    client: TestClient, course: Made, teaching: Headers, headers: Headers, clock: MovingClock
) -> None:
    made = make(client, teaching, course, opens_at=at(STEP), due_at=at(2 * STEP), cutoff_at=at(3 * STEP))
    assert code(write(client, made, headers)) == "assignment_not_open"
    clock.move(STEP)
    assert write(client, made, headers).status_code == 200
    clock.move(timedelta(minutes=3))
    assert read(client, made, headers)["refusal"] is None
    clock.move(STEP)
    assert (code(submit(client, made, headers)), code(write(client, made, headers, "late"))) == (
        "submission_closed",
        "submission_closed",
    )
    assert read(client, made, headers)["refusal"] == "submission_closed"


def test_work_may_be_refused_once_it_is_due(
    client: TestClient, course: Made, teaching: Headers, headers: Headers, clock: MovingClock
) -> None:
    made = make(client, teaching, course, due_at=at(STEP), late_rule="refuse")
    write(client, made, headers)
    clock.move(2 * STEP)
    assert code(submit(client, made, headers)) == "submission_closed"


def test_an_extension_opens_it_again_and_takes_the_penalty_back(
    client: TestClient,
    course: Made,
    teaching: Headers,
    headers: Headers,
    clock: MovingClock,
    learner: Person,
) -> None:
    rules = {"due_at": at(STEP), "cutoff_at": at(DAY), "late_rule": "percent", "late_percent": 10}
    made = make(client, teaching, course, **rules)
    clock.move(2 * STEP)
    one = hand_in(client, made, headers)
    assert one["days_late"] == 1
    given = mark(client, one, teaching, points=80)
    assert (given.json()["earned"], given.json()["kept_percent"], given.json()["points"]) == (80, 90, 72)
    release(client, one, teaching)
    address = f"{API}/assignments/{made['id']}/extensions"
    extension = {"email": learner.email, "due_at": at(2 * DAY), "reason": "Ill"}
    assert client.put(address, json=extension, headers=headers).status_code == 403
    assert client.put(address, json=extension | {"email": "no@example.org"}, headers=teaching).status_code == 422
    assert client.put(address, json=extension, headers=teaching).status_code == 200
    seen = read(client, made, headers)
    assert seen["extended"] and seen["submissions"][0]["mark"]["points"] == 80
    assert [each["user_name"] for each in client.get(address, headers=teaching).json()] == ["Amina Wanjiru"]
    assert client.delete(f"{address}/{learner.id}", headers=teaching).status_code == 204
    assert read(client, made, headers)["submissions"][0]["mark"]["points"] == 72


def test_rules_that_contradict_themselves_are_refused(client: TestClient, course: Made, teaching: Headers) -> None:
    address = f"{API}/courses/{course.slug}/assignments"
    for wrong in (
        {"opens_at": at(2 * STEP), "due_at": at(STEP)},
        {"takes_text": False},
        {"late_rule": "percent"},
        {"grouped": True, "reviews": 2},
        {"points": 0},
        {"due_at": "0001-01-01T00:00:00+14:00"},
        {"lesson_id": str(course.id)},
    ):
        assert client.post(address, json={"title": "X", **wrong}, headers=teaching).status_code == 422, wrong
    foreign = {"title": "X", "scheme_id": str(course.id)}
    assert code(client.post(address, json=foreign, headers=teaching)) == "scheme_not_found"


def test_what_learners_began_is_not_deleted(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made, empty = make(client, teaching, course), make(client, teaching, course, title="Unused")
    write(client, made, headers)
    assert code(client.delete(f"{API}/assignments/{made['id']}", headers=teaching)) == "assignment_in_use"
    given = {"title": "Now in groups", "grouped": True}
    assert code(client.put(f"{API}/assignments/{made['id']}", json=given, headers=teaching)) == "assignment_in_use"
    assert client.delete(f"{API}/assignments/{empty['id']}", headers=teaching).status_code == 204
    client.post(f"{API}/assignments/{made['id']}/unpublish", headers=teaching)
    assert client.get(f"{API}/assignments/{made['id']}", headers=headers).status_code == 404


def test_files_are_what_their_bytes_say_and_only_downloads(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(client, teaching, course, takes_files=True, files_allowed=2, file_megabytes=1)
    assert put_file(client, made, headers, SVG, "../../drawing.svg").status_code == 201
    kept = put_file(client, made, headers, b"<html><script>alert(1)</script>", "page.html").json()["draft"]["files"]
    assert [(each["name"], each["media_type"]) for each in kept] == [
        ("drawing.svg", "image/svg+xml"),
        ("page.html", "text/html"),
    ]
    assert code(put_file(client, made, headers, b"third", "third.txt")) == "file_refused"
    assert put_file(client, made, headers, b"<html>new", "page.html").status_code == 201
    too_large = put_file(client, made, headers, b"x" * (1024 * 1024 + 1), "page.html")
    assert (too_large.status_code, code(too_large)) == (413, "file_too_large")
    one = submit(client, made, headers).json()["submissions"][0]
    for file in one["files"]:
        got = client.get(f"{API}/submission-files/{file['id']}", headers=teaching)
        assert got.headers["content-disposition"].startswith("attachment;")
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in got.headers["content-security-policy"]
    assert got.content == b"<html>new"


def test_kinds_are_checked_against_the_content(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(client, teaching, course, takes_text=False, takes_files=True, file_kinds=["pdf", "image"])
    assert put_file(client, made, headers, PNG, "photo.png").status_code == 201
    assert code(put_file(client, made, headers, SVG, "photo.png")) == "file_refused"
    assert code(put_file(client, made, headers, b"MZ\0\0", "essay.pdf")) == "file_refused"
    assert write(client, made, headers, "words").status_code == 422
    file = read(client, made, headers)["draft"]["files"][0]
    address = f"{API}/assignments/{made['id']}/submission/files/{file['id']}"
    assert client.delete(address, headers=headers).status_code == 204
    assert code(client.delete(address, headers=headers)) == "submission_not_found"
    assert code(submit(client, made, headers)) == "submission_empty"


def test_five_megabytes_of_text_are_refused(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(client, teaching, course)
    address = f"{API}/assignments/{made['id']}/submission"
    for size, status in ((200_001, 422), (5_000_000, 413)):
        given = {"text": "a" * size, "base_revision": 0}
        assert client.put(address, json=given, headers=headers).status_code == status
    assert write(client, made, headers, "a" * 200_000).status_code == 200


def test_outsiders_find_nothing_and_learners_nothing_of_others(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers
) -> None:
    chosen = scheme(client, teaching, course, RUBRIC)
    made = make(client, teaching, course, takes_files=True, scheme_id=chosen["id"])
    draft = put_file(client, made, headers, b"mine").json()["draft"]
    file = draft["files"][0]
    assert client.get(f"{API}/submission-files/{file['id']}", headers=teaching).status_code == 404, "still a draft"
    one = hand_in(client, made, headers)
    mate = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    stranger = log_in(client, create_person(runtime.database))
    other = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    aid, sid = made["id"], one["id"]
    own = [
        ("get", f"/submission-files/{file['id']}", None),
        ("delete", f"/assignments/{aid}/submission/files/{file['id']}", None),
    ]
    taking = [
        ("get", f"/assignments/{aid}", None),
        ("put", f"/assignments/{aid}/submission", {"text": "x", "base_revision": 0}),
        ("post", f"/assignments/{aid}/submission/submit", {"number": 1}),
    ]
    teaching_routes = [
        ("get", f"/assignments/{aid}/source", None),
        ("put", f"/assignments/{aid}", {"title": "Taken over"}),
        ("post", f"/assignments/{aid}/publish", None),
        ("post", f"/assignments/{aid}/unpublish", None),
        ("delete", f"/assignments/{aid}", None),
        ("get", f"/assignments/{aid}/extensions", None),
        ("get", f"/assignments/{aid}/groups", None),
        ("post", f"/assignments/{aid}/groups", {"name": "Us"}),
        ("get", f"/assignments/{aid}/submissions", None),
        ("get", f"/submissions/{sid}", None),
        ("put", f"/submissions/{sid}/mark", {"points": 100}),
        ("post", f"/submissions/{sid}/mark/release", None),
        ("post", f"/assignments/{aid}/release", None),
        ("post", f"/assignments/{aid}/peer-reviews", None),
        ("post", f"/assignments/{aid}/peer-reviews/medians", None),
    ]
    of_course = [
        ("get", f"/courses/{course.slug}/assignments/overview", None),
        ("post", f"/courses/{course.slug}/assignments", {"title": "X"}),
        ("get", f"/courses/{course.slug}/marking-schemes", None),
        ("post", f"/courses/{course.slug}/marking-schemes", RUBRIC),
        ("put", f"/marking-schemes/{chosen['id']}", RUBRIC),
        ("delete", f"/marking-schemes/{chosen['id']}", None),
    ]

    def status(each: tuple[str, str, Any], who: Headers) -> int:
        body = {"json": each[2]} if each[2] is not None else {}
        return client.request(each[0], f"{API}{each[1]}", headers=who, **body).status_code

    for who in (stranger, other):
        assert {status(each, who) for each in (*own, *taking, *teaching_routes)} == {404}
        assert {status(each, who) for each in of_course} == {403}, "they see that the course is there"
    assert {status(each, mate) for each in own} == {404}
    assert {status(each, mate) for each in (*teaching_routes, *of_course)} == {403}
    assert {status(each, headers) for each in teaching_routes} == {403}
    client.headers.pop("authorization", None)
    client.cookies.clear()
    assert {status(each, {}) for each in (*own, *taking, *teaching_routes, *of_course)} == {401}
    assert read(client, made, headers)["submissions"][0]["id"] == sid


def test_a_deleted_course_takes_work_and_files_with_it(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    headers: Headers,
    drain: Callable[[], int],
) -> None:
    made = make(client, teaching, course, takes_files=True)
    put_file(client, made, headers, b"my own words")
    submit(client, made, headers)
    drain()
    client.post(f"{API}/courses/{course.slug}/archive", headers=teaching)
    gone = client.delete(f"{API}/courses/{course.slug}", headers=teaching)
    assert gone.status_code == 204, gone.text
    drain()
    with runtime.database.read(system_actor()) as ctx:
        assert ctx.session.execute(select(Asset.path).where(Asset.path.contains("work.txt"))).all() == []
