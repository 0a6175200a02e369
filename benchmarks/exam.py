"""Measures an exam of 40 questions: its last minute, in which everybody saves and hands in, and requests at full speed.

500 learners on PostgreSQL with two web processes, 60 on SQLite as on a laptop. Everybody has answered most questions;
in the minute each saves the last ones, one after another, and hands in. Then 100 learners save, and hand in, as fast
as they are answered, as the Moodle figures were taken. Load generator, database and server share the cores.
"""

import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import func, select

from benchmarks import load, servers
from benchmarks.http import analyse, environment_set, scaled_environment
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.schemas import Client
from lms_core.kit.clock import SystemClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import Attempt, AttemptAnswer, AttemptStatus
from lms_core.learning.assessments.schemas import AnswerIn

Row = tuple[str, str, str]

QUESTIONS, LAST = 40, 5  # of a paper, and those still to save in the minute
LEARNERS, LEARNERS_EMBEDDED = 500, 60
MINUTE = 60.0
THINK = 3.0  # seconds between two saves of one learner
GRADED_SECONDS = 30.0
FAST, FAST_SECONDS, SAVES_EACH = 100, 6.0, 120
AUTOSAVE_P95_MS = 150
# A tuned Moodle 4.3 on two cores with 100 learners at full speed.
MOODLE_PER_SECOND, MOODLE_SAVE, MOODLE_SUBMIT, TIMES = 88, 54, 314, 8


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody with an open attempt: their token, and each question with the choice they will take."""

    attempt_id: UUID
    token: str
    answers: tuple[tuple[UUID, UUID], ...]

    def save(self, place: int, sequence: int) -> tuple[str, dict[str, Any]]:
        """The address and the body of a save of answer number `place`."""
        question, choice = self.answers[place]
        address = f"/api/v1/quiz-attempts/{self.attempt_id}/answers/{question}"
        return address, {"sequence": sequence, "choices": [str(choice)]}

    @property
    def submit(self) -> str:
        """The address that hands the attempt in."""
        return f"/api/v1/quiz-attempts/{self.attempt_id}/submit"


@dataclass(frozen=True, slots=True)
class Minute:
    """What learners saw in the last minute, in milliseconds, and what the rows say after it."""

    saves: list[float]
    submits: list[float]
    lost: int
    graded_after: float


def run() -> list[Row]:
    """Autosaves, submissions and losses of the last minute; requests a second; statements."""
    return [*_on_postgresql(), *_on_sqlite()]


def _on_postgresql() -> list[Row]:
    from tests import services

    with services.postgres() as server, services.redis() as redis_url, tempfile.TemporaryDirectory() as folder:
        environment = scaled_environment(server, redis_url, Path(folder))
        with environment_set(environment):
            settings = Settings(_env_file=None)
        takers, counts = _prepare(settings, LEARNERS + FAST)
        analyse(server)
        port = servers.free_port()
        serving = servers.serving(
            servers.mwalimu(), "serve", port=port, environment=environment | {"MWALIMU_PORT": str(port)}
        )
        with serving as process:
            minute = _last_minute(settings, takers[:LEARNERS], port)
            rows = _rows(f"{LEARNERS} learners, PostgreSQL", minute)
            return [*rows, *_full_speed(takers[LEARNERS:], port, process.pid, counts)]


def _on_sqlite() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), log_level="WARNING", access_token_minutes=240)
        takers, _ = _prepare(settings, LEARNERS_EMBEDDED)
        port = servers.free_port()
        environment = {
            "MWALIMU_DATA_DIR": folder,
            "MWALIMU_PORT": str(port),
            "MWALIMU_LOG_LEVEL": "WARNING",
            "MWALIMU_ACCESS_TOKEN_MINUTES": "240",
        }
        with servers.serving(servers.mwalimu(), "serve", port=port, environment=environment):
            return _rows(f"{LEARNERS_EMBEDDED} learners, SQLite", _last_minute(settings, takers, port))


def _rows(who: str, minute: Minute) -> list[Row]:
    return [
        (f"{who}: answers lost", str(minute.lost), "0"),
        (f"{who}: autosave p95 ms", f"{_p95(minute.saves):.0f}", f"below {AUTOSAVE_P95_MS}"),
        (f"{who}: submission p95 ms", f"{_p95(minute.submits):.0f}", ""),
        (f"{who}: all graded, s after the last", f"{minute.graded_after:.1f}", f"below {GRADED_SECONDS:.0f}"),
    ]


def _full_speed(takers: Sequence[Taker], port: int, pid: int, counts: dict[str, int]) -> list[Row]:
    saves = [[_put(taker, place % QUESTIONS, 1000 + place) for place in range(SAVES_EACH)] for taker in takers]
    family = servers.family(pid)
    before = servers.cpu_seconds(family)
    saved = load.measure_each(port, saves, seconds=FAST_SECONDS)
    cpu = 1000 * (servers.cpu_seconds(family) - before) / saved.answered
    handed = [[load.post(taker.submit, {"Authorization": f"Bearer {taker.token}"}, {})] for taker in takers]
    submitted = load.measure_each(port, handed, seconds=FAST_SECONDS)
    if saved.refused or submitted.refused:
        raise RuntimeError(f"{saved.refused} saves and {submitted.refused} submissions were refused")
    goal = f">= {TIMES * MOODLE_PER_SECOND}"
    return [
        (f"{FAST} learners at full speed: autosaves a second", f"{saved.per_second:.0f}", goal),
        ("autosave p95 ms then, processor ms each", f"{saved.p95_ms:.0f}, {cpu:.1f}", "Moodle 2,100"),
        (f"{FAST} submissions in one instant: p95 ms", f"{submitted.p95_ms:.0f}", "Moodle 1,900"),
        ("statements of an autosave", str(counts["save"]), f"Moodle {MOODLE_SAVE}"),
        ("statements of a submission", str(counts["submit"]), f"Moodle {MOODLE_SUBMIT}"),
    ]


def _put(taker: Taker, place: int, sequence: int) -> str:
    address, body = taker.save(place, sequence)
    return load.post(address, {"Authorization": f"Bearer {taker.token}"}, body).replace("POST", "PUT", 1)


def _last_minute(settings: Settings, takers: Sequence[Taker], port: int) -> Minute:
    saves, submits = asyncio.run(_together(takers, port))
    ended = time.monotonic()
    database = Database(make_engine(settings.effective_database_url), SystemClock(), Resources())
    ids = [taker.attempt_id for taker in takers]
    while _graded(database, ids) < len(takers) and time.monotonic() < ended + GRADED_SECONDS:
        time.sleep(0.1)
    after = time.monotonic() - ended
    with database.read(system_actor()) as ctx:
        kept = select(func.count()).where(AttemptAnswer.attempt_id.in_(ids), AttemptAnswer.points.is_not(None))
        lost = len(takers) * QUESTIONS - ctx.session.execute(kept).scalar_one()
    database.engine.dispose()
    return Minute(saves=saves, submits=submits, lost=lost, graded_after=after)


def _graded(database: Database, ids: Sequence[UUID]) -> int:
    with database.read(system_actor()) as ctx:
        graded = select(func.count()).where(Attempt.id.in_(ids), Attempt.status == AttemptStatus.GRADED)
        found: int = ctx.session.execute(graded).scalar_one()
    return found


async def _together(takers: Sequence[Taker], port: int) -> tuple[list[float], list[float]]:
    """Everybody, each beginning at a moment of their own; latencies of saves and submissions."""
    saves: list[float] = []
    submits: list[float] = []
    chance = random.Random(1)
    limits = httpx.Limits(max_connections=len(takers), keepalive_expiry=2.0)

    async def finish(client: httpx.AsyncClient, taker: Taker, begin: float) -> None:
        await asyncio.sleep(begin)
        headers = {"Authorization": f"Bearer {taker.token}"}
        for place in range(QUESTIONS - LAST, QUESTIONS):
            address, body = taker.save(place, 1)
            saves.append(await _timed(client.put(address, json=body, headers=headers)))
            await asyncio.sleep(THINK)
        submits.append(await _timed(client.post(taker.submit, headers=headers)))

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as client:
        latest = MINUTE - LAST * THINK
        await asyncio.gather(*(finish(client, taker, chance.uniform(0, latest)) for taker in takers))
    return saves, submits


async def _timed(request: Any) -> float:
    began = time.perf_counter()
    answer: httpx.Response = await request
    if answer.status_code != 200:
        raise RuntimeError(f"refused: {answer.status_code} {answer.text[:200]}")
    return 1000 * (time.perf_counter() - began)


def _prepare(settings: Settings, learners: int) -> tuple[list[Taker], dict[str, int]]:
    """An exam with open attempts, most questions answered; and the statements of a save and a submission over HTTP."""
    from fastapi.testclient import TestClient

    from api.main import create_app
    from tests.factories import assessments as factory
    from tests.factories.courses import create_course, statements
    from tests.factories.people import create_person
    from workers import runtime as runtimes

    runtime = runtimes.build(settings, run_jobs=False)
    database = runtime.database
    instructor = create_person(database, role=Role.INSTRUCTOR)
    course = create_course(database, instructor)
    questions = [factory.single(f"Question {number}: at how many degrees does water boil?") for number in range(40)]
    quiz = factory.create_quiz(database, instructor, course.id, questions=questions, time_limit_seconds=7200)
    answers = tuple((each.id, each.choices[1].id) for each in quiz.questions)
    people = _people(database, instructor.tenant_id, learners + 1)
    takers = [_sit(database, instructor.tenant_id, quiz.id, course.id, user_id, answers) for user_id in people]
    counted = takers.pop()
    counts = {}
    with TestClient(create_app(runtime)) as client:
        headers = {"Authorization": f"Bearer {counted.token}"}
        for name in ("warm", "save"):
            address, body = counted.save(QUESTIONS - 1, 1 if name == "warm" else 2)
            with statements(database) as sent:
                client.put(address, json=body, headers=headers).raise_for_status()
            counts[name] = len(sent)
        with statements(database) as sent:
            client.post(counted.submit, headers=headers).raise_for_status()
        counts["submit"] = len(sent)
    runtime.stop()
    return takers, counts


def _people(database: Database, tenant_id: UUID, number: int) -> list[UUID]:
    from lms_core.identity.accounts import addresses
    from lms_core.identity.accounts.models import User
    from lms_core.kit.ids import new_id

    with database.write(system_actor(tenant_id)) as ctx:
        people = []
        for each in range(number):
            email = f"taker{each}@example.org"
            named = {"email": email, "email_key": addresses.key_of(email), "full_name": f"Asha Otieno {each}"}
            people.append(User(id=new_id(), password_hash=None, created_at=ctx.now, **named))
        ctx.session.add_all(people)
        return [person.id for person in people]


def _sit(
    database: Database,
    tenant_id: UUID,
    quiz_id: UUID,
    course_id: UUID,
    user_id: UUID,
    answers: tuple[tuple[UUID, UUID], ...],
) -> Taker:
    """Enrol, begin, and answer all but the last questions, in one transaction."""
    from dataclasses import replace

    from lms_core.learning.enrolments import service as enrolments

    actor = replace(system_actor(tenant_id), user_id=user_id)
    with database.write(actor) as ctx:
        enrolments.enrol(ctx, course_id)
        attempt = assessments.start(ctx, quiz_id)
        for question_id, choice in answers[: QUESTIONS - LAST]:
            given = AnswerIn(sequence=1, choices=[choice])
            assessments.save_answer(ctx, attempt.id, question_id=question_id, answer=given)
        tokens = auth.open_api_session(ctx, user_id=user_id, client=Client())
    return Taker(attempt.id, tokens.access_token, answers)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    print(json.dumps(run()))
