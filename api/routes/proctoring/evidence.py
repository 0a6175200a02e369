"""Pictures to look at: only through these routes, each look authorised and written down."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.proctoring.counting import CountedRoute
from lms_core.kit.errors import Unauthenticated
from proctoring.evidence import service as evidence
from proctoring.evidence.errors import LinkOver, SnapshotNotFound
from proctoring.evidence.schemas import EvidenceLink

router = APIRouter(prefix="/proctoring", tags=["proctoring"], route_class=CountedRoute)

JPEG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}
HEADERS = {"Cache-Control": "no-store", "Content-Disposition": "inline", "Cross-Origin-Resource-Policy": "same-origin"}


@router.get(
    "/evidence/{snapshot_id}",
    response_class=Response,
    response_model=None,
    responses={**JPEG, **errors(Unauthenticated, SnapshotNotFound)},
)
def read_picture(
    ctx: Writing, snapshot_id: UUID, size: Annotated[Literal["full", "thumbnail"], Query()] = "full"
) -> Response:
    """A picture, for its taker and for reviewers."""
    return _jpeg(evidence.open_picture(ctx, snapshot_id, thumbnail=size == "thumbnail"))


@router.get(
    "/evidence/{snapshot_id}/link",
    response_model=EvidenceLink,
    responses=errors(Unauthenticated, SnapshotNotFound),
)
def read_link(ctx: Reading, snapshot_id: UUID) -> EvidenceLink:
    """Addresses of a picture for a page: they last five minutes and open for the caller alone."""
    return evidence.link(ctx, snapshot_id)


@router.get(
    "/pictures/{token}",
    response_class=Response,
    response_model=None,
    responses={**JPEG, **errors(Unauthenticated, LinkOver, SnapshotNotFound)},
)
def read_linked(ctx: Writing, token: Annotated[str, Path(max_length=200)]) -> Response:
    """The picture of a link, for the person it was made for."""
    return _jpeg(evidence.open_link(ctx, token))


def _jpeg(content: bytes) -> Response:
    return Response(content, media_type="image/jpeg", headers=HEADERS)
