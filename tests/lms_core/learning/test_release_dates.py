"""What time opens: dates, days, cohorts with dates of their own, and the letter that says so."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import WriteCtx
from lms_core.kit.jobs import on
from lms_core.learning.release.events import LessonsReleased
from tests.factories.assessments import enrol
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from tests.factories.release import API, locked, opens, rule
from workers.runtime import Runtime

Headers = dict[str, str]
HEARD: list[LessonsReleased] = []


@on(LessonsReleased)
def hear(_ctx: WriteCtx, event: LessonsReleased) -> None:
    """What a slice of notices would subscribe to."""
    HEARD.append(event)


@pytest.fixture
def other(runtime: Runtime, course: Made) -> Person:
    """Another learner, in no cohort."""
    return enrol(runtime.database, create_person(runtime.database), course.id)


def _cohort(client: TestClient, teaching: Headers, course: Made, **fields: object) -> str:
    made = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "May"} | fields, headers=teaching)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _join(client: TestClient, teaching: Headers, cohort: str, *people: Person) -> None:
    given = {"emails": [person.email for person in people]}
    added = client.post(f"{API}/cohorts/{cohort}/members", json=given, headers=teaching)
    assert added.json() == {"added": len(people), "unknown": []}


def test_dates_come_later_for_a_cohort_unless_it_has_its_own(
    client: TestClient,
    clock: MovingClock,
    instructor: Person,
    teaching: Headers,
    learner: Person,
    other: Person,
    course: Made,
) -> None:
    first = course.lessons[0]
    soon = {"kind": "date", "at": (clock.now() + timedelta(days=3)).isoformat()}
    plan = rule(client, teaching, f"lessons/{first}", soon).json()
    cohort = _cohort(client, teaching, course, shift_days=2)
    _join(client, teaching, cohort, learner)
    clock.move(timedelta(days=3))
    late, early = log_in(client, learner), log_in(client, other)
    assert opens(client, early, first) and not opens(client, late, first)
    told = client.get(f"{API}/lessons/{first}", headers=late).json()["rules"][0]["conditions"][0]
    assert told["at"] == (clock.now() + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    own = {"condition_id": plan["rules"][0]["conditions"][0]["id"], "at": clock.now().isoformat()}
    teaching = log_in(client, instructor)
    assert client.put(f"{API}/cohorts/{cohort}/dates", json=own, headers=teaching).status_code == 200
    assert opens(client, late, first)
    rule(client, teaching, f"lessons/{first}", {"kind": "days", "days": 1}, soon)
    assert opens(client, late, first)  # the condition stayed, and with it the cohort's date
    assert client.put(f"{API}/cohorts/{cohort}/dates", json=own | {"at": None}, headers=teaching).status_code == 200
    assert not opens(client, late, first)


def test_a_cohort_begins_together_and_counts_days_from_there(
    client: TestClient,
    clock: MovingClock,
    instructor: Person,
    teaching: Headers,
    learner: Person,
    other: Person,
    course: Made,
) -> None:
    first, second = course.lessons[:2]
    rule(client, teaching, f"lessons/{second}", {"kind": "days", "days": 2})
    starts = (clock.now() + timedelta(days=5)).date().isoformat()
    cohort = _cohort(client, teaching, course, starts_on=starts)
    _join(client, teaching, cohort, learner)
    headers = log_in(client, learner)
    assert len(locked(client, headers, course.slug)) == len(course.lessons)
    clock.move(timedelta(days=4))
    assert opens(client, log_in(client, other), second)
    assert not opens(client, log_in(client, learner), first)
    clock.move(timedelta(days=1))
    headers = log_in(client, learner)
    assert opens(client, headers, first) and not opens(client, headers, second)
    clock.move(timedelta(days=2))
    assert opens(client, log_in(client, learner), second)
    assert client.delete(f"{API}/cohorts/{cohort}", headers=log_in(client, instructor)).status_code == 204


def test_a_lesson_for_one_cohort(
    client: TestClient, teaching: Headers, learner: Person, headers: Headers, other: Person, course: Made
) -> None:
    third = course.lessons[2]
    may, june = _cohort(client, teaching, course), _cohort(client, teaching, course, name="June")
    plan = rule(client, teaching, f"lessons/{third}", {"kind": "cohort", "cohort_id": may}).json()
    assert [each["code"] for each in plan["warnings"]] == ["waits_for_empty_cohort"]
    unknown = {"emails": [learner.email, "nobody@example.org", learner.email, "no address"]}
    added = client.post(f"{API}/cohorts/{may}/members", json=unknown, headers=teaching).json()
    assert added == {"added": 1, "unknown": ["nobody@example.org", "no address"]}
    assert opens(client, headers, third) and not opens(client, log_in(client, other), third)
    _join(client, teaching, june, learner)
    assert not opens(client, headers, third)  # one cohort of a course at a time
    listed = client.get(f"{API}/courses/{course.slug}/cohorts", headers=teaching).json()
    assert {each["name"]: each["members"] for each in listed} == {"May": 0, "June": 1}
    both = [{"kind": "cohort", "cohort_id": each} for each in (may, june)]
    plan = rule(client, teaching, f"lessons/{third}", *both).json()
    assert "waits_for_two_cohorts" in [each["code"] for each in plan["warnings"]]
    taken = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "May"}, headers=teaching)
    assert (taken.status_code, taken.json()["code"]) == (409, "cohort_name_taken")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-01T08:00:00"])
def test_dates_at_the_ends_of_the_calendar_are_refused(
    client: TestClient, teaching: Headers, course: Made, at: str
) -> None:
    first = course.lessons[0]
    assert rule(client, teaching, f"lessons/{first}", {"kind": "date", "at": at}).status_code == 422
    named = {"name": "May", "starts_on": at[:10]}
    made = client.post(f"{API}/courses/{course.slug}/cohorts", json=named, headers=teaching)
    assert made.status_code == (201 if at.startswith("2026") else 422)
    page = f"/teach/courses/{course.slug}/release/lesson/{first}/add"
    form = {"kind": "date", "at": at.removesuffix("Z")}
    added = client.post(page, data=form, headers=teaching | {"accept": "text/html"})
    assert added.status_code == (200 if at.startswith("2026") else 422), added.text[:500]


def test_dates_that_come_are_told_once_a_day(
    runtime: Runtime, client: TestClient, clock: MovingClock, teaching: Headers, learner: Person, course: Made
) -> None:
    HEARD.clear()
    for hours, lesson in enumerate(course.lessons[1:], start=1):
        at = (clock.now() + timedelta(hours=hours)).isoformat()
        assert rule(client, teaching, f"lessons/{lesson}", {"kind": "date", "at": at}).status_code == 200
    _each_hour(runtime, clock, hours=1)
    assert [event.lesson_ids for event in HEARD] == [(course.lessons[1],)]
    notice = HEARD[0].notice
    assert notice is not None and notice.recipients == (learner.id,)
    assert notice.kind == "lessons.released" and notice.variables["lessons"] == "Lesson 1.2"
    _each_hour(runtime, clock, hours=23)
    assert len(HEARD) == 1
    _each_hour(runtime, clock, hours=2)
    assert [event.lesson_ids for event in HEARD[1:]] == [tuple(course.lessons[2:])]


def _each_hour(runtime: Runtime, clock: MovingClock, *, hours: int) -> None:
    def work() -> object:
        return (running.plan_scheduled(runtime.database), running.drain(runtime.database))

    for _ in range(hours):
        clock.move(timedelta(hours=1))
        work()
