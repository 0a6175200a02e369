"""A row of any table, with the rows it refers to: for tests that walk every table there is."""

import re
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, DateTime, Float, Integer, LargeBinary, Table, Uuid
from sqlalchemy.orm import Session

from lms_core.kit.db import TenantOwned
from lms_core.kit.ids import new_id

AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
NUMBERS = count(1)
UNIQUE_NUMBERS = frozenset({"status_index", "number", "sequence", "version"})
WORDS = {"role": "instructor", "language": "en"}  # of enumerations that no constraint lists
ONE_OF = re.compile(r"(\w+) IN \('(\w+)'")
EITHER = re.compile(r"\((\w+) IS NULL\) <> \((\w+) IS NULL\)")


def models() -> dict[str, type[TenantOwned]]:
    """Every mapped class of an institution's tables, by table."""
    found: dict[str, type[TenantOwned]] = {}
    waiting = [TenantOwned]
    while waiting:
        for each in waiting.pop().__subclasses__():
            waiting.append(each)
            if hasattr(each, "__table__"):
                found[each.__table__.name] = each
    return found


def make_row(session: Session, table: Table, *, tenant_id: UUID, **given: Any) -> Any:
    """A stored row; rows it must refer to, and its course, are made too, each of its own."""
    allowed = {name: value for check in _checks(table) for name, value in ONE_OF.findall(check)}
    needed = {
        first
        for check in _checks(table)
        for first, second in EITHER.findall(check)
        if not given.keys() & {first, second}
    }
    values = {"tenant_id": tenant_id, **given}
    for column in table.columns:
        if column.key in values:
            continue
        other = next((key.column.table for key in column.foreign_keys), None)
        if other is not None and (not column.nullable or other.name == "course" or column.key in needed):
            values[column.key] = make_row(session, other, tenant_id=tenant_id).id
        elif column.key in allowed:
            values[column.key] = allowed[column.key]
        elif not column.nullable or (column.primary_key and isinstance(column.type, Uuid)):
            values[column.key] = _value(column)
    row = models()[table.name](**values)
    session.add(row)
    session.flush()
    return row


def _checks(table: Table) -> list[str]:
    return [str(each.sqltext) for each in table.constraints if isinstance(each, CheckConstraint)]


def _value(column: "Column[Any]") -> Any:
    kind = column.type
    if isinstance(kind, Uuid):
        return new_id()
    if isinstance(getattr(kind, "impl", kind), DateTime):
        return AT
    if isinstance(kind, Date):
        return AT.date()
    if isinstance(kind, JSON):
        return {}
    if isinstance(kind, LargeBinary):
        return b"x"
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return next(NUMBERS) if column.name in UNIQUE_NUMBERS else 1
    return WORDS.get(column.key, new_id().hex[-12:])
