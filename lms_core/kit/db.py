"""The database: engine, base columns, and the tenant wall inside every session.

Every table is `TenantOwned` or named in `GLOBAL_TABLES` (a test holds this).
A session knows its tenant: reads, bulk updates and deletes are filtered by it,
new rows are stamped with it, a row of another tenant is refused.
Raw `text()` SQL escapes the wall and is allowed only where it touches no rows.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, DateTime, Dialect, Engine, MetaData, Table, create_engine, event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.session import UOWTransaction
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import AliasedReturnsRows, SelectBase
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

GLOBAL_TABLES = frozenset({"tenant", "job"})
EVERY_TENANT = UUID(int=0)  # marks a session of the platform itself: no filter, explicit stamps


class TenantMismatch(RuntimeError):
    """A row was about to be written into another institution; a bug, never a person's fault."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, timezone-aware on both databases (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; refuse a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back what was stored, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TenantOwned(SQLModel):
    """Mixin of every table whose rows belong to one institution."""

    tenant_id: UUID = Field(default=None, foreign_key="tenant.id", index=True, nullable=False)


def make_engine(url: str, *, pool: int = 20) -> Engine:
    """An engine for SQLite (WAL, foreign keys, explicit transactions) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True)
    engine = create_engine(
        url, pool_size=pool, max_overflow=pool, connect_args={"check_same_thread": False, "timeout": 30}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-32000",
        "mmap_size=268435456",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    # A plain BEGIN that reads and then writes fails as "locked" under concurrency; writers take the lock first.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


class TenantSession(Session):
    """A session bound to one tenant by `session.info["tenant_id"]`."""


@lru_cache(maxsize=4096)
def _criterion(tenant_id: UUID, table: str) -> Any:
    """The tenant's criterion on one table; None for a global one."""
    owner = next((each for each in _owned_tables(TenantOwned) if each.__tablename__ == table), None)
    if owner is None:
        return None
    return with_loader_criteria(owner, owner.tenant_id == tenant_id, include_aliases=True)


def _owned_tables(base: type[TenantOwned]) -> list[type[TenantOwned]]:
    found = []
    for table in base.__subclasses__():
        if getattr(table, "__table__", None) is not None:
            found.append(table)
        found.extend(_owned_tables(table))
    return found


def _tables_of(statement: Any) -> set[str]:
    """Names of every table the statement touches, subqueries, aliases and common table expressions included."""
    names: set[str] = set()
    for element in visitors.iterate(statement):
        source = getattr(element, "table", element)
        while isinstance(source, AliasedReturnsRows):
            source = source.element
        if isinstance(source, Table):
            names.add(source.name)
        elif isinstance(source, (SelectBase, CompoundSelect)) and source is not element:
            names |= _tables_of(source)
    return names


@event.listens_for(TenantSession, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    tenant_id = state.session.info["tenant_id"]
    if tenant_id == EVERY_TENANT or state.is_column_load or state.is_relationship_load:
        return
    if state.is_select or state.is_update or state.is_delete:
        wanted = (_criterion(tenant_id, name) for name in sorted(_tables_of(state.statement)))
        state.statement = state.statement.options(*(each for each in wanted if each is not None))


@event.listens_for(TenantSession, "before_flush")
def _stamp_tenant(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    tenant_id = session.info["tenant_id"]
    for row in session.new:
        if not isinstance(row, TenantOwned):
            continue
        owner: UUID | None = row.tenant_id
        if owner is None:
            if tenant_id == EVERY_TENANT:
                raise TenantMismatch(f"{type(row).__name__} written without a tenant")
            row.tenant_id = tenant_id
        elif tenant_id not in (EVERY_TENANT, owner):
            raise TenantMismatch(f"{type(row).__name__} of another tenant")
