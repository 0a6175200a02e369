"""Drafts of lessons through HTTP: saved, moved on, compared, published together or not at all, and by whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.courses.events import LessonChanged
from lms_core.identity.access import service as access
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.kit.running import run_job
from tests.api.test_pages import Visitor
from tests.factories.courses import BODY, Made, create_course, outline, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, teacher: Person) -> Made:
    return create_course(runtime.database, teacher, modules=outline(4))


def colleague_in(runtime: Runtime, course: Made) -> Person:
    someone = create_person(runtime.database, full_name="Wanjiku Mwangi")
    with runtime.database.write(system_actor(someone.tenant_id)) as ctx:
        access.grant(ctx, user_id=someone.id, role=Role.INSTRUCTOR, course_id=course.id)
    return someone


def jobs_of(runtime: Runtime, what: str) -> list[Job]:
    """The jobs of a name, or of an event."""
    with runtime.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(Job).order_by(Job.id)).scalars()
        return [job for job in rows if what in (job.name, job.payload.get("event"))]


def draft(body: str, **more: Any) -> dict[str, Any]:
    return {"base_version": 1, "revision": 0, "title": "Heat", "body": body, "status": "published", **more}


def test_a_draft_from_the_first_word_to_a_version(
    runtime: Runtime, client: TestClient, teacher: Person, course: Made, clock: MovingClock
) -> None:
    headers = log_in(client, teacher)
    lesson = f"{API}/lessons/{course.lessons[0]}"
    assert client.get(f"{lesson}/draft", headers=headers).json() == {"draft": None, "others": []}
    begun = client.put(f"{lesson}/draft", headers=headers, json=draft("# Heat\n\nIt rises.", title=""))
    assert begun.status_code == 200, begun.text
    assert (begun.json()["revision"], begun.json()["outdated"]) == (1, False)
    assert client.get(lesson, headers=headers).json()["version"] == 1  # readers see nothing of it
    # Another window of the same author does not know of that save.
    other = client.put(f"{lesson}/draft", headers=headers, json=draft("Other."))
    assert (other.status_code, other.json()["code"], other.json()["current_revision"]) == (409, "draft_moved", 1)
    ahead = client.put(f"{lesson}/draft", headers=headers, json=draft("x", base_version=7, revision=1))
    assert ahead.status_code == 422
    clock.move(timedelta(seconds=5))
    with statements(runtime.database) as sent:
        saved = client.put(f"{lesson}/draft", headers=headers, json=draft("# Heat\n\nIt rises fast.", revision=1))
    assert saved.json()["revision"] == 2
    assert len(sent) <= 5, sent  # who asks, the lesson, the draft, and its update
    # Somebody publishes meanwhile: the draft stays, is told of it, and goes on top of the new version.
    colleague = log_in(client, colleague_in(runtime, course))
    published = {"base_version": 1, "body": BODY + "\nNew.\n"}
    assert client.put(lesson, headers=colleague, json=published).json()["version"] == 2
    late = client.put(f"{lesson}/draft", headers=headers, json=draft("Mine.", revision=2)).json()
    assert (late["outdated"], late["base_version"], late["current_version"]) == (True, 1, 2)
    refused = client.post(f"{API}/courses/{course.slug}/drafts/publish", headers=headers, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "drafts_in_the_way")
    assert [each["reason"] for each in refused.json()["drafts"]] == ["outdated"]
    onto = client.put(f"{lesson}/draft", headers=headers, json=draft("Mine.", revision=3, base_version=2)).json()
    assert (onto["outdated"], onto["revision"]) == (False, 4)
    changed = client.get(f"{lesson}/differences?before=1&after=2", headers=headers).json()
    assert (changed["added"], changed["removed"]) == (2, 0)
    assert client.get(f"{lesson}/versions/2", headers=headers).json()["body"] == BODY + "\nNew.\n"
    # What says the same as the lesson is no draft.
    source = client.get(f"{lesson}/source", headers=headers).json()
    same = {"base_version": 2, "revision": 4, "title": source["title"], "body": source["body"], "status": "published"}
    assert client.put(f"{lesson}/draft", headers=headers, json=same).json()["revision"] == 0
    assert client.get(f"{lesson}/draft", headers=headers).json()["draft"] is None


def test_drafts_are_published_together_or_not_at_all(
    runtime: Runtime, client: TestClient, teacher: Person, course: Made
) -> None:
    colleague = colleague_in(runtime, course)
    mine, theirs = log_in(client, teacher), log_in(client, colleague)
    drafts, first, *rest = f"{API}/courses/{course.slug}/drafts", *course.lessons
    client.put(f"{API}/lessons/{first}", headers=mine, json={"base_version": 1, "status": "draft"})
    learner = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{course.slug}/enroll", headers=learner)
    assert client.get(f"{API}/lessons/{first}", headers=learner).status_code == 404
    bodies = {first: mine, rest[0]: mine, rest[1]: theirs}
    for lesson, who in bodies.items():
        assert client.put(f"{API}/lessons/{lesson}/draft", headers=who, json=draft(f"# Heat\n\n{lesson}")).json()
    rival = client.put(f"{API}/lessons/{rest[0]}/draft", headers=theirs, json=draft("Rival.", title="")).json()
    listed = client.get(drafts, headers=mine).json()["items"]
    assert [(each["author"], each["rivals"]) for each in listed] == [
        ("Daudi Kamau", 0), ("Daudi Kamau", 1), ("Wanjiku Mwangi", 0), ("Wanjiku Mwangi", 1)
    ]  # fmt: skip
    assert listed[0]["changes"]["added"] > 0 and listed[0]["present_status"] == "draft"
    everything = client.post(f"{drafts}/publish", headers=mine, json={})
    assert {each["reason"] for each in everything.json()["drafts"]} == {"rival", "untitled"}
    assert client.get(f"{API}/lessons/{rest[1]}", headers=mine).json()["version"] == 1  # nothing of it happened
    chosen = [{"id": each["id"], "revision": each["revision"]} for each in listed if each["id"] != rival["id"]]
    stale = [*chosen[:2], {**chosen[2], "revision": 9}]
    assert (
        client.post(f"{drafts}/publish", headers=mine, json={"drafts": stale}).json()["drafts"][0]["reason"]
        == "changed"
    )
    told = len(jobs_of(runtime, LessonChanged.name))
    done = client.post(f"{drafts}/publish", headers=mine, json={"drafts": chosen})
    assert done.status_code == 200, done.text
    assert set(done.json()["lessons"]) == {str(each) for each in bodies}
    for lesson in bodies:  # to be read at once, rendered or not
        shown = client.get(f"{API}/lessons/{lesson}", headers=learner).json()
        assert f'<p dir="auto">{lesson}</p>' in shown["html"]
    history = client.get(f"{API}/lessons/{rest[1]}/versions", headers=mine).json()
    assert history[0]["author_id"] == str(colleague.id)
    events = jobs_of(runtime, LessonChanged.name)[told:]
    assert sorted(job.payload["data"]["lesson_id"] for job in events) == sorted(map(str, bodies))
    [rendering] = jobs_of(runtime, "drafts.render")
    assert run_job(runtime.database, rendering.id, worker="test")
    assert jobs_of(runtime, "drafts.render")[0].state == "done"
    found = client.get(f"{API}/courses/{course.slug}/drafts", headers=mine).json()["items"]
    assert [each["id"] for each in found] == [rival["id"]]
    gone = client.post(f"{drafts}/publish", headers=mine, json={"drafts": chosen})
    assert (gone.status_code, gone.json()["code"]) == (404, "draft_not_found")


def test_a_list_of_drafts_is_few_statements(
    runtime: Runtime, client: TestClient, teacher: Person, course: Made
) -> None:
    headers, counts = log_in(client, teacher), []
    for lesson in course.lessons:
        client.put(f"{API}/lessons/{lesson}/draft", headers=headers, json=draft("Changed."))
        with statements(runtime.database) as sent:
            page = client.get(f"{API}/courses/{course.slug}/drafts?limit=3", headers=headers).json()
        counts.append(len(sent))
    assert len(page["items"]) == 3
    assert len(set(counts[1:])) == 1 and counts[-1] <= 8, counts
    rest = client.get(f"{API}/courses/{course.slug}/drafts?cursor={page['next_cursor']}", headers=headers).json()
    assert len(rest["items"]) == 1 and rest["next_cursor"] is None


def test_drafts_are_for_editors(runtime: Runtime, client: TestClient, teacher: Person, course: Made) -> None:
    lesson, headers = course.lessons[0], log_in(client, teacher)
    kept = client.put(f"{API}/lessons/{lesson}/draft", headers=headers, json=draft("Secret.")).json()
    learner = log_in(client, create_person(runtime.database))
    client.post(f"{API}/courses/{course.slug}/enroll", headers=learner)
    outsider = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"lessons/{lesson}/draft", None),
        ("PUT", f"lessons/{lesson}/draft", draft("x")),
        ("DELETE", f"lessons/{lesson}/draft", None),
        ("GET", f"drafts/{kept['id']}", None),
        ("GET", f"lessons/{lesson}/versions/1", None),
        ("GET", f"lessons/{lesson}/differences?before=1&after=1", None),
        ("GET", f"courses/{course.slug}/drafts", None),
        ("POST", f"courses/{course.slug}/drafts/publish", {}),
        ("POST", "lessons/blocks", {"body": "x", "course": course.slug}),
    ]
    for method, path, body in asked:
        for who in (learner, outsider, {}):
            answer = client.request(method, f"{API}/{path}", headers=who, json=body)
            wanted = 401 if not who else 403 if path.startswith("courses/") or "blocks" in path else 404
            assert answer.status_code == wanted, (method, path, answer.text)
            assert "Secret" not in answer.text
        if method == "GET":
            assert client.get(f"{API}/{path}", headers=headers).status_code == 200, path
    blocks = client.post(f"{API}/lessons/blocks", headers=headers, json={"body": "# a\n\n$$x$$", "course": course.slug})
    assert [each["kind"] for each in blocks.json()["blocks"]] == ["heading", "formula"]
    assert "<math" in blocks.json()["blocks"][1]["html"]
    assert client.delete(f"{API}/lessons/{lesson}/draft", headers=headers).status_code == 204


def test_the_editor_without_scripts(runtime: Runtime, teacher: Person, course: Made) -> None:
    visitor = Visitor(runtime).log_in(teacher)
    lesson = f"/teach/lessons/{course.lessons[0]}"
    embed = "![A talk](embed:https://youtu.be/abcdefghijk)"
    form = {
        "base_version": "1",
        "revision": "0",
        "title": "Lesson 1.1",
        "body": f"# Lesson 1.1\r\n\r\nHot.\r\n\r\n{embed}\n",
    }
    saved = visitor.post(lesson, {**form, "status": "published", "action": "draft"}, page=lesson)
    assert "Saved as a draft" in saved.text and "Learners see version 1" in saved.text
    assert f"# Lesson 1.1\n\nHot.\n\n{embed}\n</textarea>" in saved.text
    twice = visitor.post(lesson, {**form, "status": "published", "action": "draft"}, page=lesson)
    assert twice.status_code == 409 and "Save again" in twice.text and 'name="revision" value="1"' in twice.text
    blind = visitor.post(lesson, {**form, "body": "Blind.", "action": "publish"}, page=lesson)
    assert blind.status_code == 409 and "Blind." in blind.text, "it would have taken a draft away that it never saw"
    shown = visitor.post(lesson, {**form, "revision": "1", "action": "preview"}, page=lesson)
    assert shown.url.path == f"{lesson}/preview"
    assert shown.text.count("Lesson 1.1</h1>") == 1 and "Hot." in shown.text
    framed = "https://www.youtube-nocookie.com/embed/abcdefghijk"
    assert f'data-frame="{framed}"' in shown.text and "<iframe" not in shown.text
    policy = shown.headers["content-security-policy"]
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com" in policy
    assert "frame-src" not in visitor.get(lesson).headers["content-security-policy"]
    changes = visitor.get(f"/teach/courses/{course.slug}/changes")
    ticked = re.findall(r'name="draft" value="([^"]+)" checked', changes.text)
    assert len(ticked) == 1 and "<ins>" in changes.text and "Daudi Kamau" in changes.text
    page = f"/teach/courses/{course.slug}/changes"
    stale = visitor.post(page, {"draft": ticked[0].split(":")[0] + ":1"}, page=page)
    assert stale.status_code == 409 and "Nothing was published" in stale.text
    assert "Everything is published" in visitor.post(page, {"draft": ticked[0]}, page=page).text
    read = visitor.get(f"/lessons/{course.lessons[0]}")
    assert "Hot." in read.text and "frame-src" in read.headers["content-security-policy"]
    late = visitor.post(lesson, {**form, "body": "Late.", "action": "publish"}, page=lesson)
    assert late.status_code == 409 and "Late." in late.text and f"{lesson}/compare?before=1&amp;after=2" in late.text
    onto = visitor.post(lesson, {**form, "body": "Late.", "onto": "2"}, page=lesson)
    assert "Saved as a draft" in onto.text and 'name="base_version" value="2"' in onto.text
    compared = visitor.get(f"{lesson}/compare?before=1&after=2")
    assert "<del>" in compared.text or "removed" in compared.text
    assert "The text is the same" in visitor.get(f"{lesson}/compare?before=2&after=2").text
    versions = visitor.get(f"{lesson}/versions").text
    assert "Daudi Kamau" in versions and "before=1&amp;after=2" in versions
    assert "published text" in visitor.post(f"{lesson}/draft/discard", page=lesson).text
