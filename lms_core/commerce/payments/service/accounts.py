"""Verbs on accounts at providers: saved with their credentials sealed, checked with the provider as they are saved."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update

from lms_core.commerce.payments import queries, sealing
from lms_core.commerce.payments.errors import AccountInvalid
from lms_core.commerce.payments.gateways import Gateways
from lms_core.commerce.payments.gateways.addresses import new_callback_token
from lms_core.commerce.payments.gateways.port import Account, Gateway, GatewayError, Health, Mode, Uncertain
from lms_core.commerce.payments.gateways.wire import refuse_strange_host
from lms_core.commerce.payments.models import ProviderAccount
from lms_core.commerce.payments.policies import require_manager, require_reader
from lms_core.commerce.payments.schemas import AccountChange, AccountIn, AccountView, FieldView, GatewayView
from lms_core.identity.audit import service as audit
from lms_core.kit.context import Actor, Database, ReadCtx, Resources, WriteCtx
from lms_core.kit.ids import new_id
from lms_core.kit.settings import Settings

SANDBOX = "sandbox"
CALLBACKS = "/api/v1/webhook/payment"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An account ready to be used: the gateway that speaks for it, and its port's form."""

    gateway: Gateway
    account: Account


def gateways_of(resources: Resources) -> Gateways:
    """The gateways of this process."""
    return resources.get(Gateways)


def opened(ctx: ReadCtx, row: ProviderAccount) -> Opened:
    """An account with its credentials. AccountInvalid: sealed with another key, or its gateway is not installed."""
    gateway = gateways_of(ctx.resources).get(row.gateway)
    if gateway is None:
        raise AccountInvalid(f"This installation does not speak to {row.gateway}. Install a version that does.")
    try:
        credentials = sealing.unseal(ctx, sealing.CREDENTIALS, row.sealed_credentials)
        token = sealing.unseal(ctx, sealing.CALLBACK_TOKEN, row.sealed_token)
    except ValueError as error:
        raise AccountInvalid(
            "The credentials were sealed with another secret key. Enter them again, or restore MWALIMU_SECRET_KEY."
        ) from error
    account = Account(
        id=f"{row.tenant_id}.{row.id}.{row.version}",
        gateway=row.gateway,
        mode=Mode(row.mode),
        credentials=credentials or {},
        options=row.options,
        callback_url=_callback_url(ctx, row.gateway, token),
        base_url=row.base_url,
    )
    return Opened(gateway, account)


def list_gateways(ctx: ReadCtx) -> list[GatewayView]:
    """The gateways an account can be made for, with the fields to fill in."""
    require_manager(ctx.actor)
    return [
        GatewayView(
            name=each.name,
            title=each.title,
            step=each.capabilities.step,
            currencies=tuple(sorted(each.capabilities.currencies)),
            refunds=each.capabilities.refunds,
            payouts=each.capabilities.payouts,
            saved_methods=each.capabilities.saved_methods,
            signed_callbacks=each.capabilities.signed_callbacks,
            test_only=each.name == SANDBOX,
            fields=tuple(FieldView.model_validate(field) for field in each.fields),
        )
        for each in gateways_of(ctx.resources)
    ]


def list_accounts(ctx: ReadCtx) -> list[AccountView]:
    """The institution's accounts, oldest first. One statement. Forbidden without `finance:manage`."""
    require_manager(ctx.actor)
    rows = ctx.session.execute(select(ProviderAccount).order_by(ProviderAccount.id).limit(500)).scalars()
    return [_view(ctx, row) for row in rows]


def account_names(ctx: ReadCtx) -> dict[UUID, str]:
    """What the institution calls its accounts, by id, for lists of finance. One statement."""
    require_reader(ctx.actor)
    rows = ctx.session.execute(select(ProviderAccount.id, ProviderAccount.name).limit(500))
    return {row[0]: row[1] for row in rows}


def gateway_titles(ctx: ReadCtx) -> dict[str, str]:
    """What each provider that money came through, or may come through, is called, by its name. No statement."""
    require_reader(ctx.actor)
    return {each.name: each.title for each in gateways_of(ctx.resources)}


def access_account(ctx: ReadCtx, account_id: UUID) -> AccountView:
    """An account. AccountNotFound, Forbidden."""
    require_manager(ctx.actor)
    return _view(ctx, queries.account(ctx, account_id))


def save_account(database: Database, actor: Actor, *, account: AccountIn, request_id: str = "") -> AccountView:
    """Make an account; the provider is asked whether its credentials work, and it stays off while they do not.

    Forbidden, AccountInvalid. No transaction is open while the provider is asked.
    """
    require_manager(actor)
    gateway = _gateway(database.resources, account.gateway)
    secrets, options = _sorted(gateway, account.values, known={})
    _check_place(database.resources, account.gateway, account.mode, account.base_url)
    row_id, token = new_id(), new_callback_token()
    tried = Account(
        id=f"{actor.tenant_id}.{row_id}.1", gateway=account.gateway, mode=account.mode, credentials=secrets,
        options=options, callback_url=_address(database.resources, account.gateway, token), base_url=account.base_url,
    )  # fmt: skip
    health = asked(gateway, tried)
    with database.write(actor, request_id=request_id) as ctx:
        row = ProviderAccount(
            id=row_id, gateway=account.gateway, mode=account.mode, name=account.name,
            sealed_credentials=sealing.seal(ctx, sealing.CREDENTIALS, secrets), options=options,
            base_url=account.base_url, token_hash=sealing.hashed(token),
            sealed_token=sealing.seal(ctx, sealing.CALLBACK_TOKEN, token),
            enabled=account.enabled and health.ok, healthy=health.ok, health=health.detail,
            checked_at=ctx.now, created_at=ctx.now, updated_at=ctx.now,
        )  # fmt: skip
        ctx.add(row)
        if account.is_default:
            _make_default(ctx, row)
        audit.record(
            ctx, action="payment_account.made", object=("payment_account", row.id), gateway=row.gateway,
            mode=row.mode.value, enabled=row.enabled,
        )  # fmt: skip
        return _view(ctx, row)


def change_account(
    database: Database, actor: Actor, *, account_id: UUID, change: AccountChange, request_id: str = ""
) -> AccountView:
    """Change an account and ask its provider again. Secrets left out stay.

    AccountNotFound, Forbidden, AccountInvalid.
    """
    require_manager(actor)
    with database.read(actor, request_id=request_id) as view:
        row = queries.account(view, account_id)
        gateway, old = _gateway(database.resources, row.gateway), _credentials(view, row)
        secrets, options = _sorted(gateway, change.values, known={**old, **row.options})
        base_url = row.base_url if change.base_url is None else change.base_url
        _check_place(database.resources, row.gateway, Mode(row.mode), base_url)
        fresh = secrets != old or options != row.options or base_url != row.base_url
        version = row.version + 1 if fresh else row.version
        token = sealing.unseal(view, sealing.CALLBACK_TOKEN, row.sealed_token)
        tried = Account(
            id=f"{row.tenant_id}.{row.id}.{version}", gateway=row.gateway, mode=Mode(row.mode), credentials=secrets,
            options=options, callback_url=_callback_url(view, row.gateway, token), base_url=base_url,
        )  # fmt: skip
    health = asked(gateway, tried)
    with database.write(actor, request_id=request_id) as ctx:
        row = queries.get(ctx, ProviderAccount, account_id, lock=True)
        row.sealed_credentials = sealing.seal(ctx, sealing.CREDENTIALS, secrets)
        row.options, row.base_url, row.version = options, base_url, version
        row.name = change.name or row.name
        row.enabled = (row.enabled if change.enabled is None else change.enabled) and health.ok
        if change.is_default:
            _make_default(ctx, row)
        elif change.is_default is False:
            row.is_default = False
        _note_health(ctx, row, health)
        audit.record(
            ctx, action="payment_account.changed", object=("payment_account", row.id), gateway=row.gateway,
            values_changed=fresh, enabled=row.enabled,
        )  # fmt: skip
        return _view(ctx, row)


def check_account(database: Database, actor: Actor, *, account_id: UUID, request_id: str = "") -> AccountView:
    """Ask the provider whether an account works. AccountNotFound, Forbidden."""
    require_manager(actor)
    with database.read(actor, request_id=request_id) as view:
        row = queries.account(view, account_id)
        try:
            found = opened(view, row)
        except AccountInvalid as error:
            found, health = None, Health(False, error.detail)
    if found is not None:
        health = asked(found.gateway, found.account)
    with database.write(actor, request_id=request_id) as ctx:
        row = queries.get(ctx, ProviderAccount, account_id, lock=True)
        _note_health(ctx, row, health)
        return _view(ctx, row)


def asked(gateway: Gateway, account: Account) -> Health:
    """What the provider says of an account; no answer is a no."""
    try:
        return gateway.check(account)
    except (GatewayError, Uncertain) as error:
        return Health(False, str(error)[:500])
    except Exception as error:
        log.exception("payments.check_failed", gateway=gateway.name)
        return Health(False, f"The check itself failed ({type(error).__name__}). Look at the log.")


def _note_health(ctx: WriteCtx, row: ProviderAccount, health: Health) -> None:
    row.healthy, row.health, row.checked_at, row.updated_at = health.ok, health.detail, ctx.now, ctx.now
    ctx.session.flush()


def _make_default(ctx: WriteCtx, row: ProviderAccount) -> None:
    ctx.session.execute(update(ProviderAccount).where(ProviderAccount.id != row.id).values(is_default=False))
    row.is_default = True
    ctx.session.flush()


def _gateway(resources: Resources, name: str) -> Gateway:
    gateway = gateways_of(resources).get(name)
    if gateway is None:
        raise AccountInvalid(
            f"There is no gateway {name!r} here.", fields=[{"field": "gateway", "message": "choose one of the list"}]
        )
    return gateway


def _sorted(
    gateway: Gateway, values: dict[str, str], *, known: dict[str, Any]
) -> tuple[dict[str, str], dict[str, str]]:
    """Secrets and options out of what was filled in; what is left out, or empty and secret, stays as known."""
    names = {field.name for field in gateway.fields}
    problems = [{"field": name, "message": "this gateway has no such field"} for name in sorted(values.keys() - names)]
    secrets, options = dict[str, str](), dict[str, str]()
    for field in gateway.fields:
        given = values.get(field.name)
        value = known.get(field.name, "") if given is None or (field.secret and not given) else given
        if field.required and not value:
            problems.append({"field": field.name, "message": "this is needed"})
        if value:
            (secrets if field.secret else options)[field.name] = value
    if problems:
        raise AccountInvalid("Fill in what is needed, and nothing else.", fields=problems)
    return secrets, options


def _check_place(resources: Resources, gateway: str, mode: Mode, base_url: str) -> None:
    """AccountInvalid for play money in live mode, and for an address that the operator does not allow."""
    if gateway == SANDBOX and mode is not Mode.TEST:
        raise AccountInvalid(
            "The sandbox moves play money: it is for test accounts only.",
            fields=[{"field": "mode", "message": "choose test"}],
        )
    if base_url:
        try:
            refuse_strange_host(base_url, gateways_of(resources).allowed_hosts)
        except GatewayError as error:
            raise AccountInvalid(error.detail, fields=[{"field": "base_url", "message": error.detail}]) from error


def _credentials(ctx: ReadCtx, row: ProviderAccount) -> dict[str, str]:
    try:
        return sealing.unseal(ctx, sealing.CREDENTIALS, row.sealed_credentials) or {}
    except ValueError:
        return {}  # of another secret key: all of them have to be entered again


def _address(resources: Resources, gateway: str, token: str) -> str:
    return f"{resources.get(Settings).public_url.rstrip('/')}{CALLBACKS}/{gateway}/{token}"


def _callback_url(ctx: ReadCtx, gateway: str, token: str) -> str:
    return _address(ctx.resources, gateway, token)


def _view(ctx: ReadCtx, row: ProviderAccount) -> AccountView:
    gateway = gateways_of(ctx.resources).get(row.gateway)
    secrets = {field.name for field in gateway.fields if field.secret} if gateway is not None else set()
    try:
        address = _callback_url(ctx, row.gateway, sealing.unseal(ctx, sealing.CALLBACK_TOKEN, row.sealed_token))
    except ValueError:
        address = ""
    taken = {"title": gateway.title if gateway is not None else row.gateway, "callback_url": address}
    taken_secrets = tuple(sorted(_credentials(ctx, row).keys() & secrets))
    said = {
        name: getattr(row, name)
        for name in AccountView.model_fields
        if name not in ("title", "secrets", "callback_url")
    }
    return AccountView(**said, **taken, secrets=taken_secrets)
