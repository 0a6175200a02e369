"""A supervised exam to sit and to review."""

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from tests.proctoring.reviewing import Exam, make_exam
from workers.runtime import Runtime


@pytest.fixture
def exam(runtime: Runtime, client: TestClient, clock: MovingClock) -> Exam:
    """An exam under the default policy, with its people."""
    return make_exam(runtime, client, clock)
