"""Whether the way to the review queue is shown to somebody who teaches nothing."""

from uuid import UUID

from fastapi import Request

from api.deps import get_runtime
from lms_core.kit.cache import Cache
from lms_core.kit.context import Actor, system_actor
from proctoring.policies import service as policies

KNOWN_SECONDS = 30  # every page of every learner asks, and policies change once a term


def reviews(request: Request, actor: Actor | None) -> bool:
    """Whether a policy in force names this person as a reviewer; up to half a minute late."""
    if actor is None or actor.user_id is None:
        return False
    runtime = get_runtime(request)
    cache = runtime.resources.get(Cache)  # type: ignore[type-abstract]
    key = f"proctoring.reviewers:{actor.tenant_id}"
    known = cache.get(key)
    if known is None:
        with runtime.database.read(system_actor(actor.tenant_id)) as ctx:
            known = b"".join(each.bytes for each in policies.all_reviewers(ctx))
        cache.put(key, known, seconds=KNOWN_SECONDS)
    return actor.user_id in {UUID(bytes=known[at : at + 16]) for at in range(0, len(known), 16)}
