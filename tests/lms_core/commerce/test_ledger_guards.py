"""The databases themselves refuse to change the books, whoever asks them and however."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, text, update
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.db import make_engine
from lms_core.kit.ids import new_id
from tests.conftest import START
from tests.factories.people import default_tenant
from tests.lms_core.commerce.books import put, received
from workers.runtime import Runtime

TABLES = ("ledger_account", "ledger_transaction", "ledger_entry")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.scaled)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Books with a payment in them, on either database."""
    if request.param == "sqlite":
        opened: Database = request.getfixturevalue("runtime").database
        put(opened, received(5000), key="payment:1")
        yield opened
        return
    url: str = request.getfixturevalue("postgres_url")
    engine = make_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    opened = Database(engine, MovingClock(START), Resources())
    put(opened, received(5000), key="payment:1")
    yield opened
    engine.dispose()


def rows(engine: Engine) -> list[Any]:
    """All that is in the books, as the database has it."""
    with engine.connect() as connection:
        return [tuple(row) for name in TABLES for row in connection.execute(text(f"SELECT * FROM {name} ORDER BY id"))]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}"])
def test_raw_sql_neither_changes_nor_deletes(database: Database, table: str, act: str) -> None:
    before = rows(database.engine)
    assert len(before) == 5
    with pytest.raises(IntegrityError, match="only added to"), database.engine.begin() as connection:
        connection.execute(text(act.format(table)))
    assert rows(database.engine) == before


@pytest.mark.parametrize("model", [LedgerAccount, LedgerTransaction, LedgerEntry])
def test_nor_does_a_session(database: Database, model: Any) -> None:
    before = rows(database.engine)
    changes: list[Callable[[], Any]] = [
        lambda: update(model).values(tenant_id=default_tenant(database)),
        lambda: delete(model),
    ]
    for change in changes:
        statement = change()
        with pytest.raises(IntegrityError), database.write(system_actor(default_tenant(database))) as ctx:
            ctx.session.execute(statement)
    assert rows(database.engine) == before


def _add_pair(connection: Connection, *amounts: int) -> None:
    """Entries with these amounts in the first transaction, copied from those it has."""
    about = "(SELECT id FROM ledger_transaction)"
    account = "(SELECT account_id FROM ledger_entry ORDER BY id LIMIT 1)"
    for amount in amounts:
        connection.execute(
            text(
                "INSERT INTO ledger_entry (tenant_id, id, transaction_id, account_id, amount, at) "
                f"SELECT tenant_id, :id, {about}, {account}, :amount, at FROM ledger_transaction"
            ),
            {"id": new_id() if connection.dialect.name == "postgresql" else new_id().hex, "amount": amount},
        )


def test_a_transaction_gets_no_entries_later_not_even_balanced_ones(database: Database) -> None:
    before = rows(database.engine)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        _add_pair(connection, 700, -700)
    assert rows(database.engine) == before


@pytest.mark.parametrize("amount", [0, 10**13 + 1])
def test_an_entry_has_an_amount_in_range(database: Database, amount: int) -> None:
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        _add_pair(connection, amount)


def test_sqlite_replaces_no_row(runtime: Runtime) -> None:
    """`INSERT OR REPLACE` deletes the row in the way, and tells no DELETE trigger."""
    put(runtime.database, received(5000), key="payment:1")
    before = rows(runtime.database.engine)
    for table in TABLES:
        with pytest.raises(IntegrityError, match="only added to"), runtime.database.engine.begin() as connection:
            connection.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))
    changed = "INSERT OR REPLACE INTO ledger_transaction SELECT tenant_id, :id, key, kind, subject_kind, subject_id, "
    with pytest.raises(IntegrityError, match="only added to"), runtime.database.engine.begin() as connection:
        connection.execute(
            text(f"{changed} 'another', lines, fingerprint, at FROM ledger_transaction"), {"id": new_id().hex}
        )
    assert rows(runtime.database.engine) == before


@pytest.fixture
def scaled(postgres_url: str) -> Iterator[Engine]:
    engine = make_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield engine
    engine.dispose()


@pytest.mark.scaled
def test_postgresql_stores_no_transaction_that_is_not_whole_or_not_balanced(scaled: Engine) -> None:
    database = Database(scaled, MovingClock(START), Resources())
    tenant = default_tenant(database)
    put(database, received(5000))
    with database.read(system_actor(tenant)) as ctx:
        accounts = [each.id for each in ledger.balances(ctx)]
    before = rows(scaled)
    for amounts in ((), (100,), (100, -99)):
        with pytest.raises(IntegrityError, match="ledger transaction"), database.write(system_actor(tenant)) as ctx:
            row = ctx.add(
                LedgerTransaction(
                    key="forged", kind="k", subject_kind="s", subject_id=new_id(), lines=2, fingerprint="", at=ctx.now
                )
            )
            for account_id, amount in zip(accounts, amounts, strict=False):
                ctx.add(LedgerEntry(transaction_id=row.id, account_id=account_id, amount=amount, at=ctx.now))
    with pytest.raises(IntegrityError, match="only added to"), scaled.begin() as connection:
        connection.execute(text("TRUNCATE ledger_entry, ledger_transaction, ledger_account"))
    assert rows(scaled) == before
