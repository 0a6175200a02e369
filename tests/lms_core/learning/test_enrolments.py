"""Joining and leaving courses, and that lessons are for those inside."""

import pytest
from fastapi.testclient import TestClient

from lms_core.content.courses import service as courses
from lms_core.kit.permissions import Role
from lms_core.learning.enrolments import service as enrolments
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    """An instructor."""
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


@pytest.fixture
def made(runtime: Runtime, teacher: Person) -> Made:
    """A published course."""
    return create_course(runtime.database, teacher)


def test_joining_twice_is_joining_once(runtime: Runtime, client: TestClient, asha: Person, made: Made) -> None:
    headers = log_in(client, asha)
    first = client.post(f"{API}/courses/{made.slug}/enroll", headers=headers)
    second = client.post(f"{API}/courses/{made.id}/enroll", headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert client.get(f"{API}/courses/{made.slug}", headers=headers).json()["enrolled"] is True
    with runtime.database.read(actor_of(runtime.database, asha)) as ctx:
        assert enrolments.readable_courses(ctx) == {made.id}


def test_lessons_are_for_the_enrolled(client: TestClient, asha: Person, made: Made) -> None:
    headers = log_in(client, asha)
    url = f"{API}/lessons/{made.lessons[0]}"
    assert client.get(url).status_code == 401
    refused = client.get(url, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "lesson_not_found")
    client.post(f"{API}/courses/{made.slug}/enroll", headers=headers)
    assert client.get(url, headers=headers).status_code == 200
    assert client.delete(f"{API}/courses/{made.slug}/enroll", headers=headers).status_code == 204
    assert client.get(url, headers=headers).status_code == 404
    assert client.delete(f"{API}/courses/{made.slug}/enroll", headers=headers).status_code == 404
    back = client.post(f"{API}/courses/{made.slug}/enroll", headers=headers)
    assert back.json()["status"] == "active"
    assert client.get(url, headers=headers).status_code == 200


@pytest.mark.parametrize("access", ["invite", "purchase"])
def test_courses_that_are_not_open_are_not_joined(
    runtime: Runtime, client: TestClient, teacher: Person, asha: Person, access: str
) -> None:
    closed = create_course(runtime.database, teacher, access=access)
    refused = client.post(f"{API}/courses/{closed.slug}/enroll", headers=log_in(client, asha))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_open_for_enrolment")


def test_archived_courses_stay_with_those_inside(
    runtime: Runtime, client: TestClient, teacher: Person, asha: Person, made: Made
) -> None:
    inside = log_in(client, asha)
    outside = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{made.slug}/enroll", headers=inside)
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        courses.archive(ctx, made.id)
    for path in (f"courses/{made.slug}", f"lessons/{made.lessons[0]}", f"courses/{made.slug}/progress"):
        assert client.get(f"{API}/{path}", headers=inside).status_code == 200
        assert client.get(f"{API}/{path}", headers=outside).status_code == 404
    assert client.post(f"{API}/courses/{made.slug}/enroll", headers=outside).status_code == 404
    editor = client.post(f"{API}/courses/{made.slug}/enroll", headers=log_in(client, teacher))
    assert (editor.status_code, editor.json()["code"]) == (409, "course_not_published")


def test_a_deleted_course_takes_its_enrolments_along(
    runtime: Runtime, client: TestClient, teacher: Person, asha: Person, made: Made
) -> None:
    headers = log_in(client, asha)
    client.post(f"{API}/courses/{made.slug}/enroll", headers=headers)
    client.put(f"{API}/lessons/{made.lessons[0]}/complete", headers=headers)
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        courses.archive(ctx, made.id)
        courses.delete_course(ctx, made.id)
    assert client.get(f"{API}/my-courses", headers=headers).json()["items"] == []
