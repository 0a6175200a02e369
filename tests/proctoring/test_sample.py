"""The sample exam of the demo: made once, looked at by the real worker, with weights and without."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.kit.storage import Storage
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import Attempt
from proctoring import sample
from proctoring.evidence import service as evidence
from proctoring.review import service as review
from proctoring.review.schemas import QueueFilter, ReportView
from proctoring.sessions import service as sessions
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person
from tests.shared_data import shared
from workers.runtime import Runtime


def _made(runtime: Runtime) -> tuple[Person, Made, UUID]:
    """The sample in a course; who teaches it, the course, and the exam's id."""
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    taker = create_person(runtime.database)
    course = create_course(runtime.database, teacher)
    with runtime.database.write(system_actor()) as ctx:
        ctx.session.execute(delete(Job))  # the course need not be indexed here
    quiz_id = _ensure(runtime, course, teacher, taker)
    assert quiz_id is not None
    assert _ensure(runtime, course, teacher, taker) == quiz_id
    running.drain(runtime.database)
    return teacher, course, quiz_id


def _ensure(runtime: Runtime, course: Made, teacher: Person, taker: Person) -> UUID | None:
    return sample.ensure_sample_exam(
        runtime.database, course=course.slug, tenant_id=teacher.tenant_id, teacher=teacher.email, taker=taker.email
    )


def _report(runtime: Runtime, teacher: Person) -> ReportView:
    """The report of the one session there is."""
    with runtime.database.write(actor_of(runtime.database, teacher)) as ctx:
        rows = review.queue(ctx, wanted=QueueFilter()).items
        assert len(rows) == 1
        return review.report(ctx, rows[0].session_id)


def _kinds(report: ReportView) -> set[str]:
    return {flag.kind for flag in report.flags if not flag.withdrawn}


def test_without_weights_it_says_that_objects_were_not_looked_for(runtime: Runtime) -> None:
    teacher, course, quiz_id = _made(runtime)
    with runtime.database.read(actor_of(runtime.database, teacher)) as ctx:
        assert [quiz.id for quiz in assessments.quizzes_in(ctx, course.id) if quiz.title == sample.TITLE] == [quiz_id]
    report = _report(runtime, teacher)
    assert {"camera_covered", "left_page", "paste"} <= _kinds(report)
    assert "objects" not in report.summary.models
    unlooked = [gap for gap in report.summary.not_watched if gap.check == "objects"]
    assert unlooked and {gap.text for gap in unlooked} == {"People and things were not looked for."}
    assert (report.summary.watched_percent, report.session.watched_percent) == (0, 0)
    assert report.summary.partly_percent > 80
    assert [line.status for line in report.snapshots] == ["waiting_for_weights"] * len(sample.SHOTS)


def test_nobody_to_make_it_for(runtime: Runtime) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, teacher)
    nobody = sample.ensure_sample_exam(
        runtime.database,
        course=course.slug,
        tenant_id=teacher.tenant_id,
        teacher=teacher.email,
        taker="nobody@example.org",
    )
    assert nobody is None


class FullDisk:
    """The storage of the installation, until it has taken so many objects."""

    def __init__(self, storage: Storage, *, room: int) -> None:
        self._storage, self._room = storage, room

    def put(self, key: str, content: bytes) -> None:
        """Store; OSError once there is no room."""
        if self._room == 0:
            raise OSError("no space left on device")
        self._room -= 1
        self._storage.put(key, content)


@pytest.mark.parametrize("room", [0, 5, len(sample.SHOTS) - 1])
def test_what_was_stopped_half_way_is_finished(runtime: Runtime, room: int) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    taker = create_person(runtime.database)
    course = create_course(runtime.database, teacher)
    storage = runtime.resources.get(Storage)
    runtime.resources.put(Storage, FullDisk(storage, room=room))
    with pytest.raises(OSError, match="no space"):
        _ensure(runtime, course, teacher, taker)
    runtime.resources.put(Storage, storage)
    assert _ensure(runtime, course, teacher, taker) == _ensure(runtime, course, teacher, taker)
    with runtime.database.read(system_actor(teacher.tenant_id)) as ctx:
        (card,) = sessions.of_person(ctx, taker.id)
        stored = evidence.snapshots(ctx, card.id)
    assert card.state in ("ended", "analysed")
    assert [each.sequence for each in stored] == list(range(1, len(sample.SHOTS) + 1))
    assert [(each.at - card.begun_at).total_seconds() for each in stored] == [10.0 * each.sequence for each in stored]


def test_a_sitting_that_ran_out_of_time_is_sat_again(runtime: Runtime, clock: MovingClock) -> None:
    teacher = create_person(runtime.database, role=Role.INSTRUCTOR)
    taker = create_person(runtime.database)
    course = create_course(runtime.database, teacher)
    storage = runtime.resources.get(Storage)
    runtime.resources.put(Storage, FullDisk(storage, room=5))
    with pytest.raises(OSError, match="no space"):
        _ensure(runtime, course, teacher, taker)
    runtime.resources.put(Storage, storage)
    clock.move(timedelta(hours=2))
    with runtime.database.write(system_actor(teacher.tenant_id)) as ctx:
        ctx.session.execute(update(Attempt).values(status="expired"))
        (card,) = sessions.of_person(ctx, taker.id)
        sessions.end_late(ctx, card.id, reason="time was over")
    _ensure(runtime, course, teacher, taker)
    with runtime.database.read(system_actor(teacher.tenant_id)) as ctx:
        whole, broken = sessions.of_person(ctx, taker.id)
        assert len(evidence.snapshots(ctx, whole.id)) == len(sample.SHOTS)
        assert len(evidence.snapshots(ctx, broken.id)) == 5


class TestWithWeights:
    """With the weights of the shared folder."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """With weights, so that persons are looked for."""
        return settings.model_copy(update={"models_dir": shared("models")})

    def test_the_second_person_is_found_too(self, runtime: Runtime) -> None:
        teacher, _course, _quiz_id = _made(runtime)
        report = _report(runtime, teacher)
        assert {"several_persons", "camera_covered", "left_page", "paste"} <= _kinds(report)
        assert "phone" not in _kinds(report)
        assert "objects" in report.summary.models
        assert report.summary.watched_percent > 80
        assert {line.status for line in report.snapshots} == {"analysed"}
