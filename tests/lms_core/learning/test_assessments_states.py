"""The life of an attempt: only the steps of the table, whatever is tried in whatever order."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, Database
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.errors import AttemptNotThere
from lms_core.learning.assessments.models import AttemptStatus
from lms_core.learning.assessments.schemas import AnswerIn, AttemptView, MarkIn
from lms_core.learning.assessments.states import FINISHED, TRANSITIONS, UNFINISHED, after
from tests import databases
from tests.conftest import START
from tests.factories.assessments import MadeQuiz, create_quiz, enrol, every_type
from tests.factories.courses import create_course
from tests.factories.people import actor_of, create_person
from workers import runtime as runtimes

STEPS = ("begin", "submit", "grade", "expire")
ACTIONS = ("begin", "save", "submit", "clock", "mark", "void", "restore", "expire", "late")


@pytest.mark.parametrize("status", list(AttemptStatus))
@pytest.mark.parametrize("step", STEPS)
def test_the_table_is_the_only_way(status: AttemptStatus, step: str) -> None:
    if (status, step) in TRANSITIONS:
        assert after(status, step) == TRANSITIONS[status, step]  # type: ignore[arg-type,index]
    else:
        with pytest.raises(AttemptNotThere):
            after(status, step)  # type: ignore[arg-type]


def test_every_status_is_reached_and_finished_ones_never_reopen() -> None:
    assert {AttemptStatus.WAITING, *TRANSITIONS.values()} == set(AttemptStatus)
    assert not [target for (status, _), target in TRANSITIONS.items() if status in FINISHED and target in UNFINISHED]


class World:
    """A supervised quiz with an essay, a learner and a grader."""

    def __init__(self, folder: Path) -> None:
        self.clock = MovingClock(START)
        options = {"data_dir": folder / "data", "mail_url": f"folder:{folder / 'mail'}", "log_level": "WARNING"}
        databases.prepare(folder / "data")
        self.runtime = runtimes.build(Settings(_env_file=None, **options), clock=self.clock, run_jobs=False)
        instructor = create_person(self.database, role=Role.INSTRUCTOR)
        course = create_course(self.database, instructor)
        learner = enrol(self.database, create_person(self.database), course.id)
        self.quiz: MadeQuiz = create_quiz(
            self.database, instructor, course.id, questions=every_type(), supervised=True, time_limit_seconds=600
        )
        self.learner = actor_of(self.database, learner)
        self.grader = actor_of(self.database, instructor)

    @property
    def database(self) -> Database:
        return self.runtime.database

    def act(self, action: str, attempt: AttemptView, sequence: int) -> None:
        essay, actor = self.quiz.questions[-1].id, self.actor_for(action)
        with self.database.write(actor) as ctx:
            match action:
                case "begin":
                    assessments.begin(ctx, attempt.id)
                case "save":
                    answer = AnswerIn(sequence=sequence, text="Since it is lighter.")
                    assessments.save_answer(ctx, attempt.id, question_id=essay, answer=answer)
                case "submit":
                    assessments.submit(ctx, attempt.id)
                case "clock":
                    assessments.submit_when_due(ctx, attempt.id)
                case "mark":
                    assessments.mark(ctx, attempt.id, question_id=essay, mark=MarkIn(points=2.0))
                case "void":
                    assessments.void(ctx, attempt.id, reason="Somebody else sat here.")
                case "restore":
                    assessments.restore(ctx, attempt.id)
                case "expire":
                    assessments.expire(ctx, attempt.id)
                case "late":
                    self.clock.move(timedelta(minutes=4))

    def actor_for(self, action: str) -> Actor:
        return self.grader if action in ("mark", "void", "restore") else self.learner


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("states"))
    yield made
    made.runtime.stop()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(ACTIONS), max_size=12))
def test_no_order_of_actions_leaves_the_table(world: World, actions: list[str]) -> None:
    with world.database.write(world.learner) as ctx:
        attempt = assessments.start(ctx, world.quiz.id)
    for sequence, action in enumerate(actions):
        before = attempt
        try:
            world.act(action, attempt, sequence)
        except DomainError as refused:
            assert refused.status in (403, 409), refused
        with world.database.read(world.grader) as view:
            attempt = assessments.access_attempt(view, before.id)
        _check(before, attempt)


def _check(before: AttemptView, now: AttemptView) -> None:
    reachable = {before.status}
    for _ in range(len(STEPS)):
        reachable |= {target for (status, _), target in TRANSITIONS.items() if status in reachable}
    assert now.status in reachable
    assert (now.begun_at is None) == (now.status in (AttemptStatus.WAITING, AttemptStatus.EXPIRED))
    assert (now.submitted_at is not None) == (now.status in FINISHED)
    assert (now.passed is not None) == (now.status == AttemptStatus.GRADED)
    assert now.status in FINISHED or not now.voided
    if before.submitted_at is not None:
        assert now.submitted_at == before.submitted_at
    if now.percent is not None:
        assert 0 <= now.percent <= 100
