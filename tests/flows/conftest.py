"""Flows: whole stories, each told to both kinds of installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient

from lms_core.kit import running
from lms_core.kit.settings import Settings
from tests.serving import app_of
from workers import celery_app
from workers import runtime as runtimes
from workers.runtime import Runtime

KEY = "rVQ2p0f8ZxN4s7JtBwLhYk6DmCgEaU1iRo3nXv5T"


@pytest.fixture
def scaled_settings(postgres_url: str, redis_server: str, tmp_path: Path) -> Settings:
    """Settings of a scaled installation; Qdrant is the client's own in-memory server."""
    return Settings(
        _env_file=None,
        mode="scaled",
        data_dir=tmp_path / "data",
        database_url=postgres_url,
        redis_url=redis_server,
        qdrant_url=":memory:",
        secret_key=KEY,
        mail_url=f"folder:{tmp_path / 'mail'}",
        login_attempts_per_minute=1000,
        questions_per_minute=1000,
        log_level="WARNING",
    )


@contextmanager
def celery_worker(runtime: Runtime) -> Iterator[None]:
    """A Celery worker on a thread of this process (the in-memory vector index lives here), over a real Redis."""
    app = celery_app.worker_app(runtime.database, runtime.settings.redis_url)
    queues = ",".join(running.QUEUES)
    with start_worker(app, pool="threads", concurrency=3, queues=queues, perform_ping_check=False):
        yield


@pytest.fixture(params=["embedded", pytest.param("scaled", marks=pytest.mark.scaled)])
def installation(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """A working installation of each kind: jobs run by themselves."""
    if request.param == "embedded":
        settings = request.getfixturevalue("settings")
        built = runtimes.build(settings)
        built.start()
        yield built
        built.stop()
        return
    settings = request.getfixturevalue("scaled_settings")
    built = runtimes.build(settings)
    with celery_worker(built):
        yield built
    built.stop()


@pytest.fixture
def story(installation: Runtime) -> Iterator[TestClient]:
    """An HTTP client with the console's rights."""
    with TestClient(app_of(installation), raise_server_exceptions=False) as opened:
        opened.headers["Authorization"] = f"Bearer {installation.console_token}"
        yield opened
