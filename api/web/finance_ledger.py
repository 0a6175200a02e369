"""The books as pages: accounts, transactions, an account's statement, a transaction, the trial balance, the checks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading, Writing
from api.web import ledger_words
from api.web.finance_nav import TABS
from api.web.moments import When
from api.web.rendering import page, redirect
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.schemas import FIRST, LAST, AccountKind
from lms_core.kit.context import ReadCtx
from lms_core.kit.money import Currency

router = APIRouter(prefix="/finance/ledger", include_in_schema=False)

Chosen = Annotated[str, Query(max_length=100)]
Cursor = Annotated[str, Query(max_length=600)]
PAGE = 50
TRANSACTIONS_A_PAGE = 25


@router.get("")
def accounts(request: Request, ctx: Reading, kind: Chosen = "", currency: Chosen = "", cursor: Cursor = "") -> Response:
    """The accounts with what they hold."""
    chosen_kind = AccountKind(kind) if kind in set(AccountKind) else None
    chosen_currency = Currency(currency) if currency in set(Currency) else None
    found = ledger.access_accounts(ctx, kind=chosen_kind, currency=chosen_currency, cursor=cursor, limit=PAGE)
    names = ledger_words.owners_named(ctx, ((each.kind, each.owner) for each in found.items))
    chosen = {"kind": chosen_kind or "", "currency": chosen_currency or ""}
    following = urlencode({**chosen, "cursor": found.next_cursor or ""})
    return _page(
        request,
        ctx,
        "accounts",
        found=found,
        names=names,
        chosen=chosen,
        following=following,
        currencies=list(Currency),
    )


@router.get("/trial-balance")
def trial_balance(request: Request, ctx: Reading, at: Chosen = "") -> Response:
    """What each kind of account held at the end of a day, or now."""
    when = When(request, ctx)
    end = day_begins(at, when.zone, days=1)
    moment = end - timedelta(microseconds=1) if end is not None else None
    found = ledger.access_trial_balance(ctx, at=moment)
    export = urlencode({"at": moment.isoformat()} if moment else {})
    return _page(request, ctx, "trial", when=when, found=found, at=at if moment else "", export=export)


@router.get("/transactions")
def transactions(
    request: Request, ctx: Reading, kind: Chosen = "", since: Chosen = "", until: Chosen = "", cursor: Cursor = ""
) -> Response:
    """What was posted, newest first."""
    when = When(request, ctx)
    begin, end = day_begins(since, when.zone), day_begins(until, when.zone, days=1)
    wanted = kind.strip() if kind.isprintable() else ""
    found = ledger.access_transactions(
        ctx, kind=wanted, since=begin, until=end, cursor=cursor, limit=TRANSACTIONS_A_PAGE
    )
    chosen = {"kind": wanted, "since": since if begin else "", "until": until if end else ""}
    return _page(
        request, ctx, "transactions", when=when, found=found, chosen=chosen, names=_names(ctx, found.items),
        following=urlencode({**chosen, "cursor": found.next_cursor or ""}), export=_times(begin, end),
    )  # fmt: skip


@router.get("/transactions/{transaction_id}")
def transaction(request: Request, ctx: Reading, transaction_id: UUID) -> Response:
    """A transaction with its entries."""
    found = ledger.access_transaction(ctx, transaction_id)
    return _page(request, ctx, "transaction", when=When(request, ctx), each=found, names=_names(ctx, [found]))


@router.get("/accounts/{account_id}")
def statement(
    request: Request, ctx: Reading, account_id: UUID, since: Chosen = "", until: Chosen = "", cursor: Cursor = ""
) -> Response:
    """An account's statement."""
    when = When(request, ctx)
    begin, end = day_begins(since, when.zone), day_begins(until, when.zone, days=1)
    found = ledger.access_statement(ctx, account_id, since=begin, until=end, cursor=cursor, limit=PAGE)
    chosen = {"since": since if begin else "", "until": until if end else ""}
    return _page(
        request, ctx, "statement", when=when, found=found, chosen=chosen, first=not cursor,
        names=ledger_words.owners_named(ctx, [(found.account.kind, found.account.owner)]),
        following=urlencode({**chosen, "cursor": found.lines.next_cursor or ""}), export=_times(begin, end),
    )  # fmt: skip


@router.get("/check")
def check(request: Request, ctx: Reading) -> Response:
    """What the newest check of the books found."""
    return _page(
        request, ctx, "check", when=When(request, ctx), checked=ledger.access_last_check(ctx),
        breaches=ledger_words.BREACHES,
    )  # fmt: skip


@router.post("/check")
def ask_check(ctx: Writing) -> Response:
    """Have the books checked now."""
    ledger.ask_check(ctx)
    return redirect("/finance/ledger/check", notice="ledger-check-asked")


def day_begins(text: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """The first moment of a day in `zone`, or of one `days` later; None for what is no day, or one too far away."""
    try:
        begin = datetime.combine(date.fromisoformat(text.strip()) + timedelta(days=days), time(), tzinfo=zone)
        moment = begin.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST <= moment <= LAST else None


def _page(request: Request, ctx: ReadCtx, name: str, **values: Any) -> Response:
    words = {"kinds": ledger_words.KINDS, "sides": ledger_words.SIDES}
    return page(request, ctx.actor, f"finance/ledger_{name}.html", tabs=TABS, **words, **values)


def _names(ctx: ReadCtx, found: list[Any]) -> dict[str, str]:
    return ledger_words.owners_named(ctx, ((line.kind, line.owner) for each in found for line in each.entries))


def _times(begin: datetime | None, end: datetime | None) -> str:
    """A time as the JSON routes take it."""
    given = {"since": begin, "until": end}
    return urlencode({name: moment.isoformat() for name, moment in given.items() if moment is not None})
