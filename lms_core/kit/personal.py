"""Personal data, declared where it lives: what each slice holds about a person, and what becomes of it.

A slice's `personal` module calls `declare` once. Export (GDPR, article 20) and erasure (article 17) both read these
declarations, so what is handed out and what is deleted cannot drift apart; a test holds every column that refers to a
person against them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from lms_core.kit.context import ReadCtx, WriteCtx

Column = InstrumentedAttribute[Any]
Record = dict[str, Any]
NEVER = frozenset({"tenant_id"})
LARGEST_TABLE = 100_000  # rows of one table in one export


@dataclass(frozen=True, slots=True)
class Mine:
    """Rows about the person: exported whole but for `without`, and deleted.

    `via`: `column` refers to another row of the person, found by this one.
    """

    column: Any
    via: Any = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stays:
    """Rows about the person that outlive the account, for the reason `why`; `blank` is what is overwritten.

    `via`: as in `Mine`.
    """

    column: Any
    why: str
    blank: Callable[[datetime], Mapping[str, Any]] = lambda now: {}
    without: frozenset[str] = frozenset()
    via: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """That the person did something to what is not theirs: `only` these columns are exported, the name is taken out.

    Without `only` nothing is exported; `why` says the reason.
    """

    column: Any
    only: tuple[str, ...] = ()
    why: str = ""


Held = Mine | Stays | Act


@dataclass(frozen=True, slots=True)
class Personal:
    """The declaration of one slice. `files`: storage keys to delete; `first` runs before any slice's rows leave."""

    name: str
    held: tuple[Held, ...]
    files: Callable[[ReadCtx, UUID], list[str]] = lambda ctx, user_id: []
    first: Callable[[WriteCtx, UUID], None] = lambda ctx, user_id: None


DECLARED: dict[str, Personal] = {}


def declare(name: str, *held: Held, **more: Any) -> None:
    """Declare what the slice `name` holds (`files=`, `first=` as in `Personal`)."""
    DECLARED[name] = Personal(name, held, **more)


def export(ctx: ReadCtx, part: Personal, user_id: UUID) -> dict[str, list[Record]]:
    """The person's rows of one slice by table, ready for JSON; a table nothing is exported of is left out."""
    tables: dict[str, list[Record]] = {}
    for each in part.held:
        if isinstance(each, Act) and not each.only:
            continue
        rows = ctx.session.execute(select(_model(each)).where(_about(each, user_id)).limit(LARGEST_TABLE)).scalars()
        shown = _shown(each)
        known = tables.setdefault(_model(each).__tablename__, [])
        known.extend({name: _plain(getattr(row, name)) for name in shown} for row in rows)
    return tables


def erase(ctx: WriteCtx, part: Personal, user_id: UUID) -> None:
    """Delete, overwrite, or take the name out of the person's rows of one slice; fine when repeated."""
    for each in reversed(part.held):  # what refers to other rows of the person is declared after them
        if isinstance(each, Mine):
            ctx.session.execute(delete(_model(each)).where(_about(each, user_id)), execution_options=_APART)
        elif isinstance(each, Act):
            unnamed = update(_model(each)).where(_about(each, user_id)).values({each.column.key: None})
            ctx.session.execute(unnamed, execution_options=_APART)
        elif values := each.blank(ctx.now):
            ctx.session.execute(
                update(_model(each)).where(_about(each, user_id)).values(dict(values)), execution_options=_APART
            )


_APART = {"synchronize_session": False}


def _model(each: Held) -> Any:
    return each.column.class_


def _about(each: Held, user_id: UUID) -> ColumnElement[bool]:
    if isinstance(each, Mine | Stays) and each.via is not None:
        about: ColumnElement[bool] = each.column.in_(select(each.via.class_.id).where(each.via == user_id))
        return about
    same: ColumnElement[bool] = each.column == user_id
    return same


def _shown(each: Held) -> Iterable[str]:
    if isinstance(each, Act):
        return each.only
    table = _model(each).__table__
    hidden = each.without | NEVER | {column.key for column in table.columns if isinstance(column.type, LargeBinary)}
    return [column.key for column in table.columns if column.key not in hidden]


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # moments are dates, too
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
