"""On both databases, several at the same moment: drafts begun, work handed in, marks written and released."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete

import migrations
from lms_core.identity.access.models import RoleAssignment
from lms_core.identity.accounts.models import User
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources
from lms_core.kit.db import make_engine
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Role
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.schemas import AssignmentIn, GroupIn
from lms_core.learning.assignments.sheets import DraftIn, MarkIn, SubmitIn
from tests.conftest import START
from tests.factories.assessments import enrol
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person
from tests.lms_core.learning.test_assessments_at_once import AT_ONCE, all_at_once


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


def test_everything_happens_once(database: Database, instructor: Person) -> None:
    course = create_course(database, instructor)
    people = [enrol(database, create_person(database), course.id) for _ in range(2)]
    members = [actor_of(database, person) for person in people]
    teacher = actor_of(database, instructor)
    with database.write(teacher) as ctx:
        made = assignments.create(ctx, course.id, assignment=AssignmentIn(title="Together", grouped=True))
        assignments.publish(ctx, made.id)
        group = GroupIn(name="Lions", emails=[person.email for person in people])
        assignments.add_group(ctx, made.id, group=group)

    def begin(place: int) -> UUID:
        with database.write(members[place % 2]) as ctx:
            return assignments.save_draft(ctx, made.id, draft=DraftIn(text="The same", base_revision=0)).id

    drafts = all_at_once(begin)
    assert len(set(drafts)) == 1 and isinstance(drafts[0], UUID), drafts

    def change(place: int) -> object:
        with database.write(members[place % 2]) as ctx:
            return assignments.save_draft(ctx, made.id, draft=DraftIn(text=f"Mine {place}", base_revision=1)).text

    changed = all_at_once(change)
    assert sum(isinstance(each, str) for each in changed) == 1, "one is kept"
    assert all(isinstance(each, str | DomainError) for each in changed), changed

    def submit(place: int) -> str:
        with database.write(members[place % 2]) as ctx:
            return assignments.submit(ctx, made.id, given=SubmitIn(number=1)).receipt

    receipts = all_at_once(submit)
    assert len(set(receipts)) == 1 and isinstance(receipts[0], str), receipts
    submission_id = drafts[0]

    def mark(place: int) -> object:
        with database.write(teacher) as ctx:
            if place % 2:
                return assignments.release_all(ctx, made.id).count
            return assignments.save_mark(ctx, submission_id, mark=MarkIn(points=place)).points

    marked = all_at_once(mark)
    assert not [each for each in marked if isinstance(each, Exception)], marked
    assert sum(each for place, each in enumerate(marked) if place % 2) <= 1
    with database.write(teacher) as ctx:
        assignments.release_all(ctx, made.id)
        found = assignments.results(ctx, course_id=course.id, user_ids=[person.id for person in people])
        listed = assignments.submissions_at(ctx, made.id)
        sheet = assignments.read_submission(ctx, submission_id)
    assert len(found) == 2 and {each.points for each in found} <= set(range(0, AT_ONCE, 2))
    assert [each.owner for each in listed.items] == ["Lions"] and sheet.mark is not None


def test_work_goes_with_its_person_and_a_mark_stays_without_its_marker(database: Database, instructor: Person) -> None:
    course = create_course(database, instructor)
    people = [enrol(database, create_person(database), course.id) for _ in range(2)]
    teacher = actor_of(database, instructor)
    with database.write(teacher) as ctx:
        made = assignments.create(ctx, course.id, assignment=AssignmentIn(title="Alone"))
        assignments.publish(ctx, made.id)
    for person in people:
        with database.write(actor_of(database, person)) as ctx:
            assignments.save_draft(ctx, made.id, draft=DraftIn(text="words", base_revision=0))
            done = assignments.submit(ctx, made.id, given=SubmitIn(number=1))
    with database.write(teacher) as ctx:
        assignments.save_mark(ctx, done.id, mark=MarkIn(points=1))
    with database.write(teacher) as ctx:
        for person in (people[0], instructor):
            ctx.session.execute(delete(RoleAssignment).where(RoleAssignment.user_id == person.id))
            ctx.session.execute(delete(User).where(User.id == person.id))
        (kept,) = assignments.submissions_at(ctx, made.id).items
        assert (kept.id, kept.points) == (done.id, 1.0)
