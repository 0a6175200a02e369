"""A course with an instructor and a learner in it, for tests of assessments."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from lms_core.kit import running
from lms_core.kit.permissions import Role
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

Headers = dict[str, str]


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def teaching(client: TestClient, instructor: Person, course: Made) -> Headers:
    return log_in(client, instructor)


@pytest.fixture
def learner(runtime: Runtime, course: Made) -> Person:
    return enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)


@pytest.fixture
def headers(client: TestClient, learner: Person) -> Headers:
    return log_in(client, learner)


@pytest.fixture
def settle(runtime: Runtime) -> Callable[[], None]:
    """Run what is due, but for the indexing of lessons: it needs a model, and nothing here asks the assistant."""

    def run() -> None:
        while due := running.due_now(runtime.database, queues=("fast", "io")):
            for job_id in due:
                running.run_job(runtime.database, job_id, worker="settle")

    return run
