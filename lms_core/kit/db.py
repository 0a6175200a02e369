"""The database: engine, base columns, and the tenant wall inside every session.

Every table is `TenantOwned` or named in `GLOBAL_TABLES` (a test holds this).
A session knows its tenant: reads, bulk updates and deletes are filtered by it,
new rows are stamped with it, a row of another tenant is refused.
Raw `text()` SQL escapes the wall and is allowed only where it touches no rows.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import (
    CheckConstraint,
    CompoundSelect,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    exc,
)
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.session import UOWTransaction
from sqlalchemy.orm.util import AliasedClass
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import AliasedReturnsRows, SelectBase
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from lms_core.kit.plans import tenant_filter

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
TENANT_PARAMETER = "tenant_of_session"
COLUMNS, OBJECTS = "columns", "objects"  # what a prepared select gives back
WRITER_SECONDS = 30.0  # how long a writer waits for its turn on SQLite
IDLE_SECONDS = 5.0  # a pooled connection unused for longer is asked whether it still lives

Statement = TypeVar("Statement", bound=Select[Any])


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


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The constraint that a text column holds one of these."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class TenantOwned(SQLModel):
    """Mixin of every table whose rows belong to one institution."""

    tenant_id: UUID = Field(default=None, foreign_key="tenant.id", index=True, nullable=False)


def make_engine(url: str, *, pool: int = 20) -> Engine:
    """An engine for SQLite (WAL, foreign keys, explicit transactions) or PostgreSQL."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=pool, max_overflow=pool, json_deserializer=orjson.loads)
        _ask_idle_connections(engine)
        return engine
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        json_deserializer=orjson.loads,
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    _begin_in_turn(engine)
    return engine


def _ask_idle_connections(engine: Engine) -> None:
    """Replace pooled connections that the server closed meanwhile; asking at every checkout would cost a round trip."""

    def note_use(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def ask_idle(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise exc.DisconnectionError() from error  # the pool opens another one

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", ask_idle)


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


def _begin_in_turn(engine: Engine) -> None:
    """Begin readers at once, and writers one after the other.

    A plain BEGIN that reads and then writes fails as "locked" under concurrency, so writers take SQLite's lock
    first. They wait for it here: SQLite's own waiting is a sleep of up to 100 ms between tries, with luck in
    place of order.
    """
    turn = threading.Lock()

    def begin(connection: Any) -> None:
        if not connection.get_execution_options().get("immediate", False):
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get("writing"):  # a connection keeps its turn until it goes back to the pool
            connection.info["writing"] = turn.acquire(timeout=WRITER_SECONDS)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # says so when another process has the lock

    def end(_connection: Any, record: Any) -> None:
        if record.info.pop("writing", False):
            turn.release()

    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", end)


class WriteRefused(RuntimeError):
    """Something was about to be written through a read context; a bug, never a person's fault."""


class TenantSession(Session):
    """A session bound to one tenant by `session.info["tenant_id"]`; `session.info["reading"]` refuses writes."""

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """As in SQLAlchemy; a prepared select of columns goes to the connection at once, past the identity map."""
        tenant_id = self.info["tenant_id"]
        if statement.get_execution_options().get("prepared") != COLUMNS or tenant_id == EVERY_TENANT:
            return super().execute(statement, params, **options)
        if self.autoflush:
            self.flush()
        connection = self.bind if isinstance(self.bind, Connection) else self.connection()
        return connection.execute(_prepared_with_criteria(statement), _with_tenant(params, tenant_id))


@lru_cache(maxsize=4096)
def _criterion(tenant_id: UUID, table: str) -> Any:
    """The criterion of a tenant on one table; None for a global one."""
    owner = _owner(table)
    if owner is None:
        return None
    # A function, since a finished expression would name the table itself where the statement joins an alias of it.
    return with_loader_criteria(
        owner, lambda entity: tenant_filter(owner.__table__, entity.tenant_id) == tenant_id, include_aliases=True
    )


def _open_criterion(table: str) -> Any:
    """The same with the tenant as a parameter of the statement."""
    owner = _owner(table)
    if owner is None:
        return None
    # The parameter is named here once more, since SQLAlchemy takes a name from outside for a changing value.
    return with_loader_criteria(
        owner,
        lambda entity: tenant_filter(owner.__table__, entity.tenant_id) == bindparam("tenant_of_session"),
        include_aliases=True,
    )


def _owner(table: str) -> type[TenantOwned] | None:
    return next((each for each in _owned_tables(TenantOwned) if each.__tablename__ == table), None)


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


def prepared(statement: Statement) -> Statement:
    """A select that is built once, at import, and executed often with parameters.

    Its tenant criteria are put in once too, with the cache key that SQLAlchemy
    keeps on it. One of columns alone costs a third of what it costs built anew,
    one with whole objects in it about half.
    """
    if not isinstance(statement, Select):
        raise TypeError("only a select is prepared")
    whole = any(isinstance(each["expr"], (type, AliasedClass)) for each in statement.column_descriptions)
    return statement.execution_options(prepared=OBJECTS if whole else COLUMNS)


def _with_tenant(params: Any, tenant_id: UUID) -> dict[str, Any]:
    if isinstance(params, Sequence):
        raise TypeError("a prepared select takes one set of parameters")
    return {**(params or {}), TENANT_PARAMETER: tenant_id}


def _with_criteria(statement: Any, criterion: Callable[[str], Any]) -> Any:
    wanted = (criterion(name) for name in sorted(_tables_of(statement)))
    return statement.options(*(each for each in wanted if each is not None))


@lru_cache(maxsize=1024)
def _prepared_with_criteria(statement: Any) -> Any:
    return _with_criteria(statement, _open_criterion)


@event.listens_for(TenantSession, "do_orm_execute")
def _filter_by_tenant(state: ORMExecuteState) -> None:
    info = state.session.info
    if info.get("reading") and not state.is_select:
        raise WriteRefused("this statement writes, and the context only reads")
    tenant_id = info["tenant_id"]
    if tenant_id == EVERY_TENANT or state.is_column_load or state.is_relationship_load:
        return
    if (state.is_insert or not state.is_orm_statement) and any(map(_owner, _tables_of(state.statement))):
        raise TenantMismatch("rows of an institution are reached through mapped classes, and added with `ctx.add`")
    if state.is_select and "prepared" in state.execution_options:
        state.statement = _prepared_with_criteria(state.statement)
        state.parameters = _with_tenant(state.parameters, tenant_id)
    elif state.is_select or state.is_update or state.is_delete:
        state.statement = _with_criteria(state.statement, partial(_criterion, tenant_id))


@event.listens_for(TenantSession, "before_flush")
def _stamp_tenant(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    if session.info.get("reading"):
        raise WriteRefused("rows were changed through a context that only reads")
    tenant_id = session.info["tenant_id"]
    for row in (*session.new, *session.dirty):
        if not isinstance(row, TenantOwned):
            continue
        owner: UUID | None = row.tenant_id
        if owner is None:
            if tenant_id == EVERY_TENANT:
                raise TenantMismatch(f"{type(row).__name__} written without a tenant")
            row.tenant_id = tenant_id
        elif tenant_id not in (EVERY_TENANT, owner):
            raise TenantMismatch(f"{type(row).__name__} of another tenant")
