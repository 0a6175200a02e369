"""`/finance/accounts`: the institution's accounts at payment providers, and `/finance/gateways`: which there can be."""

from uuid import UUID

from fastapi import APIRouter, Request

from api.callers import caller_of
from api.deps import Reading, RuntimeDep
from api.errors import errors
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import AccountInvalid, AccountNotFound
from lms_core.commerce.payments.schemas import AccountChange, AccountIn, AccountView, GatewayView
from lms_core.kit.errors import Forbidden, Unauthenticated

router = APIRouter(prefix="/finance", tags=["payment accounts"])

WHO = (Unauthenticated, Forbidden)


@router.get("/gateways", response_model=list[GatewayView], responses=errors(*WHO))
def list_gateways(ctx: Reading) -> list[GatewayView]:
    """The providers an account can be made for, with the fields to fill in."""
    return payments.list_gateways(ctx)


@router.get("/accounts", response_model=list[AccountView], responses=errors(*WHO))
def list_accounts(ctx: Reading) -> list[AccountView]:
    """The institution's accounts. Secrets are never shown."""
    return payments.list_accounts(ctx)


@router.post("/accounts", status_code=201, response_model=AccountView, responses=errors(*WHO, AccountInvalid))
def save(request: Request, runtime: RuntimeDep, account: AccountIn) -> AccountView:
    """Make an account. Its provider is asked at once; while it does not answer well, the account stays off."""
    caller = caller_of(request, runtime)
    return payments.save_account(caller.database, caller.actor, account=account, request_id=caller.request_id)


@router.get("/accounts/{account_id}", response_model=AccountView, responses=errors(*WHO, AccountNotFound))
def read(ctx: Reading, account_id: UUID) -> AccountView:
    """An account, with the callback address to register at its provider."""
    return payments.access_account(ctx, account_id)


@router.patch(
    "/accounts/{account_id}", response_model=AccountView, responses=errors(*WHO, AccountNotFound, AccountInvalid)
)
def change(request: Request, runtime: RuntimeDep, account_id: UUID, change: AccountChange) -> AccountView:
    """Change an account; secrets that are left out stay."""
    caller = caller_of(request, runtime)
    return payments.change_account(
        caller.database, caller.actor, account_id=account_id, change=change, request_id=caller.request_id
    )


@router.post("/accounts/{account_id}/check", response_model=AccountView, responses=errors(*WHO, AccountNotFound))
def check(request: Request, runtime: RuntimeDep, account_id: UUID) -> AccountView:
    """Ask the provider whether an account works."""
    caller = caller_of(request, runtime)
    return payments.check_account(caller.database, caller.actor, account_id=account_id, request_id=caller.request_id)
