"""The job that looks at pictures: once each, batches, broken pictures, missing weights, likeness, killed processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from lms_core.kit import jobs, running
from lms_core.kit.clock import MovingClock, SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.settings import Settings
from proctoring.detection.schemas import Check, Likeness
from proctoring.evidence.models import PictureState, Snapshot
from proctoring.sessions import service as sessions
from proctoring.signals.schemas import Picture
from proctoring.watching import service as watching
from proctoring.watching.models import Analysis
from tests.factories.proctoring import begin, look_with, make_exam, painted, start, upload, watch
from tests.simulators.looking import PaintedDetector
from workers import runtime as runtimes
from workers.runtime import Runtime

NO_WEIGHTS = {Check.OBJECTS: "no weights"}
MANY = 500
KILLS = 3
PATIENCE_SECONDS = 240


def pictures(runtime: Runtime, session_id: str) -> tuple[Picture, ...]:
    with runtime.database.read(system_actor()) as ctx:
        return watching.pictures(ctx, UUID(session_id))


def test_each_picture_is_looked_at_once(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    detector = PaintedDetector()
    sitting = begin(client, make_exam(runtime, client, detector=detector))
    watch(client, sitting, clock, "green red blue white " * 5)
    drain()
    drain()
    found = pictures(runtime, sitting.id)
    assert len(found) == 20
    assert set(detector.looked_at.values()) == {1}
    assert [len(each.analysis.faces) for each in found[:4]] == [1, 1, 0, 2]
    assert [each.analysis.persons for each in found[:4]] == [1, 1, 0, 2]
    assert found[1].analysis.objects[1].label == "cell phone"
    assert found[0].analysis.quality.thumbnail == b"x"
    assert all(face.embedding is None for each in found for face in each.analysis.faces)


def test_a_picture_that_cannot_be_opened_fails_alone(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    upload(client, sitting, 1, clock.now())
    known = {each for each in (settings.data_dir / "files").rglob("*") if each.is_file()}
    upload(client, sitting, 2, clock.now())
    (second,) = {each for each in (settings.data_dir / "files").rglob("*") if each.is_file()} - known
    second.unlink()
    upload(client, sitting, 3, clock.now())
    drain()
    found = pictures(runtime, sitting.id)
    assert [each.analysis is not None for each in found] == [True, False, True]
    assert found[1].failure == "the picture is not in storage any more"


def test_without_weights_faces_only_and_later_the_rest(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    exam = make_exam(runtime, client, detector=PaintedDetector(missing=NO_WEIGHTS))
    sitting = begin(client, exam)
    watch(client, sitting, clock, "green red")
    client.post(sitting.path("end"), headers=exam.headers)
    drain()

    shown = client.get(sitting.path(), headers=exam.headers).json()
    assert shown["notices"] == ["object detection unavailable, faces only"]
    assert shown["state"] == "analysed"
    found = pictures(runtime, sitting.id)
    assert all(Check.OBJECTS not in each.analysis.looked_for for each in found)
    assert all(each.analysis.unavailable == NO_WEIGHTS for each in found)

    running.plan_scheduled(runtime.database)
    drain()
    assert pictures(runtime, sitting.id)[1].analysis.objects == ()

    look_with(runtime, PaintedDetector())  # the weights are there now
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("proctoring.retry_weights")
    drain()
    found = pictures(runtime, sitting.id)
    assert found[1].analysis.objects[1].label == "cell phone"
    assert client.get(sitting.path(), headers=exam.headers).json()["notices"] == []


def test_faces_are_compared_only_where_policy_and_consent_say_so(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    exam = make_exam(runtime, client)
    sitting = start(client, exam)
    files = {"picture": ("me.jpg", painted("green"), "image/jpeg")}
    refused = client.post(sitting.path("identity"), files=files, headers=exam.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity_not_asked")
    upload(client, sitting, 1, clock.now())
    drain()
    assert pictures(runtime, sitting.id)[0].likeness is None


def test_the_identity_photograph(
    client: TestClient, runtime: Runtime, clock: MovingClock, settings: Settings, drain: Callable[[], int]
) -> None:
    exam = make_exam(runtime, client, identity=True)
    sitting = start(client, exam)
    client.post(sitting.path("check"), json={"results": {}}, headers=exam.headers)
    early = client.post(sitting.path("begin"), headers=exam.headers)
    assert (early.status_code, early.json()["code"]) == (409, "identity_missing")

    def photograph(colour: str) -> dict[str, object]:
        files = {"picture": ("me.jpg", painted(colour), "image/jpeg")}
        return dict(client.post(sitting.path("identity"), files=files, headers=exam.headers).json())

    assert photograph("blue") == {"enrolled": False, "compared": False, "faces": 0, "advice": ["show_face"]}
    assert photograph("white")["advice"] == ["one_person"]
    assert photograph("black")["advice"] == ["more_light", "show_face"]
    assert not [each for each in (settings.data_dir / "files").rglob("*") if each.is_file()]
    assert photograph("green") == {"enrolled": True, "compared": True, "faces": 1, "advice": []}
    assert photograph("green")["enrolled"]
    assert client.post(sitting.path("begin"), headers=exam.headers).status_code == 200
    upload(client, sitting, 1, clock.now())
    drain()
    (picture,) = pictures(runtime, sitting.id)
    assert (picture.likeness, picture.similarity) == (Likeness.MATCH, 1.0)
    with runtime.database.read(system_actor()) as ctx:
        assert len(watching.precheck(ctx, UUID(sitting.id))) == 1


def counts(database: Database) -> tuple[int, int, int]:
    """Analyses, pictures still waiting, pictures."""
    with database.read(system_actor()) as ctx:
        looked = ctx.session.execute(select(func.count()).select_from(Analysis)).scalar_one()
        waiting = select(func.count()).where(Snapshot.state == PictureState.WAITING)
        return (
            looked,
            ctx.session.execute(waiting).scalar_one(),
            ctx.session.execute(select(func.count()).select_from(Snapshot)).scalar_one(),
        )


def begin_process(settings: Settings) -> "subprocess.Popen[str]":
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MWALIMU_")},
        "MWALIMU_DATA_DIR": str(settings.data_dir),
        "MWALIMU_LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from tests.proctoring.killed_watcher import main; main()"],
        cwd=Path(__file__).parents[2],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    return process


def test_killed_in_the_middle_of_500_none_is_lost_and_each_is_analysed_once(
    settings: Settings, client: TestClient, runtime: Runtime
) -> None:
    exam = make_exam(runtime, client)
    sitting = begin(client, exam)
    now = runtime.clock.now()
    for sequence in range(1, MANY + 1):
        assert upload(client, sitting, sequence, now).status_code == 201
    runtime.stop()
    database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
    assert counts(database) == (0, MANY, MANY)

    for kill in range(1, KILLS + 2):
        process = begin_process(settings)
        goal = MANY if kill > KILLS else kill * MANY // (KILLS + 2)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while counts(database)[0] < goal:
            assert time.monotonic() < deadline, f"only {counts(database)[0]} of {goal}"
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert counts(database) == (MANY, 0, MANY)
    with database.read(system_actor()) as ctx:
        told = ctx.session.execute(
            select(jobs.Job.payload).where(jobs.Job.payload["event"].as_string() == "proctoring.snapshots_analysed")
        ).scalars()
        once = [each for payload in told for each in payload["data"]["snapshot_ids"]]
    subscribers = max(1, len(once) // MANY)
    assert len(once) == subscribers * MANY
    assert len(set(once)) in (0, MANY)
    database.engine.dispose()


def test_the_restarted_installation_still_knows_the_session(
    settings: Settings, runtime: Runtime, client: TestClient
) -> None:
    sitting = begin(client, make_exam(runtime, client))
    runtime.stop()
    again = runtimes.build(settings, run_jobs=False)
    try:
        with again.database.read(system_actor()) as ctx:
            assert sessions.card(ctx, UUID(sitting.id)).state == "active"
    finally:
        again.stop()
