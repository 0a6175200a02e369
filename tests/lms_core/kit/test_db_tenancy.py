"""The tenant wall: however a statement names a table, it sees one institution's rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, Table, bindparam, delete, exists, func, insert, select, union_all, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import aliased
from sqlmodel import SQLModel

from lms_core.content.courses.models import Category, Course, Lesson, Module
from lms_core.identity.accounts.models import User
from lms_core.kit.context import Database, WriteCtx, system_actor
from lms_core.kit.db import EVERY_TENANT, GLOBAL_TABLES, TenantMismatch, TenantOwned, WriteRefused, prepared
from lms_core.kit.jobs import Job
from tests.factories.people import create_tenant, default_tenant
from workers.runtime import Runtime

Query = Callable[[], Select[Any]]


@pytest.fixture
def database(runtime: Runtime) -> Database:
    return runtime.database


@pytest.fixture
def ours(database: Database) -> UUID:
    tenant_id = default_tenant(database)
    fill(database, tenant_id, "ours")
    return tenant_id


@pytest.fixture
def theirs(database: Database) -> UUID:
    tenant_id = create_tenant(database, host="other.example.org")
    fill(database, tenant_id, "theirs")
    return tenant_id


def fill(database: Database, tenant_id: UUID, name: str) -> None:
    with database.write(system_actor(tenant_id)) as ctx:
        shelf = ctx.add(Category(slug=name, name=name))
        course = ctx.add(Course(slug=name, title=name, category_id=shelf.id, created_at=ctx.now, updated_at=ctx.now))
        ctx.add(Module(course_id=course.id, position=0, title=name))


def plain() -> Select[Any]:
    return select(Course.title)


def alias() -> Select[Any]:
    other = aliased(Course)
    return select(other.title)


def second_alias() -> Select[Any]:
    other = aliased(Course)
    return select(other.title).select_from(Category).join(other, other.title != "", isouter=False)


def subquery() -> Select[Any]:
    inner = select(Course.title, Course.id).subquery()
    return select(inner.c.title)


def nested_subquery() -> Select[Any]:
    inner = select(Course.title).subquery()
    return select(select(inner.c.title).subquery().c.title)


def aliased_subquery() -> Select[Any]:
    other = aliased(Course, select(Course).subquery())
    return select(other.title)


def cte() -> Select[Any]:
    named = select(Course.title).cte("named")
    return select(named.c.title)


def recursive_cte() -> Select[Any]:
    base = select(Course.title, Course.id).cte("walk", recursive=True)
    walk = base.union_all(select(Course.title, Course.id).where(Course.id == base.c.id, Course.title == ""))
    return select(walk.c.title)


def joined() -> Select[Any]:
    return select(Course.title).select_from(Module).join(Course, Course.title != "")


def outer_joined() -> Select[Any]:
    return select(Course.title).select_from(Category).outerjoin(Course, Course.title != "").where(Course.title != "")


def lateral() -> Select[Any]:
    inner = select(Course.title).correlate(None).subquery()
    return select(inner.c.title).select_from(Category).join(inner, inner.c.title != "")


def scalar_subquery() -> Select[Any]:
    inner = select(func.group_concat(Course.title)).scalar_subquery()
    return select(inner)


def united() -> Select[Any]:
    both = union_all(select(Course.title), select(Category.name)).subquery()
    return select(both.c.title).distinct()


def in_subquery() -> Select[Any]:
    """The titles of modules whose course has any title: the module is ours, the course in the list must be too."""
    return select(Job.name).where(Job.name.in_(select(Course.title)))


@pytest.mark.parametrize(
    "query",
    [
        plain,
        alias,
        second_alias,
        subquery,
        nested_subquery,
        aliased_subquery,
        cte,
        recursive_cte,
        joined,
        outer_joined,
        lateral,
        scalar_subquery,
        united,
    ],
)
def test_a_select_sees_only_its_own_institution(database: Database, ours: UUID, theirs: UUID, query: Query) -> None:
    for tenant_id, name in ((ours, "ours"), (theirs, "theirs")):
        with database.read(system_actor(tenant_id)) as view:
            assert set(view.session.execute(query()).scalars()) == {name}


def test_a_bare_union_is_filtered_in_both_halves(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.read(system_actor(ours)) as view:
        both = union_all(select(Course.title), select(Module.title))
        assert list(view.session.execute(both).scalars()) == ["ours", "ours"]


def test_exists_and_in_look_at_our_rows_only(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.read(system_actor(ours)) as view:
        hidden = select(Category.name).where(exists().where(Course.title == "theirs"))
        listed = select(Category.name).where(select(Course.id).where(Course.title == "theirs").exists())
        within = select(User.tenant_id).where(~exists().where(Course.title == "theirs"))
        assert view.session.execute(hidden).all() == []
        assert view.session.execute(listed).all() == []
        view.session.execute(within)  # a NOT EXISTS over a hidden table must compile as well
        counted = select(Category.name).where(Category.name.in_(select(Course.title)))
        assert list(view.session.execute(counted).scalars()) == ["ours"]


def test_a_global_table_beside_an_owned_one_does_not_open_the_wall(
    database: Database, ours: UUID, theirs: UUID
) -> None:
    with database.write(system_actor(ours)) as ctx:
        for name in ("ours", "theirs"):
            ctx.session.add(Job(name=name, queue="fast", run_at=ctx.now, created_at=ctx.now))
    with database.read(system_actor(ours)) as view:
        found = view.session.execute(in_subquery().where(Job.name.in_(("ours", "theirs")))).scalars()
        assert set(found) == {"ours"}


def test_get_and_refresh_do_not_reach_over(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.read(system_actor(theirs)) as view:
        foreign_id = view.session.execute(select(Course.id)).scalar_one()
    with database.read(system_actor(ours)) as view:
        assert view.session.get(Course, foreign_id) is None


def test_updates_and_deletes_stop_at_the_wall(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.write(system_actor(ours)) as ctx:
        ctx.session.execute(update(Course).values(summary="changed"))
        ctx.session.execute(update(Category).where(Category.name.in_(select(Course.title))).values(name="renamed"))
        ctx.session.execute(delete(Module).where(Module.course_id.in_(select(Course.id))))
    with database.read(system_actor(theirs)) as view:
        assert list(view.session.execute(select(Course.summary)).scalars()) == [""]
        assert list(view.session.execute(select(Category.name)).scalars()) == ["theirs"]
        assert list(view.session.execute(select(Module.title)).scalars()) == ["theirs"]
    with database.read(system_actor(ours)) as view:
        assert list(view.session.execute(select(Course.summary)).scalars()) == ["changed"]
        assert list(view.session.execute(select(Category.name)).scalars()) == ["renamed"]
        assert list(view.session.execute(select(Module.title)).scalars()) == []


def test_a_delete_that_looks_at_another_table_looks_at_our_rows(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.write(system_actor(ours)) as ctx:
        foreign_title_exists = exists().where(Course.title == "theirs")
        ctx.session.execute(delete(Module).where(foreign_title_exists))
    with database.read(system_actor(ours)) as view:
        assert list(view.session.execute(select(Module.title)).scalars()) == ["ours"]


def test_new_rows_are_stamped(database: Database, ours: UUID) -> None:
    with database.write(system_actor(ours)) as ctx:
        assert ctx.add(Category(slug="new", name="New")).tenant_id == ours


def foreign_row(ctx: WriteCtx, theirs: UUID) -> None:
    ctx.add(Category(slug="new", name="New", tenant_id=theirs))


def moved_row(ctx: WriteCtx, theirs: UUID) -> None:
    row = ctx.session.execute(select(Category)).scalar_one()
    row.tenant_id = theirs
    ctx.session.flush()


def inserted(ctx: WriteCtx, theirs: UUID) -> None:
    ctx.session.execute(insert(Category).values(id=theirs, slug="new", name="New", tenant_id=theirs))


@pytest.mark.parametrize("write", [foreign_row, moved_row, inserted])
def test_a_row_never_lands_in_another_institution(
    database: Database, ours: UUID, theirs: UUID, write: Callable[[WriteCtx, UUID], None]
) -> None:
    with pytest.raises(TenantMismatch), database.write(system_actor(ours)) as ctx:
        write(ctx, theirs)
    with database.read(system_actor(theirs)) as view:
        assert list(view.session.execute(select(Category.name)).scalars()) == ["theirs"]


def test_the_platform_itself_sees_all_and_stamps_explicitly(database: Database, ours: UUID, theirs: UUID) -> None:
    with database.read(system_actor(EVERY_TENANT)) as view:
        assert set(view.session.execute(select(Course.title)).scalars()) == {"ours", "theirs"}
    with pytest.raises(TenantMismatch), database.write(system_actor()) as ctx:
        ctx.add(Category(slug="nobody", name="Nobody's"))


def test_a_bare_table_is_refused_since_it_could_not_be_filtered(database: Database, ours: UUID) -> None:
    table: Table = SQLModel.metadata.tables["course"]
    with database.write(system_actor(ours)) as ctx:
        for statement in (select(table.c.title), update(table).values(title=""), delete(table)):
            with pytest.raises(TenantMismatch):
                ctx.session.execute(statement)


def test_every_table_is_owned_or_listed_as_global() -> None:
    owned = {each.__tablename__ for each in tables_of(TenantOwned)}
    assert set(SQLModel.metadata.tables) == owned | GLOBAL_TABLES
    assert not owned & GLOBAL_TABLES
    assert Lesson.__tablename__ in owned


def tables_of(base: type[TenantOwned]) -> Iterator[type[TenantOwned]]:
    for each in base.__subclasses__():
        if hasattr(each, "__table__"):
            yield each
        yield from tables_of(each)


def test_a_read_context_refuses_to_write(database: Database, ours: UUID) -> None:
    with pytest.raises(WriteRefused), database.read(system_actor(ours)) as view:
        view.session.add(Category(slug="ghost", name="Ghost"))
        view.session.flush()
    with pytest.raises(WriteRefused), database.read(system_actor(ours)) as view:
        view.session.execute(update(Category).values(name="Ghost"))
    with database.read(system_actor(ours)) as view:
        assert list(view.session.execute(select(Category.name)).scalars()) == ["ours"]


def test_a_prepared_statement_serves_each_institution_its_own(database: Database, ours: UUID, theirs: UUID) -> None:
    other = aliased(Course)
    wanted = prepared(select(other.title).select_from(Category).join(other, other.title != bindparam("unlike")))
    for tenant_id, name in ((ours, "ours"), (theirs, "theirs"), (ours, "ours")):
        with database.read(system_actor(tenant_id)) as view:
            assert set(view.session.execute(wanted, {"unlike": ""}).scalars()) == {name}


def test_moments_are_utc_and_need_a_zone(database: Database, ours: UUID) -> None:
    nairobi = timezone(timedelta(hours=3))
    with database.write(system_actor(ours)) as ctx:
        course = ctx.session.execute(select(Course)).scalar_one()
        course.published_at = datetime(2026, 1, 5, 11, 0, tzinfo=nairobi)
    with database.read(system_actor(ours)) as view:
        assert view.session.execute(select(Course.published_at)).scalar_one() == datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    with pytest.raises(StatementError), database.write(system_actor(ours)) as ctx:
        ctx.session.execute(update(Course).values(published_at=datetime(2026, 1, 5, 11, 0)))  # noqa: DTZ001
