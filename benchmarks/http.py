"""Measures the API and the pages on PostgreSQL, two web processes, beside a bare FastAPI route and a tuned Moodle.

Goals for pages are eight times what a tuned Moodle 4.3 serves on such a machine.
Load generator, PostgreSQL and server share the machine's cores; processor time
is given per request too, since it does not depend on who else is busy.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from api.deps import SESSION_COOKIE
from benchmarks import load, servers
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client
from lms_core.kit.context import Database
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.enrolments import service as enrolments
from lms_core.learning.progress import service as progress

Row = tuple[str, str, str]

API_READERS, PAGE_READERS = 100, 20
SECONDS = 6.0
WARM_SECONDS = 2.0
API_P95_MS = 200
STATEMENTS = 8
# Pages a second and processor ms each of Moodle 4.3 with opcode cache, 20 readers, two cores.
MOODLE = {"catalogue": (53, 36), "course": (27, 70), "lesson": (50, 38)}
TIMES = 8
CATALOGUE_COURSES = 30
COURSE_LESSONS = (10, 10, 10, 10, 10, 10)
SUMMARY = "What heat is, why water boils, and how to measure both with what is in a kitchen. " * 2
BODY = "\n\n".join(
    f"## Part {part}\n\n"
    + "Water boils at 100 degrees at sea level, and sooner on a mountain, for want of pressure. " * 8
    + "\n\n- a kettle\n- a thermometer\n- patience\n\n```python\ncelsius = (fahrenheit - 32) * 5 / 9\n```"
    for part in range(1, 9)
)
KEY = "kQ7mZ2vB9xLr4TnWc8YdHs5JfGp3AeUo1iXy6RwN"


@dataclass(frozen=True, slots=True)
class Site:
    """A seeded installation: where its reader's pages and API routes are, and what to send with a request."""

    pages: dict[str, str]
    routes: dict[str, str]
    cookie: str
    token: str


def run() -> list[Row]:
    """Requests a second, p95, processor time and statements of the API routes and the pages."""
    from tests import services

    with services.postgres() as server, services.redis() as redis_url, tempfile.TemporaryDirectory() as folder:
        environment = scaled_environment(server, redis_url, Path(folder))
        with environment_set(environment):
            site, counts = _prepare(Settings(_env_file=None))
        analyse(server)
        port = servers.free_port()
        scaled = environment | {"MWALIMU_PORT": str(port)}
        with servers.serving(servers.mwalimu(), "serve", port=port, environment=scaled) as process:
            return [*_pages(site, counts, port, process.pid), *_api(site, port, process.pid)]


def scaled_environment(server: str, redis_url: str, folder: Path) -> dict[str, str]:
    """The settings of an installation on these servers, with an empty database of its own."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench")
    return {
        "MWALIMU_MODE": "scaled",
        "MWALIMU_DATA_DIR": str(folder),
        "MWALIMU_DATABASE_URL": f"{server}/bench",
        "MWALIMU_REDIS_URL": redis_url,
        "MWALIMU_QDRANT_URL": ":memory:",
        "MWALIMU_SECRET_KEY": KEY,
        "MWALIMU_WEB_PROCESSES": "2",
        "MWALIMU_LOG_LEVEL": "WARNING",
        "MWALIMU_ACCESS_TOKEN_MINUTES": "600",
    }


def analyse(server: str) -> None:
    """Let PostgreSQL count what lies in its tables."""
    # A database in use is analysed in the background; this one is younger than that takes.
    with psycopg.connect(f"{server}/bench", autocommit=True) as connection:
        connection.execute("ANALYZE")


@contextmanager
def environment_set(values: dict[str, str]) -> Iterator[None]:
    """These variables in the environment, until the block ends."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _prepare(settings: Settings) -> tuple[Site, dict[str, int]]:
    """Seed the database; count the statements of each page and route."""
    from fastapi.testclient import TestClient

    from api.main import create_app
    from tests.factories import courses as factory
    from workers import runtime as runtimes

    runtime = runtimes.build(settings)
    try:
        site = _seed(runtime.database)
        with TestClient(create_app(runtime)) as client:
            counts = {}
            for kind, paths, headers in (
                ("page", site.pages, {"Cookie": site.cookie}),
                ("api", site.routes, {"Authorization": site.token}),
            ):
                for name, path in paths.items():
                    client.get(path, headers=headers).raise_for_status()
                    with factory.statements(runtime.database) as sent:
                        client.get(path, headers=headers).raise_for_status()
                    counts[f"{kind} {name}"] = len(sent)
        return site, counts
    finally:
        runtime.stop()


def _seed(database: Database) -> Site:
    from tests.factories import courses as factory
    from tests.factories.people import actor_of, create_person

    instructor = create_person(database, role=Role.INSTRUCTOR)
    learner = create_person(database)
    for number in range(CATALOGUE_COURSES):
        title = f"Course {number}: measuring heat, water and light"
        factory.create_course(
            database, instructor, title=title, summary=SUMMARY, category=None, tags=["physics", "beginners"]
        )
    modules = factory.outline(*COURSE_LESSONS, body=BODY)
    course = factory.create_course(database, instructor, modules=modules, title="Physics at home", summary=SUMMARY)
    client = Client(ip="127.0.0.1", user_agent="benchmark")
    with database.write(actor_of(database, learner)) as ctx:
        enrolments.enrol(ctx, course.slug)
        for lesson_id in course.lessons[:20]:
            progress.complete(ctx, lesson_id)
        session = auth.open_web_session(ctx, user_id=learner.id, client=client)
        tokens = auth.open_api_session(ctx, user_id=learner.id, client=client)
    lesson = course.lessons[25]
    return Site(
        pages={"catalogue": "/", "course": f"/courses/{course.slug}", "lesson": f"/lessons/{lesson}"},
        routes={
            "catalogue": "/api/v1/courses",
            "course": f"/api/v1/courses/{course.slug}",
            "lesson": f"/api/v1/lessons/{lesson}",
            "progress": f"/api/v1/courses/{course.slug}/progress",
        },
        cookie=f"{SESSION_COOKIE}={session.cookie}",
        token=f"Bearer {tokens.access_token}",
    )


def _pages(site: Site, counts: dict[str, int], port: int, pid: int) -> Iterator[Row]:
    for name, path in site.pages.items():
        request = load.get(path, {"Cookie": site.cookie})
        measured, cpu = _measure(port, [request], PAGE_READERS, pid)
        moodle, moodle_cpu = MOODLE[name]
        yield (f"page {name}, {PAGE_READERS} readers", f"{measured.per_second:.0f} pages/s", f">= {TIMES * moodle}")
        value = f"{cpu:.1f} ms of CPU, p95 {measured.p95_ms:.0f} ms, {measured.bytes_each / 1024:.0f} kB"
        yield (f"page {name}, each", value, f"Moodle {moodle_cpu} ms")
        yield (f"page {name}, statements", str(counts[f"page {name}"]), f"<= {STATEMENTS}")


def _api(site: Site, port: int, pid: int) -> Iterator[Row]:
    for name, path in site.routes.items():
        request = load.get(path, {"Authorization": site.token})
        measured, cpu = _measure(port, [request], API_READERS, pid)
        bare, bare_cpu = _bare(port, path, site.token)
        p95 = f"p95 {measured.p95_ms:.0f} ms"
        yield (f"API {name}, {API_READERS} readers", p95, f"< {API_P95_MS} ms")
        value = f"{measured.per_second:.0f}/s ({cpu:.1f} ms of CPU) beside {bare:.0f}/s ({bare_cpu:.1f} ms)"
        yield (f"API {name} beside a bare route, same bytes", value, "")


def _measure(port: int, requests: list[str], readers: int, pid: int) -> tuple[load.Load, float]:
    """What the readers saw, and the server's processor milliseconds per request."""
    load.measure(port, requests, readers=readers, seconds=WARM_SECONDS)
    family = servers.family(pid)
    before = servers.cpu_seconds(family)
    measured = load.measure(port, requests, readers=readers, seconds=SECONDS)
    if measured.refused:
        raise RuntimeError(f"{measured.refused} of {measured.answered} requests were refused")
    return measured, (servers.cpu_seconds(family) - before) * 1000 / measured.answered


def _bare(port: int, path: str, token: str) -> tuple[float, float]:
    """Requests a second, and processor ms each, of a FastAPI route on two processes that returns the same JSON."""
    answer = httpx.get(f"http://127.0.0.1:{port}{path}", headers={"Authorization": token})
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(answer.content)
        file.flush()
        bare_port = servers.free_port()
        command = (sys.executable, "-m", "benchmarks.bare_route", str(bare_port))
        with servers.serving(*command, port=bare_port, environment={"BARE_ROUTE": file.name}) as process:
            measured, cpu = _measure(bare_port, [load.get("/", {})], API_READERS, process.pid)
    return measured.per_second, cpu
