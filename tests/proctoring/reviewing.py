"""Sessions for tests of reviewing: people, a supervised exam, and a sitting whose pictures were looked at.

Everything goes through the product's verbs, but for the looking: analyses are
written where the job would write them, so that no model is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import delete

from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from proctoring.evidence import service as evidence
from proctoring.evidence.models import PictureKind, PictureState, Snapshot
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import ChecksIn, PageEventIn, PageEventsIn, StartIn
from proctoring.watching import coding
from proctoring.watching.events import SnapshotsAnalysed
from proctoring.watching.models import Analysis
from tests.factories.assessments import MadeQuiz, create_quiz, enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.proctoring.material import WORDS, picture
from workers.runtime import Runtime

API = "/api/v1"
LOOKED = frozenset(WORDS) - {"waiting", "failed"}
PHONE_SHOWN = "clean*3 phone*3 clean*3"


def jpeg(shade: int = 90) -> bytes:
    """A small grey JPEG."""
    out = BytesIO()
    Image.new("RGB", (320, 240), (shade % 255, 120, 160)).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Exam:
    """A supervised exam with two instructors (the second by role in the course), an administrator and a learner."""

    runtime: Runtime
    client: TestClient
    clock: MovingClock
    course: Made
    quiz: MadeQuiz
    instructor: Person
    second: Person
    admin: Person
    learner: Person
    logins: dict[UUID, tuple[datetime, dict[str, str]]] = field(default_factory=dict)

    def headers(self, person: Person) -> dict[str, str]:
        """The requests of a person, logged in again when ten minutes have passed."""
        known = self.logins.get(person.id)
        if known is None or self.clock.now() - known[0] > timedelta(minutes=10):
            known = self.clock.now(), log_in(self.client, person)
            self.logins[person.id] = known
        return known[1]

    def get(self, person: Person, path: str, **more: Any) -> Any:
        """GET as that person."""
        return self.client.get(f"{API}{path}", headers=self.headers(person), **more)

    def post(self, person: Person, path: str, **body: Any) -> Any:
        """POST JSON as that person."""
        return self.client.post(f"{API}{path}", headers=self.headers(person), json=body)

    def drain(self) -> int:
        """Run every due job."""
        return running.drain(self.runtime.database)


def make_exam(runtime: Runtime, client: TestClient, clock: MovingClock, *, name: str = "", **policy: Any) -> Exam:
    """An exam whose policy is the default one with those changes."""
    database = runtime.database
    instructor = create_person(database, role=Role.INSTRUCTOR, full_name="Wanjiru Kamau")
    second = create_person(database, role=Role.INSTRUCTOR, full_name="Daudi Mushi")
    admin = create_person(database, role=Role.ADMIN, full_name="Njeri Admin")
    learner = create_person(database, full_name=name or "Asha Otieno")
    course = create_course(database, instructor)
    quiz = create_quiz(database, instructor, course.id, supervised=True)
    with database.write(actor_of(database, instructor)) as ctx:
        policies.set_policy(ctx, quiz.id, rules=PolicyIn(**policy))
    teach(runtime, second, course)
    enrol(database, learner, course.id)
    with database.write(system_actor()) as ctx:
        ctx.session.execute(delete(Job))  # the course need not be indexed here
    return Exam(runtime, client, clock, course, quiz, instructor, second, admin, learner)


def teach(runtime: Runtime, person: Person, course: Made) -> None:
    """Make somebody an instructor of the course."""
    from lms_core.identity.access import service as access

    with runtime.database.write(system_actor(person.tenant_id)) as ctx:
        access.grant(ctx, user_id=person.id, role=Role.INSTRUCTOR, course_id=course.id)


def sit(
    exam: Exam,
    words: str = PHONE_SHOWN,
    *,
    taker: Person | None = None,
    events: Sequence[dict[str, Any]] = (),
    end: bool = True,
    interval: float = 10.0,
) -> UUID:
    """A sitting of those pictures (`phone*3` three times), one every `interval` seconds; ended and assessed."""
    taker = taker or exam.learner
    database = exam.runtime.database
    actor = actor_of(database, taker)
    with database.write(actor) as ctx:
        attempt = assessments.start(ctx, exam.quiz.id)
        card = sessions.start(ctx, StartIn(attempt_id=attempt.id, consent=True))
        sessions.check(ctx, card.id, ChecksIn(results={"camera": True}))
        begun = sessions.begin(ctx, card.id)
        wrapped = evidence.make_key(ctx, card.id)
    parts = (each.partition("*") for each in words.split())
    shown = [word for word, _, times in parts for _ in range(int(times or 1))]
    taken = {}
    for number, word in enumerate(shown, start=1):
        exam.clock.move(timedelta(seconds=interval))
        if word != "-":
            taken[number] = show(exam, taker, card.id, number, wrapped)
    look(exam, card.id, {taken[number]: (word, number) for number, word in enumerate(shown, start=1) if word in LOOKED})
    exam.clock.move(timedelta(seconds=interval))
    if events:
        given = [
            PageEventIn(
                sequence=number,
                type=each["type"],
                at=begun.begun_at + timedelta(seconds=each["second"]),
                duration=each.get("seconds"),
                details=each.get("details", {}),
            )
            for number, each in enumerate(events, start=1)
        ]
        with database.write(actor) as ctx:
            sessions.note_events(ctx, card.id, PageEventsIn(events=given))
    if end:
        finish(exam, card.id, taker)
    exam.drain()
    return card.id


def show(exam: Exam, taker: Person, session_id: UUID, number: int, wrapped: bytes) -> UUID:
    """One picture, taken now; nobody has looked at it yet."""
    database = exam.runtime.database
    content = jpeg(number)
    sealed = evidence.seal(exam.runtime.resources, tenant_id=taker.tenant_id, wrapped=wrapped, content=content)
    with database.write(actor_of(database, taker)) as ctx:
        return evidence.keep(
            ctx, session_id, kind=PictureKind.CAMERA, sequence=number, claimed_at=ctx.now, sent_at=None, sealed=sealed
        ).id


def look(exam: Exam, session_id: UUID, seen: Mapping[UUID, tuple[str, int]]) -> None:
    """Write down what was seen on pictures (by id: the word and number of each), as the job does."""
    with exam.runtime.database.write(system_actor(exam.learner.tenant_id)) as ctx:
        for snapshot_id, (word, number) in seen.items():
            shown = picture(word, number)
            ctx.add(
                Analysis(
                    snapshot_id=snapshot_id,
                    session_id=session_id,
                    seen=coding.to_json(shown.analysis),
                    likeness=shown.likeness,
                    similarity=shown.similarity,
                    analysed_at=ctx.now,
                )
            )
            ctx.session.get(Snapshot, snapshot_id).state = PictureState.ANALYSED
        ctx.emit(SnapshotsAnalysed(session_id=session_id, quiz_id=exam.quiz.id, snapshot_ids=tuple(seen)))


def finish(exam: Exam, session_id: UUID, taker: Person) -> None:
    """Hand the attempt in, end the session, and have it analysed."""
    database = exam.runtime.database
    with database.write(actor_of(database, taker)) as ctx:
        attempt = sessions.access_own(ctx, session_id).attempt_id
        assessments.submit(ctx, attempt)
        sessions.end(ctx, session_id)
    exam.drain()


def flags_of(exam: Exam, session_id: UUID) -> list[dict[str, Any]]:
    """The session's flags as the first instructor reads them."""
    answer = exam.get(exam.instructor, f"/proctor-session/{session_id}/report")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["flags"])
