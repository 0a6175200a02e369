"""What SQLite's planner is told: a hundred keys are narrower than a course, and a course than an institution."""

from collections.abc import Callable

from sqlalchemy import Connection, event, select

from lms_core.content.courses.models import Lesson
from lms_core.kit.context import Database, ReadCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.plans import unindexed
from rag.search import Scope, load_candidates
from workers.runtime import Runtime


def _plans(database: Database, act: Callable[[ReadCtx], object]) -> list[str]:
    """How SQLite finds the rows of each select that `act(ctx)` executes."""
    asked: list[tuple[str, object]] = []

    def note(_connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    with database.read(system_actor(new_id())) as ctx:
        event.listen(ctx.session.get_bind(), "before_cursor_execute", note)
        try:
            act(ctx)
        finally:
            event.remove(ctx.session.get_bind(), "before_cursor_execute", note)
        connection = ctx.session.connection()
        return [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def test_a_list_of_keys_is_read_by_key(runtime: Runtime) -> None:
    """Not by the institution, which every row of a small installation shares."""
    keys = [new_id() for _ in range(100)]
    plan = _plans(runtime.database, lambda ctx: ctx.session.execute(select(Lesson.title).where(Lesson.id.in_(keys))))
    assert plan == ["SEARCH lesson USING INDEX sqlite_autoindex_lesson_1 (id=?)"]


def test_an_unindexed_column_still_filters(runtime: Runtime) -> None:
    course = new_id()
    plan = _plans(
        runtime.database,
        lambda ctx: ctx.session.execute(select(Lesson.title).where(unindexed(Lesson.course_id) == course)),
    )
    assert plan == ["SCAN lesson"]


def test_a_search_reads_no_more_than_what_was_proposed(runtime: Runtime) -> None:
    scope = Scope(tenant_id=new_id(), course_id=new_id(), lesson_ids=frozenset({new_id()}))
    proposed = [new_id() for _ in range(100)]
    plan = _plans(runtime.database, lambda ctx: load_candidates(ctx, ids=proposed, scope=scope, space="a space"))
    assert plan[0] == "SEARCH chunk USING INDEX sqlite_autoindex_chunk_1 (id=?)"
    assert all("(id=?)" in step or "id=?)" in step for step in plan)
