"""Measures how long learners wait for the first words of an answer: over HTTP, on the sample course, embedded.

Twenty learners ask at once, each again as soon as the last answer ended. With a
mock chat model that waits 300 ms before its first token, what is measured is
our own share: the time until its first words reach the learner, less those 300.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

import ingestion
from benchmarks import load, servers
from tests.simulators.openai_server import OpenAIServer, Script

Row = tuple[str, str, str]

LEARNERS = 20
SECONDS = 12.0
WARM_SECONDS = 4.0
CALIBRATION_SECONDS = 40.0  # a new course is calibrated once, in the background
EXTRACTIVE_MS, OVERHEAD_MS = 150, 120
MODEL_SECONDS = 0.3
PASSWORD = "four calm wide rivers"
COURSE = "learn-with-mwalimu"
QUESTIONS = Path(ingestion.__file__).parent / "sample_course" / "questions.jsonl"
FREE = {"MWALIMU_QUESTIONS_PER_MINUTE": "1000000", "MWALIMU_LOGIN_ATTEMPTS_PER_MINUTE": "1000000"}
FIRST_WORDS = "event: token"
PASSAGE = re.compile(r"<<<passage 1 \w+>>>\n(.*?)\n<<<end passage", re.DOTALL)


def run() -> list[Row]:
    """First words of an extractive answer, and our overhead before those of a chat model."""
    with OpenAIServer(_quote) as model:
        chat = {
            "MWALIMU_CHAT_MODEL": "openai:mock",
            "MWALIMU_CHAT_BASE_URL": model.base_url,
            "MWALIMU_CHAT_API_KEY": "none",
        }
        extractive, cpu = _measure({})
        chatting, _ = _measure(chat)
    overhead = chatting.p95_ms - MODEL_SECONDS * 1000
    each = f"p50 {extractive.p50_ms:.0f} ms, {extractive.per_second:.0f} answers/s, {cpu:.0f} ms of CPU each"
    return [
        (f"first words, {LEARNERS} learners", f"p95 {extractive.p95_ms:.0f} ms", f"< {EXTRACTIVE_MS} ms"),
        ("an answer", each, ""),
        ("overhead beside a chat model", f"p95 {overhead:.0f} ms", f"< {OVERHEAD_MS} ms"),
    ]


def _quote(request: dict[str, Any]) -> Script:
    """The model: after its wait it quotes the longest line of the first passage it was given."""
    found = PASSAGE.search(request["messages"][-1]["content"])
    lines = found.group(1).splitlines() if found is not None else []
    return Script(reply=f"{max(lines, key=len, default='Nothing')} [1]", first_token_delay=MODEL_SECONDS)


@contextmanager
def demo(environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """`mwalimu demo` in a folder of its own; its port and process id."""
    port = servers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = (servers.mwalimu(), "demo", "--port", str(port), "--data-dir", folder)
        with servers.serving(*command, port=port, environment={**FREE, **environment}) as process:
            yield port, process.pid


def _measure(environment: Mapping[str, str]) -> tuple[load.Load, float]:
    """What the learners saw, and the server's processor milliseconds per answer."""
    with demo(environment) as (port, pid):
        tokens = [learner(port, number) for number in range(LEARNERS)]
        path = f"/api/v1/courses/{COURSE}/assistant/questions"
        requests = [
            load.post(
                path,
                {"Authorization": f"Bearer {tokens[place % LEARNERS]}", "Accept": "text/event-stream"},
                {"question": question},
            )
            for place, question in enumerate(questions())
        ]
        family = servers.family(pid)
        servers.settle(family, longest=CALIBRATION_SECONDS)
        load.measure(port, requests, readers=LEARNERS, seconds=WARM_SECONDS, marker=FIRST_WORDS)
        before = servers.cpu_seconds(family)
        measured = load.measure(port, requests, readers=LEARNERS, seconds=SECONDS, marker=FIRST_WORDS)
        cpu = servers.cpu_seconds(family) - before
    if measured.refused > measured.answered // 10:
        raise RuntimeError(f"{measured.refused} questions got no answer, {measured.answered} did")
    return measured, cpu * 1000 / (measured.answered + measured.refused)


def questions() -> list[str]:
    """The sample course's own answerable questions."""
    lines = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [line["question"] for line in lines if line["kind"] != "out-of-scope"]


def learner(port: int, number: int) -> str:
    """The access token of a new learner in the sample course."""
    person = {"email": f"learner{number}@example.com", "password": PASSWORD}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
        client.post("/auth/register", json={**person, "full_name": f"Learner {number}"}).raise_for_status()
        tokens = client.post("/auth/login", json=person).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        client.post(f"/courses/{COURSE}/enroll").raise_for_status()
    return str(tokens["access_token"])
