"""The one table of a subscription's states: every pair of state and cause, on real rows; none changes it elsewhere."""

import ast
from pathlib import Path

import pytest

import lms_core.commerce.subscriptions as slice_of
from lms_core.commerce.subscriptions import queries, states
from lms_core.commerce.subscriptions.errors import SubscriptionState
from lms_core.commerce.subscriptions.transitions import OPEN, OVER, TABLE, Cause, State, after
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from tests.lms_core.commerce.subscribing import School
from workers.runtime import Runtime


def test_every_pair_of_state_and_cause(runtime: Runtime, clock: MovingClock) -> None:
    """What the table names happens, with its courses and its clock; what it does not name is refused, with no change.

    One subscription is put into each state in turn, and every try is taken back.
    """
    school = School(runtime, clock)
    asha = school.subscribed(school.plan(school.ice))
    row_id, tried = school.row(asha).id, 0
    for state in State:
        for cause in Cause:
            following, tried = after(state, cause), tried + 1
            with school.database.write(system_actor(asha.tenant_id)) as ctx:
                tryout = ctx.session.begin_nested()
                row = queries.held(ctx, row_id)
                assert row is not None
                row.state = state
                row.living = None if state in OVER else asha.id.hex
                row.look_at = None if state in OVER else ctx.now
                ctx.session.flush()
                if following is None:
                    with pytest.raises(SubscriptionState):
                        states.move(ctx, row, cause)
                    assert row.state == state, (state, cause)
                else:
                    states.move(ctx, row, cause)
                    assert row.state == following, (state, cause)
                    assert (row.living is None) == (row.look_at is None) == (following in OVER)
                    opened = [each for each in queries.opened(ctx, row_id, asha.id) if each.closed_at is None]
                    assert bool(opened) == (following in OPEN), (state, cause)
                tryout.rollback()
    assert tried == len(State) * len(Cause) and len(TABLE) == sum(
        after(state, cause) is not None for state in State for cause in Cause
    )
    assert school.state(asha) == "active" and school.open_to(asha) == {"Ice"}


def test_nothing_else_changes_a_state() -> None:
    """`row.state = ...` of a subscription is written in `states.move` alone (terms have states of their own)."""
    found = set()
    for file in Path(slice_of.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                for part in parts:
                    if isinstance(part, ast.Attribute) and part.attr == "state" and ast.unparse(part.value) != "term":
                        found.add((file.name, ast.unparse(part)))
    assert found == {("states.py", "row.state")}
