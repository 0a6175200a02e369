"""The certificate of a copy of a course: its design, pictures and rule; nothing that was issued."""

from uuid import UUID

from lms_core.kit.context import WriteCtx
from lms_core.kit.copies import copied
from lms_core.learning.certificates import queries


def copy_to(ctx: WriteCtx, source: UUID, target: UUID) -> None:
    """Let `target` issue certificates as `source` does, where that has a template of its own."""
    row = queries.template_of(ctx, source)
    if row is not None:
        ctx.add(copied(row, course_id=target, updated_by=ctx.actor.user_id, updated_at=ctx.now))
