"""`/auth/providers` and `/admin/providers`: the services that people may log in with."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import VisitorReading, Writing
from api.errors import errors
from lms_core.identity.oidc import service as oidc
from lms_core.identity.oidc.schemas import NewProvider, ProviderView
from lms_core.kit.errors import Conflict, Forbidden, NotFound, Unauthenticated

router = APIRouter(tags=["auth"])


@router.get("/auth/providers", response_model=list[ProviderView])
def list_providers(ctx: VisitorReading) -> list[ProviderView]:
    """The services that people may log in with."""
    return oidc.providers(ctx)


@router.post(
    "/admin/providers",
    status_code=201,
    response_model=ProviderView,
    responses=errors(Unauthenticated, Forbidden, Conflict),
)
def add_provider(ctx: Writing, new: NewProvider) -> ProviderView:
    """Let people log in with another service: Google, or any that speaks OpenID Connect."""
    return oidc.add_provider(ctx, new=new)


@router.delete(
    "/admin/providers/{provider_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def remove_provider(ctx: Writing, provider_id: UUID) -> None:
    """Take a service away; people log in with their passwords, or ask for one."""
    oidc.remove_provider(ctx, provider_id=provider_id)
