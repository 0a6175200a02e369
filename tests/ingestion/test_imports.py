"""Imports over HTTP: files go in, lessons come out; every failure has a name, and nothing is stored twice."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from ingestion.imports import service as imports
from ingestion.imports.jobs import discard_uploads, import_files
from ingestion.imports.models import Import, ImportStatus
from ingestion.imports.schemas import ImportOptions
from ingestion.imports.service import Upload
from lms_core.content.courses.models import Course, LessonVersion
from lms_core.identity.access.models import RoleAssignment
from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work, system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.people import Person, actor_of, create_person, create_tenant, log_in
from tests.ingestion.documents import pdf, word_document
from tests.ingestion.importing import COURSE, Headers, count, post, stored, view
from tests.serving import app_of
from workers import runtime as runtimes
from workers.runtime import Runtime


def test_a_folder_becomes_a_course(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    answer = post(client, headers, COURSE, publish="true")
    assert answer.status_code == 202, answer.text
    queued = answer.json()
    assert (queued["status"], queued["name"], queued["course_id"]) == ("queued", "water", None)
    read()
    seen = view(client, headers, queued["id"])
    assert (seen["status"], seen["kind"], seen["slug"]) == ("indexing", "markdown", "clean-water")
    assert (seen["modules"], seen["lessons"], seen["documents"], seen["failed"]) == (2, 2, 2, [])
    assert (seen["done"], seen["total"]) == (0, 2)
    assert stored(runtime) == {"1-boil/README.md": 1, "2-filter/README.md": 1}
    course = client.get("/api/v1/courses/clean-water", headers=headers).json()
    assert course["title"] == "Water" and course["summary"].startswith("How to keep water clean")
    listed = client.get("/api/v1/courses/clean-water/imports", headers=headers).json()["items"]
    assert [each["id"] for each in listed] == [queued["id"]]


def test_an_import_is_done_when_its_lessons_are_in_the_index(
    client: TestClient, headers: Headers, runtime: Runtime
) -> None:
    import_id = post(client, headers, COURSE).json()["id"]
    running.drain(runtime.database)  # with the calibration, which an import waits for
    seen = view(client, headers, import_id)
    assert (seen["status"], seen["done"], seen["total"]) == ("done", 2, 2)
    assert seen["chunks"] >= 2
    events = client.get(f"/api/v1/imports/{import_id}/events", headers=headers)
    assert events.headers["content-type"].startswith("text/event-stream")
    assert "event: done" in events.text and "event: progress" not in events.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.pdf", pdf("Rain falls on the roof.")),
        ("notes.docx", word_document("Rain falls on the roof.")),
        ("notes.md", b"# Notes\n\nRain falls on the roof."),
    ],
)
def test_one_document_becomes_a_course(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None], name: str, content: bytes
) -> None:
    import_id = post(client, headers, {name: content}, title="Rain", slug="rain", language="en").json()["id"]
    read()
    seen = view(client, headers, import_id)
    assert (seen["kind"], seen["slug"], seen["lessons"], seen["failed"]) == ("document", "rain", 1, [])
    with runtime.database.read(system_actor()) as ctx:
        assert "Rain falls on the roof." in ctx.session.execute(select(LessonVersion.body)).scalar_one()


def test_a_zip_with_one_bad_file_is_imported_and_names_it(
    client: TestClient, headers: Headers, read: Callable[[], None]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in {**COURSE, "water/2-filter/broken.pdf": "no pdf", "../evil.md": "# Evil"}.items():
            archive.writestr(path, content)
    import_id = post(client, headers, {"water.zip": packed.getvalue()}).json()["id"]
    read()
    seen = view(client, headers, import_id)
    assert (seen["status"], seen["lessons"]) == ("indexing", 2)
    failed = {each["path"]: each["code"] for each in seen["failed"]}
    assert failed["../evil.md"] == "unsafe_path"
    assert [code for path, code in failed.items() if path.endswith("broken.pdf")] == ["corrupt"]
    assert all(each["reason"].endswith(".") for each in seen["failed"])


def test_a_file_that_cannot_be_read_fails_and_can_be_tried_again(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, {"a.pdf": b"no pdf at all"}).json()["id"]
    read()
    seen = view(client, headers, import_id)
    assert seen["status"] == "failed" and seen["course_id"] is None
    assert [(each["path"], each["code"]) for each in seen["failed"]] == [("a.pdf", "corrupt")]
    assert count(runtime, Course) == 0
    again = client.post(f"/api/v1/imports/{import_id}/retry", headers=headers)
    assert (again.status_code, again.json()["status"], again.json()["failed"]) == (200, "queued", [])
    read()
    assert view(client, headers, import_id)["status"] == "failed"
    cancelled = client.post(f"/api/v1/imports/{import_id}/cancel", headers=headers)
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "import_not_running")


def test_a_cancelled_import_stores_nothing_until_it_is_tried_again(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, COURSE).json()["id"]
    answer = client.post(f"/api/v1/imports/{import_id}/cancel", headers=headers)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    read()
    assert view(client, headers, import_id)["status"] == "cancelled"
    assert stored(runtime) == {} and count(runtime, Course) == 0
    client.post(f"/api/v1/imports/{import_id}/retry", headers=headers)
    read()
    assert view(client, headers, import_id)["status"] == "indexing" and len(stored(runtime)) == 2
    retried = client.post(f"/api/v1/imports/{import_id}/retry", headers=headers)
    assert (retried.status_code, retried.json()["code"]) == (409, "import_not_retryable")


def test_files_of_an_import_nobody_tries_again_are_let_go_in_time(
    client: TestClient, headers: Headers, runtime: Runtime, clock: MovingClock
) -> None:
    cancelled, waiting = (post(client, headers, COURSE).json()["id"] for _ in range(2))
    client.post(f"/api/v1/imports/{cancelled}/cancel", headers=headers)
    folder = runtime.settings.data_dir / "files"
    kept = len([each for each in folder.rglob("*") if each.is_file()])
    work = Work(runtime.database, Job(name="test", queue="io", run_at=clock.now(), created_at=clock.now()))
    clock.move(timedelta(days=runtime.settings.import_files_days, minutes=-1))
    discard_uploads(work)
    assert len([each for each in folder.rglob("*") if each.is_file()]) == kept == 2 * len(COURSE)
    clock.move(timedelta(minutes=2))
    discard_uploads(work)
    assert len([each for each in folder.rglob("*") if each.is_file()]) == len(COURSE)
    with runtime.database.read(system_actor()) as ctx:
        files = {str(row.id): row.files for row in ctx.session.execute(select(Import)).scalars()}
    assert files[cancelled] == {} and len(files[waiting]) == len(COURSE)


def test_an_import_makes_way_when_the_process_stops(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, COURSE).json()["id"]
    runtime.database.stopping.set()
    read()
    assert stored(runtime) == {} and view(client, headers, import_id)["status"] in ("queued", "reading")
    runtime.database.stopping.clear()
    read()
    assert len(stored(runtime)) == 2


def test_importing_again_changes_only_what_changed(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    for _ in range(2):
        post(client, headers, COURSE)
        read()
    assert stored(runtime) == {"1-boil/README.md": 1, "2-filter/README.md": 1}
    assert (count(runtime, Course), count(runtime, LessonVersion)) == (1, 2)
    edited = {**COURSE, "water/1-boil/README.md": "# Boiling\n\nThree minutes, high up."}
    del edited["water/2-filter/README.md"]
    post(client, headers, edited)
    read()
    assert stored(runtime) == {"1-boil/README.md": 2}


def test_files_added_to_a_course_leave_the_others_alone(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    post(client, headers, COURSE)
    read()
    added = post(client, headers, {"store.md": "# Storing\n\nKeep it covered."}, to="courses/clean-water/imports")
    assert added.status_code == 202, added.text
    read()
    seen = view(client, headers, added.json()["id"])
    assert (seen["slug"], seen["lessons"]) == ("clean-water", 1)
    assert stored(runtime) == {"1-boil/README.md": 1, "2-filter/README.md": 1, "store.md": 1}
    assert count(runtime, Course) == 1


@pytest.mark.parametrize("stop", ["before the course", "after the course", "after the lessons"])
def test_a_killed_import_stores_nothing_twice_when_it_runs_again(
    runtime: Runtime, teacher: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stop: str
) -> None:
    row, work = begin(runtime, teacher, tmp_path, {path: text for path, text in COURSE.items() if "README" in path})
    step = {"before the course": "_open_course", "after the course": "store_course", "after the lessons": "_end"}[stop]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(f"ingestion.imports.jobs.{step}", _killed)
        import_files(work, import_id=str(row))
    before = count(runtime, Course)
    assert before == (0 if stop == "before the course" else 1)
    import_files(work, import_id=str(row))
    import_files(work, import_id=str(row))
    assert count(runtime, Course) == 1
    assert list(stored(runtime).values()) == [1, 1] and count(runtime, LessonVersion) == 2
    with runtime.database.read(system_actor()) as ctx:
        ended = ctx.session.execute(select(Import)).scalar_one()
    assert (ended.status, ended.files, len(ended.lesson_ids)) == (ImportStatus.STORED, {}, 2)


def _killed(*_arguments: object, **_named: object) -> None:
    raise KeyboardInterrupt


def begin(runtime: Runtime, person: Person, folder: Path, files: dict[str, str]) -> tuple[Any, Work]:
    """An import as `person` would begin it, without a slug, and the work its job is given."""
    uploads = []
    for number, (path, text) in enumerate(files.items()):
        (folder / str(number)).write_text(text.replace("slug: clean-water\n", ""))
        uploads.append(Upload(path, folder / str(number)))
    import_id, kept = imports.keep_files(runtime.resources, tenant_id=person.tenant_id, uploads=uploads)
    with runtime.database.write(actor_of(runtime.database, person)) as ctx:
        row = imports.begin(ctx, import_id=import_id, files=kept, options=ImportOptions())
        now = ctx.now
    job = Job(name=imports.IMPORT_JOB, queue="heavy", tenant_id=person.tenant_id, run_at=now, created_at=now)
    return row.id, Work(runtime.database, job)


def test_a_failure_of_ours_ends_the_import_after_the_last_attempt(
    runtime: Runtime, teacher: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id, work = begin(runtime, teacher, tmp_path, {"a.md": "# A"})
    monkeypatch.setattr("ingestion.imports.jobs.store_course", _broken)
    work.job.attempts, work.job.attempts_allowed = 1, 2
    for status in (ImportStatus.STORING, ImportStatus.FAILED):
        with pytest.raises(RuntimeError):
            import_files(work, import_id=str(import_id))
        with runtime.database.read(system_actor()) as ctx:
            row = ctx.session.execute(select(Import)).scalar_one()
        assert row.status == status
        work.job.attempts += 1
    assert [failure["code"] for failure in row.failures] == ["failed"]


def _broken(*_arguments: object, **_named: object) -> None:
    raise RuntimeError("a fault in the program")


def test_nothing_stays_behind_in_storage_or_on_disk(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(room))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in COURSE.items():
            archive.writestr(path, content)
    post(client, headers, {"water.zip": packed.getvalue()})
    read()
    assert len(stored(runtime)) == 2
    assert list(room.iterdir()) == []
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file() and "imports" in path.parts]


@pytest.mark.parametrize(
    "path", ["../evil.md", "a/../../evil.md", "/etc/evil.md", "..\\evil.md", "a\nb.md", "x" * 300 + ".md"]
)
def test_a_path_out_of_the_course_is_refused(client: TestClient, headers: Headers, runtime: Runtime, path: str) -> None:
    answer = post(client, headers, {"good.md": "# Good", path: "# Evil"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_path")
    assert answer.headers["content-type"] == "application/problem+json"
    assert count(runtime, Import) == 0


@pytest.mark.parametrize("clash", ["a.md", "a.md/b.md"])
def test_paths_that_cannot_be_together_are_refused(client: TestClient, headers: Headers, clash: str) -> None:
    files = [("files", ("a.md", b"# A")), ("files", ("b.md", b"# B"))]
    answer = client.post("/api/v1/imports", headers=headers, files=files, data={"paths": ["a.md", clash]})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_path")


def test_an_upload_needs_a_file_and_sound_options(client: TestClient, headers: Headers) -> None:
    assert client.post("/api/v1/imports", headers=headers, data={"title": "T"}).status_code == 422
    answer = post(client, headers, {"a.md": "# A"}, slug="Not a slug")
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert answer.json()["errors"][0]["field"].endswith("slug")


def test_a_folder_of_thousands_of_files_can_be_uploaded(client: TestClient, headers: Headers, runtime: Runtime) -> None:
    answer = post(client, headers, {f"big/{number}.md": f"# {number}" for number in range(2500)})
    assert answer.status_code == 202, answer.text
    with runtime.database.read(system_actor()) as ctx:
        assert len(ctx.session.execute(select(Import)).scalar_one().files) == 2500


@pytest.fixture
def narrow_client(settings: Settings, tmp_path: Path) -> Iterator[tuple[TestClient, Runtime]]:
    """An installation that takes uploads of one megabyte."""
    small = settings.model_copy(update={"upload_limit_mb": 1, "data_dir": tmp_path / "narrow"})
    built = runtimes.build(small, run_jobs=False)
    with TestClient(app_of(built), raise_server_exceptions=False) as opened:
        yield opened, built
    built.stop()


def test_an_upload_above_the_limit_is_refused(narrow_client: tuple[TestClient, Runtime]) -> None:
    client, runtime = narrow_client
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    answer = post(client, log_in(client, teacher), {"a.md": b"x" * (2 * 2**20)})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "1 MB" in answer.json()["detail"] and count(runtime, Import) == 0


def test_who_may_import_and_look(
    client: TestClient, headers: Headers, runtime: Runtime, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, COURSE).json()["id"]
    learner = log_in(client, create_person(runtime.database))
    colleague = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    elsewhere = create_tenant(runtime.database, host="other.example.org")
    admin = create_person(runtime.database, role=Role.ADMIN, tenant_id=elsewhere)
    with TestClient(app_of(runtime), base_url="http://other.example.org") as other:
        assert other.get(f"/api/v1/imports/{import_id}", headers=log_in(other, admin)).status_code == 404
    for someone in (learner, colleague):
        for verb, path in (("get", ""), ("post", "/cancel"), ("post", "/retry"), ("get", "/events")):
            answer = client.request(verb, f"/api/v1/imports/{import_id}{path}", headers=someone)
            assert (answer.status_code, answer.json()["code"]) == (404, "import_not_found")
    assert post(client, learner, COURSE).status_code == 403
    client.cookies.clear()
    assert post(client, {}, COURSE).status_code == 401
    console = {"Authorization": f"Bearer {runtime.console_token}"}
    if runtime.console is not None:
        assert view(client, console, import_id)["status"] == "queued"
    read()
    assert post(client, learner, {"a.md": "# A"}, to="courses/clean-water/imports").status_code in (403, 404)


def test_rights_taken_away_meanwhile_stop_the_import(
    client: TestClient, headers: Headers, runtime: Runtime, teacher: Person, read: Callable[[], None]
) -> None:
    import_id = post(client, headers, COURSE).json()["id"]
    with runtime.database.write(system_actor(teacher.tenant_id)) as ctx:
        ctx.session.execute(
            update(RoleAssignment).where(RoleAssignment.user_id == teacher.id).values(role=Role.LEARNER)
        )
    read()
    seen = view(client, headers, import_id)
    assert (seen["status"], seen["failed"][0]["code"]) == ("failed", "forbidden")
    assert count(runtime, Course) == 0
