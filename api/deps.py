"""What routes ask for: contexts bound to the caller, and the running installation.

`Reading`/`Writing` need someone signed in; `VisitorReading`/`VisitorWriting`
take anybody. The transaction of a writing route ends before the response is
sent (`scope="function"`), so a failed commit never answers 201.
"""

import hmac
import time
from collections.abc import Iterator
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Request

from lms_core.identity.auth import service as auth
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Actor, ReadCtx, WriteCtx, system_actor
from lms_core.kit.errors import Unauthenticated, Unavailable
from workers.runtime import Runtime

SESSION_COOKIE = "mwalimu_session"
TENANT_SECONDS = 30.0

Context = TypeVar("Context", bound=ReadCtx)


def get_runtime(request: Request) -> Runtime:
    """The installation this process serves."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _runtime(request: Request) -> Runtime:
    return get_runtime(request)  # a coroutine, since FastAPI sends plain functions to a worker thread and back


RuntimeDep = Annotated[Runtime, Depends(_runtime)]


def tenant_of(request: Request) -> UUID:
    """The institution a request is for, by its host; remembered for half a minute."""
    known: dict[str, tuple[float, UUID]] = request.app.state.tenants
    host = request.headers.get("host", "").rsplit(":", 1)[0].lower()[:200]
    entry = known.get(host)
    if entry is not None and entry[0] > time.monotonic():
        return entry[1]
    with get_runtime(request).database.read(system_actor()) as ctx:
        tenant = tenants.of_host(ctx, host=host)
    if tenant is None:
        raise Unavailable("This installation is not set up yet. Run `mwalimu db upgrade`.")
    if len(known) > 1000:
        known.clear()
    known[host] = (time.monotonic() + TENANT_SECONDS, tenant.id)
    return tenant.id


def bearer_of(request: Request) -> str | None:
    """The bearer token of a request (RFC 6750, 2.1), if it carries one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def identify(ctx: ReadCtx, request: Request) -> Actor:
    """Who is asking: by bearer token, by session cookie, or a visitor."""
    bearer, cookie = bearer_of(request), request.cookies.get(SESSION_COOKIE)
    runtime = get_runtime(request)
    is_console = bearer is not None and hmac.compare_digest(bearer.encode(), runtime.console_token.encode())
    if is_console and runtime.console is not None:
        return runtime.console
    if bearer is None and cookie is None:
        return Actor(tenant_id=ctx.tenant_id)
    try:
        return auth.actor_for(ctx, bearer=bearer, cookie=cookie)
    except Unauthenticated:
        if bearer is not None:
            raise
        return Actor(tenant_id=ctx.tenant_id)  # a stale cookie is a visitor, not an error


def visitor_reading(request: Request, runtime: RuntimeDep) -> Iterator[ReadCtx]:
    """A read context for whoever asks."""
    with runtime.database.read(Actor(tenant_id=tenant_of(request)), request_id=request.state.request_id) as ctx:
        ctx.actor = identify(ctx, request)
        yield ctx


def visitor_writing(request: Request, runtime: RuntimeDep) -> Iterator[WriteCtx]:
    """A transaction for whoever asks."""
    with runtime.database.write(Actor(tenant_id=tenant_of(request)), request_id=request.state.request_id) as ctx:
        ctx.actor = identify(ctx, request)
        yield ctx


VisitorReading = Annotated[ReadCtx, Depends(visitor_reading, scope="function")]
VisitorWriting = Annotated[WriteCtx, Depends(visitor_writing, scope="function")]


async def reading(ctx: VisitorReading) -> ReadCtx:
    """A read context for someone signed in."""
    return signed_in(ctx)


async def writing(ctx: VisitorWriting) -> WriteCtx:
    """A transaction for someone signed in."""
    return signed_in(ctx)


def signed_in(ctx: Context) -> Context:
    """The context, unless nobody in particular asks: Unauthenticated."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in, or send an access token, and try again.")
    return ctx


Reading = Annotated[ReadCtx, Depends(reading, scope="function")]
Writing = Annotated[WriteCtx, Depends(writing, scope="function")]
