"""A server to be killed: takes pictures over HTTP and looks at them, until then."""

import sys

import uvicorn

from api.main import create_app
from lms_core.kit.settings import Settings
from tests.factories.proctoring import look_with
from tests.proctoring.killed_watcher import SlowDetector
from workers import celery_app
from workers import runtime as runtimes


def serve(port: int) -> None:
    """The whole of an embedded installation: HTTP and the watcher in one process."""
    runtime = runtimes.build(Settings())
    look_with(runtime, SlowDetector())
    runtime.start()
    uvicorn.run(create_app(runtime), host="127.0.0.1", port=port, log_level="error")


def work() -> None:
    """A Celery worker that looks at pictures."""
    runtime = runtimes.build(Settings())
    look_with(runtime, SlowDetector())
    print("ready", flush=True)
    celery_app.serve(runtime.database, runtime.settings.redis_url, queues=("fast", "io", "watch"), threads=2)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
