"""How a command reaches the installation: through the running server, or through one it starts for itself.

Embedded, one process owns the data folder; a command that finds it taken works
through the owner with the token left in the folder for this machine's user.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from lms_core.kit.settings import Settings
from workers.owner import FolderInUse, is_owned, read_server

if TYPE_CHECKING:
    from workers.runtime import Runtime

START_SECONDS = 30.0
REQUEST_SECONDS = 300.0


class CommandFailed(Exception):
    """What a command could not do, in words for a person. Exit status 1."""


@contextmanager
def connect(settings: Settings) -> Iterator[httpx.Client]:
    """An HTTP client with the console's rights."""
    server = read_server(settings.data_dir)
    if server is not None and is_owned(settings.data_dir):
        with _client(server["url"], server["token"]) as client:
            yield client
        return
    # The whole product loads here: a command that works through a server does without.
    from workers import runtime as runtimes

    try:
        runtime = runtimes.build(settings)
    except FolderInUse as taken:
        raise CommandFailed(f"{taken} Wait until it is done, or stop it, and try again.") from taken
    try:
        runtime.start()
        with serving(runtime, host="127.0.0.1", port=0) as url, _client(url, runtime.console_token) as client:
            yield client
    finally:
        runtime.stop()


def _client(url: str, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{url}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=REQUEST_SECONDS,
        trust_env=False,
    )


@contextmanager
def serving(runtime: "Runtime", *, host: str, port: int) -> Iterator[str]:
    """Serve on a thread while the block runs; yields the URL."""
    import uvicorn

    from api.main import create_app

    config = uvicorn.Config(create_app(runtime), host=host, port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise CommandFailed("The server for this command did not start. Run `mwalimu doctor`.")
        time.sleep(0.01)
    try:
        yield f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def checked(response: httpx.Response) -> Any:
    """The JSON of a good answer; CommandFailed with the problem's own words for a bad one."""
    if response.is_success:
        return response.json() if response.content else None
    try:
        problem = response.json()
        text = f"{problem['title']}: {problem['detail']}" if problem["title"] != problem["detail"] else problem["title"]
        fields = "".join(f"\n  {each['field']}: {each['message']}" for each in problem.get("errors", []))
    except (ValueError, KeyError, TypeError):
        text, fields = f"The server answered {response.status_code}.", ""
    raise CommandFailed(text + fields)
