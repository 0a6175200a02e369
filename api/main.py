"""The HTTP application: routes mounted, errors explained, health told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from api import csrf, errors, health, wellformed
from api.middleware import Compression, RequestScope
from api.mounting import mount
from api.routes import ROUTERS
from api.switch import Switch
from api.web import pages
from workers.runtime import Runtime

REQUEST_THREADS = 40


def create_app(runtime: Runtime) -> FastAPI:
    """The application over a built installation; the caller started and will stop the runtime."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = REQUEST_THREADS
        yield

    app = FastAPI(
        title="Mwalimu",
        version="1",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        dependencies=[Depends(csrf.guard), Depends(wellformed.guard)],
    )
    app.state.runtime = runtime
    app.state.tenants = {}
    app.state.inboxes = {}
    errors.install(app)
    app.state.switch = Switch()
    app.router.routes.append(app.state.switch)
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    for router in ROUTERS:
        mount(app, router, prefix="/api/v1")
    mount(app, health.router)
    pages.install(app)
    app.add_middleware(Compression)
    settings = runtime.settings
    app.add_middleware(
        RequestScope,
        upload_limit=settings.upload_limit_mb * 1024 * 1024,
        media_limit=settings.media_limit_mb * 1024 * 1024,
        secure=settings.public_url.startswith("https://"),
    )
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The description of the API, of the routers behind the switch."""
    if app.openapi_schema is None:
        switch: Switch = app.state.switch
        app.openapi_schema = get_openapi(title=app.title, version=app.version, routes=switch.routers)
    return app.openapi_schema
