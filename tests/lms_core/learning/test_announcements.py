"""Announcements over HTTP: written, sent to a course or a cohort, scheduled, edited, read; told in batches, once."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.running import plan_scheduled
from lms_core.learning.announcements import jobs
from tests.api.test_pages import Visitor
from tests.factories.assessments import enrol
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]
Drain = Callable[[], int]


def write(client: TestClient, teaching: Headers, course: Made, **given: Any) -> str:
    """A draft; its id."""
    body = {"title": "The pool is closed", "body": "We meet **inside**.", **given}
    made = client.post(f"{API}/courses/{course.slug}/announcements", json=body, headers=teaching)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def send(client: TestClient, teaching: Headers, which: str, **given: Any) -> Any:
    """The answer to sending."""
    return client.post(f"{API}/announcements/{which}/send", json=given, headers=teaching)


def listed(client: TestClient, headers: Headers, course: Made) -> list[dict[str, Any]]:
    """What somebody reads in a course."""
    answer = client.get(f"{API}/courses/{course.slug}/announcements", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def told(client: TestClient, headers: Headers) -> list[str]:
    """Titles of the announcements somebody was told of, newest first."""
    found = client.get(f"{API}/notifications", headers=headers).json()["items"]
    return [each["text"] for each in found if each["kind"].startswith("announcements.")]


def test_an_announcement_from_draft_to_its_end(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    headers: Headers,
    learner: Person,
    drain: Drain,
    clock: MovingClock,
    mailbox: Callable[[], list[EmailMessage]],
) -> None:
    outsider = log_in(client, create_person(runtime.database))
    which = write(client, teaching, course, mailed=True)
    one = f"{API}/announcements/{which}"
    assert listed(client, headers, course) == []
    for whose in (headers, outsider):
        assert client.get(one, headers=whose).json()["code"] == "announcement_not_found"
        assert client.get(f"{one}/source", headers=whose).status_code == 404
        assert client.put(one, json={"title": "Mine"}, headers=whose).status_code == 404
        assert send(client, whose, which).status_code == 404
        assert client.delete(one, headers=whose).status_code == 404
    assert send(client, teaching, which).json()["state"] == "sent"
    assert send(client, teaching, which).json()["code"] == "announcement_sent"
    drain()
    assert told(client, headers) == ["The pool is closed"]
    assert [each["subject"] for each in mailbox() if each["to"] == learner.email] == ["News in “Heat and water”"]
    (seen,) = listed(client, headers, course)
    assert (seen["read"], seen["edited_at"], seen["excerpt"]) == (False, None, "We meet inside.")
    assert "<strong>inside</strong>" in seen["html"]
    assert client.get(f"{API}/courses/{course.slug}/announcements", headers=outsider).status_code == 404
    for _ in range(2):
        assert client.post(f"{one}/read", headers=headers).json()["read"]
    assert client.get(f"{one}/source", headers=teaching).json()["readers"] == 1
    clock.move(timedelta(minutes=5))
    assert client.put(one, json={"title": "The pool is open"}, headers=teaching).status_code == 200
    drain()
    (seen,) = listed(client, headers, course)
    assert seen["title"] == "The pool is open" and seen["edited_at"] is not None
    assert told(client, headers) == ["The pool is closed"], "a change tells nobody again"
    assert client.delete(one, headers=teaching).status_code == 204
    assert listed(client, headers, course) == []
    assert client.get(one, headers=headers).status_code == 404


def test_a_cohort_alone_and_a_time_to_come(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    headers: Headers,
    learner: Person,
    drain: Drain,
    clock: MovingClock,
) -> None:
    other = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    cohort = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "Monday"}, headers=teaching).json()["id"]
    client.post(f"{API}/cohorts/{cohort}/members", json={"emails": [learner.email]}, headers=teaching)
    for_monday = write(client, teaching, course, title="Monday only", cohort_id=cohort)
    send(client, teaching, for_monday)
    later = write(client, teaching, course, title="Tomorrow")
    when = clock.now() + timedelta(hours=2)
    assert send(client, teaching, later, at=clock.now().isoformat()).json()["code"] == "announcement_time_past"
    assert send(client, teaching, later, at="2026-02-01T08:00:00").status_code == 422, "a time needs its zone"
    assert send(client, teaching, later, at=when.isoformat()).json()["state"] == "scheduled"
    put_off = write(client, teaching, course, title="Put off")
    send(client, teaching, put_off, at=when.isoformat())
    assert client.delete(f"{API}/announcements/{put_off}/send", headers=teaching).json()["state"] == "draft"
    drain()
    assert (told(client, headers), told(client, other)) == (["Monday only"], [])
    assert [each["title"] for each in listed(client, other, course)] == []
    assert client.get(f"{API}/announcements/{for_monday}", headers=other).status_code == 404
    moved = client.put(f"{API}/announcements/{for_monday}", json={"title": "For all"}, headers=teaching)
    assert moved.json()["code"] == "announcement_sent", "it stays with whom it was sent to"
    elsewhere = client.post(
        f"{API}/courses/{course.slug}/announcements", json={"title": "X", "cohort_id": str(course.id)}, headers=teaching
    )
    assert elsewhere.json()["code"] == "cohort_not_found"
    clock.move(timedelta(hours=2))
    for _ in range(2):
        plan_scheduled(runtime.database)
        drain()
    again = {"headers": log_in(client, learner)}
    assert told(client, again["headers"]) == ["Tomorrow", "Monday only"]


def test_many_are_told_in_batches_and_once(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    drain: Drain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(5)]
    monkeypatch.setattr(jobs, "BATCH", 2)
    which = write(client, teaching, course)
    with statements(runtime.database) as sent:
        send(client, teaching, which)
    assert not [each for each in sent if "notification" in each], "nobody is told in the request"
    drain()
    with runtime.database.write(system_actor(people[0].tenant_id)) as ctx:
        ctx.enqueue("announcements.tell", announcement_id=which)
    drain()
    for person in (people[0], people[-1]):
        assert told(client, log_in(client, person)) == ["The pool is closed"]


def test_pages_and_their_statements(
    client: TestClient, runtime: Runtime, course: Made, instructor: Person, learner: Person, drain: Drain
) -> None:
    teacher, reader = Visitor(runtime).log_in(instructor), Visitor(runtime).log_in(learner)
    new = f"/teach/courses/{course.slug}/announcements/new"
    shown = teacher.post(new, {"title": "Hello", "body": "*Soft* <script>x</script>", "action": "preview"}).text
    assert "<em>Soft</em>" in shown and "<script>x" not in shown
    assert "Please write a title" in teacher.post(new, {"title": "", "action": "send"}).text
    assert (
        "This time is over"
        in teacher.post(new, {"title": "Late", "send_at": "2020-01-01T08:00", "action": "schedule"}).text
    )
    for number in range(3):
        teacher.post(
            new, {"title": f"News {number}", "body": "Soon.", "pinned": "1" if not number else "", "action": "send"}
        )
    counts = {}
    for extra in (0, 8):
        for number in range(extra):
            teacher.post(new, {"title": f"More {number}", "action": "send"})
        reader.get(f"/courses/{course.slug}")
        with statements(runtime.database) as sent:
            page = reader.get(f"/courses/{course.slug}").text
        with statements(runtime.database) as in_list:
            reader.get(f"/courses/{course.slug}/announcements")
        counts[extra] = (len(sent), len(in_list))
    assert counts[0] == counts[8], counts
    assert "News 0" in page and "Pinned" in page and "News 1" not in page
    listed_page = reader.get(f"/courses/{course.slug}/announcements").text
    assert listed_page.index("News 0") < listed_page.index("More 7")
    address = listed_page.partition('href="/announcements/')[2].partition('"')[0]
    assert "Soon." in reader.get(f"/announcements/{address}").text
    assert (
        'class="unread"' not in reader.get(f"/courses/{course.slug}/announcements").text.partition("News 0")[0][-300:]
    )
    assert "read by 1 person" in teacher.get(f"/teach/courses/{course.slug}/announcements").text
