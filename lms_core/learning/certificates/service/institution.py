"""What a certificate says about who issues it."""

from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import ReadCtx
from lms_core.kit.settings import Settings


def name_and_origin(ctx: ReadCtx) -> tuple[str, str]:
    """The institution's name, and where it is reached (`https://host`). Two statements."""
    return tenants.name(ctx), tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
