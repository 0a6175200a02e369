"""Kinds of work do not wait for each other: an edit is answered from while the pictures of an exam are looked at."""

import threading
import time
from collections import Counter
from collections.abc import Sequence

from fastapi.testclient import TestClient
from sqlalchemy import select

from ingestion.lessons.jobs import INDEX_JOB
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job, JobState
from lms_core.kit.settings import Settings
from proctoring.detection.schemas import Check, PictureAnalysis
from proctoring.watching import queue
from tests.factories.courses import create_course
from tests.factories.proctoring import begin, make_exam, upload
from tests.serving import app_of
from tests.simulators.looking import PaintedDetector
from workers import runtime as runtimes
from workers.runtime import Runtime

PATIENCE_SECONDS = 240


class LongDetector(PaintedDetector):
    """Looks at a picture until it is told that this is enough."""

    def __init__(self) -> None:
        super().__init__()
        self.looking, self.enough = threading.Event(), threading.Event()

    def analyse(self, pictures: Sequence[bytes], *, checks: frozenset[Check]) -> list[PictureAnalysis]:
        """As the painted one, later."""
        self.looking.set()
        assert self.enough.wait(PATIENCE_SECONDS)
        return super().analyse(pictures, checks=checks)


def states(runtime: Runtime, name: str) -> Counter[str]:
    """How many jobs of this name are in each state."""
    with runtime.database.read(system_actor()) as view:
        return Counter(view.session.execute(select(Job.state).where(Job.name == name)).scalars())


def test_lessons_are_indexed_while_pictures_are_looked_at(settings: Settings) -> None:
    runtime, detector = runtimes.build(settings), LongDetector()
    runtime.start()
    try:
        with TestClient(app_of(runtime)) as client:
            exam = make_exam(runtime, client, detector=detector)
            sitting = begin(client, exam)
            assert upload(client, sitting, 1, runtime.clock.now()).status_code == 201
            assert detector.looking.wait(PATIENCE_SECONDS)
            before = states(runtime, INDEX_JOB)[JobState.DONE.value]
            lessons = create_course(runtime.database, exam.instructor, title="Wind").lessons
            deadline = time.monotonic() + PATIENCE_SECONDS
            while states(runtime, INDEX_JOB)[JobState.DONE.value] < before + len(lessons):
                assert time.monotonic() < deadline, "new lessons wait for the pictures"
                time.sleep(0.05)
            assert states(runtime, queue.WATCH)[JobState.RUNNING.value] == 1
    finally:
        detector.enough.set()
        runtime.stop()
