"""What the library keeps of a person whose account is deleted: nothing that was still on its way."""

from collections.abc import Callable
from datetime import timedelta

from fastapi.testclient import TestClient

from lms_core.identity.erasure import service as erasure
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.courses import create_course
from tests.factories.media import begin, send
from tests.factories.people import create_person, log_in
from workers.runtime import Runtime


def test_what_somebody_was_uploading_goes_with_their_account(
    client: TestClient, runtime: Runtime, clock: MovingClock, drain: Callable[[], int]
) -> None:
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course, teaching = create_course(runtime.database, instructor), log_in(client, instructor)
    folder = runtime.settings.data_dir / "files"
    upload_id = begin(client, teaching, course.slug, "half.txt", 100).json()["id"]
    send(client, teaching, upload_id, 0, b"half of it")
    assert [path for path in folder.rglob("*") if path.is_file()]
    with runtime.database.write(system_actor(instructor.tenant_id)) as ctx:
        erasure.request_for(ctx, user_id=instructor.id)
    clock.move(timedelta(days=15))
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("erasure.begin_due")
    drain()
    assert not [path for path in folder.rglob("*") if path.is_file()]
