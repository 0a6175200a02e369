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


def name(ctx: ReadCtx) -> str:
    """The name of the context's institution. One statement."""
    found: str = ctx.session.execute(select(Tenant.name).where(Tenant.id == ctx.tenant_id)).scalar_one()
    return found


def one_at_a_time(ctx: WriteCtx) -> None:
    """Let no other transaction that asks the same go on beside this one: for numbers without gaps or doubles."""
    ctx.session.execute(select(Tenant.id).where(Tenant.id == ctx.tenant_id).with_for_update(key_share=True)).one()


def origin(ctx: ReadCtx, *, public_url: str) -> str:
    """Where the context's institution is reached (`https://host`): its own host, else that of `public_url`."""
    host = ctx.session.execute(select(Tenant.host).where(Tenant.id == ctx.tenant_id)).scalar_one_or_none()
    served = urlsplit(public_url)
    return f"{served.scheme}://{host}" if host else f"{served.scheme}://{served.netloc}"
