"""How Alembic runs: on the given engine, over every table of the product."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from lms_core.kit import jobs  # noqa: F401  its table
from lms_core.kit.db import UtcDateTime, make_engine
from lms_core.kit.settings import Settings

PACKAGES = ("lms_core", "rag", "proctoring", "ingestion")


def load_tables() -> None:
    """Import every `models` module, so that the metadata is whole."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
            if module.name.rsplit(".", 1)[-1] == "models":
                importlib.import_module(module.name)


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write plain SQLAlchemy types, so that an old migration never needs today's code."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    """Run the wanted migrations; PostgreSQL gives up rather than wait long for a lock."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        context.run_migrations()


@contextmanager
def rows_stay(connection: Connection) -> Iterator[None]:
    """Let SQLite make tables anew without deleting the rows that refer to them; afterwards every reference must hold.

    Dropping the old table would cascade. The procedure is SQLite's own (sqlite.org/lang_altertable.html, section 7);
    the pragma has no effect inside a transaction, so it goes around SQLAlchemy, which would begin one.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = driver.execute("PRAGMA foreign_key_check").fetchall()
        if lost:
            raise RuntimeError(f"after the migration, rows refer to what is not there: {lost[:5]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


load_tables()
engine = context.config.attributes.get("engine") or make_engine(Settings().effective_database_url)
with engine.connect().execution_options(immediate=True) as connection, rows_stay(connection):
    run(connection)
    connection.commit()
