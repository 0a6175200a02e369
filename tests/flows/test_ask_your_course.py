"""From a folder of lessons to cited answers, on both kinds of installation."""

import json
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import ingestion

SAMPLE = Path(ingestion.__file__).parent / "sample_course" / "2-money-and-mpesa"
PATIENCE_SECONDS = 240


def import_folder(client: TestClient, folder: Path) -> dict[str, object]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    paths = [f"money/{file.relative_to(folder).as_posix()}" for file in files]
    uploads = [("files", (file.name, file.read_bytes())) for file in files]
    options = {"title": "Money", "slug": "money", "publish": "true"}
    begun = client.post("/api/v1/imports", files=uploads, data={**options, "paths": paths})
    assert begun.status_code == 202, begun.text
    deadline = time.monotonic() + PATIENCE_SECONDS
    view = begun.json()
    while view["status"] not in ("done", "failed"):
        assert time.monotonic() < deadline, view
        time.sleep(0.1)
        view = client.get(f"/api/v1/imports/{view['id']}").json()
    return dict(view)


def ask(client: TestClient, question: str, **more: str) -> dict[str, object]:
    answer = client.post("/api/v1/courses/money/assistant/questions", json={"question": question, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_folder_becomes_a_course_that_answers_with_citations(story: TestClient) -> None:
    view = import_folder(story, SAMPLE)
    assert (view["status"], view["failed"], view["slug"]) == ("done", [], "money")
    assert view["chunks"]

    answer = ask(story, "What is M-Pesa?")
    assert answer["status"] == "answered"
    assert answer["citations"]
    for citation in answer["citations"]:  # type: ignore[attr-defined]
        lesson = story.get(f"/api/v1/lessons/{citation['lesson_id']}").json()
        assert citation["quote"] in lesson["text"]
        assert f'id="{citation["anchor"]}"' in lesson["html"]
        assert f"[{citation['number']}]" in str(answer["answer"])

    refused = ask(story, "Which planet has the most moons?")
    assert (refused["status"], refused["citations"]) == ("refused", [])

    events = stream(story, "How do I make a budget?")
    assert events[0][0] == "meta"
    assert events[-1][0] == "done"
    said = "".join(data["text"] for name, data in events if name == "token")
    assert said == events[-1][1]["answer"]
    assert {data["number"] for name, data in events if name == "citation"} == {
        citation["number"] for citation in events[-1][1]["citations"]
    }

    edit_one_lesson(story)
    delete_one_lesson(story)


def stream(client: TestClient, question: str) -> list[tuple[str, dict[str, object]]]:
    headers = {"Accept": "text/event-stream"}
    url = "/api/v1/courses/money/assistant/questions"
    events, name = [], ""
    with client.stream("POST", url, json={"question": question}, headers=headers) as response:
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                events.append((name, json.loads(line.removeprefix("data: "))))
    return events


def lesson_called(client: TestClient, path: str) -> dict[str, object]:
    outline = client.get("/api/v1/courses/money").json()
    lessons = [lesson for module in outline["modules"] for lesson in module["lessons"]]
    found = next(lesson for lesson in lessons if str(lesson["source_path"]).endswith(path))
    return dict(client.get(f"/api/v1/lessons/{found['id']}/source").json())


def edit_one_lesson(client: TestClient) -> None:
    source = lesson_called(client, "02-make-a-budget.md")
    body = f"{source['body']}\n\n## The jar rule\n\nThe jar rule is to put one tenth of any income into a closed jar.\n"
    saved = client.put(f"/api/v1/lessons/{source['id']}", json={"base_version": source["version"], "body": body})
    assert saved.status_code == 200, saved.text
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = ask(client, "What is the jar rule?")
        if answer["status"] == "answered" and "closed jar" in str(answer["answer"]):
            return
        assert time.monotonic() < deadline, answer
        time.sleep(0.2)


def delete_one_lesson(client: TestClient) -> None:
    source = lesson_called(client, "02-make-a-budget.md")
    assert client.delete(f"/api/v1/lessons/{source['id']}").status_code == 204
    found = client.get("/api/v1/courses/money/assistant/search", params={"q": "What is the jar rule?", "limit": 20})
    assert source["id"] not in {hit["lesson_id"] for hit in found.json()["items"]}


def test_health_and_readiness(story: TestClient) -> None:
    assert story.get("/healthz").json() == {"status": "ok"}
    ready = story.get("/readyz").json()
    assert {name for name, state in ready["parts"].items() if state != "ok"} <= {"index"}


@pytest.mark.parametrize("path", ["/api/v1/courses/money", "/api/v1/imports/0192f0c0-0000-7000-8000-000000000000"])
def test_what_is_not_there_is_a_problem_document(story: TestClient, path: str) -> None:
    missing = story.get(path)
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "request_id"} <= missing.json().keys()
