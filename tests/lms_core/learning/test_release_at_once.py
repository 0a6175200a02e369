"""On both databases: tabs that complete a lesson at once, editors who would close a circle, every kind of rule."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import migrations
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources, Work, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.jobs import Job
from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from lms_core.learning.progress import service as progress
from lms_core.learning.release import service as release
from lms_core.learning.release.errors import WaitsForItself
from lms_core.learning.release.jobs import tell
from lms_core.learning.release.models import ConditionKind, ReleaseTold
from lms_core.learning.release.schemas import CohortIn, CompletionIn, ConditionIn, MembersIn, RuleIn
from tests.conftest import START
from tests.factories.assessments import create_quiz, enrol, single
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person

AT_ONCE = 6


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock(START)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: MovingClock) -> Iterator[Database]:
    """A database of this test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'once.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    migrations.upgrade(engine)
    yield Database(engine, clock, Resources())
    engine.dispose()


@pytest.fixture
def instructor(database: Database) -> Person:
    return create_person(database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(database: Database, instructor: Person) -> Made:
    return create_course(database, instructor)


@pytest.fixture
def learner(database: Database, course: Made) -> Person:
    return enrol(database, create_person(database), course.id)


def _at_once(work: Callable[[int], Any], times: int = AT_ONCE) -> list[Any]:
    gate, results = threading.Barrier(times), [None] * times

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = work(place)
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_lesson_completes_once_however_many_tabs_say_so(database: Database, learner: Person, course: Made) -> None:
    actor = actor_of(database, learner)

    def say(_place: int) -> int:
        with database.write(actor) as ctx:
            return progress.complete(ctx, course.lessons[0]).course_percent

    assert _at_once(say) == [25] * AT_ONCE
    with database.read(actor) as ctx:
        assert progress.week(ctx).lessons == 1


def test_two_editors_cannot_close_a_circle_together(database: Database, instructor: Person, course: Made) -> None:
    actor, pair = actor_of(database, instructor), course.lessons[:2]

    def wait(place: int) -> str:
        condition = ConditionIn(kind=ConditionKind.LESSON, lesson_id=pair[1 - place])
        with database.write(actor) as ctx:
            release.set_lesson_rule(ctx, pair[place], rule=RuleIn(conditions=[condition]), results={})
        return "kept"

    results = _at_once(wait, 2)
    assert sorted(type(each).__name__ for each in results) == ["WaitsForItself", "str"]
    refused = next(each for each in results if isinstance(each, WaitsForItself))
    assert len(refused.chain) == 3


def test_every_kind_of_rule(
    database: Database, clock: MovingClock, instructor: Person, learner: Person, course: Made
) -> None:
    first, second, third, fourth = course.lessons
    quiz = create_quiz(database, instructor, course.id, questions=[single()])
    editor, reader = actor_of(database, instructor), actor_of(database, learner)
    with database.write(editor) as ctx:
        results = assessments.marked_in(ctx, course.id)
        cohort = release.add_cohort(ctx, course.id, cohort=CohortIn(name="May", shift_days=1))
        release.add_members(ctx, cohort.id, given=MembersIn(emails=[learner.email]))
        conditions = [
            ConditionIn(kind=ConditionKind.DATE, at=ctx.now + timedelta(hours=1)),
            ConditionIn(kind=ConditionKind.DAYS, days=1),
            ConditionIn(kind=ConditionKind.COHORT, cohort_id=cohort.id),
        ]
        release.set_lesson_rule(ctx, second, rule=RuleIn(conditions=conditions), results=results)
        after = ConditionIn(kind=ConditionKind.LESSON, lesson_id=first)
        release.set_lesson_rule(ctx, third, rule=RuleIn(conditions=[after]), results=results)
        release.set_completion(ctx, first, completion=CompletionIn(passed_id=quiz.id), results=results)
        score = ConditionIn(kind=ConditionKind.SCORE, result_id=quiz.id, percent=50)
        release.set_lesson_rule(ctx, fourth, rule=RuleIn(conditions=[score]), results=results)
    with database.read(reader) as ctx:
        assert {lock.lesson_id for lock in release.locks(ctx, course.id).lessons} == {second, third, fourth}
    with database.write(reader) as ctx:
        progress.note_result(ctx, user_id=learner.id, course_id=course.id, object_id=quiz.id, percent=75.0, passed=True)
    with database.read(reader) as ctx:
        assert [lock.lesson_id for lock in release.locks(ctx, course.id).lessons] == [second]
        assert progress.course_progress(ctx, course.id).completed == 1
        found = progress.resume(ctx)
        assert found is not None and found.lesson_id == third
    clock.move(timedelta(days=1, hours=1))
    row = Job(name="release.tell", queue="fast", run_at=clock.now(), created_at=clock.now())
    tell(Work(database, row))
    with database.read(reader) as ctx:
        assert release.locks(ctx, course.id).lessons == ()
    with database.read(editor) as ctx:
        assert progress.at_risk(ctx, course.id, inactive_days=1).total == 1
        assert release.members(ctx, cohort.id)[0].email == learner.email
    with database.read(system_actor(learner.tenant_id)) as ctx:
        assert ctx.session.execute(select(ReleaseTold.user_id)).scalars().all() == [learner.id]
