"""Snapshots over HTTP: kept once, encrypted, in order; every kind of bad input refused, harmless and counted."""

import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from prometheus_client import REGISTRY

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from proctoring.evidence import service as evidence
from proctoring.sessions import service as sessions
from proctoring.watching import service as watching
from tests.factories.people import create_person, log_in
from tests.factories.proctoring import Sitting, another_taker, begin, make_exam, painted, start, upload
from workers.runtime import Runtime


def stored(runtime: Runtime, sitting: Sitting) -> list[tuple[str, int]]:
    with runtime.database.read(system_actor()) as ctx:
        return [(each.kind, each.sequence) for each in evidence.snapshots(ctx, UUID(sitting.id))]


def files(settings: Settings) -> list[Path]:
    return [each for each in (settings.data_dir / "files").rglob("*") if each.is_file()]


def refused(code: str) -> float:
    return REGISTRY.get_sample_value("mwalimu_proctor_refused_total", {"code": code}) or 0.0


def test_a_picture_is_kept_encrypted(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    answer = upload(client, sitting, 1, clock.now())

    assert answer.status_code == 201
    assert answer.json()["repeated"] is False
    (file,) = files(settings)
    sealed = file.read_bytes()
    assert painted("green", 1)[:20] not in sealed
    assert sitting.id not in str(file)
    key = runtime.keys.derive("anything")
    database = (settings.data_dir / "mwalimu.sqlite3").read_bytes()
    assert painted("green", 1)[200:260] not in database
    assert key not in database


def test_a_replayed_number_gets_the_same_answer_and_no_second_picture(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    before = REGISTRY.get_sample_value("mwalimu_proctor_repeated_total") or 0.0
    first = upload(client, sitting, 7, clock.now())
    clock.move(timedelta(seconds=5))
    again = upload(client, sitting, 7, clock.now(), colour="red")
    screen = upload(client, sitting, 7, clock.now(), kind="screen")

    assert again.status_code == 200
    assert REGISTRY.get_sample_value("mwalimu_proctor_repeated_total") == before + 1
    assert again.json() == {**first.json(), "repeated": True}
    assert screen.status_code == 201
    assert stored(runtime, sitting) == [("camera", 7), ("screen", 7)]
    assert len(files(settings)) == 2


def bomb() -> bytes:
    """The head of a PNG that would take 7.5 GB decoded."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")
    )


def huge_jpeg() -> bytes:
    """A small file whose header says 50,000 x 50,000."""
    content = bytearray(painted("green", 1))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", 50_000, 50_000)
    return bytes(content)


BAD = {
    "0 bytes": (b"", 422, "not_a_picture"),
    "not an image": (b"<html><script>alert(1)</script></html>" * 20, 422, "not_a_picture"),
    "truncated": (painted("green", 1)[:-400], 422, None),
    "only a header": (painted("green", 1)[:12], 422, None),
    "bomb": (bomb(), 413, "picture_too_large"),
    "bomb as jpeg": (huge_jpeg(), 413, "picture_too_large"),
    "png": (painted("green", 1, form="PNG"), 422, "not_a_picture"),
    "gif": (painted("green", 1, form="GIF"), 422, "not_a_picture"),
    "more than 2 MB": (painted("green", 1) + bytes(2 * 1024 * 1024), 413, "picture_too_large"),
    "30 MB": (painted("green", 1) + bytes(30 * 1024 * 1024), 413, "too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_are_explained_harmless_and_counted(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, name: str
) -> None:
    content, status, code = BAD[name]
    sitting = begin(client, make_exam(runtime, client))
    before = {each: refused(each) for each in ("not_a_picture", "picture_too_large", "too_large", "picture_broken")}

    answer = upload(client, sitting, 1, clock.now(), content=content)

    problem = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert code is None or problem["code"] == code
    assert len(problem["detail"]) > 30
    assert refused(problem["code"]) == before.get(problem["code"], 0.0) + 1
    assert stored(runtime, sitting) == []
    assert files(settings) == []
    with runtime.database.read(system_actor()) as ctx:
        counted = sessions.card(ctx, UUID(sitting.id)).refused
    # What is too large to be read at all is refused before anybody knows whose it is.
    assert counted == ({} if problem["code"] == "too_large" else {problem["code"]: 1})
    assert upload(client, sitting, 1, clock.now()).status_code == 201


def odd(mode: str, **options: object) -> bytes:
    picture = Image.new(mode, (320, 240), 90 if mode == "L" else (0, 200, 0, 0) if mode == "CMYK" else (0, 200, 0))
    written = BytesIO()
    picture.save(written, "JPEG", **options)
    return written.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return odd("RGB", exif=exif)


@pytest.mark.parametrize("content", [odd("L"), odd("CMYK"), turned()], ids=["grey", "cmyk", "turned by exif"])
def test_unusual_pictures_are_taken_and_looked_at(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int], content: bytes
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    answer = upload(client, sitting, 1, clock.now(), content=content)
    assert answer.status_code == 201
    drain()
    with runtime.database.read(system_actor()) as ctx:
        (picture,) = watching.pictures(ctx, UUID(sitting.id))
    assert picture.analysis is not None
    path = f"/api/v1/proctoring/evidence/{answer.json()['id']}"
    small = client.get(path, params={"size": "thumbnail"}, headers=sitting.headers)
    with Image.open(BytesIO(small.content)) as thumbnail:
        assert max(thumbnail.size) == 192
        assert (thumbnail.height > thumbnail.width) == (content == turned())


def test_wrong_sessions_and_other_people_find_nothing(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    before = refused("proctor_session_not_found")
    guessed = Sitting(str(uuid4()), sitting.attempt_id, sitting.headers)
    other = another_taker(runtime, client, exam)
    stranger = log_in(client, create_person(runtime.database))
    for target in (guessed, Sitting(sitting.id, "", other.headers), Sitting(sitting.id, "", stranger)):
        answer = upload(client, target, 1, clock.now())
        assert (answer.status_code, answer.json()["code"]) == (404, "proctor_session_not_found")
    assert upload(client, Sitting(sitting.id, "", {}), 1, clock.now()).status_code == 401
    assert refused("proctor_session_not_found") == before + 3
    assert files(settings) == []
    with runtime.database.read(system_actor()) as ctx:
        assert sessions.card(ctx, UUID(sitting.id)).refused == {}


def test_after_the_end_nothing_is_taken(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    client.post(sitting.path("end"), headers=sitting.headers)
    answer = upload(client, sitting, 1, clock.now())
    assert (answer.status_code, answer.json()["code"]) == (409, "proctor_session_over")
    assert files(settings) == []
    with runtime.database.read(system_actor()) as ctx:
        assert sessions.card(ctx, UUID(sitting.id)).refused == {"proctor_session_over": 1}


@pytest.mark.parametrize("hours", [-2, 2])
@pytest.mark.parametrize("measured", [True, False])
def test_a_clock_two_hours_off_is_corrected_and_noted(
    client: TestClient, runtime: Runtime, clock: MovingClock, hours: int, measured: bool
) -> None:
    wrong = timedelta(hours=hours)
    exam = make_exam(runtime, client)
    told = {"client_time": (clock.now() + wrong).isoformat()} if measured else {}
    sitting = begin(client, exam, **told)
    clock.move(timedelta(seconds=60))
    first = upload(client, sitting, 1, clock.now() + wrong).json()
    clock.move(timedelta(seconds=20))
    second = upload(client, sitting, 2, clock.now() + wrong - timedelta(seconds=5)).json()  # it waited five seconds

    assert first["captured_at"] == (clock.now() - timedelta(seconds=20)).isoformat().replace("+00:00", "Z")
    assert second["captured_at"] == (clock.now() - timedelta(seconds=5)).isoformat().replace("+00:00", "Z")
    assert second["clock_offset_seconds"] == -wrong.total_seconds()
    with runtime.database.read(system_actor()) as ctx:
        views = evidence.snapshots(ctx, UUID(sitting.id))
        card = sessions.card(ctx, UUID(sitting.id))
    assert views[0].claimed_at == views[0].at + wrong
    assert (card.clock_offset_seconds, card.offset_measured) == (-wrong.total_seconds(), True)


@pytest.mark.parametrize(
    "fields",
    [
        {"sequence": "-1"},
        {"sequence": "x"},
        {"captured_at": "yesterday"},
        {"captured_at": "2026-01-05T08:00:00"},
        {"kind": "ear"},
    ],
)
def test_malformed_fields_are_named(
    client: TestClient, runtime: Runtime, clock: MovingClock, fields: dict[str, str]
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    before = refused("malformed")
    data = {"sequence": "1", "captured_at": clock.now().isoformat(), **fields}
    files = {"picture": ("snapshot.jpg", painted(), "image/jpeg")}
    answer = client.post(sitting.path("snapshot"), data=data, files=files, headers=sitting.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert next(iter(fields)) in answer.json()["errors"][0]["field"]
    assert refused("malformed") == before + 1


def test_a_form_without_a_picture(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    sitting = begin(client, make_exam(runtime, client))
    data = {"sequence": "1", "captured_at": clock.now().isoformat()}
    answer = client.post(sitting.path("snapshot"), data=data, headers=sitting.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")


def test_pictures_are_taken_from_the_consent_on(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    sitting = start(client, make_exam(runtime, client))
    assert upload(client, sitting, 1, clock.now()).status_code == 201


def test_another_institutions_session_is_not_there(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    sitting = begin(client, make_exam(runtime, client))
    with runtime.database.read(system_actor(uuid4())) as ctx:
        assert sessions.cards(ctx, [UUID(sitting.id)]) == {}


@pytest.mark.parametrize("what", ["report", "export.json", "export.pdf"])
def test_a_guessed_report_is_explained_and_counted(client: TestClient, runtime: Runtime, what: str) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    others = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    before = refused("proctor_session_not_found")
    for path in (sitting.path(what), Sitting(str(uuid4()), "", {}).path(what)):
        answer = client.get(path, headers=others)
        assert (answer.status_code, answer.json()["code"]) == (404, "proctor_session_not_found")
        assert answer.headers["content-type"] == "application/problem+json" and len(answer.json()["detail"]) > 30
    assert refused("proctor_session_not_found") == before + 2
    picture = client.get(f"/api/v1/proctoring/evidence/{uuid4()}", headers=others)
    assert (picture.status_code, picture.json()["code"]) == (404, "snapshot_not_found")
