"""Migrations of a database that is in use: no row is lost on the way back and forth."""

from alembic import command
from sqlalchemy import MetaData, Uuid, column, func, inspect, select, table
from sqlmodel import SQLModel

import migrations
from lms_core.kit.context import system_actor
from lms_core.learning.assessments.models import Quiz
from lms_core.learning.assessments.schemas import Conduct, ReviewItem
from tests.factories.people import default_tenant
from tests.factories.rows import make_row, models
from workers.runtime import Runtime

FIRST_WITH_DATA = "0004"  # the newest revision that was in use before tables were made anew


def _counted(runtime: Runtime) -> dict[str, int]:
    """Rows by table, of the tables there are now."""
    engine = runtime.database.engine
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in found.tables.items()
        }


def test_tables_that_are_made_anew_keep_their_rows_and_those_that_refer_to_them(runtime: Runtime) -> None:
    tenant = default_tenant(runtime.database)
    with runtime.database.write(system_actor(tenant)) as ctx:
        for name in models():
            make_row(ctx.session, SQLModel.metadata.tables[name], tenant_id=tenant)
    before = _counted(runtime)
    engine = runtime.database.engine
    command.downgrade(migrations.config(engine), FIRST_WITH_DATA)
    old = set(inspect(engine).get_table_names())
    command.upgrade(migrations.config(engine), "head")
    after = _counted(runtime)
    assert len(old) > 40
    assert {name: after[name] for name in old} == {name: before[name] for name in old}


def test_old_policies_on_results_become_what_they_showed(runtime: Runtime) -> None:
    tenant = default_tenant(runtime.database)
    engine = runtime.database.engine
    everything = set(ReviewItem)
    with runtime.database.write(system_actor(tenant)) as ctx:
        ids = [make_row(ctx.session, SQLModel.metadata.tables["quiz"], tenant_id=tenant).id for _ in range(3)]
    command.downgrade(migrations.config(engine), "0013")
    old = table("quiz", column("id", Uuid()), column("results"))
    with engine.begin() as connection:
        for quiz_id, policy in zip(ids, ("after_submit", "after_close", "never"), strict=True):
            connection.execute(old.update().where(old.c.id == quiz_id).values(results=policy))
    for _ in range(2):  # and again, after a way back
        command.upgrade(migrations.config(engine), "head")
        with runtime.database.read(system_actor(tenant)) as view:
            kept = {
                row.id: Conduct.model_validate(row.conduct).review
                for row in view.session.execute(select(Quiz)).scalars()
            }
        submit, close, never = (kept[quiz_id] for quiz_id in ids)
        assert set(submit.after) == set(submit.later) == set(submit.closed) == everything
        assert (close.during, close.after, close.later, set(close.closed)) == ((), (), (), everything)
        assert never == Conduct.model_validate({"review": "never"}).review
        command.downgrade(migrations.config(engine), "0013")
        with engine.connect() as connection:
            found = dict(connection.execute(select(old.c.id, old.c.results)).tuples().all())
        assert [found[quiz_id] for quiz_id in ids] == ["after_submit", "after_close", "never"]
    command.upgrade(migrations.config(engine), "head")
