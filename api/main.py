"""The HTTP application: routes mounted, errors explained, health told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import Depends, FastAPI

from api import csrf, errors, health, wellformed
from api.middleware import Compression, RequestScope
from api.mounting import mount
from api.routes import ROUTERS
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
    errors.install(app)
    # Routes are tried one after the other, and a router inside a router twice: what is asked for most stands first.
    for router in pages.READING:
        mount(app, router)
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
