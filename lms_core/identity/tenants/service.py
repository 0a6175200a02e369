"""Verbs on institutions."""

from urllib.parse import urlsplit

from sqlalchemy import or_, select

from lms_core.identity.tenants.models import Tenant
from lms_core.kit.context import ReadCtx, WriteCtx

DEFAULT_SLUG = "main"


def ensure_default(ctx: WriteCtx, *, name: str = "Mwalimu") -> Tenant:
    """The installation's first institution, made when it is not there yet."""
    found = ctx.session.execute(select(Tenant).where(Tenant.slug == DEFAULT_SLUG)).scalar_one_or_none()
    return found or ctx.add(Tenant(slug=DEFAULT_SLUG, name=name, created_at=ctx.now))


def of_host(ctx: ReadCtx, *, host: str) -> Tenant | None:
    """The institution served under `host`, else the default one (None before the installation is set up)."""
    rows = ctx.session.execute(select(Tenant).where(or_(Tenant.host == host.lower(), Tenant.slug == DEFAULT_SLUG)))
    found = {tenant.host == host.lower() and bool(tenant.host): tenant for tenant in rows.scalars()}
    return found.get(True) or found.get(False)


def origin(ctx: ReadCtx, *, public_url: str) -> str:
    """Where the context's institution is reached (`https://host`): its own host, else that of `public_url`."""
    host = ctx.session.execute(select(Tenant.host).where(Tenant.id == ctx.tenant_id)).scalar_one_or_none()
    served = urlsplit(public_url)
    return f"{served.scheme}://{host}" if host else f"{served.scheme}://{served.netloc}"
