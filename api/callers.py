"""Who asks, for verbs that speak to others over the network: they open their own short transactions."""

from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request

from api.deps import signed_in, visitor_reading
from lms_core.kit.context import Actor, Database
from lms_core.kit.errors import Forbidden
from workers.runtime import Runtime

_in_view = contextmanager(visitor_reading)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in, and where their verb finds the database. No transaction is open."""

    database: Database
    actor: Actor
    request_id: str


def caller_of(request: Request, runtime: Runtime) -> Caller:
    """Who is signed in. Unauthenticated; Forbidden for who acts as somebody else: they do not move that one's money."""
    with _in_view(request, runtime) as visitor:
        actor = signed_in(visitor).actor
    if actor.impersonator_id is not None:
        raise Forbidden(
            "You are acting as somebody else, and nobody pays in another's name. Stop acting as them first."
        )
    return Caller(runtime.database, actor, request.state.request_id)
