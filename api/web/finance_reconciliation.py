"""Our books against the providers' word: comparisons, what differed, and the messages that providers sent."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web.finance_ledger import day_begins
from api.web.finance_nav import TABS
from api.web.finance_tables import Refusal, refused
from api.web.moments import When
from api.web.rendering import page, redirect
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import ReconcileIn, Resolution
from lms_core.commerce.payments.states import Verdict
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError, Invalid
from lms_core.kit.ids import new_token, parse_id
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/reconciliation", include_in_schema=False)

NO_DAY = "Please give a day such as 2027-01-11, or nothing."  # a form's own words: api/web/forms.FIELD_HELP

FAILED = "failed"  # of the filter: genuine, and not worked on to the end

Cursor = Annotated[str, Query(max_length=600)]
Line = Annotated[str, Form(max_length=500)]


@router.get("")
def list_runs(request: Request, ctx: Reading, cursor: Cursor = "") -> Response:
    """Every comparison, newest first, and the form that starts one; thirteen statements at most."""
    return _runs_page(request, ctx, cursor)


@router.post("")
def start(
    request: Request,
    ctx: Writing,
    key: Annotated[str, Form(min_length=8, max_length=100)],
    account_id: Line = "",
    since: Line = "",
    until: Line = "",
) -> Response:
    """Compare an account with its provider, from one day to another; without days, the last two."""
    try:
        account = parse_id(account_id)
        if account is None:
            raise Invalid("Choose the account to compare.")
        zone = When(request, ctx).zone
        end = _day(until, zone, days=1)
        wanted = ReconcileIn(
            account_id=account,
            since=_day(since, zone),
            until=min(end, ctx.now) if end is not None else None,
        )
        run = payments.start_reconciliation(ctx, wanted=wanted, key=key)
    except (ValidationError, DomainError) as error:
        return _runs_page(request, ctx, "", refused(request, ctx, error, at=None), {"since": since, "until": until})
    return redirect(f"/finance/reconciliation/runs/{run.id}", notice="comparison-started")


@router.get("/runs/{run_id}")
def read_run(request: Request, ctx: Reading, run_id: UUID, cursor: Cursor = "") -> Response:
    """A comparison and what it found; four statements at most."""
    return _differences_page(request, ctx, run_id=run_id, cursor=cursor)


@router.get("/differences")
def list_differences(request: Request, ctx: Reading, cursor: Cursor = "", every: str = "") -> Response:
    """What differs and waits for somebody, or (`every`) ever differed; three statements at most."""
    return _differences_page(request, ctx, cursor=cursor, every=bool(every))


@router.post("/differences/{mismatch_id}/resolve")
def resolve(request: Request, ctx: Writing, mismatch_id: UUID, note: Line = "", run_id: Line = "") -> Response:
    """Say how a difference was dealt with."""
    run = parse_id(run_id)
    try:
        payments.resolve_mismatch(ctx, mismatch_id, note=Resolution(note=note).note)
    except (ValidationError, DomainError) as error:
        why = refused(request, ctx, error, at=mismatch_id, written=note)
        return _differences_page(request, ctx, run_id=run, refusal=why)
    back = f"runs/{run}" if run is not None else "differences"
    return redirect(f"/finance/reconciliation/{back}", notice="difference-resolved")


@router.get("/messages")
def list_messages(
    request: Request, ctx: Reading, verdict: Annotated[str, Query(max_length=20)] = "", cursor: Cursor = ""
) -> Response:
    """What providers told us, newest first; three statements at most."""
    return _messages_page(request, ctx, verdict, cursor)


@router.post("/messages/{record_id}/replay")
def replay(request: Request, ctx: Writing, record_id: UUID) -> Response:
    """Work on a message once more; what it did before is not done twice."""
    try:
        payments.replay_callback(ctx, record_id)
    except DomainError as error:
        return _messages_page(request, ctx, "", "", refused(request, ctx, error, at=record_id))
    return redirect("/finance/reconciliation/messages", notice="message-replayed")


def _day(written: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """A day's first moment, None for nothing. Invalid for what is no day."""
    moment = day_begins(written, zone, days=days)
    if moment is None and written.strip():
        raise Invalid(NO_DAY)
    return moment


def _runs_page(
    request: Request,
    ctx: ReadCtx,
    cursor: str,
    refusal: Refusal | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    found = payments.list_runs(ctx, cursor=cursor)
    return _page(
        request,
        ctx,
        "finance/reconciliation.html",
        refusal,
        found=found,
        names=payments.account_names(ctx),
        overview=payments.overview(ctx),
        values=values or {},
        following=urlencode({"cursor": found.next_cursor or ""}),
    )


def _differences_page(
    request: Request,
    ctx: ReadCtx,
    *,
    run_id: UUID | None = None,
    cursor: str = "",
    every: bool = False,
    refusal: Refusal | None = None,
) -> Response:
    run = payments.access_run(ctx, run_id) if run_id is not None else None
    unresolved = run is None and not every
    found = payments.list_mismatches(ctx, unresolved=unresolved, run_id=run_id, cursor=cursor)
    return _page(
        request,
        ctx,
        "finance/differences.html",
        refusal,
        run=run,
        found=found,
        every=every,
        names=payments.account_names(ctx),
        following=urlencode({"every": "yes" if every else "", "cursor": found.next_cursor or ""}),
    )


def _messages_page(
    request: Request, ctx: ReadCtx, verdict: str, cursor: str, refusal: Refusal | None = None
) -> Response:
    chosen = Verdict(verdict) if verdict in Verdict.__members__.values() else None
    failed = verdict == FAILED
    found = payments.list_callbacks(ctx, verdict=chosen, failed=failed, cursor=cursor)
    kept = FAILED if failed else chosen or ""
    return _page(
        request,
        ctx,
        "finance/messages.html",
        refusal,
        found=found,
        chosen=kept,
        verdicts=list(Verdict),
        failed=FAILED,
        names=payments.account_names(ctx),
        following=urlencode({"verdict": kept, "cursor": found.next_cursor or ""}),
    )


def _page(request: Request, ctx: ReadCtx, template: str, refusal: Refusal | None, **values: Any) -> Response:
    return page(
        request,
        ctx.actor,
        template,
        status=refusal.status if refusal else 200,
        tabs=TABS,
        refused=refusal,
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        key=new_token(),
        **values,
    )
