"""What an import tells when it ends: which course it changed, what is missing, what was counted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.courses.models import Course, LessonVersion
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.people import create_person, log_in
from tests.ingestion.importing import COURSE, Headers, count, post, stored, view
from workers.runtime import Runtime


def test_the_same_files_again_update_their_course_when_asked_to(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None], clock: MovingClock
) -> None:
    files = {"soap/1.md": "# Soap\n\nWash your hands.", "soap/2.md": "# Water\n\nRinse them."}
    first = post(client, headers, files, title="Clean hands").json()
    read()
    assert view(client, headers, first["id"])["updated"] is False
    clock.move(timedelta(minutes=1))

    def earlier(someone: Headers = headers, **wanted: str) -> Any:
        return client.get("/api/v1/imports/earlier", params=wanted, headers=someone).json()

    nothing = {"slug": None, "title": None}
    known = {"slug": "clean-hands", "title": "Clean hands"}
    assert earlier(name="soap") == earlier(name="soap.zip", title="Clean hands") == known
    assert earlier(name="soap", title="Another") == earlier(name="other") == nothing
    colleague = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    assert earlier(colleague, name="soap") == nothing
    client.cookies.clear()
    assert client.get("/api/v1/imports/earlier", params={"name": "soap"}).status_code == 401
    del files["soap/2.md"]
    again = post(client, headers, files, slug="clean-hands").json()
    read()
    assert view(client, headers, again["id"])["updated"] is True
    assert (count(runtime, Course), stored(runtime)) == (1, {"1.md": 1})
    other = post(client, headers, files, title="Clean hands", new="true").json()
    read()
    seen = view(client, headers, other["id"])
    assert (seen["updated"], seen["slug"] != "clean-hands", count(runtime, Course)) == (False, True, 2)


def test_files_that_name_their_course_make_another_one_when_asked_to(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    for new in ("false", "true"):
        post(client, headers, COURSE, new=new)
        read()
    assert count(runtime, Course) == 2


def test_pictures_that_are_not_among_the_files_are_listed_apart(
    client: TestClient, headers: Headers, read: Callable[[], None]
) -> None:
    text = (
        "# Taps\n\n![There](img/pot.png) ![Gone](img/gone%20one.png) <img src='../up.jpg'> ![Web](https://a.example/b.png)"
        "\n\n```\n![code](in-code.png)\n```\n\n![Again](img/gone%20one.png)\n"
    )
    files = {"taps/1-tap/README.md": text, "taps/1-tap/img/pot.png": "\x89PNG", "taps/2.md": "# Pipes\n\nOf lead."}
    import_id = post(client, headers, files).json()["id"]
    read()
    seen = view(client, headers, import_id)
    assert (seen["status"], seen["lessons"], seen["failed"]) == ("indexing", 2, [])
    assert [each["path"] for each in seen["missing_pictures"]] == ["1-tap/img/gone one.png", "up.jpg"]
    assert all(each["code"] == "missing_picture" for each in seen["missing_pictures"])
    assert seen["missing_pictures"][0]["reason"].startswith("1-tap/README.md shows this picture")
    one = post(client, headers, {"note.md": "# Note\n\n![Lost](lost.png)\n"}).json()["id"]
    read()
    assert [each["path"] for each in view(client, headers, one)["missing_pictures"]] == ["lost.png"]


def test_right_to_left_and_emoji_come_in_whole(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    names = ["دروس/١-الماء.md", "دروس/2-🌱👩🏾‍🌾.md"]
    texts = ["# الماء\n\nاغلِ الماء \u200fدقيقة واحدة.", "# Seeds 🌱\n\nPlant them 👩🏾‍🌾 in rows."]
    parts = [("files", ("x.md", text.encode())) for text in texts]
    sent = client.post("/api/v1/imports", headers=headers, files=parts, data={"paths": names})
    assert sent.status_code == 202, sent.text
    read()
    seen = view(client, headers, sent.json()["id"])
    assert (seen["lessons"], seen["failed"], seen["name"]) == (2, [], "دروس")
    with runtime.database.read(system_actor()) as ctx:
        assert set(ctx.session.execute(select(LessonVersion.body)).scalars()) == set(texts)


def test_a_card_counts_every_kind_of_lesson_but_no_translation(
    client: TestClient, headers: Headers, read: Callable[[], None]
) -> None:
    files = {
        "hives/1-box/README.md": "# The box\n\nA box with bars.",
        "hives/1-box/assignment.md": "# Build one\n\nDraw your box.",
        "hives/2-bees.md": "# Bees\n\nThey are many.",
        "hives/translations/sw/2-bees.md": "# Nyuki\n\nNi wengi.",
    }
    post(client, headers, files, slug="hives", language="en", publish="true")
    read()
    course = client.get("/api/v1/courses/hives", headers=headers).json()
    lessons = [lesson for module in course["modules"] for lesson in module["lessons"]]
    assert sorted(each["kind"] for each in lessons) == ["assignment", "lesson", "lesson", "lesson"]
    assert course["lesson_count"] == 3


def test_loose_files_make_a_course_named_after_the_first(
    client: TestClient, headers: Headers, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, {"soap-making.md": "Stir it.", "lye.md": "Wear gloves."}).json()["id"]
    read()
    slug = view(client, headers, import_id)["slug"]
    assert client.get(f"/api/v1/courses/{slug}", headers=headers).json()["title"] == "Soap making"
