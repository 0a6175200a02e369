"""An instructor at the door, and import jobs run on request."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from ingestion.imports import service as imports
from lms_core.kit import running
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from tests.factories.people import Person, create_person, log_in
from tests.ingestion.importing import Headers
from workers.runtime import Runtime


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def headers(client: TestClient, teacher: Person) -> Headers:
    return log_in(client, teacher)


@pytest.fixture
def read(runtime: Runtime) -> Callable[[], None]:
    """Run import jobs only: what follows from stored lessons is not the subject here."""

    def run() -> None:
        with runtime.database.read(system_actor()) as ctx:
            waiting = select(Job.id).where(Job.name == imports.IMPORT_JOB).order_by(Job.id)
            ids = list(ctx.session.execute(waiting).scalars())
        for job_id in ids:
            running.run_job(runtime.database, job_id, worker="test")

    return run
