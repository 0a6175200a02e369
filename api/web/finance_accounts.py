"""The institution's accounts at payment providers: made, changed, checked, and the address to register there."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import Response

from api.callers import caller_of
from api.deps import Reading, RuntimeDep
from api.web.finance_nav import TABS
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Mode
from lms_core.commerce.payments.schemas import AccountChange, AccountIn, AccountView, GatewayView
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.permissions import Permission

router = APIRouter(prefix="/finance/accounts", include_in_schema=False)

Wanted = Annotated[str, Query(max_length=20)]
Refused = ValidationError | DomainError
VALUE = "value-"  # the names of a form's fields for an account's own values


async def _sent(request: Request) -> FormData:
    return await request.form()


Sent = Annotated[FormData, Depends(_sent)]


@router.get("")
def accounts(request: Request, ctx: Reading, gateway: Wanted = "") -> Response:
    """Every account, the providers there are, and the form for one of them; two statements at most."""
    return _accounts_page(request, ctx, gateway)


@router.post("")
def save(request: Request, runtime: RuntimeDep, sent: Sent) -> Response:
    """Make an account; its provider is asked at once."""
    caller = caller_of(request, runtime)
    gateway = str(sent.get("gateway", ""))
    try:
        given = {"gateway": gateway, "mode": sent.get("mode", Mode.TEST), "values": _values(sent)}
        more = {"name": sent.get("name", ""), "base_url": sent.get("base_url", ""), "is_default": "is_default" in sent}
        account = AccountIn.model_validate({**given, **more})
        made = payments.save_account(caller.database, caller.actor, account=account, request_id=caller.request_id)
    except (ValidationError, DomainError) as error:
        with runtime.database.read(caller.actor) as ctx:
            return _accounts_page(request, ctx, gateway, error=error, values=_shown(sent))
    return redirect(f"{router.prefix}/{made.id}", notice="saved" if made.healthy else "account-unwell")


@router.get("/{account_id}")
def account(request: Request, ctx: Reading, account_id: UUID) -> Response:
    """An account: how it is, the address to register, and what can be changed; one statement."""
    return _account_page(request, ctx, account_id)


@router.post("/{account_id}")
def change(request: Request, runtime: RuntimeDep, account_id: UUID, sent: Sent) -> Response:
    """Change an account; secrets that are left empty stay as they are."""
    caller = caller_of(request, runtime)
    try:
        given = {"name": sent.get("name", ""), "base_url": sent.get("base_url", ""), "values": _values(sent)}
        flags = {"is_default": "is_default" in sent, "enabled": "enabled" in sent}
        wanted = AccountChange.model_validate({**given, **flags})
        found = payments.change_account(
            caller.database, caller.actor, account_id=account_id, change=wanted, request_id=caller.request_id
        )
    except (ValidationError, DomainError) as error:
        with runtime.database.read(caller.actor) as ctx:
            return _account_page(request, ctx, account_id, error=error)
    return redirect(f"{router.prefix}/{account_id}", notice="saved" if found.healthy else "account-unwell")


@router.post("/{account_id}/check")
def check(request: Request, runtime: RuntimeDep, account_id: UUID) -> Response:
    """Ask the provider whether the account works."""
    caller = caller_of(request, runtime)
    found = payments.check_account(caller.database, caller.actor, account_id=account_id, request_id=caller.request_id)
    return redirect(f"{router.prefix}/{account_id}", notice="account-well" if found.healthy else "account-unwell")


def _values(sent: FormData) -> dict[str, str]:
    """The account's own values; empty ones are left out."""
    named = {name.removeprefix(VALUE): str(value).strip() for name, value in sent.items() if name.startswith(VALUE)}
    return {name: value for name, value in named.items() if value}


def _shown(sent: FormData) -> dict[str, str]:
    return {name: str(value) for name, value in sent.items()}


def _accounts_page(
    request: Request, ctx: ReadCtx, gateway: str, *, error: Refused | None = None, values: dict[str, str] | None = None
) -> Response:
    gateways = payments.list_gateways(ctx)
    return _page(
        request,
        ctx,
        "finance/accounts.html",
        error,
        accounts=payments.list_accounts(ctx),
        gateways=gateways,
        wanted=next((each for each in gateways if each.name == gateway), None),
        values=values or {},
    )


def _account_page(request: Request, ctx: ReadCtx, account_id: UUID, *, error: Refused | None = None) -> Response:
    found = payments.access_account(ctx, account_id)
    return _page(
        request, ctx, "finance/account.html", error, account=found, gateway=_gateway_of(ctx, found), values=_kept(found)
    )


def _gateway_of(ctx: ReadCtx, account: AccountView) -> GatewayView | None:
    return next((each for each in payments.list_gateways(ctx) if each.name == account.gateway), None)


def _kept(account: AccountView) -> dict[str, str]:
    return {"name": account.name, "base_url": account.base_url} | {
        VALUE + name: value for name, value in account.options.items()
    }


def _page(request: Request, ctx: ReadCtx, template: str, error: Refused | None, **values: Any) -> Response:
    if isinstance(error, DomainError) and error.status in (403, 404):
        raise error
    return page(
        request,
        ctx.actor,
        template,
        status=200 if error is None else getattr(error, "status", 422),
        tabs=TABS,
        errors=errors_told(words(request, ctx.actor), error) if error is not None else {},
        may_manage=ctx.actor.may(Permission.FINANCE_MANAGE),
        **values,
    )
