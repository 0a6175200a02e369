"""How Alembic runs: on the given engine, over every table of the product."""

import importlib
import pkgutil

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


load_tables()
engine = context.config.attributes.get("engine") or make_engine(Settings().effective_database_url)
with engine.connect().execution_options(immediate=True) as connection:
    run(connection)
    connection.commit()
