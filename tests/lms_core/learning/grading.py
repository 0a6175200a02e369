"""Gradebooks for tests: what is sent and read over HTTP."""

from typing import Any

from fastapi.testclient import TestClient

from tests.factories.courses import Made
from tests.factories.people import Person

API = "/api/v1"
Headers = dict[str, str]


def at(course: Made, rest: str = "") -> str:
    """An address in the gradebook of a course."""
    return f"{API}/courses/{course.slug}/gradebook{rest}"


def opened(client: TestClient, course: Made, teaching: Headers, **query: Any) -> dict[str, Any]:
    """The gradebook as instructors read it."""
    answer = client.get(at(course), headers=teaching, params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def add_column(client: TestClient, course: Made, teaching: Headers, title: str = "Essay", **given: Any) -> str:
    """A column filled by hand, of 20 points unless told; its id."""
    body = {"title": title, "maximum": 20, **given}
    answer = client.post(at(course, "/columns"), headers=teaching, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def add_category(client: TestClient, course: Made, teaching: Headers, name: str, **given: Any) -> str:
    """A category; its id."""
    answer = client.post(at(course, "/categories"), headers=teaching, json={"name": name, **given})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def change(client: TestClient, course: Made, teaching: Headers, learner: Person, item: str, **given: Any) -> Any:
    """Change one grade; the answer, whatever it is."""
    return client.patch(at(course, f"/learners/{learner.id}/columns/{item}"), headers=teaching, json=given)


def mine(client: TestClient, course: Made, headers: Headers) -> dict[str, Any]:
    """One's own grades."""
    answer = client.get(f"{API}/courses/{course.slug}/my-grades", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def points(view: dict[str, Any], learner: Person) -> dict[str, float | None]:
    """A learner's points by column title, of an opened gradebook."""
    titles = {column["id"]: column["title"] for column in view["columns"]}
    row = next(row for row in view["rows"] if row["user_id"] == str(learner.id))
    return {titles[cell["item_id"]]: cell["points"] for cell in row["cells"]}


def percent(view: dict[str, Any], learner: Person) -> float | None:
    """A learner's total in percent, of an opened gradebook."""
    found: float | None = next(row["percent"] for row in view["rows"] if row["user_id"] == str(learner.id))
    return found
