"""`/webhook/payment`: where providers call back. The body is taken as it came, since signatures are over bytes."""

from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.deps import RuntimeDep, tenant_of
from api.errors import errors
from api.together import Together
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import CallbackTooLarge, UnknownAddress
from lms_core.commerce.payments.gateways import Gateways
from lms_core.commerce.payments.gateways.port import Answer, Callback
from lms_core.kit.errors import DomainError, TooManyRequests
from workers.runtime import Runtime

Inbox = Together[tuple[str, Callback], Answer | DomainError]
AT_ONCE = 50

router = APIRouter(prefix="/webhook/payment", tags=["payment callbacks"])

Provider = Annotated[str, Path(max_length=20, pattern=r"^[a-z]+$")]
Token = Annotated[str, Path(max_length=64)]
Topic = Annotated[str, Path(max_length=200)]
CONTENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}}, "description": "What the provider wants to read back"}
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    **CONTENT,
    400: {"description": "It cannot be read"},
    401: {"description": "It is not from the provider"},
    **errors(UnknownAddress, CallbackTooLarge, TooManyRequests),
}


@router.post("/{provider}", response_class=Response, response_model=None, responses=ANSWERS)
async def take_bare(request: Request, runtime: RuntimeDep, provider: Provider) -> Response:
    """A callback that names no account: it is the one whose signature holds."""
    callback, tenant_id = await _callback(request, runtime, ""), await anyio.to_thread.run_sync(tenant_of, request)
    given = await anyio.to_thread.run_sync(
        lambda: payments.receive_bare(runtime.database, tenant_id=tenant_id, gateway=provider, callback=callback)
    )
    return _answered(given)


@router.post("/{provider}/{token}", response_class=Response, response_model=None, responses=ANSWERS)
async def take(request: Request, runtime: RuntimeDep, provider: Provider, token: Token) -> Response:
    """A callback to an account's own address."""
    return await _take(request, runtime, provider, token, "")


@router.get("/{provider}/{token}", response_class=Response, response_model=None, responses=ANSWERS)
async def take_get(request: Request, runtime: RuntimeDep, provider: Provider, token: Token) -> Response:
    """The same by GET: Pesapal can be told to call so."""
    return await _take(request, runtime, provider, token, "")


@router.post("/{provider}/{token}/{topic}", response_class=Response, response_model=None, responses=ANSWERS)
async def take_topic(request: Request, runtime: RuntimeDep, provider: Provider, token: Token, topic: Topic) -> Response:
    """A callback to an account's own address, about one thing."""
    return await _take(request, runtime, provider, token, topic)


@router.get("/{provider}/{token}/{topic}", response_class=Response, response_model=None, responses=ANSWERS)
async def take_topic_get(
    request: Request, runtime: RuntimeDep, provider: Provider, token: Token, topic: Topic
) -> Response:
    """The same by GET."""
    return await _take(request, runtime, provider, token, topic)


async def _take(request: Request, runtime: Runtime, provider: str, token: str, topic: str) -> Response:
    callback = await _callback(request, runtime, topic)
    given = await _inbox(request, runtime, provider).ask((token, callback))
    if isinstance(given, DomainError):
        raise given
    return _answered(given)


def _inbox(request: Request, runtime: Runtime, provider: str) -> Inbox:
    """Where callbacks of a provider are taken together. A slow verification holds up that provider alone."""
    if provider not in runtime.resources.get(Gateways).by_name:
        raise UnknownAddress()
    state = request.app.state
    inboxes: dict[str, Inbox] = state.inboxes
    if provider not in inboxes:
        inboxes[provider] = Together(
            lambda come: payments.receive_all(state.runtime.database, gateway=provider, come=come), largest=AT_ONCE
        )
    return inboxes[provider]


async def _callback(request: Request, runtime: Runtime, topic: str) -> Callback:
    """The request as it came; the middleware stops reading at 64 kB."""
    return Callback(
        body=await request.body(),
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        topic=topic,
        received_at=runtime.clock.now(),
    )


def _answered(given: Answer) -> Response:
    return Response(given.body, status_code=given.status, media_type=given.media_type)
