"""Certificates for tests: a course whose rule is on, and people who complete it."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient

from tests.factories.courses import Made

API = "/api/v1"
Headers = dict[str, str]


def turn_on(client: TestClient, teaching: Headers, course: Made, **design: Any) -> None:
    """Let completing the course earn its certificate."""
    given = {"design": design, "issue_on_completion": True}
    answer = client.put(f"{API}/courses/{course.slug}/certificate-template", headers=teaching, json=given)
    assert answer.status_code == 200, answer.text


def complete(client: TestClient, headers: Headers, course: Made) -> None:
    """Do every lesson of the course."""
    for lesson in course.lessons:
        assert client.put(f"{API}/lessons/{lesson}/complete", headers=headers).status_code == 200


def earned(client: TestClient, headers: Headers) -> list[dict[str, Any]]:
    """One's certificates."""
    answer = client.get(f"{API}/my-certificates", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def earn(
    client: TestClient, drain: Callable[[], int], teaching: Headers, headers: Headers, course: Made, **design: Any
) -> dict[str, Any]:
    """A signed certificate, by completing the course."""
    turn_on(client, teaching, course, **design)
    complete(client, headers, course)
    drain()
    return earned(client, headers)[0]
