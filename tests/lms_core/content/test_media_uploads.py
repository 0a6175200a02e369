"""Resumable uploads end to end: pieces, lost connections, refusals, quotas, viruses, what is left behind."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.routes.content.uploads import store_piece
from lms_core.content.media import scanning
from lms_core.content.media import service as media
from lms_core.content.media.errors import ScannerUnavailable, WrongOffset
from lms_core.kit import jobs, running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.factories.courses import Made, create_course, statements
from tests.factories.media import begin, picture, send, upload
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.serving import app_of
from tests.simulators.clamd_server import EICAR, ClamdServer
from workers import runtime as runtimes
from workers.runtime import Runtime

Headers = dict[str, str]
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def teaching(client: TestClient, instructor: Person) -> Headers:
    return log_in(client, instructor)


@pytest.fixture
def learning(client: TestClient, runtime: Runtime, course: Made) -> Headers:
    headers = log_in(client, create_person(runtime.database))
    assert client.post(f"/api/v1/courses/{course.slug}/enroll", headers=headers).status_code in (200, 201)
    return headers


def stored_files(runtime: Runtime) -> list[str]:
    folder = runtime.settings.data_dir / "files"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def library(client: TestClient, headers: Headers, course: Made) -> Any:
    answer = client.get(f"/api/v1/courses/{course.slug}/media", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_tus_client_learns_what_the_server_can(client: TestClient) -> None:
    told = client.options("/api/v1/uploads").headers
    assert told["tus-version"] == "1.0.0"
    assert "creation" in told["tus-extension"]
    assert int(told["tus-max-size"]) == 2_000 * 2**20


def test_a_file_sent_in_pieces_becomes_an_item(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int], runtime: Runtime
) -> None:
    content = b"%PDF-1.7\n" + bytes(range(256)) * 100
    begun = begin(client, teaching, course.slug, "Notes on Heat.EXE", len(content))
    assert begun.headers["location"] == f"/api/v1/uploads/{begun.json()['id']}"
    upload_id = begun.json()["id"]
    for start in range(0, len(content), 10_000):
        piece = content[start : start + 10_000]
        sent = send(client, teaching, upload_id, start, piece)
        assert (sent.status_code, sent.headers["upload-offset"]) == (204, str(start + len(piece)))
    assert client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()["state"] == "checking"
    drain()
    found = client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()
    assert (found["state"], found["item_id"]) == ("taken", upload_id)
    (item,) = library(client, teaching, course)["items"]
    assert (item["kind"], item["name"], item["state"]) == ("file", "notes-on-heat.pdf", "ready")
    assert item["markdown"] == "[notes on heat](asset:notes-on-heat.pdf)"
    asset = client.get(f"/api/v1/courses/{course.slug}/assets/{item['name']}", headers=teaching)
    assert asset.content == content
    part = client.get(
        f"/api/v1/courses/{course.slug}/assets/{item['name']}", headers={**teaching, "Range": "bytes=9-18"}
    )
    assert (part.status_code, part.content) == (206, content[9:19])
    assert not [key for key in stored_files(runtime) if "/uploads/" in key]


def test_the_offset_survives_a_restart_and_a_wrong_one_is_refused(
    client: TestClient, course: Made, teaching: Headers, runtime: Runtime, drain: Callable[[], int]
) -> None:
    content = b"plain words " * 1000
    upload_id = begin(client, teaching, course.slug, "words.txt", len(content)).json()["id"]
    assert send(client, teaching, upload_id, 0, content[:5000]).status_code == 204
    with TestClient(app_of(runtime)) as restarted:
        head = restarted.head(f"/api/v1/uploads/{upload_id}", headers=teaching)
        assert head.headers["upload-offset"] == "5000"
        assert head.headers["upload-length"] == str(len(content))
        for wrong in (0, 4999, 5001):
            refused = send(restarted, teaching, upload_id, wrong, b"x")
            assert (refused.status_code, refused.json()["received"]) == (409, 5000)
        assert send(restarted, teaching, upload_id, 5000, content[5000:]).status_code == 204
    assert send(client, teaching, upload_id, len(content), b"more").status_code in (400, 409)
    drain()
    name = library(client, teaching, course)["items"][0]["name"]
    assert client.get(f"/api/v1/courses/{course.slug}/assets/{name}", headers=teaching).content == content


def test_what_came_before_a_broken_connection_is_kept(client: TestClient, course: Made, teaching: Headers) -> None:
    upload_id = begin(client, teaching, course.slug, "a.txt", 20_000_000).json()["id"]
    sent = send(client, teaching, upload_id, 0, b"a" * 9_000_000)  # more than one piece
    assert sent.headers["upload-offset"] == "9000000"
    more = send(client, teaching, upload_id, 9_000_000, b"a" * 12_000_000)
    assert more.status_code == 400
    head = client.head(f"/api/v1/uploads/{upload_id}", headers=teaching)
    assert int(head.headers["upload-offset"]) >= 9_000_000


def test_checksums_are_verified(client: TestClient, course: Made, teaching: Headers) -> None:
    upload_id = begin(client, teaching, course.slug, "a.txt", 10).json()["id"]
    for algorithm in ("sha1", "sha256"):
        wrong = base64.b64encode(hashlib.new(algorithm, b"other").digest()).decode()
        refused = send(client, teaching, upload_id, 0, b"hello", **{"Upload-Checksum": f"{algorithm} {wrong}"})
        assert (refused.status_code, refused.json()["code"]) == (460, "checksum_mismatch")
    assert send(client, teaching, upload_id, 0, b"hello", **{"Upload-Checksum": "md5 AAAA"}).status_code == 400
    right = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
    assert send(client, teaching, upload_id, 0, b"hello", **{"Upload-Checksum": f"sha256 {right}"}).status_code == 204


def test_malformed_requests_are_explained(client: TestClient, course: Made, teaching: Headers) -> None:
    post = f"/api/v1/courses/{course.slug}/uploads"
    for told in ({"Upload-Length": "0"}, {"Upload-Length": "5", "Upload-Metadata": "filename !!"}):
        assert client.post(post, headers={**teaching, **told}).json()["code"] == "not_tus"
    assert client.post(post, headers={**teaching, "Upload-Length": "-1"}).status_code == 422
    name = base64.b64encode(b"a\nb").decode()
    odd = {"Upload-Length": "5", "Upload-Metadata": f"filename {name}"}
    assert client.post(post, headers={**teaching, **odd}).status_code == 400
    upload_id = begin(client, teaching, course.slug, "a", 5).json()["id"]
    plain = {**teaching, "Upload-Offset": "0", "Content-Type": "text/plain"}
    assert client.patch(f"/api/v1/uploads/{upload_id}", headers=plain, content=b"x").status_code == 400


def test_uploads_are_their_sender_s_alone(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, learning: Headers
) -> None:
    assert begin(client, learning, course.slug, "a", 5).status_code == 403
    assert begin(client, {}, course.slug, "a", 5).status_code in (401, 403)
    outsider = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    upload_id = begin(client, teaching, course.slug, "a", 5).json()["id"]
    for headers, status in ((learning, 404), (outsider, 404), ({}, 401)):
        assert client.head(f"/api/v1/uploads/{upload_id}", headers=headers).status_code == status
        assert client.get(f"/api/v1/uploads/{upload_id}", headers=headers).status_code == status
        assert send(client, headers, upload_id, 0, b"hello").status_code == status
        assert client.delete(f"/api/v1/uploads/{upload_id}", headers=headers).status_code == status
        assert client.get(f"/api/v1/courses/{course.slug}/media", headers=headers).status_code in (401, 403)
    assert client.head(f"/api/v1/uploads/{upload_id}", headers=teaching).headers["upload-offset"] == "0"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (SVG, "svg_refused"),
        (b"<html><script>alert(1)</script></html>", "html_refused"),
        (b"MZ\x90\x00" + bytes(500), "kind_refused"),
        (b"\x7fELF" + bytes(500), "kind_refused"),
        (b"\x89PNG\r\n\x1a\n" + b"no picture" * 50, "picture_damaged"),
        (bytes(4) + b"ftypheic" + bytes(100), "heic_refused"),
    ],
)
def test_content_decides_and_a_refusal_says_why(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int], content: bytes, code: str
) -> None:
    upload_id = upload(client, teaching, course.slug, "photo.jpg", content)
    drain()
    found = client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()
    assert (found["state"], found["code"]) == ("refused", code)
    assert found["reason"].endswith(".")
    told = library(client, teaching, course)
    assert told["items"] == []
    assert told["uploads"][0]["reason"] == found["reason"]
    assert client.delete(f"/api/v1/uploads/{upload_id}", headers=teaching).status_code == 204
    assert library(client, teaching, course)["uploads"] == []


def test_a_bomb_of_pixels_is_refused_undecoded(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    bomb = BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    upload_id = upload(client, teaching, course.slug, "white.png", bomb.getvalue())
    drain()
    assert client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()["code"] == "picture_too_large"


def test_a_photo_loses_its_metadata_stands_upright_and_gets_variants(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees
    exif[0x010E] = "S 1.2921 E 36.8219"
    photo = picture(1600, 900, exif=exif)
    assert b"36.8219" in photo
    upload(client, teaching, course.slug, "Picha ya maji.jpeg", photo)
    drain()
    (item,) = library(client, teaching, course)["items"]
    assert (item["name"], item["width"], item["height"]) == ("picha-ya-maji.jpg", 900, 1600)
    address = f"/api/v1/courses/{course.slug}/assets/{item['name']}"
    kept = client.get(address, headers=teaching)
    assert b"36.8219" not in kept.content
    assert Image.open(BytesIO(kept.content)).size == (900, 1600)
    for accept, kind in (("image/webp,*/*", "image/webp"), ("*/*", "image/jpeg"), ("image/avif", "image/avif")):
        small = client.get(f"{address}?w=320", headers={**teaching, "Accept": accept})
        assert small.headers["content-type"] == kind
        assert small.headers["vary"].startswith("Accept")
        assert Image.open(BytesIO(small.content)).size == (320, 569)
    assert client.get(f"{address}?w=1280", headers=teaching).content == kept.content


def test_lessons_offer_the_variants(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    upload(client, teaching, course.slug, "water.png", picture(700, 500, kind="PNG"))
    drain()
    lesson = f"/api/v1/lessons/{course.lessons[0]}"
    version = client.get(f"{lesson}/source", headers=teaching).json()["version"]
    body = {"body": "# Water\n\n![Water & steam](asset:water.png)\n", "base_version": version}
    assert client.put(lesson, headers=teaching, json=body).status_code == 200
    page = client.get(f"/lessons/{course.lessons[0]}", headers=teaching).text
    address = f"/api/v1/courses/{course.slug}/assets/water.png"
    assert f'srcset="{address}?w=320 320w, {address}?w=640 640w, {address} 700w"' in page
    assert 'width="700" height="500"' in page
    assert "Water &amp; steam" in page
    (item,) = library(client, teaching, course)["items"]
    assert [place["lesson_id"] for place in item["used_in"]] == [str(course.lessons[0])]
    refused = client.delete(f"/api/v1/media-items/{item['id']}", headers=teaching)
    assert (refused.status_code, refused.json()["code"]) == (409, "media_used")


def test_deleting_an_item_leaves_nothing_in_storage(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, learning: Headers, drain: Callable[[], int]
) -> None:
    item_id = upload(client, teaching, course.slug, "water.jpg", picture())
    drain()
    assert stored_files(runtime)
    assert client.delete(f"/api/v1/media-items/{item_id}", headers=learning).status_code == 404
    assert client.get(f"/api/v1/media-items/{item_id}", headers=learning).status_code == 404
    assert client.delete(f"/api/v1/media-items/{item_id}", headers=teaching).status_code == 204
    drain()
    assert stored_files(runtime) == []
    assert client.get(f"/api/v1/courses/{course.slug}/assets/water.jpg", headers=teaching).status_code == 404


def test_a_deleted_course_leaves_nothing_in_storage(
    client: TestClient, runtime: Runtime, instructor: Person, teaching: Headers, drain: Callable[[], int]
) -> None:
    course = create_course(runtime.database, instructor, publish=False)
    teaching = log_in(client, instructor)
    upload(client, teaching, course.slug, "water.jpg", picture())
    drain()
    half = begin(client, teaching, course.slug, "half.txt", 100).json()["id"]
    send(client, teaching, half, 0, b"half")
    assert client.delete(f"/api/v1/courses/{course.slug}", headers=teaching).status_code == 204
    drain()
    assert stored_files(runtime) == []


def test_names_never_collide_and_never_climb(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    for given in ("../../etc/passwd", "Maji.txt", "maji.TXT", "C:\\Users\\x\\maji.txt", "水.txt", ".htaccess"):
        upload(client, teaching, course.slug, given, f"words of {given}".encode())
    drain()
    names = [item["name"] for item in library(client, teaching, course)["items"]]
    expected = {"passwd.txt", "maji.txt", "maji-2.txt", "maji-3.txt", "file.txt", "htaccess.txt"}
    assert set(names) == expected


@pytest.fixture
def small(settings: Settings, clock: MovingClock, tmp_path: Path) -> Iterator[Runtime]:
    """An installation with room for three megabytes a person, two a course."""
    tight = settings.model_copy(
        update={"media_limit_mb": 2, "quota_person_mb": 3, "quota_course_mb": 2, "data_dir": tmp_path / "small"}
    )
    built = runtimes.build(tight, clock=clock, run_jobs=False)
    yield built
    built.stop()


def test_quotas_and_the_size_limit_hold_and_are_shown(small: Runtime) -> None:
    instructor = create_person(small.database, role=Role.INSTRUCTOR)
    first, second = (create_course(small.database, instructor, title=title) for title in ("One", "Two"))
    megabyte = 2**20
    with TestClient(app_of(small)) as client:
        teaching = log_in(client, instructor)
        large = begin(client, teaching, first.slug, "a", 2 * megabyte + 1)
        assert (large.status_code, large.json()["code"], large.json()["limit_mb"]) == (413, "file_too_large", 2)
        assert begin(client, teaching, first.slug, "a", megabyte * 3 // 2).status_code == 201
        full = begin(client, teaching, first.slug, "b", megabyte)
        assert (full.status_code, full.json()["quota"], full.json()["free"]) == (403, "course", megabyte // 2)
        mine = begin(client, teaching, second.slug, "b", 2 * megabyte)
        assert (mine.status_code, mine.json()["quota"]) == (403, "person")
        used = library(client, teaching, first)["usage"]
        assert used["course"] == {"used": megabyte * 3 // 2, "allowed": 2 * megabyte}
        assert used["person"]["used"] == used["institution"]["used"] == megabyte * 3 // 2


def test_uploads_that_are_given_up_are_purged(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    clock: MovingClock,
    instructor: Person,
    drain: Callable[[], int],
) -> None:
    upload_id = begin(client, teaching, course.slug, "half.txt", 100).json()["id"]
    send(client, teaching, upload_id, 0, b"half of it")
    assert len(stored_files(runtime)) == 1

    def purge() -> None:
        with runtime.database.write(system_actor()) as ctx:
            ctx.session.add(jobs.new_job("media.purge_uploads", {}, tenant_id=None, now=ctx.now))
        running.drain(runtime.database)

    clock.move(timedelta(days=2))
    purge()
    assert len(stored_files(runtime)) == 1
    clock.move(timedelta(days=2))
    purge()
    assert stored_files(runtime) == []
    again = log_in(client, instructor)
    assert client.head(f"/api/v1/uploads/{upload_id}", headers=again).status_code == 404


def test_cancelling_removes_what_came(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    upload_id = begin(client, teaching, course.slug, "half.txt", 100).json()["id"]
    send(client, teaching, upload_id, 0, b"half of it")
    assert client.delete(f"/api/v1/uploads/{upload_id}", headers=teaching).status_code == 204
    drain()
    assert stored_files(runtime) == []
    assert client.head(f"/api/v1/uploads/{upload_id}", headers=teaching).status_code == 404


def test_a_program_sends_straight_to_storage(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    content = picture()
    told = {"name": "direct.jpg", "size": len(content)}
    begun = client.post(f"/api/v1/courses/{course.slug}/uploads/direct", headers=teaching, json=told).json()
    finish = f"/api/v1/uploads/{begun['upload']['id']}/finish"
    assert client.post(finish, headers=teaching).status_code == 404
    path = begun["put_url"].partition("/api/")[2]
    assert client.put(f"/api/{path}", content=content[:-1]).status_code == 204
    short = client.post(finish, headers=teaching)
    assert (short.status_code, short.json()["received"]) == (409, len(content) - 1)
    assert client.put(f"/api/{path}", content=content).status_code == 204
    assert client.post(finish, headers=teaching).json()["state"] == "checking"
    drain()
    assert library(client, teaching, course)["items"][0]["name"] == "direct.jpg"


def test_an_infected_file_is_quarantined_and_its_sender_told(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    with ClamdServer() as clamd:
        runtime.resources.put(scanning.Scanner, scanning.open_scanner(f"clamd://127.0.0.1:{clamd.port}"))  # type: ignore[type-abstract]
        clean = upload(client, teaching, course.slug, "clean.txt", b"words " * 100_000)
        bad = upload(client, teaching, course.slug, "bad.txt", EICAR)
        drain()
        assert clamd.scanned == [600_000, len(EICAR)]
    states = {each: client.get(f"/api/v1/uploads/{each}", headers=teaching).json() for each in (clean, bad)}
    assert states[clean]["state"] == "taken"
    assert (states[bad]["state"], states[bad]["code"]) == ("quarantined", "virus_found")
    assert "Eicar-Signature" in states[bad]["reason"]
    assert [item["name"] for item in library(client, teaching, course)["items"]] == ["clean.txt"]
    assert [key for key in stored_files(runtime) if "quarantine" in key]


def test_without_its_scanner_an_upload_waits(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, drain: Callable[[], int], clock: MovingClock
) -> None:
    with ClamdServer() as clamd:
        port = clamd.port
    runtime.resources.put(scanning.Scanner, scanning.Clamd("127.0.0.1", port))  # type: ignore[type-abstract]
    upload_id = upload(client, teaching, course.slug, "words.txt", b"words")
    drain()
    assert client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()["state"] == "checking"
    runtime.resources.put(scanning.Scanner, scanning.NoScanner())  # type: ignore[type-abstract]
    clock.move(timedelta(minutes=5))
    drain()
    assert client.get(f"/api/v1/uploads/{upload_id}", headers=teaching).json()["state"] == "taken"


def test_what_clamd_cannot_check_is_not_called_clean(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * 5000)
    with ClamdServer(limit=1000) as clamd, pytest.raises(ScannerUnavailable, match="size limit"):
        scanning.Clamd("127.0.0.1", clamd.port).found_in(file)
    for url in ("http://x", "clamd:"):
        with pytest.raises(ValueError, match="clamd://"):
            scanning.open_scanner(url)


def test_a_library_takes_a_fixed_number_of_statements(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, drain: Callable[[], int]
) -> None:
    counts = []
    upload(client, teaching, course.slug, "first.txt", b"words")
    drain()
    library(client, teaching, course)  # the first reader of a course's revision asks more
    for number in range(2):
        for each in range(number * 3 + 1):
            upload(client, teaching, course.slug, f"{number}-{each}.txt", b"words")
        drain()
        with statements(runtime.database) as sent:
            library(client, teaching, course)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_of_two_senders_at_one_place_one_wins_and_the_other_leaves_nothing(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, instructor: Person
) -> None:
    upload_id = begin(client, teaching, course.slug, "a.txt", 10).json()["id"]
    actor = actor_of(runtime.database, instructor)
    with runtime.database.read(actor) as ctx:
        both_saw = media.access_upload(ctx, UUID(upload_id))
    store_piece(runtime, actor, both_saw, b"first")
    with pytest.raises(WrongOffset):
        store_piece(runtime, actor, both_saw, b"other")
    (kept,) = stored_files(runtime)
    assert (runtime.settings.data_dir / "files" / kept).read_bytes() == b"first"
