"""Refunds as the finances see them: everybody's, and those that a person sends from the bank."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_nav import TABS
from api.web.finance_tables import Refusal, refused
from api.web.rendering import page, redirect
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import Resolution
from lms_core.commerce.payments.states import MoveState
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/refunds", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=500)]


@router.get("")
def list_refunds(
    request: Request, ctx: Reading, state: Annotated[str, Query(max_length=30)] = "", cursor: Cursor = ""
) -> Response:
    """Every refund, newest first; two statements at most."""
    return _refunds_page(request, ctx, state, cursor)


@router.post("/{refund_id}/finish")
def finish(request: Request, ctx: Writing, refund_id: UUID, note: Line = "") -> Response:
    """Say that a refund by hand left the bank."""
    try:
        done = Resolution(note=note)
        payments.finish_refund(ctx, refund_id, receipt=done.note)
    except (ValidationError, DomainError) as error:
        return _refunds_page(request, ctx, "", "", refused(request, ctx, error, at=refund_id, written=note))
    return redirect("/finance/refunds", notice="refund-finished")


def _refunds_page(request: Request, ctx: ReadCtx, state: str, cursor: str, refusal: Refusal | None = None) -> Response:
    chosen = MoveState(state) if state in MoveState.__members__.values() else None
    found = payments.list_refunds(ctx, state=chosen, cursor=cursor)
    return page(
        request,
        ctx.actor,
        "finance/refunds.html",
        status=refusal.status if refusal else 200,
        tabs=TABS,
        found=found,
        chosen=chosen or "",
        states=list(MoveState),
        following=urlencode({"state": chosen or "", "cursor": found.next_cursor or ""}),
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        refused=refusal,
    )
