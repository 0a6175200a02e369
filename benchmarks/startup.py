"""Measures the start of the demo: seconds to its first answer, and the memory it holds then and later."""

import time

import httpx

from api.people import DEMO_PASSWORD
from benchmarks import servers
from benchmarks.answers_latency import COURSE, demo

Row = tuple[str, str, str]

FIRST_ANSWER_SECONDS = 25
MEMORY_MB = 1300
BUSY_SECONDS = 50.0  # calibration, and the sample exam in a process that ends when it is idle
QUESTION = "What is a citation?"


def run() -> list[Row]:
    """Seconds from `mwalimu demo` in an empty folder to the first cited answer; memory after it."""
    begun = time.perf_counter()
    with demo({}) as (port, pid), httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=120) as client:
        login = {"email": "learner@example.org", "password": DEMO_PASSWORD}
        tokens = client.post("/auth/login", json=login).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        client.post(f"/courses/{COURSE}/enroll").raise_for_status()
        asked = client.post(f"/courses/{COURSE}/assistant/questions", json={"question": QUESTION})
        answer = asked.raise_for_status().json()
        seconds = time.perf_counter() - begun
        family = servers.family(pid)
        cpu = servers.cpu_seconds(family)
        most = _most_memory(pid, seconds=BUSY_SECONDS)
        rests = servers.resident_mb(servers.family(pid))
    if not answer["citations"]:
        raise RuntimeError(f"the first answer cites nothing: {answer['answer'][:200]}")
    value = f"{seconds:.1f} s ({cpu:.1f} s of CPU)"
    return [
        ("start of the demo to its first answer", value, f"< {FIRST_ANSWER_SECONDS} s"),
        ("server memory after the demo, at rest", f"{rests:.0f} MB", f"< {MEMORY_MB} MB"),
        ("  the most while it looks at the sample exam", f"{most:.0f} MB", ""),
    ]


def _most_memory(pid: int, *, seconds: float) -> float:
    """The largest memory of the server and its children until they rest, asked twice a second."""
    most, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        most = max(most, servers.resident_mb(servers.family(pid)))
        time.sleep(0.5)
    return most
