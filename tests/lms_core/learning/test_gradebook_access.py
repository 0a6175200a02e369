"""Who may open a gradebook: each route is closed to learners, outsiders and others; and what a deletion takes along."""

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.gradebook.models import Grade
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.lms_core.learning.grading import API, Headers, add_category, add_column, at, change
from workers.runtime import Runtime


def _routes(course: Made, learner: Person, item: str, category: str) -> list[tuple[str, str, object]]:
    cell = {"item_id": item, "user_id": str(learner.id), "points": 1, "expected": None}
    return [
        ("GET", "", None),
        ("GET", "/setup", None),
        ("PUT", "/settings", {}),
        ("POST", "/categories", {"name": "New"}),
        ("PUT", f"/categories/{category}", {"name": "Other"}),
        ("DELETE", f"/categories/{category}", None),
        ("POST", "/columns", {"title": "New", "maximum": 5}),
        ("GET", f"/columns/{item}", None),
        ("PUT", f"/columns/{item}", {"title": "Other", "maximum": 5}),
        ("GET", f"/learners/{learner.id}", None),
        ("PATCH", f"/learners/{learner.id}/columns/{item}", {"points": 1}),
        ("GET", "/history", None),
        ("POST", "/rebuild", None),
        ("GET", "/export", None),
        ("POST", "/import", {"cells": [cell]}),
        ("DELETE", f"/columns/{item}", None),
    ]


def test_every_route_is_closed_to_learners_and_to_outsiders(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    item, category = add_column(client, course, teaching), add_category(client, course, teaching, "Tests")
    outsider = log_in(client, create_person(runtime.database))
    elsewhere = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    client.cookies.clear()
    table = {"file": ("a.csv", b"Learner id\n")}
    for method, path, body in _routes(course, learner, item, category):
        for who, status in ((headers, 403), (outsider, 404), (elsewhere, 404), ({}, 401)):
            answer = client.request(method, at(course, path), headers=who, json=body)
            assert answer.status_code == status, (method, path, answer.text)
    for who, status in ((headers, 403), (outsider, 404), (elsewhere, 404), ({}, 401)):
        assert client.post(at(course, "/import/preview"), headers=who, files=table).status_code == status
    for path in ("my-grades", "my-grades/what-if"):
        method = "POST" if path.endswith("if") else "GET"
        for who, status in ((outsider, 404), ({}, 401), (headers, 200)):
            answer = client.request(method, f"{API}/courses/{course.slug}/{path}", headers=who, json={"marks": {}})
            assert answer.status_code == status, (path, answer.text)
    for method, path, body in _routes(course, learner, item, category):
        answer = client.request(method, at(course, path), headers=teaching, json=body)
        assert answer.status_code < 300, (method, path, answer.text)


def test_ids_of_another_course_or_institution_are_refused(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, learner: Person
) -> None:
    other = create_course(runtime.database, instructor, title="Another")
    teaching = log_in(client, instructor)
    theirs = add_column(client, other, teaching)
    category = add_category(client, other, teaching, "Theirs")
    stranger = create_person(runtime.database)
    own = add_column(client, course, teaching)
    assert change(client, course, teaching, learner, theirs, points=1).status_code == 404
    assert change(client, course, teaching, stranger, own, points=1).status_code == 404
    given = {"title": "Essay", "maximum": 20, "category_id": category}
    assert client.post(at(course, "/columns"), headers=teaching, json=given).status_code == 404
    assert client.put(at(course, f"/columns/{theirs}"), headers=teaching, json=given).status_code == 404
    assert client.delete(at(course, f"/columns/{theirs}"), headers=teaching).status_code == 404
    assert client.put(at(course, f"/categories/{category}"), headers=teaching, json={"name": "x"}).status_code == 404
    for cell in ({"item_id": theirs, "user_id": str(learner.id)}, {"item_id": own, "user_id": str(stranger.id)}):
        body = {"cells": [{**cell, "points": 1, "expected": None}]}
        assert client.post(at(course, "/import"), headers=teaching, json=body).status_code == 404
    away = create_tenant(runtime.database, host="other.example.org")
    foreign = create_person(runtime.database, tenant_id=away, role=Role.ADMIN)
    host = {"Host": "other.example.org"}
    token = client.post("/api/v1/auth/login", json=foreign.login, headers=host).json()["access_token"]
    answer = client.get(at(course), headers={**host, "Authorization": f"Bearer {token}"})
    assert answer.status_code == 404


def test_a_deleted_person_or_course_takes_its_grades_along(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, learner: Person
) -> None:
    essay = add_column(client, course, teaching)
    change(client, course, teaching, learner, essay, points=10)
    assert client.post(f"{API}/courses/{course.slug}/archive", headers=teaching).status_code == 200
    assert client.delete(f"{API}/courses/{course.slug}", headers=teaching).status_code == 204
    with runtime.database.read(system_actor(learner.tenant_id)) as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Grade)).scalar_one() == 0
