"""A form that was refused halfway leaves nothing behind: its page is shown from what was there before."""

from lms_core.kit.context import ReadCtx, WriteCtx


def undo(ctx: ReadCtx) -> None:
    """Take back what this request wrote so far, and the jobs it asked for."""
    if isinstance(ctx, WriteCtx):
        ctx.session.rollback()
        ctx.enqueued.clear()
