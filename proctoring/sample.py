"""The sample exam of the demo, and one sitting of it for instructors to review.

Nothing in the sitting is invented: the pictures are a photograph that the
installed ultralytics package carries, parts of it, and camera faults made here;
the events are told as a page tells them; the real worker looks at the pictures
and the real rules flag what they find. Without weights objects are not looked for, and the report says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx, system_actor
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import AttemptStatus, QuestionType
from lms_core.learning.assessments.schemas import ChoiceIn, QuestionIn, QuizIn
from lms_core.learning.enrolments import service as enrolments
from proctoring.evidence import service as evidence
from proctoring.evidence.models import PictureKind
from proctoring.policies import service as policies
from proctoring.policies.schemas import PolicyIn
from proctoring.sessions import service as sessions
from proctoring.sessions.schemas import ChecksIn, PageEventIn, PageEventsIn, SessionCard, StartIn
from proctoring.sessions.states import RUNNING
from proctoring.watching import service as watching

TITLE = "Money and M-Pesa: supervised exam"
BEGAN_BEFORE = timedelta(minutes=12)
EVERY = timedelta(seconds=10)
ATTEMPTS = 3
WHOLE = "by the taker"  # written with the last of a sitting: one that ended otherwise was stopped half-way
WIDTH = 640
# Of ultralytics' zidane.jpg, as fractions: one man, and both.
ALONE, BOTH = (0.0, 0.0, 0.56, 1.0), (0.0, 0.0, 1.0, 1.0)
# Question, choices, and which of them is right.
QUESTIONS = (
    (
        "You send money to a wrong number. What do you do first?",
        ("Wait a day", "Forward the M-Pesa message to 456 at once", "Send it again"),
        1,
    ),
    ("Who may know your M-Pesa PIN?", ("An agent", "A person from the bank", "Nobody but you"), 2),
    (
        "You borrow 1,000 shillings and pay back 1,090. What did the loan cost?",
        ("90 shillings", "1,090 shillings", "Nothing"),
        0,
    ),
    ("What comes first in a budget?", ("What you need", "What is left", "What friends buy"), 0),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the sitting: a part of the photograph, or a fault."""

    part: tuple[float, float, float, float] = ALONE
    fault: str = ""


# Alone, a second person for half a minute, the lens covered, and alone again.
SHOTS = (*[Shot()] * 6, *[Shot(BOTH)] * 3, *[Shot()] * 4, *[Shot(fault="covered")] * 3, *[Shot()] * 5)


def ensure_sample_exam(database: Database, *, course: str, tenant_id: UUID, teacher: str, taker: str) -> UUID | None:
    """Make the exam and the sitting when they are not there, and finish what was stopped half-way.

    `teacher` and `taker` are addresses of accounts. Returns the exam's id, or None when there is nobody to make it for.
    """
    with database.read(system_actor(tenant_id)) as view:
        people = [accounts.account_with_email(view, email=email) for email in (teacher, taker)]
        known = next((quiz.id for quiz in assessments.quizzes_in(view, course) if quiz.title == TITLE), None)
    if people[0] is None or people[1] is None:
        return known
    if known is None:
        with _acting(database, tenant_id, people[0].id) as ctx:
            known = _exam(ctx, course)
    actor = _actor(database, tenant_id, people[1].id)
    with database.read(actor) as view:
        sat = _sittings(view, known)
    begun = next((card for card in sat if _goes_on(card)), None)
    if not any(card.end_reason == WHOLE for card in sat) and (begun is not None or len(sat) < ATTEMPTS):
        _sit(database, known, course=course, actor=actor, begun=begun)
    return known


def _sittings(ctx: ReadCtx, quiz_id: UUID) -> list[SessionCard]:
    """The taker's sittings of the exam, newest first."""
    assert ctx.actor.user_id is not None
    return [card for card in sessions.of_person(ctx, ctx.actor.user_id) if card.quiz_id == quiz_id]


def _goes_on(card: SessionCard) -> bool:
    return card.state in RUNNING and card.begun_at is not None


@contextmanager
def _acting(database: Database, tenant_id: UUID, user_id: UUID) -> Iterator[WriteCtx]:
    with database.write(_actor(database, tenant_id, user_id)) as ctx:
        yield ctx


def _actor(database: Database, tenant_id: UUID, user_id: UUID) -> Actor:
    with database.read(system_actor(tenant_id)) as view:
        return access.actor_of(view, user_id)


def _exam(ctx: WriteCtx, course: str) -> UUID:
    questions = [
        QuestionIn(
            type=QuestionType.SINGLE,
            text=text,
            choices=[ChoiceIn(text=each, correct=at == right) for at, each in enumerate(choices)],
        )
        for text, choices, right in QUESTIONS
    ]
    essay = QuestionIn(type=QuestionType.ESSAY, text="Describe a budget you could keep for a month.", points=2.0)
    quiz = assessments.create(
        ctx,
        course,
        quiz=QuizIn(title=TITLE, questions=[*questions, essay], time_limit_seconds=1800, attempts_allowed=ATTEMPTS),
    )
    policies.set_policy(ctx, quiz.id, rules=PolicyIn(snapshot_interval_seconds=10, fullscreen=True))
    assessments.publish(ctx, quiz.id)
    return quiz.id


def _sit(database: Database, quiz_id: UUID, *, course: str, actor: Actor, begun: SessionCard | None) -> None:
    """The sitting, by a clock of its own that ends a little before now; from where `begun` was stopped, if it was."""
    start = begun.begun_at if begun is not None else None
    clock = MovingClock(start or database.clock.now() - BEGAN_BEFORE)
    then = Database(database.engine, clock, database.resources)
    then.on_commit = database.on_commit
    with then.write(actor) as ctx:
        session = begun or _begin(ctx, quiz_id, course)
        wrapped = evidence.wrapped_key(ctx, session.id) or evidence.make_key(ctx, session.id)
        stored = evidence.last_sequences(ctx, session.id).get(PictureKind.CAMERA, 0)
    for number, content in enumerate(_pictures(), 1):
        clock.move(EVERY)
        if number <= stored:
            continue
        sealed = evidence.seal(then.resources, tenant_id=actor.tenant_id, wrapped=wrapped, content=content)
        with then.write(actor) as ctx:
            watching.receive(
                ctx,
                session.id,
                kind=PictureKind.CAMERA,
                sequence=number,
                claimed_at=ctx.now,
                sent_at=ctx.now,
                sealed=sealed,
            )
    with then.write(actor) as ctx:
        sessions.note_events(ctx, session.id, PageEventsIn(events=_events(ctx.now), sent_at=ctx.now))
        if assessments.access_attempt(ctx, session.attempt_id).status == AttemptStatus.OPEN:
            assessments.submit(ctx, session.attempt_id)
        sessions.end(ctx, session.id, reason=WHOLE)


def _begin(ctx: WriteCtx, quiz_id: UUID, course: str) -> SessionCard:
    """A session whose exam runs."""
    enrolments.enrol(ctx, course)
    attempt = assessments.start(ctx, quiz_id)
    session = sessions.start(ctx, StartIn(attempt_id=attempt.id, consent=True, client_time=ctx.now))
    sessions.check(ctx, session.id, ChecksIn(results={"sample": True}))
    return sessions.begin(ctx, session.id)


def _events(end: datetime) -> list[PageEventIn]:
    """What the page told: away for 14 seconds, and a long paste."""
    told: list[tuple[int, str, float | None, dict[str, Any]]] = [
        (150, "tab_hidden", 14.0, {}),
        (100, "window_blur", 7.0, {}),
        (60, "paste", None, {"characters": 240}),
    ]
    return [
        PageEventIn(sequence=at, type=kind, at=end - timedelta(seconds=ago), duration=seconds, details=details)
        for at, (ago, kind, seconds, details) in enumerate(told, 1)
    ]


def _pictures() -> Iterator[bytes]:
    """The sitting's pictures as JPEG. Each is taken a little differently, as a living picture is."""
    from PIL import Image, ImageEnhance  # an image library, only while the sample is made

    source = Image.open(_photograph()).convert("RGB")
    for number, shot in enumerate(SHOTS):
        if shot.fault == "covered":
            picture = Image.new("RGB", (WIDTH, WIDTH * 3 // 4), (38 + number % 3, 30, 28))
        else:
            picture = _cut(source, shot.part, sway=number)
            picture = ImageEnhance.Brightness(picture).enhance(0.94 + 0.02 * (number % 6))
        written = BytesIO()
        picture.save(written, "JPEG", quality=86)
        yield written.getvalue()


def _cut(source: Any, part: tuple[float, float, float, float], *, sway: int) -> Any:
    width, height = source.size
    shift = 0.004 * (sway % 5)
    left, top, right, bottom = part
    box = (
        (left + shift) * width,
        (top + shift) * height,
        (right - 0.02 + shift) * width,
        (bottom - 0.02 + shift) * height,
    )
    cut = source.crop(tuple(int(each) for each in box))
    return cut.resize((WIDTH, round(WIDTH * cut.height / cut.width)))


def _photograph() -> Path:
    """Where ultralytics keeps its sample photograph, without importing it."""
    package = find_spec("ultralytics")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "assets" / "zidane.jpg"
