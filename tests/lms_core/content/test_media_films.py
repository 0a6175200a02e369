"""Films: encoded by the real ffmpeg, hostile ones refused, watched by signed addresses only."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lms_core.content.media.film import tools
from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, statements
from tests.factories.media import make_film, require_ffmpeg, upload
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

Headers = dict[str, str]
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    require_ffmpeg()
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", size="480x360").read_bytes()


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def teaching(client: TestClient, instructor: Person) -> Headers:
    return log_in(client, instructor)


def enrolled(client: TestClient, runtime: Runtime, course: Made) -> Headers:
    headers = log_in(client, create_person(runtime.database))
    assert client.post(f"/api/v1/courses/{course.slug}/enroll", headers=headers).status_code == 200
    return headers


def probed(path: Path) -> dict[str, list[dict[str, object]]]:
    printed = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)], check=True, capture_output=True
    )
    found: dict[str, list[dict[str, object]]] = json.loads(printed.stdout)
    return found


def test_a_film_is_encoded_and_watched_by_those_in_the_course(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    film: bytes,
    drain: Callable[[], int],
    clock: MovingClock,
    tmp_path: Path,
) -> None:
    item_id = upload(client, teaching, course.slug, "Somo la maji.MOV", film)
    drain()
    item = client.get(f"/api/v1/media-items/{item_id}", headers=teaching).json()
    assert (item["kind"], item["name"], item["state"], item["percent"]) == ("film", "somo-la-maji", "ready", 100)
    assert item["markdown"] == "![somo la maji](video:somo-la-maji)"
    assert 5.5 < item["seconds"] < 6.5
    learning = enrolled(client, runtime, course)
    address = f"/api/v1/courses/{course.slug}/videos/somo-la-maji"
    outsider = log_in(client, create_person(runtime.database))
    assert client.get(address, headers=outsider).status_code == 404
    assert client.get(address).status_code == 401
    playing = client.get(address, headers=learning).json()
    with statements(runtime.database) as sent:
        master = client.get(playing["hls_url"]).text
        base = playing["hls_url"].rpartition("/")[0]
        assert re.findall(r"^\d+p/index\.m3u8$", master, re.MULTILINE) == ["240p/index.m3u8", "360p/index.m3u8"]
        index = client.get(f"{base}/360p/index.m3u8").text
        (first, *_rest) = re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", index)
        length, start = map(int, first)
        asked = {"Range": f"bytes={start}-{start + length - 1}", "Accept-Encoding": "gzip"}
        segment = client.get(f"{base}/360p/stream.mp4", headers=asked)
        plain = client.get(playing["mp4_url"])
        poster = client.get(playing["poster_url"])
    assert sent == []
    assert (segment.status_code, len(segment.content)) == (206, length)
    assert segment.content[4:8] in (b"moof", b"sidx", b"styp")
    assert poster.content.startswith(b"\xff\xd8\xff")
    kept = tmp_path / "plain.mp4"
    kept.write_bytes(plain.content)
    assert {stream["codec_name"] for stream in probed(kept)["streams"]} == {"h264", "aac"}
    assert plain.content.index(b"moov") < plain.content.index(b"mdat")
    for wrong in ("/etc/passwd", "/source", "/360p/source", "/%2e%2e%2fsource", "/master.m3u8x"):
        assert client.get(f"{base}{wrong}").status_code == 404
    assert client.get(f"{base}/../source").status_code == 403
    altered = base[:-3] + "AAA"
    assert client.get(f"{altered}/master.m3u8").status_code == 403
    clock.move(timedelta(hours=2, seconds=1))
    assert client.get(playing["hls_url"]).status_code == 403


def test_nothing_but_the_film_s_files_stays(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, film: bytes, drain: Callable[[], int]
) -> None:
    item_id = upload(client, teaching, course.slug, "a.mp4", film)
    drain()
    root = runtime.settings.data_dir / "files"
    kept = {path.relative_to(root).as_posix().partition(f"{item_id}/")[2] for path in root.rglob("*.*")}
    assert "source" not in kept
    assert {"master.m3u8", "video.mp4", "poster.jpg", "360p/stream.mp4"} <= kept
    size = client.get(f"/api/v1/media-items/{item_id}", headers=teaching).json()["size"]
    assert size == sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    assert client.delete(f"/api/v1/media-items/{item_id}", headers=teaching).status_code == 204
    drain()
    assert not [path for path in root.rglob("*") if path.is_file()]


def state_of(client: TestClient, headers: Headers, upload_id: str) -> tuple[str, str]:
    """What became of an upload or the film it became: its state and code."""
    found = client.get(f"/api/v1/uploads/{upload_id}", headers=headers).json()
    if found["item_id"] is not None:
        found = client.get(f"/api/v1/media-items/{upload_id}", headers=headers).json()
    return found["state"], found["code"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PLAYLIST, ("taken", "")),  # words, for all its name says: a text file to download
        (b"\x00\x00\x00\x18ftypmp42" + bytes(12) + PLAYLIST, ("failed", "film_damaged")),
        (b"\x00\x00\x00\x18ftypqt  " + CONCAT * 50, ("failed", "film_damaged")),
        (b"\x1a\x45\xdf\xa3" + bytes(2000), ("failed", "film_damaged")),
    ],
)
def test_hostile_films_are_refused(
    client: TestClient,
    course: Made,
    teaching: Headers,
    drain: Callable[[], int],
    content: bytes,
    expected: tuple[str, str],
) -> None:
    require_ffmpeg()
    upload_id = upload(client, teaching, course.slug, "film.mp4", content)
    drain()
    if expected[0] == "taken":
        item = client.get(f"/api/v1/media-items/{upload_id}", headers=teaching).json()
        assert (item["kind"], item["media_type"]) == ("file", "text/plain; charset=utf-8")
    else:
        assert state_of(client, teaching, upload_id) == expected


def test_ffmpeg_opens_no_playlist_and_no_address(tmp_path: Path) -> None:
    require_ffmpeg()
    for content in (PLAYLIST, CONCAT):
        hostile = tmp_path / "hostile"
        hostile.write_bytes(content)
        for kind in tools.READERS:
            with pytest.raises(tools.Refused):
                tools.asked("ffprobe", ["-v", "error", *tools.reading(hostile, kind), "-show_format"])


def test_sound_without_a_picture_and_silence_with_one(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int], tmp_path: Path
) -> None:
    require_ffmpeg()
    silent = make_film(tmp_path / "silent.webm", sound=False, seconds=2, size="160x120")
    only_sound = tmp_path / "sound.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(only_sound)]
    subprocess.run(command, check=True, timeout=30)
    first = upload(client, teaching, course.slug, "silent.webm", silent.read_bytes())
    second = upload(client, teaching, course.slug, "sound.mp4", only_sound.read_bytes())
    drain()
    assert state_of(client, teaching, first) == ("ready", "")
    assert state_of(client, teaching, second) == ("failed", "film_without_picture")


def test_a_film_turned_by_its_camera_stands_upright(
    client: TestClient, course: Made, teaching: Headers, drain: Callable[[], int], tmp_path: Path
) -> None:
    require_ffmpeg()
    flat = make_film(tmp_path / "flat.mp4", seconds=2, size="320x240")
    turned = tmp_path / "turned.mp4"
    command = ["ffmpeg", "-loglevel", "error", "-display_rotation", "90", "-i", str(flat), "-c", "copy", str(turned)]
    old = ["ffmpeg", "-loglevel", "error", "-i", str(flat), "-metadata:s:v:0", "rotate=90", "-c", "copy", str(turned)]
    if subprocess.run(command, capture_output=True, timeout=30).returncode:
        subprocess.run(old, check=True, timeout=30)
    item_id = upload(client, teaching, course.slug, "turned.mp4", turned.read_bytes())
    drain()
    item = client.get(f"/api/v1/media-items/{item_id}", headers=teaching).json()
    assert (item["width"], item["height"]) == (240, 320)


def test_without_ffmpeg_a_film_waits_for_it_and_the_library_says_so(
    client: TestClient,
    course: Made,
    teaching: Headers,
    film: bytes,
    drain: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    path = tmp_path / "empty"
    path.mkdir()
    with monkeypatch.context() as without:
        without.setenv("PATH", str(path))
        assert shutil.which("ffmpeg") is None
        item_id = upload(client, teaching, course.slug, "a.mp4", film)
        drain()
        item = client.get(f"/api/v1/media-items/{item_id}", headers=teaching).json()
        assert (item["state"], item["code"]) == ("failed", "ffmpeg_missing")
        told = client.get(f"/api/v1/courses/{course.slug}/media", headers=teaching).json()
        assert told["films_possible"] is False
    assert client.post(f"/api/v1/media-items/{item_id}/retry", headers=teaching).status_code == 202
    drain()
    assert state_of(client, teaching, item_id) == ("ready", "")
    again = client.post(f"/api/v1/media-items/{item_id}/retry", headers=teaching)
    assert (again.status_code, again.json()["code"]) == (409, "media_not_retryable")


def test_captions_are_cleaned_listed_read_and_dropped(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, film: bytes, drain: Callable[[], int]
) -> None:
    item_id = upload(client, teaching, course.slug, "a.mp4", film)
    drain()
    learning = enrolled(client, runtime, course)
    address = f"/api/v1/media-items/{item_id}/captions/sw"
    srt = {"file": ("a.srt", b"1\n00:00:00,500 --> 00:00:02,000\n<b>Maji</b>\n")}
    assert client.put(address, headers=learning, files=srt).status_code == 404
    assert client.put(address, headers=teaching, files=srt).json() == {"language": "sw"}
    assert client.put(address, headers=teaching, files={"file": ("a", b"no times")}).status_code == 422
    assert client.put(address.replace("/sw", "/x!"), headers=teaching, files=srt).status_code == 422
    (track,) = client.get(f"/api/v1/courses/{course.slug}/videos/a", headers=learning).json()["captions"]
    read = client.get(track["url"], headers=learning)
    assert read.headers["content-type"].startswith("text/vtt")
    assert read.text == "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nMaji\n"
    outsider = log_in(client, create_person(runtime.database))
    assert client.get(track["url"], headers=outsider).status_code == 404
    assert client.delete(address, headers=learning).status_code == 404
    assert client.delete(address, headers=teaching).status_code == 204
    assert client.get(track["url"], headers=learning).status_code == 404
