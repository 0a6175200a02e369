"""What is asked before money for a purpose is asked for. Slices above put up a guard; payments knows none of them."""

from collections.abc import Callable
from uuid import UUID

from lms_core.kit.context import WriteCtx

Guard = Callable[[WriteCtx, UUID], None]
GUARDS: dict[str, Guard] = {}


def guard(kind: str) -> Callable[[Guard], Guard]:
    """Declare what must hold before a purpose of this kind is paid: `(ctx, purpose_id)`, which raises a refusal.

    It runs in the transaction that writes the attempt down, before the intent is locked, so it may lock rows of its
    own slice; and never for a request that is repeated with its key.
    """

    def put_up(function: Guard) -> Guard:
        GUARDS[kind] = function
        return function

    return put_up


def ask(ctx: WriteCtx, kind: str, purpose_id: UUID) -> None:
    """What the guard of the purpose refuses, if there is one."""
    found = GUARDS.get(kind)
    if found is not None:
        found(ctx, purpose_id)
