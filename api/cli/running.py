"""`mwalimu demo`, `serve`, `worker`, `scheduler` and `doctor`."""

import gc
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from sqlalchemy import inspect, make_url

import ingestion
from api.cli.console import CommandFailed
from api.main import create_app
from api.people import SAMPLE_TAKER, ensure_people
from ingestion.demo import SOLD_SLUG, ensure_sample_course, waiting_lessons
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.sample import COUPON, ensure_sample_shop
from lms_core.content.media.film import tools as films
from lms_core.kit import memory
from lms_core.kit.clock import SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.settings import Settings
from lms_core.learning.certificates import service as certificates
from proctoring.detection import catalogue
from proctoring.detection.errors import ModelUnavailable
from proctoring.sample import ensure_sample_exam
from rag.embeddings.provider import EmbedderProvider
from rag.search import warm
from workers import celery_app
from workers import runtime as runtimes
from workers import schedule as scheduling
from workers.owner import FolderInUse, read_server
from workers.runtime import Runtime

out = Console()
SAMPLE_COURSE = Path(ingestion.__file__).parent / "sample_course"
SOLD_COURSE = Path(ingestion.__file__).parent / "sample_sold_course"
LONGEST_START_SECONDS = 300
# A thread that computes hands over after this to one that waits, a request above all; Python's own 5 ms add up.
SWITCH_SECONDS = 0.001


def demo(settings: Settings) -> None:
    """The sample installation: made when it is not there, then served."""
    runtime = _build(settings)
    runtime.start()
    out.print("Preparing the sample course …")
    people = ensure_people(runtime)
    assert runtime.console is not None
    tenant_id, teacher = runtime.console.tenant_id, people[1].email
    course, _ = ensure_sample_course(runtime.database, SAMPLE_COURSE, tenant_id=tenant_id, owner_email=teacher)
    sold, sold_id = ensure_sample_course(
        runtime.database, SOLD_COURSE, tenant_id=tenant_id, owner_email=teacher, slug=SOLD_SLUG
    )
    ensure_sample_shop(runtime.database, tenant_id=tenant_id, course_id=sold_id)
    with runtime.database.write(runtime.console) as ctx:
        certificates.ensure_rule(ctx, course)
    warm(runtime.database)
    _wait_until_indexed(runtime)
    url = f"http://localhost:{settings.port}"
    out.print(f"\n[bold]Mwalimu is at {url}[/bold]   (stop with Ctrl+C)")
    out.print(f"Course: {url}/courses/{course}")
    out.print(f"For sale, with play money: {url}/courses/{sold} (coupon {COUPON})\n")
    for person in people:
        out.print(f"  {person.role:<10} {person.email:<28} password  {person.password}", highlight=False)
    out.print()
    sample = threading.Thread(target=_make_sample_exam, args=(runtime, course, people[1].email), daemon=True)
    sample.start()  # while people already look round
    _serve(runtime)


def _make_sample_exam(runtime: Runtime, course: str, teacher: str) -> None:
    assert runtime.console is not None
    ensure_sample_exam(
        runtime.database,
        course=course,
        tenant_id=runtime.console.tenant_id,
        teacher=teacher,
        taker=SAMPLE_TAKER.email,
    )


def _wait_until_indexed(runtime: Runtime) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    with out.status("Indexing …") as status:
        while (waiting := waiting_lessons(runtime.database)) and time.monotonic() < deadline:
            status.update(f"Indexing: {waiting} lessons to go …")
            time.sleep(0.2)


def serve(settings: Settings) -> None:
    """Serve until stopped; several processes when the installation is scaled and says so."""
    if settings.web_processes > 1:
        if settings.mode == "embedded":
            raise CommandFailed("MWALIMU_WEB_PROCESSES above 1 needs MWALIMU_MODE=scaled: one process owns the data.")
        uvicorn.run(
            "api.cli.running:application",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=settings.web_processes,
            log_config=None,
            access_log=False,
        )
        return
    runtime = _build(settings)
    runtime.start()
    warming = threading.Thread(target=_get_ready, args=(runtime.database,), daemon=True)
    warming.start()
    out.print(f"Mwalimu is at http://{settings.host}:{settings.port}   (stop with Ctrl+C)")
    _serve(runtime)
    warming.join(timeout=30)  # a thread that dies inside the model takes the exit status with it


def _get_ready(database: Database) -> None:
    """What takes seconds and nobody should wait for."""
    warm(database)
    # The libraries and the model are here to stay: without them, looking for garbage no longer stops all for half a
    # second.
    gc.collect()
    gc.freeze()


def application() -> FastAPI:
    """The application of one web process of several."""
    return create_app(runtimes.build(Settings()))


def _build(settings: Settings) -> Runtime:
    memory.few_pools()
    try:
        return runtimes.build(settings)
    except FolderInUse as taken:
        raise CommandFailed(f"{taken} Stop it first, or choose another folder with --data-dir.") from taken


def _serve(runtime: Runtime) -> None:
    settings = runtime.settings
    sys.setswitchinterval(SWITCH_SECONDS)
    if runtime.owner is not None:
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
        runtime.owner.announce(f"http://{host}:{settings.port}", token=runtime.console_token)
    try:
        uvicorn.run(create_app(runtime), host=settings.host, port=settings.port, log_config=None, access_log=False)
    finally:
        runtime.stop()


def work(settings: Settings, *, queues: tuple[str, ...], threads: int) -> None:
    """A Celery worker."""
    _need_scaled(settings, "worker")
    runtime = _build(settings)
    if {"answer", "heavy", "idle"} & set(queues):
        warm(runtime.database)
    celery_app.serve(runtime.database, settings.redis_url, queues=queues, threads=threads)


def schedule(settings: Settings) -> None:
    """The scheduler."""
    _need_scaled(settings, "scheduler")
    scheduling.serve(_build(settings))


def _need_scaled(settings: Settings, command: str) -> None:
    if settings.mode != "scaled":
        raise CommandFailed(f"`mwalimu {command}` is for MWALIMU_MODE=scaled; embedded, the server does this itself.")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `doctor` looked at, and what to do when it is not right."""

    what: str
    ok: bool
    detail: str

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)

    def as_line(self) -> str:
        """For a person."""
        return f"{'ok     ' if self.ok else 'MISSING'} {self.what}: {self.detail}"


def examine(settings: Settings) -> list[Finding]:
    """Look at everything an installation needs; nothing is changed but a running server is asked."""
    checks: list[tuple[str, Callable[[Settings], str]]] = [
        ("Python", _python),
        ("data folder", _folder),
        ("database and ports", _ports),
        ("ledger", _ledger),
        ("embedding model", _embedder),
        ("proctoring weights", _weights),
        ("video tools", _video_tools),
    ]
    findings = []
    for what, check in checks:
        try:
            findings.append(Finding(what, True, check(settings)))
        except Exception as error:
            findings.append(Finding(what, False, f"{error or type(error).__name__}"))
    return findings


def _python(_settings: Settings) -> str:
    return sys.version.split()[0]


def _folder(settings: Settings) -> str:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free // 2**30
    if free < 1:
        raise CommandFailed(f"{settings.data_dir.absolute()} has less than 1 GB free. Make room.")
    return f"{settings.data_dir.absolute()}, {free} GB free"


def _ports(settings: Settings) -> str:
    server = read_server(settings.data_dir)
    if server is not None and settings.mode == "embedded":
        return f"in use by the server at {server['url']}"
    runtime = runtimes.build(settings, run_jobs=False)
    try:
        with runtime.database.read(system_actor()) as ctx:
            dialect = ctx.session.get_bind().dialect.name
        return f"{settings.mode} on {dialect}"
    finally:
        runtime.stop()


def _ledger(settings: Settings) -> str:
    """Every entry of the books is read and added up; a running server does not stand in the way of that."""
    address = make_url(settings.effective_database_url)
    if address.drivername.startswith("sqlite") and not Path(address.database or "").is_file():
        return "no books yet"
    engine = make_engine(settings.effective_database_url)
    try:
        if not inspect(engine).has_table("ledger_transaction"):
            return "no books yet"
        with Database(engine, SystemClock(), Resources()).read(system_actor()) as ctx:
            found = ledger.examine(ctx)
    finally:
        engine.dispose()
    if not found.sound:
        first = found.breaches[0]
        raise CommandFailed(
            f"{len(found.breaches)} breaches in {found.transactions} transactions, the first of them {first.kind} in "
            f"{first.transaction_id}. Send no money out before you have looked at /finance/ledger/check."
        )
    return f"{found.transactions} transactions balance"


def _weights(settings: Settings) -> str:
    """What proctoring can look with. Missing weights are no fault of the installation: exams run, and say so."""
    folders = tuple(folder for folder in (settings.models_dir, settings.data_dir / "models") if folder)
    missing = []
    for role in catalogue.BY_ROLE:
        try:
            catalogue.find(role, folders=folders)
        except ModelUnavailable as error:
            missing.append(f"{role}: {error}")
    return "; ".join(missing) or "all here"


def _video_tools(_settings: Settings) -> str:
    """Only uploaded videos need them. Missing ones are no fault of the installation: whoever uploads is told."""
    if not films.available():
        return "no ffmpeg, so uploaded videos cannot be prepared (on Debian: apt-get install ffmpeg)"
    return "ffmpeg is here"


def _embedder(settings: Settings) -> str:
    provider = EmbedderProvider(
        model=settings.embedding_model, models_dir=settings.models_dir, threads=settings.embedding_threads or None
    )
    return provider.get().space
