"""Peer review over HTTP: drawn, written without names until its deadline, summed up by medians, released by people."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from tests.conftest import START
from tests.factories.assessments import enrol
from tests.factories.assignments import API, RUBRIC, Headers, hand_in, make, mark, put_file, read, scheme, submit, write
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

NAMES = ("Amina Wanjiru", "Baraka Said", "Chausiku Juma", "Daudi Omari")
STRONG = {"argument": {"level": "strong"}, "language": {"level": "good"}}
WEAK = {"argument": {"level": "weak", "comment": "Why?"}, "language": {"level": "good"}}


@pytest.fixture
def people(runtime: Runtime, client: TestClient, course: Made) -> list[tuple[Person, Headers]]:
    """Four learners of the course."""
    made = [create_person(runtime.database, full_name=name) for name in NAMES]
    return [(enrol(runtime.database, person, course.id), log_in(client, person)) for person in made]


def test_reviews_are_drawn_written_and_summed_up(
    client: TestClient, course: Made, teaching: Headers, people: list[tuple[Person, Headers]], clock: MovingClock
) -> None:
    due = (START + timedelta(minutes=10)).isoformat()
    chosen = scheme(client, teaching, course, RUBRIC)
    made = make(client, teaching, course, scheme_id=chosen["id"], reviews=2, reviews_due_at=due, takes_files=True)
    address = f"{API}/assignments/{made['id']}/peer-reviews"
    assert client.post(address, headers=teaching).json()["code"] == "reviews_not_drawable"
    works = {}
    for person, headers in people:
        put_file(client, made, headers, b"words", "notes.txt")
        works[person.full_name] = hand_in(client, made, headers, f"The work of number {len(works)}.")
    assert client.post(address, headers=people[0][1]).status_code == 403
    assert client.post(address, headers=teaching).json() == {"count": 8}
    seen: dict[str, int] = {}
    for person, headers in people:
        mine = works[person.full_name]["text"]
        for place, task in enumerate(read(client, made, headers)["reviews_to_write"]):
            review = task["id"]
            sheet = client.get(f"{API}/peer-reviews/{review}", headers=headers)
            body = sheet.json()
            assert body["text"] != mine
            assert not [each for each in NAMES if each in sheet.text]
            assert not [each for other, _ in people for each in (str(other.id), other.email) if each in sheet.text]
            file = body["files"][0]
            assert client.get(f"{API}/submission-files/{file['id']}", headers=headers).content == b"words"
            given = {"judgements": WEAK if place else STRONG, "comment": f"Read by {place}"}
            partly = {"judgements": {"argument": {"level": "weak"}}}
            assert client.put(f"{API}/peer-reviews/{review}", json=partly, headers=headers).status_code == 422
            done = client.put(f"{API}/peer-reviews/{review}", json=given, headers=headers)
            assert (done.status_code, done.json()["points"]) == (200, 40.0 if place else 100.0)
            seen[body["text"]] = seen.get(body["text"], 0) + 1
            others = [each for _, each in people if each is not headers]
            assert {client.get(f"{API}/peer-reviews/{review}", headers=each).status_code for each in others} == {404}
            assert client.get(f"{API}/peer-reviews/{review}", headers=teaching).status_code == 404
    assert set(seen.values()) == {2}
    assert client.post(address, headers=teaching).json()["code"] == "reviews_not_drawable", "some are written"
    mark(client, works[NAMES[0]], teaching, points=55)
    assert client.post(f"{address}/medians", headers=teaching).json() == {"count": 3}
    hidden = read(client, made, people[1][1])["submissions"][0]
    assert hidden["mark"] is None and hidden["reviews"] == []
    client.post(f"{API}/assignments/{made['id']}/release", headers=teaching)
    told = [read(client, made, headers)["submissions"][0] for _, headers in people]
    assert told[0]["mark"]["points"] == 55
    for one in told[1:]:
        points = sorted(each["points"] for each in one["reviews"])
        assert one["mark"]["points"] == sum(points) / 2
        assert [each["number"] for each in one["reviews"]] == [1, 2]
        assert not [name for name in NAMES if name in str(one)]
    task = read(client, made, people[0][1])["reviews_to_write"][0]
    assert task["reviewed_at"] is not None
    review = task["id"]
    clock.move(timedelta(minutes=11))
    late = client.put(f"{API}/peer-reviews/{review}", json={"judgements": WEAK}, headers=people[0][1])
    assert late.json()["code"] == "submission_closed"


def test_without_a_scheme_reviewers_give_points(
    client: TestClient, course: Made, teaching: Headers, people: list[tuple[Person, Headers]]
) -> None:
    made: dict[str, Any] = make(client, teaching, course, reviews=1, points=20)
    for _, headers in people[:2]:
        write(client, made, headers)
        submit(client, made, headers)
    client.post(f"{API}/assignments/{made['id']}/peer-reviews", headers=teaching)
    (task,) = read(client, made, people[0][1])["reviews_to_write"]
    address = f"{API}/peer-reviews/{task['id']}"
    assert client.put(address, json={"points": 21}, headers=people[0][1]).status_code == 422
    assert client.put(address, json={"points": 17.5}, headers=people[0][1]).json()["points"] == 17.5
    assert read(client, made, people[2][1])["reviews_to_write"] == []
