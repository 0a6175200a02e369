"""Rules and what meets them, over HTTP as people and programs do it."""

from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response

API = "/api/v1"
Headers = dict[str, str]


def rule(
    client: TestClient, headers: Headers, what: str, *conditions: dict[str, Any], combination: str = "all"
) -> Response:
    """Set the rule of `lessons/<id>` or `modules/<id>`, whatever comes of it."""
    given = {"combination": combination, "conditions": conditions}
    answer: Response = client.put(f"{API}/{what}/release", json=given, headers=headers)
    return answer


def after_lesson(lesson_id: UUID) -> dict[str, Any]:
    """The condition that a lesson is completed."""
    return {"kind": "lesson", "lesson_id": str(lesson_id)}


def complete(client: TestClient, headers: Headers, lesson_id: UUID) -> dict[str, Any]:
    """Mark a lesson as done."""
    done = client.put(f"{API}/lessons/{lesson_id}/complete", headers=headers)
    assert done.status_code == 200, done.text
    return dict(done.json())


def locked(client: TestClient, headers: Headers, course: object) -> list[str]:
    """Ids of the lessons that are locked for somebody."""
    found = client.get(f"{API}/courses/{course}/locks", headers=headers)
    assert found.status_code == 200, found.text
    return sorted(lock["lesson_id"] for lock in found.json()["lessons"])


def opens(client: TestClient, headers: Headers, lesson_id: UUID) -> bool:
    """Whether somebody may read a lesson; when not, the refusal is the one of a locked lesson."""
    answer = client.get(f"{API}/lessons/{lesson_id}", headers=headers)
    if answer.status_code == 200:
        return True
    assert (answer.status_code, answer.json()["code"]) == (403, "lesson_locked"), answer.text
    return False
