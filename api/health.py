"""Health, readiness and metrics: what operators and balancers ask."""

import hmac

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import select
from starlette.responses import JSONResponse, Response

from api.deps import RuntimeDep, bearer_of
from lms_core.identity.tenants.models import Tenant
from lms_core.kit.cache import Cache
from lms_core.kit.context import system_actor
from lms_core.kit.errors import NotFound
from rag.index.provider import IndexProvider

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """Alive."""

    status: str = "ok"


@router.get("/healthz", response_model=Health)
async def healthz() -> Health:
    """Whether the process is alive."""
    return Health()


@router.get("/readyz", responses={503: {"description": "A part does not answer"}})
def readyz(runtime: RuntimeDep) -> JSONResponse:
    """Whether every part this process needs answers, each by name."""
    parts = {"database": _database, "cache": _cache, "index": _index}
    report: dict[str, str] = {}
    for name, check in parts.items():
        try:
            check(runtime)
            report[name] = "ok"
        except Exception as error:
            report[name] = type(error).__name__
    ready = all(state == "ok" for state in report.values())
    return JSONResponse(
        {"status": "ok" if ready else "unavailable", "parts": report}, status_code=200 if ready else 503
    )


def _database(runtime: RuntimeDep) -> None:
    with runtime.database.read(system_actor()) as ctx:
        ctx.session.execute(select(Tenant.id).limit(1))


def _cache(runtime: RuntimeDep) -> None:
    cache = runtime.resources.get(Cache)  # type: ignore[type-abstract]
    cache.put("readyz", b"1", seconds=5)


def _index(runtime: RuntimeDep) -> None:
    runtime.resources.get(IndexProvider).check()


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, runtime: RuntimeDep) -> Response:
    """Prometheus metrics, for holders of `MWALIMU_METRICS_TOKEN`, or this machine when none is set."""
    token = runtime.settings.metrics_token.get_secret_value()
    local = request.client is not None and request.client.host in ("127.0.0.1", "::1", "testclient")
    given = bearer_of(request) or ""
    if not (hmac.compare_digest(given.encode(), token.encode()) if token else local):
        raise NotFound
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
