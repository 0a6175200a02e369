"""Events: a fact and its reactions are stored together, and each reaction runs once in effect."""

from typing import ClassVar
from uuid import UUID

import pytest
from sqlalchemy import func, select

from lms_core.identity.audit import service as audit
from lms_core.identity.audit.models import AuditEntry
from lms_core.kit import jobs, running
from lms_core.kit.context import Database, WriteCtx, system_actor
from lms_core.kit.events import EVENTS, Event
from tests.factories.people import default_tenant
from workers.runtime import Runtime


class Rained(Event):
    """Water fell."""

    name: ClassVar[str] = "test.kit.rained"
    millimetres: int


@jobs.on(Rained)
def measure(ctx: WriteCtx, event: Rained) -> None:
    """Write it down."""
    audit.record(ctx, action="test.rained", object=("rain", UUID(int=event.millimetres)))


@jobs.on(Rained)
def refuse_floods(ctx: WriteCtx, event: Rained) -> None:
    """Write it down too, and fail when it is too much."""
    audit.record(ctx, action="test.checked", object=("rain", UUID(int=event.millimetres)))
    if event.millimetres > 100:
        raise ValueError("flood")


@pytest.fixture
def database(runtime: Runtime) -> Database:
    return runtime.database


def written(database: Database, action: str) -> int:
    with database.read(system_actor()) as view:
        counted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
        return view.session.execute(counted).scalar_one()


def emit(database: Database, millimetres: int) -> None:
    with database.write(system_actor(default_tenant(database)), request_id="request-7") as ctx:
        ctx.emit(Rained(millimetres=millimetres))


def test_each_subscriber_reacts_once(database: Database) -> None:
    emit(database, 5)
    running.drain(database)
    running.drain(database)
    assert (written(database, "test.rained"), written(database, "test.checked")) == (1, 1)


def test_a_reaction_that_fails_leaves_nothing_and_hinders_nobody(database: Database) -> None:
    emit(database, 500)
    running.drain(database)
    assert (written(database, "test.rained"), written(database, "test.checked")) == (1, 0)


def test_a_fact_of_a_transaction_that_failed_never_happened(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write(system_actor(default_tenant(database))) as ctx:
        ctx.emit(Rained(millimetres=1))
        raise ZeroDivisionError
    running.drain(database)
    assert written(database, "test.rained") == 0


def test_reactions_carry_the_request_that_caused_them(database: Database) -> None:
    emit(database, 5)
    with database.read(system_actor()) as view:
        rows = view.session.execute(select(jobs.Job.request_id).where(jobs.Job.name.like("%measure"))).scalars()
        assert set(rows) == {"request-7"}


def test_facts_are_known_by_their_stable_name() -> None:
    assert EVENTS["test.kit.rained"] is Rained
    assert EVENTS["courses.lesson_changed"].__name__ == "LessonChanged"
