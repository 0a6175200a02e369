"""Money that people at the finances have to place by hand: deposits nobody could match, and bank slips."""

from typing import Annotated, Any
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
from lms_core.commerce.payments.schemas import Decision, DepositMatch, Resolution
from lms_core.commerce.payments.states import DepositState, ManualState
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/reconciliation", include_in_schema=False)

Cursor = Annotated[str, Query(max_length=600)]
Chosen = Annotated[str, Query(max_length=20)]
Line = Annotated[str, Form(max_length=500)]
EVERY = "every"


def _(text: str) -> str:
    """Marks a text for the catalogue."""
    return text


SAY_WHY = _("Please write to the payer why the slip is refused.")


@router.get("/deposits")
def list_deposits(request: Request, ctx: Reading, state: Chosen = "", cursor: Cursor = "") -> Response:
    """Money without a purpose, newest first; what waits unless a state is named. Three statements at most."""
    known = state in DepositState.__members__.values()
    chosen = DepositState(state) if known else None if state == EVERY else DepositState.UNMATCHED
    found = payments.list_deposits(ctx, state=chosen, cursor=cursor)
    return _page(
        request,
        ctx,
        "finance/deposits.html",
        found=found,
        chosen=chosen or EVERY,
        states=list(DepositState),
        names=payments.account_names(ctx),
        following=urlencode({"state": chosen or EVERY, "cursor": found.next_cursor or ""}),
    )


@router.get("/deposits/{deposit_id}")
def read_deposit(request: Request, ctx: Reading, deposit_id: UUID) -> Response:
    """A deposit, what it may have been meant for, and the forms that place it; five statements at most."""
    return _deposit_page(request, ctx, deposit_id)


@router.post("/deposits/{deposit_id}/match")
def match(request: Request, ctx: Writing, deposit_id: UUID, reference: Line = "", note: Line = "") -> Response:
    """Say by its reference what a deposit was meant for."""
    try:
        wanted = DepositMatch(intent_id=payments.intent_named(ctx, reference), note=note)
        payments.match_deposit(ctx, deposit_id, intent_id=wanted.intent_id, note=wanted.note)
    except (ValidationError, DomainError) as error:
        return _deposit_page(request, ctx, deposit_id, refused(request, ctx, error, at=None, written=reference))
    return redirect(f"/finance/reconciliation/deposits/{deposit_id}", notice="deposit-matched")


@router.post("/deposits/{deposit_id}/return")
def send_back(request: Request, ctx: Writing, deposit_id: UUID, note: Line = "") -> Response:
    """Say that a deposit was sent back from the bank."""
    try:
        payments.return_deposit(ctx, deposit_id, note=Resolution(note=note).note)
    except (ValidationError, DomainError) as error:
        return _deposit_page(request, ctx, deposit_id, refused(request, ctx, error, at=deposit_id, written=note))
    return redirect(f"/finance/reconciliation/deposits/{deposit_id}", notice="deposit-returned")


@router.get("/slips")
def list_slips(request: Request, ctx: Reading, state: Chosen = "", cursor: Cursor = "") -> Response:
    """Bank slips, newest first; those that wait unless a state is named. Two statements at most."""
    return _slips_page(request, ctx, state, cursor)


@router.post("/slips/{slip_id}/decide")
def decide(
    request: Request, ctx: Writing, slip_id: UUID, decision: Annotated[str, Form(max_length=10)], note: Line = ""
) -> Response:
    """Say whether the money of a slip came. Whoever is refused is told why, so that needs words."""
    approve = decision == "approve"
    try:
        wanted = Decision(approve=approve, answer=note)
        if not approve and not wanted.answer:
            raise Invalid(SAY_WHY, fields=[{"field": "note", "message": SAY_WHY}])
        payments.decide_manual(ctx, slip_id, decision=wanted)
    except (ValidationError, DomainError) as error:
        return _slips_page(request, ctx, "", "", refused(request, ctx, error, at=slip_id, written=note))
    return redirect("/finance/reconciliation/slips", notice="slip-approved" if approve else "slip-refused")


def _deposit_page(request: Request, ctx: ReadCtx, deposit_id: UUID, refusal: Refusal | None = None) -> Response:
    return _page(
        request,
        ctx,
        "finance/deposit.html",
        refusal,
        deposit=payments.access_deposit(ctx, deposit_id),
        names=payments.account_names(ctx),
    )


def _slips_page(request: Request, ctx: ReadCtx, state: str, cursor: str, refusal: Refusal | None = None) -> Response:
    known = state in ManualState.__members__.values()
    chosen = ManualState(state) if known else None if state == EVERY else ManualState.WAITING
    found = payments.list_manual(ctx, state=chosen, cursor=cursor)
    return _page(
        request,
        ctx,
        "finance/slips.html",
        refusal,
        found=found,
        chosen=chosen or EVERY,
        states=list(ManualState),
        following=urlencode({"state": chosen or EVERY, "cursor": found.next_cursor or ""}),
    )


def _page(request: Request, ctx: ReadCtx, template: str, refusal: Refusal | None = None, **values: Any) -> Response:
    return page(
        request,
        ctx.actor,
        template,
        status=refusal.status if refusal else 200,
        tabs=TABS,
        refused=refusal,
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        **values,
    )
