"""Measures the gradebook: a course of a thousand learners and sixty columns, opened as page and as JSON.

On SQLite and on PostgreSQL, in one process without a network between, so that
what is measured is the server's own time for one request.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from statistics import median

import psycopg
from fastapi.testclient import TestClient

from lms_core.identity.accounts.models import User
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.enrolments.models import Enrollment
from lms_core.learning.gradebook.models import Grade, GradeCategory, GradeItem, ItemKind
from tests import services
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import create_person
from workers import runtime as runtimes
from workers.runtime import Runtime

Row = tuple[str, str, str]

LEARNERS, COLUMNS, CATEGORIES = 1000, 60, 6
VISITS = 15
GOAL = "below 500"


def run() -> list[Row]:
    """Median and slowest of opening the gradebook, and how many statements it takes, on both databases."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _on("SQLite", Settings(_env_file=None, data_dir=Path(folder) / "data", log_level="WARNING"))
        with services.postgres() as server:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE gradebook")
            settings = Settings(
                _env_file=None,
                data_dir=Path(folder) / "scaled",
                database_url=f"{server}/gradebook",
                log_level="WARNING",
            )
            rows += _on("PostgreSQL", settings)
    return rows


def _on(database: str, settings: Settings) -> list[Row]:
    from api.main import create_app  # the application, after the settings of the other one are gone

    runtime = runtimes.build(settings, run_jobs=False)
    try:
        instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
        course = create_course(runtime.database, instructor)
        _fill(runtime, course)
        with TestClient(create_app(runtime)) as client:
            client.post("/login", data={"email": instructor.email, "password": instructor.password})
            return [row for named in _visits(client, course) for row in _measured(runtime, database, *named)]
    finally:
        runtime.stop()


def _visits(client: TestClient, course: Made) -> Iterator[tuple[str, Callable[[], int]]]:
    """What is measured, each with a call that gives the size of its answer."""

    def opened(path: str) -> Callable[[], int]:
        def visit() -> int:
            answer = client.get(path)
            answer.raise_for_status()
            return len(answer.content)

        return visit

    yield "page", opened(f"/teach/courses/{course.slug}/gradebook")
    yield "JSON", opened(f"/api/v1/courses/{course.slug}/gradebook")
    yield "export to CSV", opened(f"/api/v1/courses/{course.slug}/gradebook/export?form=csv")


def _measured(runtime: Runtime, database: str, name: str, visit: Callable[[], int]) -> list[Row]:
    visit()
    with statements(runtime.database) as sent:
        size = visit()
    took, worked = [], []
    for _ in range(VISITS):
        began, spent = time.perf_counter(), time.process_time()
        visit()
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - spent))
    label = f"gradebook {LEARNERS} × {COLUMNS}, {name}, {database}"
    goal = GOAL if name in ("page", "JSON") else ""
    return [
        (f"{label}: median ms", f"{median(took):.0f}", goal),
        (f"{label}: slowest ms; median of processor ms", f"{max(took):.0f}; {median(worked):.0f}", ""),
        (f"{label}: statements, KiB", f"{len(sent)}, {size / 1024:.0f}", ""),
    ]


def _fill(runtime: Runtime, course: Made) -> None:
    """Learners, categories, columns and a grade in every cell."""
    drawn = random.Random(4)
    with runtime.database.write(system_actor(runtime.console.tenant_id)) as ctx:  # type: ignore[union-attr]
        people = [_person(at, ctx.now) for at in range(LEARNERS)]
        ctx.session.add_all(people)
        ctx.session.flush()
        enrolled = {"course_id": course.id, "enrolled_at": ctx.now}
        ctx.session.add_all(Enrollment(user_id=person.id, **enrolled) for person in people)
        categories = []
        for at in range(CATEGORIES):
            rules = {"weight": 10.0 + at, "drop_lowest": at % 3, "position": at}
            categories.append(ctx.add(GradeCategory(course_id=course.id, name=f"Part {at + 1}", **rules)))
        items = []
        for at in range(COLUMNS):
            about = {"category_id": categories[at % CATEGORIES].id, "maximum": 10.0 + at % 4 * 10, "position": at}
            about |= {"kind": ItemKind.MANUAL, "title": f"Exercise {at + 1}", "created_at": ctx.now}
            items.append(ctx.add(GradeItem(course_id=course.id, **about)))
        for person in people:
            for item in items:
                got = {"earned": round(drawn.random() * (item.maximum or 0), 2), "out_of": item.maximum}
                about = {"course_id": course.id, "item_id": item.id, "user_id": person.id, "updated_at": ctx.now}
                ctx.session.add(Grade(**about, **got, marked_at=ctx.now))
            ctx.session.flush()


def _person(at: int, now: datetime) -> User:
    email = f"learner{at}@example.org"
    return User(email=email, email_key=email, full_name=f"Asha Otieno {at:04}", created_at=now)
