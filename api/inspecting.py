"""What route and page do with an uploaded certificate: so many a minute, read apart from any writing, written down."""

from lms_core.identity.auth.schemas import Client
from lms_core.kit.cache import RateLimiter
from lms_core.kit.context import ReadCtx
from lms_core.learning.certificates import service as certificates
from lms_core.learning.certificates.schemas import InspectionView
from workers.runtime import Runtime

PER_MINUTE = 30  # of one address: a check reads a foreign document, and anybody may ask for one


def inspect(ctx: ReadCtx, runtime: Runtime, client: Client, content: bytes, *, pdf: bool) -> InspectionView:
    """What an uploaded PDF, or credential, is. TooLarge, TooManyRequests."""
    runtime.resources.get(RateLimiter).check(f"inspect:{ctx.tenant_id}:{client.ip}", per_minute=PER_MINUTE)
    seen = certificates.inspect_document(ctx, content) if pdf else certificates.inspect_credential(ctx, content)
    if seen.certificate is not None:
        with runtime.database.write(ctx.actor) as writing:
            certificates.note_inspection(writing, seen)
    return seen
