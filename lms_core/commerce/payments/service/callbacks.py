"""The inbox: every callback is verified, written down once and answered; a job works on it afterwards.

A callback is a hint. What it says about money is asked of the provider before it counts; the exceptions are deposits,
which nobody but the provider tells of, and they come to an address that only the provider knows.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from lms_core.commerce.payments import names, queries, sealing
from lms_core.commerce.payments.errors import CallbackTooLarge, UnknownAddress
from lms_core.commerce.payments.gateways.port import About, Answer, Callback, Forged, GatewayError, Heard, Malformed
from lms_core.commerce.payments.models import CallbackRecord, ProviderAccount
from lms_core.commerce.payments.service import deposits
from lms_core.commerce.payments.service.addresses import Addresses, Place, place_of
from lms_core.commerce.payments.states import Verdict
from lms_core.kit.cache import RateLimiter
from lms_core.kit.calm import Calm
from lms_core.kit.context import Database, WriteCtx, system_actor
from lms_core.kit.db import EVERY_TENANT
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import new_id
from lms_core.kit.log import SECRET_KEYS

LARGEST = 64 * 1024
FORGED_PER_MINUTE = 60
KEPT = timedelta(days=90)
# Headers that help to understand a callback later; all others are dropped, and secrets never kept.
SHOWN = ("content-type", "user-agent", "x-forwarded-for", "date")
REFUSED = Answer(401, b'{"error":"the signature does not hold"}')
UNREADABLE = Answer(400, b'{"error":"this cannot be read"}')
LATER = Answer(503, b'{"error":"it cannot be taken now; send it again"}')

log = structlog.get_logger(__name__)


Come = tuple[str, Callback]  # the token of the address, and the request


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact a callback told, on its way into the inbox. `number`: which of the callback's facts."""

    place: Place
    callback: Callback
    heard: Heard
    number: int

    @property
    def key(self) -> tuple[UUID, str]:
        """What makes it the same fact when it is told again."""
        return self.place.account_id, sealing.hashed(self.heard.about, self.heard.dedupe)


def receive(database: Database, *, gateway: str, token: str, callback: Callback) -> Answer:
    """Take a callback that came to an account's own address, and say what to answer.

    UnknownAddress; CallbackTooLarge; TooManyRequests. Forged ones are answered 401, malformed ones 400; both are
    written down.
    """
    [given] = receive_all(database, gateway=gateway, come=[(token, callback)])
    if isinstance(given, DomainError):
        raise given
    return given


def receive_all(database: Database, *, gateway: str, come: Sequence[Come]) -> list[Answer | DomainError]:
    """The same for callbacks of one provider that came together: what they told is written in one transaction.

    An answer, or why there is none, for each in its order. None of them is answered before all are stored.
    """
    addresses = database.resources.get(Addresses)
    database.resources.get(Calm).note()  # a provider gives up on an address that is slow; the work may wait
    given: list[Answer | DomainError] = []
    facts: list[_Fact] = []
    for token, callback in come:
        try:
            answer, told = _heard(database, addresses, gateway, token, callback)
        except DomainError as error:
            given.append(error)
            continue
        given.append(answer)
        facts += told
    try:
        _store(database, facts)
    except Exception:
        if len(come) == 1:
            raise
        return [_alone(database, gateway, each) for each in come]
    return given


def _alone(database: Database, gateway: str, come: Come) -> Answer | DomainError:
    """What cannot be stored must not keep its neighbours from being answered: each is taken by itself."""
    try:
        [given] = receive_all(database, gateway=gateway, come=[come])
    except Exception:
        log.exception("payments.callback_not_stored", gateway=gateway)
        return LATER
    return given


def receive_bare(database: Database, *, tenant_id: UUID, gateway: str, callback: Callback) -> Answer:
    """Take a callback that names no account: it is the one whose signature holds.

    UnknownAddress: the institution has none of this provider, or the provider does not sign.
    """
    _check_size(callback)
    with database.read(system_actor(tenant_id)) as view:
        wanted = select(ProviderAccount).where(ProviderAccount.gateway == gateway, ProviderAccount.enabled.is_(True))
        rows = list(view.session.execute(wanted.order_by(ProviderAccount.id).limit(20)).scalars())
        places = [place_of(view, row) for row in rows]
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
            return _later(gateway, error)
        answer, facts = _taken(database, place, callback, heard)
        _store(database, facts)
        return answer
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
        place = place_of(view, queries.account(view, record.account_id))
        at, account_id, number = record.received_at, record.account_id, record.place
    heard = place.opened.gateway.hear(place.opened.account, _thawed(raw, at))
    return (account_id, heard[number]) if number < len(heard) else None


def _heard(
    database: Database, addresses: Addresses, gateway: str, token: str, callback: Callback
) -> tuple[Answer, list[_Fact]]:
    """What to answer a callback, and what it told. UnknownAddress, CallbackTooLarge, TooManyRequests."""
    _check_size(callback)
    place = addresses.find(database, gateway, token)
    try:
        try:
            heard = place.opened.gateway.hear(place.opened.account, callback)
        except Forged:
            fresh = addresses.find(database, gateway, token, anew=True)
            if fresh.opened.account.id == place.opened.account.id:
                raise
            place, heard = fresh, fresh.opened.gateway.hear(fresh.opened.account, callback)
    except Forged as error:
        _refuse(database, place, callback, Verdict.FORGED, str(error))
        return REFUSED, []
    except Malformed as error:
        _refuse(database, place, callback, Verdict.MALFORMED, str(error))
        return UNREADABLE, []
    except GatewayError as error:
        return _later(gateway, error), []
    return _taken(database, place, callback, heard)


def _later(gateway: str, error: GatewayError) -> Answer:
    """A certificate that cannot be fetched, for one: providers send again what is not taken."""
    log.warning("payments.callback_not_verified", gateway=gateway, error=error.detail)
    return LATER


def _taken(database: Database, place: Place, callback: Callback, heard: Sequence[Heard]) -> tuple[Answer, list[_Fact]]:
    gateway, account = place.opened.gateway, place.opened.account
    questions = [each for each in heard if each.about is About.CHECK]
    if questions:  # asked and answered while the provider waits; nothing moved yet
        with database.read(system_actor(place.tenant_id)) as view:
            accepted = all(deposits.expected(view, each) for each in questions)
        return gateway.answer(account, callback, accepted=accepted), []
    facts = [_Fact(place, callback, each, n) for n, each in enumerate(heard) if each.about is not About.OTHER]
    return gateway.answer(account, callback, accepted=True), facts


def _store(database: Database, facts: Sequence[_Fact]) -> None:
    if not facts:
        return
    for last in (False, True):
        try:
            with database.write(system_actor(EVERY_TENANT)) as ctx:
                _write(ctx, facts)
            return
        except IntegrityError:  # another process stored one of them meanwhile: now it can be seen
            if last:
                raise


def _write(ctx: WriteCtx, facts: Sequence[_Fact]) -> None:
    """Each fact once, with a job to work on it; one told before is counted. Three statements, however many.

    Rows are written past the objects: a flood of callbacks has to be stored by a machine of two cores.
    """
    new = {fact.key: fact for fact in reversed(facts)}
    times = Counter(fact.key for fact in facts)
    accounts, hashes = zip(*new, strict=True)
    wanted = select(CallbackRecord.id, CallbackRecord.account_id, CallbackRecord.dedupe).where(
        CallbackRecord.account_id.in_(set(accounts)), CallbackRecord.dedupe.in_(hashes)
    )
    known = {(account_id, dedupe): row_id for row_id, account_id, dedupe in ctx.session.execute(wanted)}
    for count in {times[key] for key in known}:
        ids = sorted(row_id for key, row_id in known.items() if times[key] == count)
        again = update(CallbackRecord).where(CallbackRecord.id.in_(ids)).values(times=CallbackRecord.times + count)
        ctx.session.execute(again, execution_options={"synchronize_session": False})
    rows = [_row(ctx, fact, key, times[key]) for key, fact in new.items() if key not in known]
    if rows:
        ctx.session.execute(insert(CallbackRecord), rows)
        ctx.enqueue_all(names.HEAR, [(row["tenant_id"], {"record_id": str(row["id"]), "tries": 0}) for row in rows])


def _row(ctx: WriteCtx, fact: _Fact, key: tuple[UUID, str], times: int) -> dict[str, Any]:
    return {
        "id": new_id(), "tenant_id": fact.place.tenant_id, "account_id": key[0], "dedupe": key[1],
        "topic": fact.callback.topic[:60], "verdict": Verdict.ACCEPTED, "about": fact.heard.about, "place": fact.number,
        "sealed_raw": sealing.seal(ctx, sealing.RAW, _frozen(fact.callback)), "headers": _shown(fact.callback),
        "times": times, "error": "", "received_at": fact.callback.received_at, "processed_at": None,
    }  # fmt: skip


def _refuse(database: Database, place: Place, callback: Callback, verdict: Verdict, why: str) -> None:
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
