"""Packages over HTTP: uploaded, imported, told on the page and by the API, imported again, and asked about."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.web.rendering import LANGUAGE_COOKIE
from lms_core.content.courses.models import Lesson
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.assessments.models import Quiz
from lms_core.learning.assignments.models import Assignment
from tests.draining import drain
from tests.factories.assistant import DRYER, ask, installation
from tests.factories.people import create_person, log_in
from tests.ingestion import packages
from tests.ingestion.importing import Headers, count, post, stored, view
from tests.ingestion.moodle_backups import moodle_backup
from tests.serving import app_of
from workers.runtime import Runtime


def test_a_moodle_backup_goes_in_is_told_and_goes_in_again(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None], clock: MovingClock
) -> None:
    # Told by its content: the name says nothing.
    backup = {"wells.bin": packages.tarred(moodle_backup())}
    begun = post(client, headers, backup, publish="true")
    assert begun.status_code == 202, begun.text
    read()
    seen = view(client, headers, begun.json()["id"])
    assert (seen["kind"], seen["modules"], seen["lessons"], seen["failed"]) == ("moodle", 1, 7, [])
    told = {each["what"]: each for each in seen["not_carried"]}
    assert told["People and their work"]["where"] == "Wells" and told["Random draw"]["where"] == "The quiz"
    assert told["Document: map.pdf"]["why"].startswith("The file is no whole PDF document")
    with runtime.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(Lesson.title, Lesson.status, Lesson.kind)).all()
        quizzes = ctx.session.execute(select(Quiz.title, Quiz.status)).all()
        work = ctx.session.execute(select(Assignment)).scalar_one()
        assert {row.title for row in rows if row.status == "draft"} == {"The label"}
        assert {row.title: row.kind for row in rows}["The quiz"] == "quiz"
        assert [tuple(row) for row in quizzes] == [("The quiz", "published")]
        assert (work.title, work.points, work.status, work.takes_files) == ("The assign", 40.0, "draft", True)

    page = client.get(f"/teach/imports/{begun.json()['id']}", headers=headers)
    assert page.status_code == 200 and "What stayed behind" in page.text
    assert "Quizzes have fixed questions here" in page.text and "The quiz" in page.text
    client.cookies.set(LANGUAGE_COOKIE, "sw")
    swahili = client.get(f"/teach/imports/{begun.json()['id']}", headers=headers)
    assert "Yaliyobaki nyuma" in swahili.text and "Watu na kazi zao" in swahili.text
    assert "Accounts, enrolments" not in swahili.text
    outsider = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    client.cookies.clear()
    assert client.get(f"/api/v1/imports/{begun.json()['id']}", headers=outsider).status_code == 404

    before = stored(runtime)
    assert set(before.values()) == {1}
    clock.move(timedelta(minutes=1))
    again = post(client, headers, backup, slug=seen["slug"]).json()
    read()
    assert view(client, headers, again["id"])["updated"] and stored(runtime) == before
    assert (count(runtime, Quiz), count(runtime, Assignment)) == (1, 1)


def test_a_package_that_is_none_says_so(client: TestClient, headers: Headers, read: Callable[[], None]) -> None:
    def refused(name: str, content: bytes) -> Any:
        import_id = post(client, headers, {name: content}).json()["id"]
        read()
        seen = view(client, headers, import_id)
        assert seen["status"] == "failed" and len(seen["failed"]) == 1
        return seen["failed"][0]

    tincan = refused("course.zip", packages.zipped({"tincan.xml": "<tincan/>", "index.html": "<p>x</p>"}))
    assert tincan["code"] == "unsupported" and "an xAPI (Tin Can) package" in tincan["reason"]
    empty = refused("x.h5p", packages.h5p("H5P.MemoryGame", {"cards": []}, title="Pairs"))
    assert empty["code"] == "no_text" and "Component" not in empty["reason"] and "(Pairs:" in empty["reason"]
    cut = refused("course.tar.gz", packages.tarred({"course.xml": "<course/>" * 50})[:60])
    assert cut["code"] == "corrupt"


def test_the_assistant_cites_a_lesson_that_came_from_open_edx(tmp_path: Path) -> None:
    runtime = installation(tmp_path, run_jobs=True)
    with TestClient(app_of(runtime)) as client:
        headers = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
        text = DRYER.replace("# Solar dryers\n\n", "<h1>Solar dryers</h1><p>").replace("\n\n", "</p><p>")
        course = packages.olx(
            {},
            **{
                "vertical/v.xml": '<vertical display_name="Solar dryers"><html url_name="h"/></vertical>',
                "html/h.xml": '<html filename="h" display_name="Text"/>',
                "html/h.html": text,
                "course/r.xml": '<course display_name="Farm" language="en"><chapter url_name="c"/></course>',
            },
        )
        begun = post(client, headers, {"farm.tar.gz": packages.tarred(course)}, slug="farm", publish="true").json()
        drain(runtime.database)
        seen = view(client, headers, begun["id"])
        assert (seen["kind"], seen["lessons"], seen["failed"]) == ("olx", 1, [])
        runtime.start()
        answer = ask(client, "farm", headers, "How long does dried fruit keep?")
        assert answer["status"] == "answered" and "six months" in answer["answer"]
        lesson = client.get(f"/api/v1/lessons/{answer['citations'][0]['lesson_id']}", headers=headers).json()
        assert lesson["title"] == "First: Solar dryers" and answer["citations"][0]["quote"] in lesson["text"]
    runtime.stop()
