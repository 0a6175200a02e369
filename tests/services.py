"""Real PostgreSQL and Redis for tests: started here when their programs are installed, on ports of their own.

Without them the tests that need them skip and say so; in CI, where everything
is installed, such a skip is a failure.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 30.0


def absent(what: str) -> None:
    """Skip for want of `what`, or fail where it has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not here, and in CI it must be")
    pytest.skip(f"{what} is not installed")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server for port {port} did not start")


def _wait_until_it_talks(url: str) -> None:
    """The port of PostgreSQL is open some time before it has finished starting up."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL cluster in a temporary folder; yields the URL of its server, without a database."""
    binaries = sorted(glob("/usr/lib/postgresql/*/bin"))
    if not binaries:
        absent("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="mwalimu-pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", free_port()
    init = [f"{binaries[-1]}/initdb", "-D", str(data), "-U", "mwalimu", "--auth=trust", "--encoding=UTF8", "--no-sync"]
    subprocess.run([*as_user, *init], check=True, capture_output=True)
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "max_connections": 200,
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [*as_user, f"{binaries[-1]}/postgres", "-D", str(data), *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        _wait_until_it_talks(f"postgresql://mwalimu@127.0.0.1:{port}/postgres")
        yield f"postgresql://mwalimu@127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis; yields its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        absent("redis-server")
        return
    port = free_port()
    server = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=20)
