"""What routes ask for: contexts bound to the caller, and the running installation.

`Reading`/`Writing` need someone signed in; `VisitorReading`/`VisitorWriting`
take anybody. The transaction of a writing route ends with its endpoint, before
the response is sent, so a failed commit never answers 201.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.exc import OperationalError

from api import keys
from lms_core.identity.auth import service as auth
from lms_core.identity.auth import standing
from lms_core.identity.auth.schemas import Client
from lms_core.identity.people import impersonation
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
    """Who is asking: by bearer token, by session cookie, or a visitor. Forbidden beyond the scopes of an API key."""
    bearer, cookie = bearer_of(request), request.cookies.get(SESSION_COOKIE)
    runtime = get_runtime(request)
    is_console = bearer is not None and hmac.compare_digest(bearer.encode(), runtime.console_token.encode())
    if is_console and runtime.console is not None:
        return runtime.console
    if bearer is None and cookie is None:
        return Actor(tenant_id=ctx.tenant_id)
    try:
        actor = auth.actor_for(ctx, bearer=bearer, cookie=cookie)
    except Unauthenticated:
        if bearer is not None:
            raise
        return Actor(tenant_id=ctx.tenant_id)  # a stale cookie is a visitor, not an error
    keys.admit(request, actor)
    _note_use(ctx, request, actor, bearer or "")
    return actor


def _note_use(ctx: ReadCtx, request: Request, actor: Actor, key: str) -> None:
    """Write down, every few minutes, that the actor's session or API key is used."""
    if not standing.is_use_due(ctx, actor):
        return
    client = client_of(request)
    if isinstance(ctx, WriteCtx):
        standing.note_use(ctx, actor=actor, client=client, key=key)
        return
    # A database busy with somebody's writing is no reason to refuse a reader.
    with suppress(OperationalError), get_runtime(request).database.write(actor) as noting:
        standing.note_use(noting, actor=actor, client=client, key=key)


def client_of(request: Request) -> Client:
    """The caller's address and program, as far as they say."""
    return Client(ip=request.client.host if request.client else "", user_agent=request.headers.get("user-agent", ""))


def visitor_reading(request: Request, runtime: Runtime) -> Iterator[ReadCtx]:
    """A read context for whoever asks."""
    with runtime.database.read(Actor(tenant_id=tenant_of(request)), request_id=request.state.request_id) as ctx:
        ctx.actor, ctx.address = identify(ctx, request), client_of(request).ip
        yield ctx


def visitor_writing(request: Request, runtime: Runtime) -> Iterator[WriteCtx]:
    """A transaction for whoever asks."""
    with runtime.database.write(Actor(tenant_id=tenant_of(request)), request_id=request.state.request_id) as ctx:
        ctx.actor, ctx.address = identify(ctx, request), client_of(request).ip
        if ctx.actor.impersonator_id is not None and request.method not in keys.SAFE_METHODS:
            impersonation.note_change(ctx, method=request.method, path=request.url.path)
        yield ctx


def signed_in(ctx: Context) -> Context:
    """The context, unless nobody in particular asks: Unauthenticated."""
    if ctx.actor.user_id is None:
        raise Unauthenticated("Log in, or send an access token, and try again.")
    return ctx


Opener = Callable[[Request, Runtime], Iterator[Context]]


@dataclass(frozen=True, slots=True)
class Opening(Generic[Context]):
    """A context yet to be opened, by the thread that runs the endpoint (`api.mounting`).

    Opened earlier it would keep its connection, or the writer's lock, while its request waits for a thread;
    enough of those and no thread is left that could go on.
    """

    opener: Opener[Context]
    request: Request
    runtime: Runtime
    anybody: bool

    @contextmanager
    def opened(self) -> Iterator[Context]:
        """The open context; Unauthenticated when it needs somebody signed in."""
        with contextmanager(self.opener)(self.request, self.runtime) as ctx:
            yield ctx if self.anybody else signed_in(ctx)


def _opening(opener: Opener[Context], *, anybody: bool) -> Callable[..., Awaitable[Opening[Context]]]:
    async def opening(request: Request, runtime: RuntimeDep) -> Opening[Context]:
        return Opening(opener, request, runtime, anybody)

    return opening


VisitorReading = Annotated[ReadCtx, Depends(_opening(visitor_reading, anybody=True))]
VisitorWriting = Annotated[WriteCtx, Depends(_opening(visitor_writing, anybody=True))]
Reading = Annotated[ReadCtx, Depends(_opening(visitor_reading, anybody=False))]
Writing = Annotated[WriteCtx, Depends(_opening(visitor_writing, anybody=False))]
