"""Certificates on PostgreSQL: many issued at once get numbers of their own."""

import threading

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Permission, Role
from lms_core.kit.settings import Settings
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.models import Certificate
from tests.factories.courses import create_course
from tests.factories.people import actor_of, create_person
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.serving import app_of
from workers import runtime as runtimes

AT_ONCE = 6


@pytest.mark.scaled
def test_certificates_issued_at_the_same_time(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings, run_jobs=False)
    database, failed = runtime.database, []
    try:
        with TestClient(app_of(runtime)):
            instructor = create_person(database, role=Role.INSTRUCTOR)
            course = create_course(database, instructor)
            learners = [create_person(database) for _ in range(AT_ONCE)]
            actor, ready = actor_of(database, instructor), threading.Barrier(AT_ONCE)

            def issue(place: int) -> None:
                try:
                    with database.write(actor) as ctx:
                        card = courses.access_course(ctx, course.id, Permission.COURSE_EDIT)
                        ready.wait(20)
                        certificates.issue_for(ctx, card, users=[learners[place].id])
                except Exception as error:
                    failed.append(error)

            threads = [threading.Thread(target=issue, args=(place,)) for place in range(AT_ONCE)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(40)
            with database.read(system_actor(actor.tenant_id)) as view:
                numbers = sorted(view.session.execute(select(Certificate.status_index)).scalars())
    finally:
        runtime.stop()
    assert not failed
    assert numbers == list(range(AT_ONCE))
