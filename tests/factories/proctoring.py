"""Proctored exams for tests: pictures to paint, a supervised quiz, and sessions as a page starts them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from httpx import Response
from PIL import Image, ImageDraw

from lms_core.kit.permissions import Role
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.watching.provider import DetectorProvider, Looks
from tests.factories.assessments import MadeQuiz, create_quiz, enrol
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.simulators.looking import COLOURS, PaintedDetector
from workers.runtime import Runtime

API = "/api/v1"


@cache
def painted(
    colour: str = "green", number: int = 0, *, width: int = 320, height: int = 240, form: str = "JPEG"
) -> bytes:
    """A picture in one colour, unlike that of any other `number`."""
    picture = Image.new("RGB", (width, height), COLOURS[colour])
    drawing = ImageDraw.Draw(picture)
    for bit in range(16):
        if number >> bit & 1:
            drawing.rectangle((bit * 16, 0, bit * 16 + 15, 15), fill=(120, 120, 120))
    written = BytesIO()
    picture.save(written, form, quality=85)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class Exam:
    """A supervised quiz, its instructor, and a taker who is logged in."""

    quiz: MadeQuiz
    instructor: Person
    taker: Person
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session that was started over HTTP."""

    id: str
    attempt_id: str
    headers: Mapping[str, str]

    def path(self, what: str = "") -> str:
        """The address of the session, or of something of it."""
        return f"{API}/proctor-session/{self.id}{'/' + what if what else ''}"


def look_with(runtime: Runtime, detector: Looks) -> None:
    """Let this installation look with `detector`."""
    runtime.resources.put(DetectorProvider, DetectorProvider(lambda: detector, folders=()))


def make_exam(runtime: Runtime, client: TestClient, *, detector: Looks | None = None, **rules: Any) -> Exam:
    """A proctored exam under `rules`, with somebody to take it; pictures are looked at by a `PaintedDetector`."""
    look_with(runtime, detector or PaintedDetector())
    database = runtime.database
    instructor = create_person(database, role=Role.INSTRUCTOR)
    course = create_course(database, instructor)
    quiz = create_quiz(database, instructor, course.id)
    supervise(runtime, instructor, quiz.id, **rules)
    taker = enrol(database, create_person(database, full_name="Juma Mwangi"), course.id)
    return Exam(quiz, instructor, taker, log_in(client, taker))


def supervise(runtime: Runtime, instructor: Person, quiz_id: UUID, **rules: Any) -> None:
    """Put a policy in force."""
    with runtime.database.write(actor_of(runtime.database, instructor)) as ctx:
        policies.set_policy(ctx, quiz_id, rules=PolicyIn.model_validate(rules))


def another_taker(runtime: Runtime, client: TestClient, exam: Exam) -> Exam:
    """The same exam with another taker."""
    taker = enrol(runtime.database, create_person(runtime.database), exam.quiz.course_id)
    return Exam(exam.quiz, exam.instructor, taker, log_in(client, taker))


def start(client: TestClient, exam: Exam, **fields: Any) -> Sitting:
    """A session with consent to the text in force."""
    attempt = client.post(f"{API}/quiz-attempts", json={"quiz_id": str(exam.quiz.id)}, headers=exam.headers).json()
    told = client.get(f"{API}/quizzes/{exam.quiz.id}/proctoring", headers=exam.headers).json()["consent"]
    consent = {"version": told["version"], "accepted": True, "hash": told["hash"]}
    body = {"attempt_id": attempt["id"], "consent": consent, **fields}
    answer = client.post(f"{API}/proctor-session/start", json=body, headers=exam.headers)
    assert answer.status_code == 201, answer.text
    return Sitting(answer.json()["id"], attempt["id"], exam.headers)


def begin(client: TestClient, exam: Exam, **fields: Any) -> Sitting:
    """A session whose exam runs."""
    sitting = start(client, exam, **fields)
    for step in ("check", "begin"):
        answer = client.post(sitting.path(step), json={"results": {"camera": True}}, headers=sitting.headers)
        assert answer.status_code == 200, answer.text
    return sitting


def upload(
    client: TestClient,
    sitting: Sitting,
    sequence: int,
    at: datetime,
    *,
    colour: str = "green",
    content: bytes | None = None,
    **fields: Any,
) -> Response:
    """Send one snapshot."""
    data = {"sequence": str(sequence), "captured_at": at.isoformat(), **fields}
    picture = painted(colour, sequence) if content is None else content
    files = {"picture": ("snapshot.jpg", picture, "image/jpeg")}
    answer: Response = client.post(sitting.path("snapshot"), data=data, files=files, headers=sitting.headers)
    return answer


def watch(client: TestClient, sitting: Sitting, clock: Any, colours: str, *, first: int = 1) -> None:
    """Upload one picture a colour (separated by spaces), ten seconds apart."""
    for sequence, colour in enumerate(colours.split(), start=first):
        clock.move(timedelta(seconds=10))
        answer = upload(client, sitting, sequence, clock.now(), colour=colour)
        assert answer.status_code == 201, answer.text
