"""Measures certificates: a thousand drawn, signed and stored by two workers, and how fast one is verified."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import func, select

from benchmarks import servers
from lms_core.kit import running
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.certificates.models import Certificate

Row = tuple[str, str, str]

CERTIFICATES = 1000
SAMPLE = 60
WORKERS = 2
CHECKS = 300


def run() -> list[Row]:
    """Certificates a second on two cores, and the p95 of the verification page."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder) / "data", log_level="WARNING")
        codes = _prepare(settings)
        took = _signed_by_workers(settings)
        verify = _verified(settings, codes)
    return [
        (f"{CERTIFICATES} certificates drawn and signed: a second", f"{CERTIFICATES / took:.1f}", "at least 8"),
        ("verification page, one after another: p95 ms", f"{_p95(verify):.0f}", "below 50"),
        ("verification page: median ms", f"{_p95(verify, 0.5):.0f}", ""),
    ]


def _prepare(settings: Settings) -> list[str]:
    """A course whose thousand learners are to get certificates; the codes of some."""
    from lms_core.content.courses import service as courses
    from lms_core.identity.accounts import addresses
    from lms_core.identity.accounts.models import User
    from lms_core.kit.ids import new_id
    from lms_core.learning.certificates.service import issue_for
    from tests.factories.courses import create_course
    from tests.factories.people import create_person
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    course = create_course(runtime.database, instructor)
    with runtime.database.write(system_actor(instructor.tenant_id)) as ctx:
        people = []
        for number in range(CERTIFICATES):
            email = f"learner{number}@example.org"
            named = {"email": email, "email_key": addresses.key_of(email), "full_name": f"Asha Otieno {number}"}
            people.append(User(id=new_id(), password_hash=None, created_at=ctx.now, **named))
        ctx.session.add_all(people)
        ctx.session.flush()
        issue_for(ctx, courses.access_course(ctx, course.id), users=[person.id for person in people])
        codes = list(ctx.session.execute(select(Certificate.code).limit(SAMPLE)).scalars())
    runtime.stop()
    return codes


def _signed_by_workers(settings: Settings) -> float:
    """Seconds until every document is signed, by processes that share the jobs as Celery workers do."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.certificates", str(settings.data_dir)]
    workers = [subprocess.Popen(command, env=os.environ) for _ in range(WORKERS)]
    if any(worker.wait() for worker in workers):
        raise RuntimeError("a worker failed")
    took = time.perf_counter() - began
    from lms_core.kit.clock import SystemClock
    from lms_core.kit.context import Database, Resources
    from lms_core.kit.db import make_engine

    database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
    with database.read(system_actor()) as ctx:
        missing = ctx.session.execute(select(func.count()).where(Certificate.pdf_key == "")).scalar_one()
    database.engine.dispose()
    if missing:
        raise RuntimeError(f"{missing} certificates are not signed")
    return took


def _work(data_dir: Path) -> None:
    """One worker process: every due job that another has not taken."""
    from lms_core.kit.clock import SystemClock
    from lms_core.kit.context import Database, Resources
    from lms_core.kit.crypto import Keys
    from lms_core.kit.db import make_engine
    from lms_core.kit.storage import Storage, open_storage
    from workers import registry

    registry.load()
    settings = Settings(_env_file=None, data_dir=data_dir)
    resources = Resources()
    resources.put(Settings, settings)
    resources.put(Keys, Keys(settings.resolved_secret_key()))
    resources.put(Storage, open_storage("", data_dir=data_dir))  # type: ignore[type-abstract]
    database = Database(make_engine(settings.effective_database_url), SystemClock(), resources)
    running.drain(database, worker=str(os.getpid()))


def _verified(settings: Settings, codes: list[str]) -> list[float]:
    """Milliseconds of each visit to a verification page, by a visitor who is not logged in."""
    port = servers.free_port()
    environment = {
        "MWALIMU_DATA_DIR": str(settings.data_dir),
        "MWALIMU_PORT": str(port),
        "MWALIMU_LOG_LEVEL": "WARNING",
    }
    found = []
    with (
        servers.serving(servers.mwalimu(), "serve", port=port, environment=environment),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        for visit in range(-20, CHECKS):  # the first ones open the pages and the connection
            began = time.perf_counter()
            client.get(f"/verify/{codes[visit % len(codes)]}").raise_for_status()
            found.append(1000 * (time.perf_counter() - began))
    return found[20:]


def _p95(values: list[float], share: float = 0.95) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
