"""Measures how long learners wait for the first words of an answer: over HTTP, on the sample course, embedded.

"At once" is measured in three ways, each with twenty learners: *reading*, where
each asks again so many seconds after an answer ended; *a burst*, where all ask in
the same instant of an idle server; *without pause*, where each asks again as soon
as the last answer ended, which shows what the machine can do at most. With a mock
chat model that waits 300 ms before its first token, what is measured is our own
share: the time until its first words reach the learner, less those 300.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

import ingestion
from benchmarks import load, servers
from tests.simulators.openai_server import OpenAIServer, Script

Row = tuple[str, str, str]

LEARNERS = 20
SECONDS = 9.0
WARM_SECONDS = 3.0
THINK_SECONDS = 3.0  # far less than reading an answer takes
BURST_SECONDS = 0.03  # everyone asks once in it
BURSTS = 5
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
        extractive = _measure({})
        chatting = _measure(chat)
    return [
        *_rows("first words", extractive, less=0.0, goal=EXTRACTIVE_MS),
        ("without pause", f"{extractive.answers_per_second:.0f} answers/s", ""),
        ("an answer costs", f"{extractive.cpu_ms:.0f} ms of CPU", ""),
        *_rows("overhead beside a chat model", chatting, less=MODEL_SECONDS * 1000, goal=OVERHEAD_MS),
    ]


@dataclass(frozen=True, slots=True)
class Waits:
    """What twenty learners saw; p95 in milliseconds, of a burst the median of several."""

    reading_ms: float
    burst_ms: float
    unpaused_ms: float
    answers_per_second: float
    cpu_ms: float


def _rows(what: str, waits: Waits, *, less: float, goal: float) -> list[Row]:
    def row(how: str, milliseconds: float) -> Row:
        return (f"{what}, {LEARNERS} learners {how}", f"p95 {milliseconds - less:.0f} ms", f"< {goal} ms")

    return [
        row(f"reading {THINK_SECONDS:.0f} s between questions", waits.reading_ms),
        row("in one burst", waits.burst_ms),
        row("without pause", waits.unpaused_ms),
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


def _measure(environment: Mapping[str, str]) -> Waits:
    """What the learners saw of a server with these settings, and what an answer costs it."""
    with demo(environment) as (port, pid):
        requests = _requests([learner(port, number) for number in range(LEARNERS)])
        family = servers.family(pid)
        servers.settle(family, longest=CALIBRATION_SECONDS)

        def ask(seconds: float, *, think: float = 0.0) -> load.Load:
            measured = load.measure(port, requests, readers=LEARNERS, seconds=seconds, marker=FIRST_WORDS, think=think)
            if measured.refused > measured.answered // 10:
                raise RuntimeError(f"{measured.refused} questions got no answer, {measured.answered} did")
            return measured

        ask(WARM_SECONDS)
        reading = ask(SECONDS, think=THINK_SECONDS)
        bursts = [ask(BURST_SECONDS).p95_ms for _ in range(BURSTS)]
        before = servers.cpu_seconds([pid])  # alone: a child that ends takes its time with it
        unpaused = ask(SECONDS)
        cpu = servers.cpu_seconds([pid]) - before
    return Waits(
        reading_ms=reading.p95_ms,
        burst_ms=median(bursts),
        unpaused_ms=unpaused.p95_ms,
        answers_per_second=unpaused.per_second,
        cpu_ms=cpu * 1000 / (unpaused.answered + unpaused.refused),
    )


def _requests(tokens: Sequence[str]) -> list[str]:
    path = f"/api/v1/courses/{COURSE}/assistant/questions"
    return [
        load.post(
            path,
            {"Authorization": f"Bearer {tokens[place % LEARNERS]}", "Accept": "text/event-stream"},
            {"question": question},
        )
        for place, question in enumerate(questions())
    ]


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
