"""The inbox: every callback is verified, written down once and answered; a job works on it afterwards.

A callback is a hint. What it says about money is asked of the provider before it counts; the exceptions are deposits,
which nobody but the provider tells of, and they come to an address that only the provider knows.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select

from lms_core.commerce.payments import names, queries, sealing
from lms_core.commerce.payments.errors import AccountInvalid, CallbackTooLarge, UnknownAddress
from lms_core.commerce.payments.gateways.port import About, Answer, Callback, Forged, GatewayError, Heard, Malformed
from lms_core.commerce.payments.models import CallbackRecord, ProviderAccount
from lms_core.commerce.payments.service import deposits
from lms_core.commerce.payments.service.accounts import Opened, opened
from lms_core.commerce.payments.states import Verdict
from lms_core.kit.cache import RateLimiter
from lms_core.kit.context import Database, ReadCtx, WriteCtx, system_actor
from lms_core.kit.db import EVERY_TENANT
from lms_core.kit.log import SECRET_KEYS

LARGEST = 64 * 1024
FORGED_PER_MINUTE = 60
KEPT = timedelta(days=90)
# Headers that help to understand a callback later; all others are dropped, and secrets never kept.
SHOWN = ("content-type", "user-agent", "x-forwarded-for", "date")
REFUSED = Answer(401, b'{"error":"the signature does not hold"}')
UNREADABLE = Answer(400, b'{"error":"this cannot be read"}')
LATER = Answer(503, b'{"error":"it cannot be verified now; send it again"}')

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """The account a callback came to."""

    tenant_id: UUID
    account_id: UUID
    opened: Opened


def receive(database: Database, *, gateway: str, token: str, callback: Callback) -> Answer:
    """Take a callback that came to an account's own address, and say what to answer.

    UnknownAddress; CallbackTooLarge. Forged ones are answered 401, malformed ones 400; both are written down.
    """
    _check_size(callback)
    with database.read(system_actor(EVERY_TENANT)) as view:
        row = queries.find(view, ProviderAccount, ProviderAccount.token_hash == sealing.hashed(token))
        if row is None or row.gateway != gateway:
            raise UnknownAddress("No account has this address. Look at the account's page for the right one.")
        place = _place(view, row)
    try:
        heard = place.opened.gateway.hear(place.opened.account, callback)
    except Forged as error:
        _refuse(database, place, callback, Verdict.FORGED, str(error))
        return REFUSED
    except Malformed as error:
        _refuse(database, place, callback, Verdict.MALFORMED, str(error))
        return UNREADABLE
    except GatewayError as error:  # a certificate that cannot be fetched: providers send again what is not taken
        log.warning("payments.callback_not_verified", gateway=gateway, error=error.detail)
        return LATER
    return _taken(database, place, callback, heard)


def receive_bare(database: Database, *, tenant_id: UUID, gateway: str, callback: Callback) -> Answer:
    """Take a callback that names no account: it is the one whose signature holds.

    UnknownAddress: the institution has none of this provider, or the provider does not sign.
    """
    _check_size(callback)
    with database.read(system_actor(tenant_id)) as view:
        wanted = select(ProviderAccount).where(ProviderAccount.gateway == gateway, ProviderAccount.enabled.is_(True))
        rows = list(view.session.execute(wanted.order_by(ProviderAccount.id).limit(20)).scalars())
        places = [_place(view, row) for row in rows]
    signed = [place for place in places if place.opened.gateway.capabilities.signed_callbacks]
    if not signed:
        raise UnknownAddress("No account of this provider listens here. Use the address on the account's page.")
    for place in signed:
        try:
            heard = place.opened.gateway.hear(place.opened.account, callback)
        except Forged:
            continue
        except Malformed as error:
            _refuse(database, place, callback, Verdict.MALFORMED, str(error))
            return UNREADABLE
        except GatewayError as error:
            log.warning("payments.callback_not_verified", gateway=gateway, error=error.detail)
            return LATER
        return _taken(database, place, callback, heard)
    _refuse(database, signed[0], callback, Verdict.FORGED, "no account's signature holds")
    return REFUSED


def again(ctx: WriteCtx, record: CallbackRecord) -> None:
    """Work on a callback once more."""
    record.processed_at, record.error = None, ""
    ctx.enqueue(names.HEAR, record_id=str(record.id), tries=0)


def reread(database: Database, tenant_id: UUID, record_id: UUID) -> tuple[UUID, Heard] | None:
    """What a stored callback says, read anew: (account, fact). None: it is gone, or says it no more.

    Its signature was checked when it came, and its moment is the one it came at.
    """
    with database.read(system_actor(tenant_id)) as view:
        record = queries.find(view, CallbackRecord, CallbackRecord.id == record_id)
        if record is None or record.verdict != Verdict.ACCEPTED or not record.sealed_raw:
            return None
        raw = sealing.unseal(view, sealing.RAW, record.sealed_raw)
        place = _place(view, queries.account(view, record.account_id))
        at, account_id, number = record.received_at, record.account_id, record.place
    heard = place.opened.gateway.hear(place.opened.account, _thawed(raw, at))
    return (account_id, heard[number]) if number < len(heard) else None


def _taken(database: Database, place: _Place, callback: Callback, heard: Sequence[Heard]) -> Answer:
    gateway, account = place.opened.gateway, place.opened.account
    questions = [each for each in heard if each.about is About.CHECK]
    if questions:  # asked and answered while the provider waits; nothing moved yet
        with database.read(system_actor(place.tenant_id)) as view:
            accepted = all(deposits.expected(view, each) for each in questions)
        return gateway.answer(account, callback, accepted=accepted)
    with database.write(system_actor(place.tenant_id)) as ctx:
        for number, each in enumerate(heard):
            if each.about is not About.OTHER:
                _write(ctx, place, callback, each, number)
    return gateway.answer(account, callback, accepted=True)


def _write(ctx: WriteCtx, place: _Place, callback: Callback, heard: Heard, number: int) -> None:
    dedupe = sealing.hashed(heard.about, heard.dedupe)
    whose = (CallbackRecord.account_id == place.account_id, CallbackRecord.dedupe == dedupe)
    known = queries.find(ctx, CallbackRecord, *whose, lock=True)
    if known is not None:
        known.times += 1
        return
    record = ctx.add(
        CallbackRecord(
            account_id=place.account_id, dedupe=dedupe, topic=callback.topic[:60], verdict=Verdict.ACCEPTED,
            about=heard.about, place=number, sealed_raw=sealing.seal(ctx, sealing.RAW, _frozen(callback)),
            headers=_shown(callback), received_at=callback.received_at,
        )
    )  # fmt: skip
    ctx.enqueue(names.HEAR, record_id=str(record.id), tries=0)


def _refuse(database: Database, place: _Place, callback: Callback, verdict: Verdict, why: str) -> None:
    """Write a refused callback down: once per body, and no more than so many a minute. TooManyRequests."""
    log.warning(f"payments.callback_{verdict.value}", account_id=str(place.account_id), why=why)
    database.resources.get(RateLimiter).check(f"payments:refused:{place.account_id}", per_minute=FORGED_PER_MINUTE)
    dedupe = sealing.hashed(verdict, hashlib.sha256(callback.body).hexdigest(), callback.topic)
    with database.write(system_actor(place.tenant_id)) as ctx:
        whose = (CallbackRecord.account_id == place.account_id, CallbackRecord.dedupe == dedupe)
        known = queries.find(ctx, CallbackRecord, *whose, lock=True)
        if known is not None:
            known.times += 1
            return
        ctx.add(
            CallbackRecord(
                account_id=place.account_id, dedupe=dedupe, topic=callback.topic[:60], verdict=verdict,
                sealed_raw=sealing.seal(ctx, sealing.RAW, _frozen(callback)), headers=_shown(callback),
                error=why[:500], received_at=callback.received_at, processed_at=callback.received_at,
            )
        )  # fmt: skip


def _check_size(callback: Callback) -> None:
    if len(callback.body) > LARGEST:
        raise CallbackTooLarge(f"A callback has at most {LARGEST // 1024} kB.")


def _place(ctx: ReadCtx, row: ProviderAccount) -> _Place:
    try:
        return _Place(row.tenant_id, row.id, opened(ctx, row))
    except AccountInvalid as error:
        log.error("payments.account_unusable", account_id=str(row.id), detail=error.detail)
        raise UnknownAddress("This account cannot be used now.") from error


def _shown(callback: Callback) -> dict[str, str]:
    return {
        name: callback.headers[name][:200]
        for name in SHOWN
        if name in callback.headers and not SECRET_KEYS.search(name)
    }


def _frozen(callback: Callback) -> dict[str, object]:
    return {
        "body": callback.body.decode("latin-1"), "headers": dict(callback.headers), "query": dict(callback.query),
        "topic": callback.topic,
    }  # fmt: skip


def _thawed(raw: dict[str, object], at: datetime) -> Callback:
    callback = Callback(body=b"", headers={}, query={}, topic="", received_at=at)
    return replace(callback, **{**raw, "body": str(raw["body"]).encode("latin-1")})
