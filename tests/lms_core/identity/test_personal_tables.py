"""Every column that refers to a person: what is exported of it and what becomes of it is declared, and so it happens.

The walk makes a row in every table for one person, and does to it what the jobs do.
"""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from lms_core.identity.accounts.models import User
from lms_core.identity.erasure import service as erasure
from lms_core.identity.portability import service as portability
from lms_core.kit import personal
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.personal import Act, Mine, Stays
from tests.factories.people import Person, actor_of, create_person
from tests.factories.rows import make_row, models
from workers.runtime import Runtime

References = list[tuple[str, str]]


def references() -> References:
    """(table, column) of every foreign key to a person."""
    return sorted(
        (table.name, column.key)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name == "user"
    )


def declared() -> dict[tuple[str, str], personal.Held]:
    """What is declared, by table and column."""
    return {
        (each.column.class_.__tablename__, each.column.key): each
        for part in personal.DECLARED.values()
        for each in part.held
    }


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """The person whose data it is."""
    create_person(runtime.database, role=Role.ADMIN)
    return create_person(runtime.database, full_name="Asha Wa Majaribio")


def everywhere(runtime: Runtime, person: Person) -> dict[tuple[str, str], tuple[Any, ...]]:
    """A row in every table that refers to the person, by table and column; its primary key."""
    made = {}
    with runtime.database.write(system_actor(person.tenant_id)) as ctx:
        for table, column in references():
            row = make_row(
                ctx.session, SQLModel.metadata.tables[table], tenant_id=person.tenant_id, **{column: person.id}
            )
            made[table, column] = tuple(getattr(row, key.key) for key in row.__table__.primary_key)
    return made


def test_every_reference_to_a_person_is_declared(runtime: Runtime) -> None:
    undeclared = set(references()) - declared().keys()
    assert len(references()) > 40
    assert not undeclared, "declare these in the `personal` module of their slice"


def test_what_is_not_exported_or_stays_has_a_reason(runtime: Runtime) -> None:
    silent = [
        key
        for key, each in declared().items()
        if (isinstance(each, Act) and not each.only and len(each.why) < 10)
        or (isinstance(each, Stays) and len(each.why) < 10)
    ]
    assert not silent


def test_an_export_holds_a_row_of_every_table(
    runtime: Runtime, asha: Person, drain: Callable[[], int], clock: MovingClock
) -> None:
    made = everywhere(runtime, asha)
    clock.move(timedelta(days=2))  # past the archive that is among the rows
    with runtime.database.write(actor_of(runtime.database, asha)) as ctx:
        asked = portability.request(ctx)
    drain()
    with runtime.database.write(actor_of(runtime.database, asha)) as ctx:
        content = b"".join(portability.content(ctx, export_id=asked.id))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tables: dict[str, list[dict[str, Any]]] = {}
        for name in archive.namelist():
            if name.endswith(".json"):
                for table, rows in json.loads(archive.read(name)).items():
                    tables.setdefault(table, []).extend(rows)
        text = archive.read("index.html").decode()
    ids = {table: {str(value) for row in rows for value in row.values()} for table, rows in tables.items()}
    held = declared()
    missing = [
        key
        for key, primary in made.items()
        if not (isinstance(held[key], Act) and not held[key].only) and str(primary[0]) not in ids.get(key[0], set())
    ]
    assert not missing
    assert tables["user"][0]["email"] == asha.email
    assert "Asha Wa Majaribio" in text


def test_an_export_holds_no_secret(runtime: Runtime, asha: Person) -> None:
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        everything = [personal.export(ctx, part, asha.id) for part in personal.DECLARED.values()]
    columns = {column for tables in everything for rows in tables.values() for row in rows for column in row}
    assert "email" in columns
    assert not [each for each in columns if "hash" in each or "secret" in each or "sealed" in each or "key" in each]


def test_erasure_leaves_only_what_is_said_to_stay(
    runtime: Runtime, asha: Person, drain: Callable[[], int], clock: MovingClock
) -> None:
    made = everywhere(runtime, asha)
    other = create_person(runtime.database, full_name="Somebody Else")
    kept_of_other = everywhere(runtime, other)
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        for row in ctx.session.execute(select(models()["account_deletion"])).scalars():
            row.cancelled_at = ctx.now
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        erasure.request_for(ctx, user_id=asha.id)
    clock.move(timedelta(days=15))
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("erasure.begin_due")
    drain()

    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        user = ctx.session.execute(select(User).where(User.id == asha.id)).scalar_one()
        assert (user.email, user.full_name, user.password_hash) == (
            f"{asha.id}@deleted.invalid",
            "Deleted account",
            None,
        )
        held = declared()
        wrong = [key for key in made if _named(ctx, key, asha.id) != isinstance(held[key], Stays)]
        assert not wrong
        lost = [key for key in kept_of_other if not _named(ctx, key, other.id)]
        assert not lost, "somebody else's rows are none of this deletion's business"


def _named(ctx: Any, key: tuple[str, str], user_id: UUID) -> bool:
    model = models()[key[0]]
    return ctx.session.execute(select(model).where(getattr(model, key[1]) == user_id)).first() is not None


def test_a_deletion_spares_what_others_did(runtime: Runtime) -> None:
    """Acts are unnamed, not deleted: a mark outlives who gave it."""
    assert all(
        SQLModel.metadata.tables[table].columns[column].nullable
        for (table, column), each in declared().items()
        if isinstance(each, Act)
    )
    assert all(isinstance(each, Mine | Stays | Act) for each in declared().values())
