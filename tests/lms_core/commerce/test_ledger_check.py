"""Checks: what somebody with the database's own password did to the books is found, told once, and shown."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text

from api.cli.running import examine
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.errors import LedgerConflict
from lms_core.commerce.ledger.models import LedgerCheck
from lms_core.commerce.ledger.schemas import BreachKind
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from lms_core.kit.settings import Settings
from tests.conftest import START
from tests.factories.people import create_person, default_tenant, log_in
from tests.lms_core.commerce.books import put, received, shared, sold, writing
from workers.runtime import Runtime

BREACHES = {
    BreachKind.UNBALANCED: "UPDATE ledger_entry SET amount = amount + 5 WHERE amount > 0",
    BreachKind.INCOMPLETE: "DELETE FROM ledger_entry WHERE amount > 0",
    BreachKind.ALTERED: "UPDATE ledger_entry SET amount = amount * 2",
    BreachKind.MISPLACED: "UPDATE ledger_entry SET at = '2020-01-01 00:00:00.000000'",
}


def unguard(engine: Engine) -> None:
    """Take the triggers away, as nobody but the database's owner can."""
    with engine.begin() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        assert len(names) >= 10
        for name in names:
            connection.execute(text(f"DROP TRIGGER {name}"))


def tamper(engine: Engine, statement: str) -> None:
    """Run a statement that the triggers would refuse."""
    with engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount > 0


@pytest.mark.parametrize("kind", BreachKind)
def test_every_kind_of_breach_is_found(runtime: Runtime, kind: BreachKind) -> None:
    broken = put(runtime.database, received(5000))
    unguard(runtime.database.engine)
    with writing(runtime.database) as ctx:
        assert ledger.check(ctx) == []
    tamper(runtime.database.engine, BREACHES[kind])
    with writing(runtime.database) as ctx:
        found = ledger.check(ctx)
    assert kind in {each.kind for each in found}
    assert {each.transaction_id for each in found} == {broken}
    if kind is BreachKind.UNBALANCED:
        assert [each.amount for each in found if each.kind is kind] == [5]


def test_a_check_is_kept_told_once_and_shown(
    runtime: Runtime, client: TestClient, drain: Callable[[], int], clock: MovingClock, settings: Settings
) -> None:
    admin = create_person(runtime.database, role=Role.ADMIN)
    create_person(runtime.database)
    put(runtime.database, received(5000))
    put(runtime.database, sold(5000))

    def check() -> int:
        """Notifications after another check."""
        with runtime.database.write(system_actor()) as ctx:
            ctx.enqueue("ledger.check_all")
        drain()
        told = client.get("/api/v1/notifications", headers=log_in(client, admin)).json()["items"]
        return len([each for each in told if each["kind"] == "ledger.broken"])

    def line_of_doctor() -> tuple[bool, str]:
        found = {each.what: each for each in examine(settings)}["ledger"]
        return found.ok, found.detail

    assert check() == 0
    assert line_of_doctor() == (True, "2 transactions balance")
    unguard(runtime.database.engine)
    tamper(runtime.database.engine, BREACHES[BreachKind.UNBALANCED])
    assert check() == 1
    assert check() == 1, "the same breach is news once"
    sound, detail = line_of_doctor()
    assert not sound and "unbalanced" in detail and "/finance/ledger/check" in detail
    told = client.get("/api/v1/finance/ledger/check", headers=log_in(client, admin)).json()
    assert (told["transactions"], told["entries"]) == (2, 5)
    assert {each["kind"] for each in told["breaches"]} == {"unbalanced", "altered"}
    client.post("/login", data={"email": admin.email, "password": admin.password})
    assert "cannot be right" in client.get("/finance").text
    assert "do not add up to zero" in client.get("/finance/ledger/check").text


def test_institutions_without_books_are_left_alone(runtime: Runtime, drain: Callable[[], int]) -> None:
    default_tenant(runtime.database)
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("ledger.check_all")
    drain()
    with runtime.database.read(system_actor()) as ctx:
        assert ctx.session.execute(select(LedgerCheck)).first() is None


@pytest.fixture
def scaled(postgres_url: str) -> Iterator[Database]:
    engine = make_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield Database(engine, MovingClock(START), Resources())
    engine.dispose()


@pytest.mark.scaled
def test_many_who_post_at_once_open_one_account_and_post_one_key_once(scaled: Database) -> None:
    tenant = default_tenant(scaled)
    subject = ("payment", new_id())
    together = threading.Barrier(12)
    outcomes: list[Any] = []

    def write(number: int) -> None:
        together.wait()
        try:
            if number < 8:
                outcomes.append(put(scaled, received(100), key="same", subject=subject, tenant_id=tenant))
            else:
                outcomes.append(put(scaled, received(100 + number), key="same", subject=subject, tenant_id=tenant))
        except LedgerConflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(outcomes) == 12
    assert len({each for each in outcomes if each != "conflict"}) == 1, "whoever was first, there is one"
    with scaled.read(system_actor(tenant)) as ctx:
        assert (len(ledger.balances(ctx)), ledger.examine(ctx).transactions, ledger.check(ctx)) == (2, 1, [])


@pytest.mark.scaled
def test_postgresql_reads_the_same_books(scaled: Database) -> None:
    tenant = default_tenant(scaled)
    for lines in (received(11600), sold(11600), shared(10000, owner=str(new_id()))):
        put(scaled, lines, tenant_id=tenant)
    with scaled.read(system_actor(tenant)) as ctx:
        figures = ledger.access_figures(ctx, zone=ZoneInfo("Africa/Nairobi"))
        assert (figures.months[-1].revenue, figures.months[-1].tax) == (10000, 1600)
        first = ledger.access_accounts(ctx, limit=4)
        rest = ledger.access_accounts(ctx, limit=4, cursor=first.next_cursor or "")
        assert [each.shown for each in (*first.items, *rest.items)] == [11600, 7000, 0, 10000, 7000, 1600]
        told = ledger.access_statement(ctx, first.items[0].id, since=START)
        assert [each.balance for each in told.lines.items] == [11600]
        assert len(ledger.access_transactions(ctx, since=START, limit=2).items) == 2
        assert ledger.access_trial_balance(ctx).totals[0].debit_balance == 18600
        assert len(ledger.export_journal(ctx, form="csv").splitlines()) == 8
