"""The gradebook on PostgreSQL: facts that arrive at once give one column and one grade, and it opens all the same."""

import threading

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from lms_core.learning.gradebook import service as gradebook
from lms_core.learning.gradebook.models import Grade, GradeItem, ItemKind
from lms_core.learning.gradebook.schemas import ColumnIn, GradeIn
from tests.factories.assessments import create_quiz, enrol, pass_it, single
from tests.factories.courses import create_course
from tests.factories.people import actor_of, create_person, log_in
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.serving import app_of
from workers import runtime as runtimes

AT_ONCE = 6


@pytest.mark.scaled
def test_facts_that_arrive_at_once(scaled_settings: Settings) -> None:
    runtime = runtimes.build(scaled_settings, run_jobs=False)
    database, failed = runtime.database, []
    try:
        with TestClient(app_of(runtime)) as client:
            instructor = create_person(database, role=Role.INSTRUCTOR)
            course = create_course(database, instructor)
            learner = enrol(database, create_person(database), course.id)
            quiz = create_quiz(database, instructor, course.id, questions=[single()])
            pass_it(client, quiz, log_in(client, learner))
        system, ready = system_actor(learner.tenant_id), threading.Barrier(AT_ONCE)

        def feed() -> None:
            try:
                ready.wait(20)
                with database.write(system) as ctx:
                    gradebook.feed(ctx, ItemKind.QUIZ, course_id=course.id, source_id=quiz.id, user_id=learner.id)
            except Exception as error:
                failed.append(error)

        threads = [threading.Thread(target=feed) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(40)
        actor = actor_of(database, instructor)
        with database.write(actor) as ctx:
            essay = gradebook.add_column(ctx, course.id, given=ColumnIn(title="Essay", maximum=9))
            given = GradeIn(points=3)
            gradebook.change_grade(ctx, course.id, item_id=essay.id, user_id=learner.id, given=given)
        with database.read(actor) as view:
            items = view.session.execute(select(GradeItem.id).where(GradeItem.kind == ItemKind.QUIZ)).all()
            grades = view.session.execute(select(Grade.earned, Grade.out_of).order_by(Grade.out_of)).all()
            book = gradebook.open_book(view, course.id)
    finally:
        runtime.stop()
    assert not failed
    assert (len(items), [tuple(row) for row in grades]) == (1, [(1.0, 1.0), (3.0, 9.0)])
    assert (book.rows[0].percent, book.totals.mean) == (40.0, 40.0)
