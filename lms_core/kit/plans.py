"""What SQLite's query planner must be told, since it has no statistics of a table until it was analysed.

It then takes every equality on an index for ten rows: narrower than a list of a
hundred keys, although it may be a whole institution. PostgreSQL knows better, and
is told nothing.
"""

from typing import Any

from sqlalchemy import ColumnElement, Index, Table, UniqueConstraint
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class unindexed(FunctionElement[Any]):
    """The column as a plain filter, which no index is chosen for (unary plus, sqlite.org/optoverview.html)."""

    inherit_cache = True
    name = "unindexed"

    def __init__(self, column: Any) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed)
def _plain(element: unindexed, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(unindexed, "sqlite")
def _with_plus(element: unindexed, compiler: Any, **options: Any) -> str:
    return "+" + str(compiler.process(element.clauses, **options))


def tenant_filter(table: Table, column: Any) -> "ColumnElement[Any]":
    """`column`, the tenant's, as a filter: unindexed unless an index of several columns begins with it."""
    composite = [each.columns.keys() for each in table.indexes if isinstance(each, Index)]
    composite += [each.columns.keys() for each in table.constraints if isinstance(each, UniqueConstraint)]
    leads = any(len(names) > 1 and names[0] == "tenant_id" for names in composite)
    return column if leads else unindexed(column)
