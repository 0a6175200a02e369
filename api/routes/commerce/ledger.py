"""`/finance/ledger`: the books as they stand: accounts, statements, transactions, trial balance, checks, figures."""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import Cursor, Limit
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.errors import AccountNotFound, FinanceRightMissing, TooManyEntries
from lms_core.commerce.ledger.schemas import (
    AccountKind,
    AccountView,
    BalanceView,
    CheckView,
    Figures,
    Moment,
    Statement,
    TransactionView,
    TrialBalance,
)
from lms_core.identity.accounts.schemas import TimeZone
from lms_core.kit.errors import Invalid, NotFound, Unauthenticated
from lms_core.kit.money import Currency
from lms_core.kit.pagination import DEFAULT_LIMIT, Page
from lms_core.kit.spreadsheets import MEDIA_TYPES, Form

router = APIRouter(prefix="/finance/ledger", tags=["finance"])

Since = Annotated[Moment | None, Query(description="From this moment on")]
Until = Annotated[Moment | None, Query(description="Before this moment")]
Kind = Annotated[
    str, Query(max_length=60, pattern=r"^[\w.:-]*$", description="What a transaction is: payments.settled")
]
REFUSED = errors(Unauthenticated, FinanceRightMissing, Invalid)
TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    }
}


@router.get("/figures", response_model=Figures, responses=REFUSED)
def figures(ctx: Reading, zone: Annotated[TimeZone, Query(max_length=64)] = "Africa/Nairobi") -> Figures:
    """Twelve months by currency, thirty days by provider, and how everything stands."""
    return ledger.access_figures(ctx, zone=ZoneInfo(zone))


@router.get("/accounts", response_model=Page[BalanceView], responses=REFUSED)
def accounts(
    ctx: Reading,
    kind: AccountKind | None = None,
    currency: Currency | None = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[BalanceView]:
    """Accounts with what they hold, by kind, owner and currency."""
    return ledger.access_accounts(ctx, kind=kind, currency=currency, cursor=cursor, limit=limit)


@router.get(
    "/accounts/{account_id}",
    response_model=AccountView,
    responses=errors(Unauthenticated, FinanceRightMissing, AccountNotFound),
)
def account(ctx: Reading, account_id: UUID) -> AccountView:
    """An account."""
    return ledger.access_account(ctx, account_id)


@router.get(
    "/accounts/{account_id}/statement",
    response_model=Statement,
    responses=errors(Unauthenticated, FinanceRightMissing, AccountNotFound, Invalid),
)
def statement(
    ctx: Reading,
    account_id: UUID,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Statement:
    """An account's entries, oldest first, each with what the account held after it."""
    return ledger.access_statement(ctx, account_id, since=since, until=until, cursor=cursor, limit=limit)


@router.get(
    "/accounts/{account_id}/statement/file",
    response_model=None,
    responses={**TABLE, **errors(Unauthenticated, FinanceRightMissing, AccountNotFound, TooManyEntries, Invalid)},
)
def statement_file(
    ctx: Reading, account_id: UUID, form: Form = "csv", since: Since = None, until: Until = None
) -> Response:
    """The same as CSV or XLSX, whole."""
    return download(ledger.export_statement(ctx, account_id, form=form, since=since, until=until), "statement", form)


@router.get("/transactions", response_model=Page[TransactionView], responses=REFUSED)
def transactions(
    ctx: Reading,
    kind: Kind = "",
    since: Since = None,
    until: Until = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[TransactionView]:
    """The newest transactions first, with their entries."""
    return ledger.access_transactions(ctx, kind=kind, since=since, until=until, cursor=cursor, limit=limit)


@router.get(
    "/transactions/file",
    response_model=None,
    responses={**TABLE, **errors(Unauthenticated, FinanceRightMissing, TooManyEntries, Invalid)},
)
def journal_file(ctx: Reading, form: Form = "csv", since: Since = None, until: Until = None) -> Response:
    """Every entry of a time as CSV or XLSX."""
    return download(ledger.export_journal(ctx, form=form, since=since, until=until), "journal", form)


@router.get(
    "/transactions/{transaction_id}",
    response_model=TransactionView,
    responses=errors(Unauthenticated, FinanceRightMissing, NotFound),
)
def transaction(ctx: Reading, transaction_id: UUID) -> TransactionView:
    """A transaction with its entries."""
    return ledger.access_transaction(ctx, transaction_id)


@router.get("/trial-balance", response_model=TrialBalance, responses=REFUSED)
def trial_balance(
    ctx: Reading, at: Annotated[Moment | None, Query(description="Now, unless given")] = None
) -> TrialBalance:
    """What each kind of account held at a moment; both columns of a currency are the same."""
    return ledger.access_trial_balance(ctx, at=at)


@router.get("/trial-balance/file", response_model=None, responses={**TABLE, **REFUSED})
def trial_balance_file(ctx: Reading, form: Form = "csv", at: Annotated[Moment | None, Query()] = None) -> Response:
    """The same as CSV or XLSX."""
    return download(ledger.export_trial_balance(ctx, form=form, at=at), "trial-balance", form)


@router.get("/check", response_model=CheckView | None, responses=REFUSED)
def last_check(ctx: Reading) -> CheckView | None:
    """What the newest check of the books found; null before the first."""
    return ledger.access_last_check(ctx)


@router.post("/check", status_code=202, response_model=None, responses=errors(Unauthenticated, FinanceRightMissing))
def ask_check(ctx: Writing) -> None:
    """Have the books checked now; the answer is read a moment later."""
    ledger.ask_check(ctx)


def download(content: bytes, name: str, form: Form) -> Response:
    """A table as a file to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
