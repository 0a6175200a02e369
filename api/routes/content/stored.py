"""`/stored/{token}`: what presigned links of the disk lead to; a bucket answers its own."""

import tempfile
from pathlib import Path as File
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.deps import RuntimeDep
from api.errors import errors
from api.ranges import answer
from lms_core.kit.errors import NotFound
from lms_core.kit.storage import Storage
from lms_core.kit.storage_links import LinkSigner, StorageLinkOver

router = APIRouter(tags=["files"])

Token = Annotated[str, Path(max_length=800, description="As `Storage.link` made it")]
BYTES = {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}


@router.get(
    "/stored/{token}",
    response_class=Response,
    response_model=None,
    responses={**BYTES, **errors(StorageLinkOver, NotFound)},
)
def read(runtime: RuntimeDep, token: Token, range: Annotated[str, Header(max_length=200)] = "") -> Response:
    """The object of a link, whole or one range; always as a download."""
    key = runtime.resources.get(LinkSigner).key_of(token, method="GET")
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    headers = {"Content-Disposition": "attachment", "Cache-Control": "private, no-store"}
    return answer(
        storage,
        key,
        size=storage.size(key),
        media_type="application/octet-stream",
        asked=range,
        headers=headers,
    )


@router.put("/stored/{token}", status_code=204, response_model=None, responses=errors(StorageLinkOver))
async def write(request: Request, runtime: RuntimeDep, token: Token) -> Response:
    """Store what is sent under the key of a link."""
    key = runtime.resources.get(LinkSigner).key_of(token, method="PUT")
    storage = runtime.resources.get(Storage)  # type: ignore[type-abstract]
    with tempfile.NamedTemporaryFile(prefix="mwalimu-stored-") as kept:
        async for piece in request.stream():
            await run_in_threadpool(kept.write, piece)
        kept.flush()
        await run_in_threadpool(storage.put_file, key, File(kept.name))
    return Response(status_code=204)
