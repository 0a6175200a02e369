"""Who sees a picture, what is written down about it, retention, deletion on request, forgetting a person."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.audit.models import AuditEntry
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from proctoring.evidence import service as evidence
from proctoring.sessions import service as sessions
from tests.factories.people import create_person, log_in
from tests.factories.proctoring import (
    API,
    Exam,
    Sitting,
    another_taker,
    begin,
    make_exam,
    painted,
    start,
    upload,
    watch,
)
from workers.runtime import Runtime


def files(settings: Settings) -> list[Path]:
    return [each for each in (settings.data_dir / "files").rglob("*") if each.is_file()]


def looks(runtime: Runtime, action: str = "proctor_evidence.viewed") -> list[tuple[UUID | None, UUID | None]]:
    with runtime.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(AuditEntry).where(AuditEntry.action == action)).scalars()
        return [(row.actor_id, row.object_id) for row in rows]


def ended(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int], **rules: object
) -> tuple[Exam, Sitting]:
    exam = make_exam(runtime, client, **rules)
    sitting = begin(client, exam)
    watch(client, sitting, clock, "green red green")
    client.post(sitting.path("end"), headers=exam.headers)
    drain()
    return exam, sitting


def step(runtime: Runtime, sitting: Sitting, *steps: str) -> None:
    for each in steps:
        with runtime.database.write(system_actor(tenant_of(runtime))) as ctx:
            sessions.take(ctx, UUID(sitting.id), each)  # type: ignore[arg-type]


def tenant_of(runtime: Runtime) -> UUID:
    assert runtime.console is not None
    return runtime.console.tenant_id


def retain(runtime: Runtime, drain: Callable[[], int]) -> None:
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("proctoring.retention")
    drain()


def test_only_taker_and_reviewers_see_a_picture_and_each_look_is_written_down(
    client: TestClient, runtime: Runtime, clock: MovingClock
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    picture = upload(client, sitting, 1, clock.now()).json()["id"]
    path = f"{API}/proctoring/evidence/{picture}"

    own = client.get(path, headers=exam.headers)
    reviewed = client.get(path, headers=log_in(client, exam.instructor))

    assert own.content == reviewed.content == painted("green", 1)
    assert own.headers["cache-control"] == "no-store"
    assert own.headers["content-type"] == "image/jpeg"
    assert looks(runtime) == [(exam.taker.id, UUID(picture)), (exam.instructor.id, UUID(picture))]
    others = [
        another_taker(runtime, client, exam).headers,
        log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR)),
    ]
    for headers in others:
        for place in (path, f"{path}/link"):
            answer = client.get(place, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "snapshot_not_found")
    assert client.get(path).status_code == 401
    assert len(looks(runtime)) == 2


def test_a_link_opens_for_its_person_for_five_minutes(client: TestClient, runtime: Runtime, clock: MovingClock) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    picture = upload(client, sitting, 1, clock.now()).json()["id"]
    editor = log_in(client, exam.instructor)
    link = client.get(f"{API}/proctoring/evidence/{picture}/link", headers=editor).json()

    assert client.get(link["url"], headers=editor).content == painted("green", 1)
    assert len(client.get(link["thumbnail_url"], headers=editor).content) < 20_000
    assert client.get(link["url"], headers=exam.headers).json()["code"] == "evidence_link_over"
    assert client.get(link["url"]).status_code == 401
    for broken in (link["url"][:-2] + "AA", f"{API}/proctoring/pictures/x", f"{API}/proctoring/pictures/{'A' * 80}"):
        assert client.get(broken, headers=editor).json()["code"] == "evidence_link_over"
    clock.move(timedelta(minutes=5, seconds=2))
    assert client.get(link["url"], headers=editor).json()["code"] == "evidence_link_over"


def test_swapped_or_altered_files_do_not_open(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    ids = [upload(client, sitting, number, clock.now()).json()["id"] for number in (1, 2)]
    one, two = files(settings)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    assert {client.get(f"{API}/proctoring/evidence/{each}", headers=exam.headers).status_code for each in ids} == {500}


def test_the_taker_sees_what_is_stored(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    exam, sitting = ended(client, runtime, clock, drain, retention_days=30)
    stored = client.get(sitting.path("stored"), headers=exam.headers).json()
    assert stored["pictures_total"] == 3
    assert stored["face_stored"] is False
    assert stored["consent_version"] == "1.1"
    assert stored["delete_after"][:10] == f"{clock.now() + timedelta(days=30):%Y-%m-%d}"
    assert client.get(stored["pictures"][0]["link"]["url"], headers=exam.headers).content == painted("green", 1)
    assert client.get(sitting.path("stored"), headers=log_in(client, exam.instructor)).status_code == 404


def test_retention_deletes_pictures_and_keeps_the_session(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    _, sitting = ended(client, runtime, clock, drain, retention_days=10)
    clock.move(timedelta(days=9))
    retain(runtime, drain)
    assert len(files(settings)) == 3
    clock.move(timedelta(days=2))
    retain(runtime, drain)
    assert files(settings) == []
    with runtime.database.read(system_actor()) as ctx:
        card = sessions.card(ctx, UUID(sitting.id))
        assert evidence.snapshots(ctx, card.id) == ()
        assert evidence.wrapped_key(ctx, card.id) is None
    assert card.state == "analysed"
    assert card.pictures_deleted_at == clock.now()
    assert looks(runtime, "proctor_evidence.deleted") == [(None, card.id)]


def test_an_open_dispute_holds_pictures_back(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    _, sitting = ended(client, runtime, clock, drain, retention_days=1)
    step(runtime, sitting, "review", "reject")
    clock.move(timedelta(days=5))
    retain(runtime, drain)
    assert len(files(settings)) == 3  # the taker may still appeal
    step(runtime, sitting, "appeal")
    clock.move(timedelta(days=60))
    retain(runtime, drain)
    assert len(files(settings)) == 3
    step(runtime, sitting, "turn_down")
    retain(runtime, drain)
    assert files(settings) == []


def test_a_request_before_the_verdict_is_decided_and_after_it_granted(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    exam, sitting = ended(client, runtime, clock, drain)
    editor = log_in(client, exam.instructor)
    nothing = client.put(sitting.path("deletion"), json={"granted": True}, headers=editor)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_asked")
    asked = client.post(sitting.path("deletion"), headers=exam.headers).json()
    assert asked["granted"] is None
    assert client.put(sitting.path("deletion"), json={"granted": True}, headers=exam.headers).status_code == 404
    step(runtime, sitting, "review")
    held = client.put(sitting.path("deletion"), json={"granted": True}, headers=editor)
    assert (held.status_code, held.json()["code"]) == (409, "under_dispute")
    step(runtime, sitting, "pass")
    retain(runtime, drain)
    assert files(settings) == []
    assert client.get(sitting.path("stored"), headers=exam.headers).json()["request"]["granted"] is True

    _, second = ended(client, runtime, clock, drain)
    step(runtime, second, "review", "pass")
    assert client.post(second.path("deletion"), headers=second.headers).json()["granted"] is True
    drain()
    assert files(settings) == []


def mentions(settings: Settings, needles: list[str]) -> set[str]:
    """Tables (audit aside) that hold one of the ids, however they spell it."""
    found = set()
    with sqlite3.connect(settings.data_dir / "mwalimu.sqlite3") as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                text = " ".join(each.hex() if isinstance(each, bytes) else str(each) for each in row).replace("-", "")
                if any(needle.replace("-", "") in text for needle in needles):
                    found.add(table)
    return found - {"audit_entry"}


def test_forgetting_a_person_leaves_no_row_and_no_byte(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    exam = make_exam(runtime, client, identity=True)
    sitting = start(client, exam)
    client.post(sitting.path("check"), json={"results": {}}, headers=exam.headers)
    picture = {"picture": ("me.jpg", painted("green"), "image/jpeg")}
    client.post(sitting.path("identity"), files=picture, headers=exam.headers)
    client.post(sitting.path("begin"), headers=exam.headers)
    watch(client, sitting, clock, "green red green")
    event = {"sequence": 1, "type": "paste", "at": clock.now().isoformat(), "details": {"characters": 50}}
    client.post(sitting.path("events"), json={"events": [event]}, headers=exam.headers)
    client.post(sitting.path("end"), headers=exam.headers)
    drain()
    with runtime.database.read(system_actor()) as ctx:
        ids = [sitting.id, *(str(each.id) for each in evidence.snapshots(ctx, UUID(sitting.id)))]
    assert {"proctor_session", "proctor_snapshot", "proctor_analysis", "proctor_enrolment"} <= mentions(settings, ids)

    path = f"{API}/proctoring/people/{exam.taker.id}"
    assert client.delete(path, headers=log_in(client, exam.instructor)).status_code == 403
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    answer = client.delete(path, headers=admin)
    assert answer.json() == {"sessions": 1, "pictures": 4}
    drain()

    assert mentions(settings, ids) == set()
    assert not {table for table in mentions(settings, [str(exam.taker.id)]) if table.startswith("proctor_")}
    assert files(settings) == []
