"""Servers to measure: `mwalimu` in processes of its own, and what they cost.

Processor time and memory are read from /proc, for a process and all that it
started, so that a busy machine does not blur them.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 120.0
QUIET_SHARE = 0.06  # of one core


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mwalimu() -> str:
    """The path of the installed command."""
    return str(Path(sys.executable).with_name("mwalimu"))


@contextmanager
def serving(*command: str, port: int, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """`command` as a server, from when it takes connections on `port` until the block ends."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            if not _answers(port, process):
                output.seek(0)
                raise RuntimeError(f"{command} did not start: {output.read()[-800:].decode(errors='replace')}")
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _answers(port: int, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.02)
    return False


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def cpu_seconds(pids: list[int]) -> float:
    """Processor time used so far by these processes, user and system."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def settle(pids: list[int], *, longest: float) -> None:
    """Wait until the processes have nothing left to do in the background, at most `longest` seconds."""
    deadline = time.monotonic() + longest
    while time.monotonic() < deadline:
        before = cpu_seconds(pids)
        time.sleep(1.0)
        if cpu_seconds(pids) - before < QUIET_SHARE:
            return


def resident_mb(pids: list[int]) -> float:
    """Memory resident now in these processes, shared pages counted once each (proportional set size), in MB."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it ended meanwhile
            continue
        for line in lines:
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024
