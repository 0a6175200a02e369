"""On both databases, several at the same moment: starts, saves from two tabs, submission against the clock; lists."""

import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import migrations
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, Database, Resources
from lms_core.kit.db import make_engine
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import AttemptStatus
from lms_core.learning.assessments.schemas import AnswerIn, BoardName, ExtraTime, HintIn, MarkIn
from tests.conftest import START
from tests.factories.assessments import MadeQuiz, create_quiz, enrol, every_type, single
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person

AT_ONCE = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'once.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    migrations.upgrade(engine)
    yield Database(engine, MovingClock(START), Resources())
    engine.dispose()


@pytest.fixture
def instructor(database: Database) -> Person:
    return create_person(database, role=Role.INSTRUCTOR)


@pytest.fixture
def scene(database: Database, instructor: Person) -> tuple[MadeQuiz, Actor]:
    """A quiz with one attempt and a minute for it, and a learner."""
    course = create_course(database, instructor)
    learner = enrol(database, create_person(database), course.id)
    quiz = create_quiz(database, instructor, course.id, questions=[single()], attempts_allowed=1, time_limit_seconds=60)
    return quiz, actor_of(database, learner)


def all_at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gave or raised in so many threads, released together."""
    gate, results = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = work(place)
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_many_starts_give_one_attempt(database: Database, scene: tuple[MadeQuiz, Actor]) -> None:
    quiz, learner = scene

    def start(_place: int) -> UUID:
        with database.write(learner) as ctx:
            return assessments.start(ctx, quiz.id).id

    found = all_at_once(start)
    assert len(set(found)) == 1 and isinstance(found[0], UUID), found
    with database.read(learner) as ctx:
        view = assessments.read_quiz(ctx, quiz.id)
    assert [(each.number, each.status) for each in view.attempts] == [(1, AttemptStatus.OPEN)]
    assert view.attempts_left == 0


def test_the_highest_sequence_wins_in_whatever_order_saves_arrive(
    database: Database, scene: tuple[MadeQuiz, Actor]
) -> None:
    quiz, learner = scene
    with database.write(learner) as ctx:
        attempt = assessments.start(ctx, quiz.id)
    choices = [choice.id for choice in quiz.questions[0].choices]
    order = random.Random(7).sample(range(1, AT_ONCE * 3 + 1), AT_ONCE * 3)

    def save(place: int) -> None:
        for sequence in order[place * 3 : place * 3 + 3]:
            answer = AnswerIn(sequence=sequence, choices=[choices[sequence % 3]])
            with database.write(learner) as ctx:
                assessments.save_answer(ctx, attempt.id, question_id=quiz.questions[0].id, answer=answer)

    assert all_at_once(save) == [None] * AT_ONCE
    with database.read(learner) as ctx:
        (kept,) = assessments.read_attempt(ctx, attempt.id).answers
    assert (kept.sequence, kept.choices) == (AT_ONCE * 3, (choices[0],))


def test_a_person_and_the_clock_submit_once(database: Database, scene: tuple[MadeQuiz, Actor]) -> None:
    quiz, learner = scene
    with database.write(learner) as ctx:
        attempt = assessments.start(ctx, quiz.id)

    def end(place: int) -> object:
        with database.write(learner) as ctx:
            if place % 2:
                return assessments.submit(ctx, attempt.id).status
            answer = AnswerIn(sequence=place, choices=[])
            return assessments.save_answer(ctx, attempt.id, question_id=quiz.questions[0].id, answer=answer).kept

    ended = all_at_once(end)
    assert all(each == AttemptStatus.GRADED for each in ended[1::2]), ended
    assert all(isinstance(each, bool) or (isinstance(each, DomainError) and each.status == 409) for each in ended[::2])
    with database.read(learner) as ctx:
        done = assessments.access_attempt(ctx, attempt.id)
    assert (done.status, done.score) == (AttemptStatus.GRADED, 0.0)


def test_checks_of_one_moment_and_their_retries_cost_one_try_each(
    database: Database, scene: tuple[MadeQuiz, Actor], instructor: Person
) -> None:
    _, learner = scene
    hints = [HintIn(text=f"Hint {number}") for number in range(5)]
    conduct = {"behaviour": "interactive"}
    quiz = create_quiz(database, instructor, scene[0].course_id, questions=[single(hints=hints)], conduct=conduct)
    with database.write(learner) as ctx:
        attempt = assessments.start(ctx, quiz.id)
    question, wrong = quiz.questions[0].id, [UUID(quiz.choice(0, "90")), UUID(quiz.choice(0, "110"))]

    def check(place: int) -> int:
        """Half of the threads send the first try, half the second, each as its page would after a lost answer."""
        second = place % 2
        answer = AnswerIn(sequence=100 + second, choices=[wrong[second]])
        with database.write(learner) as ctx:
            return assessments.check(ctx, attempt.id, question_id=question, answer=answer).tries

    counted = all_at_once(check)
    assert all(each in (1, 2) for each in counted), counted
    with database.read(learner) as ctx:
        (kept,) = assessments.read_attempt(ctx, attempt.id).checks
    assert kept.tries == max(counted) and kept.tries_left == 6 - kept.tries
    assert kept.answer.choices == (wrong[1],), "the later one stands, whichever came first"
    assert kept.tries == 2 or kept.answer.sequence == 101


def test_lists_ranks_and_extra_time_read_the_same(
    database: Database, scene: tuple[MadeQuiz, Actor], instructor: Person
) -> None:
    quiz, learner = scene
    assert learner.user_id is not None
    essay = create_quiz(database, instructor, quiz.course_id, questions=every_type()[-1:], time_limit_seconds=100)
    with database.write(learner) as ctx:
        assessments.be_named(ctx, quiz.course_id, name=BoardName(name="Simba"))
        assessments.submit(ctx, assessments.start(ctx, quiz.id).id)
        written = assessments.start(ctx, essay.id)
    with database.write(actor_of(database, instructor)) as ctx:
        extra = ExtraTime(extra_percent=50)
        assessments.set_extra_time(ctx, quiz.course_id, user_id=learner.user_id, extra=extra)
    with database.write(learner) as ctx:
        assert assessments.access_attempt(ctx, written.id).deadline_at == START + timedelta(seconds=150)
        answer = AnswerIn(sequence=1, text="It is lighter.")
        assessments.save_answer(ctx, written.id, question_id=essay.questions[0].id, answer=answer)
        assessments.submit(ctx, written.id)
        board = assessments.leaderboard(ctx, quiz.id)
    assert [(each.rank, each.name, each.me) for each in board.entries] == [(1, "Simba", True)]
    with database.write(actor_of(database, instructor)) as ctx:
        (waiting,) = assessments.to_mark(ctx, essay.id).items
        assert [each.unmarked for each in assessments.attempts_at(ctx, essay.id).items] == [1]
        marked = assessments.mark(ctx, waiting.attempt_id, question_id=waiting.question_id, mark=MarkIn(points=1.5))
        assert (marked.percent, marked.passed) == (50.0, True)
        assert [each.extra_percent for each in assessments.extra_times(ctx, quiz.course_id)] == [50]
