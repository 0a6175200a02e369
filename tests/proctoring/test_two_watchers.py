"""Two workers write down results of the same sessions at once: neither stands in the other's way, nor in a ring."""

import threading
from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from lms_core.kit.context import WriteCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.settings import Settings
from proctoring.evidence.models import PictureState, Snapshot
from proctoring.sessions.models import Session
from proctoring.watching import looking, queue
from proctoring.watching.models import Analysis
from tests.factories.proctoring import another_taker, begin, make_exam, upload
from tests.flows.conftest import scaled_settings as scaled_settings  # the fixture
from tests.proctoring.test_killed_server import institution
from tests.serving import app_of
from workers import runtime as runtimes
from workers.runtime import Runtime

WAITS_FOR_A_LOCK = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

pytestmark = pytest.mark.scaled


@pytest.fixture
def scaled(scaled_settings: Settings) -> Iterator[Runtime]:
    """An installation on PostgreSQL, with nobody at work."""
    built = runtimes.build(scaled_settings, run_jobs=False)
    yield built
    built.stop()


def claimed(runtime: Runtime, ctx: WriteCtx) -> tuple[Sequence[looking.Result], UUID]:
    """What one worker found on all the pictures that wait."""
    by = new_id()
    rows = queue.claim(ctx, by=by)
    return looking.look(runtime.resources, looking.tasks_of(ctx, rows)), by


class Unfinished(Exception):
    """Ends a transaction without keeping it."""


def wait_briefly(ctx: WriteCtx) -> None:
    """Let a statement that waits for a lock fail instead."""
    ctx.session.execute(text("SET LOCAL lock_timeout = '700ms'"))


def test_results_of_one_session_are_stored_beside_each_other(scaled: Runtime) -> None:
    """Each has written rows that name the session before either asks for the session itself."""
    with TestClient(app_of(scaled)) as client:
        sitting = begin(client, make_exam(scaled, client))
        for sequence in range(1, queue.BATCH + 3):
            assert upload(client, sitting, sequence, scaled.clock.now()).status_code == 201
    database, actor = scaled.database, system_actor(institution(scaled))
    with database.write(actor) as ctx:
        first, first_by = claimed(scaled, ctx)
        second, second_by = claimed(scaled, ctx)
    assert (len(first), len(second)) == (queue.BATCH, 2)
    with pytest.raises(Unfinished), database.write(actor) as ahead:
        about = first[0].task
        ahead.add(Analysis(snapshot_id=about.id, session_id=about.session_id, seen={}, analysed_at=ahead.now))
        ahead.session.flush()
        with database.write(actor) as ctx:
            wait_briefly(ctx)
            assert looking.store(ctx, second, by=second_by) == 2
        raise Unfinished
    with database.write(actor) as ctx:
        looking.store(ctx, first, by=first_by)
    with database.read(actor) as view:
        states = set(view.session.execute(select(Snapshot.state)).scalars())
    assert states == {PictureState.ANALYSED}


def test_sessions_are_locked_in_one_order(scaled: Runtime) -> None:
    """Whoever waits for a session holds none that comes after it."""
    with TestClient(app_of(scaled)) as client:
        exam = make_exam(scaled, client)
        sittings = [begin(client, exam), begin(client, another_taker(scaled, client, exam))]
        for sitting in reversed(sittings):
            assert upload(client, sitting, 1, scaled.clock.now()).status_code == 201
    database, actor = scaled.database, system_actor(institution(scaled))
    with database.write(actor) as ctx:
        found, by = claimed(scaled, ctx)
    lowest, highest = sorted(result.task.session_id for result in found)
    assert found[0].task.session_id == highest, "the batch names the higher session first"
    stored: list[int] = []

    def store() -> None:
        with database.write(actor) as ctx:
            stored.append(looking.store(ctx, found, by=by))

    with database.write(actor) as other:
        held = select(Session.id).where(Session.id == lowest).with_for_update(key_share=True)
        other.session.execute(held).one()
        worker = threading.Thread(target=store)
        worker.start()
        while not other.session.execute(WAITS_FOR_A_LOCK).scalar():
            other.session.execute(text("SELECT pg_stat_clear_snapshot()"))  # else a transaction sees its first look
            assert worker.is_alive(), "it never asked for the lower session"
        after = select(Session.id).where(Session.id == highest).with_for_update(key_share=True, nowait=True)
        other.session.execute(after).one()
    worker.join(20)
    assert stored == [2]
