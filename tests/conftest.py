"""One real installation a test: SQLite in a temporary folder, a moving clock, mail in a folder.

`live` has its job runner on (for stories in which somebody waits for an
answer); elsewhere jobs stay rows until the test calls `drain()`.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.settings import Settings
from rag.embeddings.provider import EmbedderProvider
from tests import databases, draining, services
from tests.factories.assistant import embedder
from tests.serving import app_of
from workers import runtime as runtimes
from workers.runtime import Runtime

LONG = ("tests/browser/", "tests/flows/", "tests/proctoring/test_killed", "tests/docker/")
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes begin first: no worker is left with one when the others have nothing to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture
def clock() -> MovingClock:
    """A clock that stands at a Monday morning."""
    return MovingClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Embedded defaults in a folder of this test's own."""
    databases.prepare(tmp_path / "data")
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        models_dir=None,  # whatever the environment says
        mail_url=f"folder:{tmp_path / 'mail'}",
        login_attempts_per_minute=1000,
        questions_per_minute=1000,
        log_level="WARNING",
    )


@pytest.fixture
def runtime(settings: Settings, clock: MovingClock) -> Iterator[Runtime]:
    """An installation whose jobs wait for `drain()`."""
    built = runtimes.build(settings, clock=clock, run_jobs=False)
    built.resources.put(EmbedderProvider, embedder())
    yield built
    built.stop()


@pytest.fixture
def live(settings: Settings) -> Iterator[Runtime]:
    """An installation that works on its jobs by itself, on the machine's clock."""
    built = runtimes.build(settings)
    built.resources.put(EmbedderProvider, embedder())
    built.start()
    yield built
    built.stop()


@pytest.fixture
def client(runtime: Runtime) -> Iterator[TestClient]:
    """A visitor's HTTP client."""
    with TestClient(app_of(runtime), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def live_client(live: Runtime) -> Iterator[TestClient]:
    """A visitor's HTTP client to an installation that works on its jobs."""
    with TestClient(app_of(live), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def drain(runtime: Runtime) -> Callable[[], int]:
    """Run every due job here and now, but calibrations."""
    return lambda: draining.drain(runtime.database)


@pytest.fixture
def mailbox(tmp_path: Path) -> Callable[[], list[EmailMessage]]:
    """The letters sent so far, oldest first."""

    def read() -> list[EmailMessage]:
        files = sorted((tmp_path / "mail").glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]

    return read


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for the whole run."""
    with services.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A Redis for the whole run."""
    with services.redis() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A database of this test's own with every table and no row."""
    template = databases.migrated_postgres(postgres_server)
    return f"{postgres_server}/{databases.create_postgres(postgres_server, template=template)}"


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> str:
    """A database of this test's own that was never migrated."""
    return f"{postgres_server}/{databases.create_postgres(postgres_server)}"
