"""Assignments for tests, made and handed in over HTTP."""

from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from tests.factories.courses import Made

API = "/api/v1"
Headers = dict[str, str]
ESSAY = "Water boils when its vapour pressure meets the pressure of the air around it.\nHigher up it boils sooner."

RUBRIC: dict[str, Any] = {
    "title": "Essay rubric",
    "kind": "rubric",
    "criteria": [
        {
            "id": "argument",
            "title": "Argument",
            "levels": [
                {"id": "weak", "title": "Weak", "points": 0},
                {"id": "fair", "title": "Fair", "points": 6},
                {"id": "strong", "title": "Strong", "points": 12},
            ],
        },
        {
            "id": "language",
            "title": "Language",
            "levels": [{"id": "poor", "title": "Poor", "points": 2}, {"id": "good", "title": "Good", "points": 8}],
        },
    ],
}
GUIDE: dict[str, Any] = {
    "title": "Report guide",
    "kind": "guide",
    "criteria": [
        {"id": "method", "title": "Method", "maximum": 30},
        {"id": "result", "title": "Result", "maximum": 10},
    ],
}


def make(client: TestClient, teaching: Headers, course: Made, *, publish: bool = True, **rules: Any) -> dict[str, Any]:
    """An assignment of the course, published unless told not to."""
    given = {"title": "Why water boils", **rules}
    made = client.post(f"{API}/courses/{course.slug}/assignments", json=given, headers=teaching)
    assert made.status_code == 201, made.text
    if publish:
        done = client.post(f"{API}/assignments/{made.json()['id']}/publish", headers=teaching)
        assert done.status_code == 200, done.text
    return dict(made.json())


def scheme(client: TestClient, teaching: Headers, course: Made, given: dict[str, Any]) -> dict[str, Any]:
    """A rubric or guide of the course."""
    made = client.post(f"{API}/courses/{course.slug}/marking-schemes", json=given, headers=teaching)
    assert made.status_code == 201, made.text
    return dict(made.json())


def read(client: TestClient, assignment: dict[str, Any], headers: Headers) -> dict[str, Any]:
    """An assignment as its reader gets it."""
    found = client.get(f"{API}/assignments/{assignment['id']}", headers=headers)
    assert found.status_code == 200, found.text
    return dict(found.json())


def write(client: TestClient, assignment: dict[str, Any], headers: Headers, text: str = ESSAY) -> Response:
    """Save a draft on top of whatever is there; whatever comes of it."""
    draft = read(client, assignment, headers)["draft"]
    given = {"text": text, "base_revision": draft["revision"] if draft else 0}
    answer: Response = client.put(f"{API}/assignments/{assignment['id']}/submission", json=given, headers=headers)
    return answer


def put_file(
    client: TestClient, assignment: dict[str, Any], headers: Headers, content: bytes, name: str = "work.txt"
) -> Response:
    """Upload a file into the draft; whatever comes of it."""
    address = f"{API}/assignments/{assignment['id']}/submission/files"
    answer: Response = client.post(address, files={"file": (name, content)}, headers=headers)
    return answer


def submit(client: TestClient, assignment: dict[str, Any], headers: Headers, number: int = 1) -> Response:
    """Hand attempt `number` in; whatever comes of it."""
    address = f"{API}/assignments/{assignment['id']}/submission/submit"
    answer: Response = client.post(address, json={"number": number}, headers=headers)
    return answer


def hand_in(client: TestClient, assignment: dict[str, Any], headers: Headers, text: str = ESSAY) -> dict[str, Any]:
    """Write and hand in; the submission as its owner sees it."""
    draft = write(client, assignment, headers, text)
    assert draft.status_code == 200, draft.text
    done = submit(client, assignment, headers, draft.json()["draft"]["number"])
    assert done.status_code == 200, done.text
    return dict(done.json()["submissions"][0])


def mark(client: TestClient, submission: dict[str, Any], teaching: Headers, **given: Any) -> Response:
    """Write a mark; whatever comes of it."""
    answer: Response = client.put(f"{API}/submissions/{submission['id']}/mark", json=given, headers=teaching)
    return answer


def release(client: TestClient, submission: dict[str, Any], teaching: Headers) -> Response:
    """Release a mark; whatever comes of it."""
    answer: Response = client.post(f"{API}/submissions/{submission['id']}/mark/release", headers=teaching)
    return answer
