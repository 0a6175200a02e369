"""Routers on the application, each endpoint run whole by one thread.

FastAPI sends every dependency, the endpoint and the check of its answer to a
worker thread one after the other. Here a dependency only says what to open
(`api.deps.Opening`); the endpoint's thread opens it, works, and closes it.
"""

from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from functools import partial, wraps
from inspect import iscoroutinefunction
from typing import Any

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.deps import Opening
from api.switch import Switch

# Readers hold the interpreter nearly all the time they run: more threads would only fight for it.
# Whoever writes waits for locks, passwords and mail instead, and takes a thread of the large default.
READING_THREADS = 4
_reading_threads: RunVar[CapacityLimiter] = RunVar("reading_threads")


def mount(app: FastAPI, router: APIRouter, *, prefix: str = "") -> None:
    """Add the router's routes to the application, contexts opened in the endpoint's thread."""
    for route in router.routes:
        if isinstance(route, APIRoute) and not iscoroutinefunction(route.endpoint):
            route.endpoint = in_one_thread(route.endpoint, reads=route.methods <= {"GET", "HEAD"})
    app.include_router(router, prefix=prefix)
    switch: Switch = app.state.switch
    included = app.router.routes.pop()
    paths = [getattr(route, "path", None) for route in router.routes]
    # A router inside a router has no path of its own: it is asked about everything below.
    switch.know(included, [prefix + ("/{any:path}" if path is None else path) for path in paths])


def in_one_thread(endpoint: Callable[..., Any], *, reads: bool) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The endpoint, given open contexts where its parameters are ones to be opened."""

    def run(given: dict[str, Any]) -> Any:
        with ExitStack() as stack:
            for name, value in given.items():
                if isinstance(value, Opening):
                    given[name] = stack.enter_context(value.opened())
            return endpoint(**given)

    @wraps(endpoint)
    async def served(**given: Any) -> Any:
        return await to_thread.run_sync(partial(run, given), limiter=_readers() if reads else None)

    return served


def _readers() -> CapacityLimiter:
    """The threads for reading of this event loop."""
    try:
        return _reading_threads.get()
    except LookupError:
        limiter = CapacityLimiter(READING_THREADS)
        _reading_threads.set(limiter)
        return limiter
