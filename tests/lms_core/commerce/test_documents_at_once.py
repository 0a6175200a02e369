"""Numbers of documents without gaps or doubles, on both databases, whatever happens at the same moment."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

import migrations
from lms_core.commerce.documents import service as documents
from lms_core.commerce.documents.models import Document, DocumentKind
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from tests.conftest import START
from tests.factories.people import create_person
from tests.lms_core.commerce.sales import line, refund, sale

AT_ONCE, EACH = 8, 4


class GaveUpError(Exception):
    """What happens to a transaction after it took its numbers."""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'numbers.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    migrations.upgrade(engine)
    yield Database(engine, MovingClock(START), Resources())
    engine.dispose()


def sequences(database: Database, kind: DocumentKind) -> list[int]:
    with database.read(system_actor()) as ctx:
        return sorted(ctx.session.execute(select(Document.sequence).where(Document.kind == kind)).scalars())


def test_many_threads_leave_no_gap(database: Database) -> None:
    """Every third transaction fails after it took its numbers; those numbers go to somebody else."""
    buyer = create_person(database)
    actor, gate, failed = system_actor(buyer.tenant_id), threading.Barrier(AT_ONCE), []

    def issue(place: int) -> None:
        gate.wait()
        for turn in range(EACH):
            paid = sale(buyer, line(1_000 + turn), number=f"{place}-{turn}")
            try:
                with database.write(actor) as ctx:
                    documents.for_order(ctx, paid)
                    if (place + turn) % 3 == 0:
                        raise GaveUpError
                with database.write(actor) as ctx:
                    documents.for_refund(ctx, refund(paid))
            except GaveUpError:
                continue
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=issue, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    kept = sum((place + turn) % 3 != 0 for place in range(AT_ONCE) for turn in range(EACH))
    for kind in DocumentKind:
        assert sequences(database, kind) == list(range(1, kept + 1))


def test_one_order_told_by_many_threads_is_invoiced_once(database: Database) -> None:
    buyer = create_person(database)
    actor, gate, paid = system_actor(buyer.tenant_id), threading.Barrier(AT_ONCE), sale(buyer, line(1_000))
    refused = []

    def issue() -> None:
        gate.wait()
        try:
            with database.write(actor) as ctx:
                documents.for_order(ctx, paid)
        except Exception as error:  # the loser's transaction is undone; its job comes again and finds the invoice
            refused.append(error)
            with database.write(actor) as ctx:
                assert documents.for_order(ctx, paid) == []

    threads = [threading.Thread(target=issue) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) < AT_ONCE
    assert sequences(database, DocumentKind.INVOICE) == sequences(database, DocumentKind.RECEIPT) == [1]


@given(fates=st.lists(st.sampled_from(["kept", "fails", "free", "again"]), max_size=12))
@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_whatever_fails_numbers_follow_each_other(database: Database, fates: list[str]) -> None:
    buyer = create_person(database)
    before = len(sequences(database, DocumentKind.INVOICE))
    for fate in fates:
        paid = sale(buyer, line(0 if fate == "free" else 1_000))
        try:
            with database.write(system_actor(buyer.tenant_id)) as ctx:
                documents.for_order(ctx, paid)
                if fate == "again":
                    documents.for_order(ctx, paid)
                if fate == "fails":
                    raise GaveUpError
        except GaveUpError:
            continue
    made = sum(fate in ("kept", "again") for fate in fates)
    assert sequences(database, DocumentKind.INVOICE) == list(range(1, before + made + 1))
