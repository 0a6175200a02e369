"""What verbs put into words, in the language of the page that shows it."""

from dataclasses import replace

from fastapi import Request

from api.web.rendering import language_of
from lms_core.kit.context import WriteCtx


def in_page_language(request: Request, ctx: WriteCtx) -> WriteCtx:
    """The same transaction, whose actor reads what this page is written in: visitors may choose another for a while."""
    return replace(ctx, actor=replace(ctx.actor, language=language_of(request, ctx.actor)))
