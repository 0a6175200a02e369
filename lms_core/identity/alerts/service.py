"""Verbs on alerts: notice a login, a use or many failures; list one's own, and say that it was oneself."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.accounts.schemas import Facts
from lms_core.identity.alerts import travel
from lms_core.identity.alerts.models import AlertKind, KnownTrait, SecurityAlert, TraitKind
from lms_core.identity.alerts.schemas import AlertView, Seen
from lms_core.identity.audit import service as audit
from lms_core.kit import agents
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.places import Place, Places

AT_ONCE = timedelta(minutes=10)
SHOWN = 50


def note_login(ctx: WriteCtx, *, user_id: UUID, login: Seen, others: Sequence[Seen]) -> None:
    """Look at a login beside `others`: the account's sessions, each at its last use, the newest first."""
    accounts.hold(ctx, user_id=user_id)  # two logins of one moment must not both find that nothing was written yet
    place = _place(ctx, login.ip)
    known = _known(ctx, user_id)
    device = agents.named(login.user_agent).name
    if _is_new(ctx, known, user_id, TraitKind.DEVICE, device):
        _alert(ctx, AlertKind.NEW_DEVICE, user_id=user_id, seen=login, about=device)
    if place.country and _is_new(ctx, known, user_id, TraitKind.COUNTRY, place.country):
        _alert(ctx, AlertKind.NEW_COUNTRY, user_id=user_id, seen=login, about=place.country)
    if not others or not note_way(ctx, user_id=user_id, before=others[0], seen=login):
        _note_concurrent(ctx, user_id, login, others)


def note_way(ctx: WriteCtx, *, user_id: UUID, before: Seen, seen: Seen) -> bool:
    """Alert, once a day, when nobody can have come from the use `before` to this one. True when so."""
    start, end = _place(ctx, before.ip), _place(ctx, seen.ip)
    if before.ip == seen.ip or start.point is None or end.point is None:
        return False
    journey = travel.impossible(start.point, end.point, within=seen.at - before.at)
    if journey is None:
        return False
    details = {
        "from_country": start.country,
        "from_city": start.city,
        "kilometres": journey.kilometres,
        "minutes": journey.minutes,
    }
    about = f"{start.country} {start.city} - {end.country} {end.city} {seen.at:%Y-%m-%d}"
    _alert(ctx, AlertKind.IMPOSSIBLE_TRAVEL, user_id=user_id, seen=seen, about=about, details=details)
    return True


def note_failures(ctx: WriteCtx, *, user_id: UUID, seen: Seen) -> None:
    """That an account just paused after many wrong passwords; its owner has a letter already."""
    _alert(ctx, AlertKind.MANY_FAILURES, user_id=user_id, seen=seen, about=seen.at.isoformat(), tell=False)


def note_wrong_codes(ctx: WriteCtx, *, user_id: UUID, seen: Seen) -> None:
    """That somebody who knows the password was wrong about the code many times."""
    _alert(ctx, AlertKind.MANY_WRONG_CODES, user_id=user_id, seen=seen, about=seen.at.isoformat())


def own(ctx: ReadCtx) -> list[AlertView]:
    """What was noticed about the actor's account, newest first, the last fifty. Unauthenticated, Forbidden."""
    user_id = access.own_account(ctx)
    rows = ctx.session.execute(
        select(SecurityAlert).where(SecurityAlert.user_id == user_id).order_by(SecurityAlert.id.desc()).limit(SHOWN)
    ).scalars()
    return [_view(row) for row in rows]


def waiting(ctx: ReadCtx) -> int:
    """How many of the actor's alerts nobody acknowledged. Unauthenticated, Forbidden."""
    wanted = (
        select(func.count())
        .select_from(SecurityAlert)
        .where(SecurityAlert.user_id == access.own_account(ctx), SecurityAlert.acknowledged_at.is_(None))
    )
    found: int = ctx.session.execute(wanted).scalar_one()
    return found


def acknowledge(ctx: WriteCtx, *, alert_id: UUID) -> None:
    """Say that one of one's own alerts was oneself; fine when said before. NotFound for any other."""
    found = ctx.session.execute(
        update(SecurityAlert)
        .where(SecurityAlert.id == alert_id, SecurityAlert.user_id == access.own_account(ctx))
        .values(acknowledged_at=func.coalesce(SecurityAlert.acknowledged_at, ctx.now))
        .returning(SecurityAlert.id)
    ).first()
    if found is None:
        raise NotFound("You have no such alert.")


def _known(ctx: WriteCtx, user_id: UUID) -> list[KnownTrait]:
    return list(ctx.session.execute(select(KnownTrait).where(KnownTrait.user_id == user_id)).scalars())


def _is_new(ctx: WriteCtx, known: list[KnownTrait], user_id: UUID, kind: TraitKind, value: str) -> bool:
    """Remember a trait of a login. True when others of its kind were known and this one was not."""
    of_kind = [row for row in known if row.kind == kind]
    for row in of_kind:
        if row.value == value:
            row.last_seen_at = ctx.now
            return False
    ctx.add(KnownTrait(user_id=user_id, kind=kind, value=value, first_seen_at=ctx.now, last_seen_at=ctx.now))
    return bool(of_kind)


def _note_concurrent(ctx: WriteCtx, user_id: UUID, login: Seen, others: Sequence[Seen]) -> None:
    """Alert when another device at another address was in use a moment ago; once for a pair of devices."""
    device = agents.named(login.user_agent)
    for other in others:
        beside = agents.named(other.user_agent)
        if login.at - other.at < AT_ONCE and other.ip != login.ip and beside != device:
            about = " & ".join(sorted((device.name, beside.name)))
            details = {"other_program": beside.program, "other_system": beside.system}
            _alert(ctx, AlertKind.CONCURRENT_LOGIN, user_id=user_id, seen=login, about=about, details=details)
            return


def _alert(
    ctx: WriteCtx,
    kind: AlertKind,
    *,
    user_id: UUID,
    seen: Seen,
    about: str,
    details: dict[str, Any] | None = None,
    tell: bool = True,
) -> None:
    accounts.hold(ctx, user_id=user_id)
    written = select(SecurityAlert.id).where(
        SecurityAlert.user_id == user_id, SecurityAlert.kind == kind, SecurityAlert.about == about[:200]
    )
    if ctx.session.execute(written).first() is not None:
        return
    place = _place(ctx, seen.ip)
    ctx.add(
        SecurityAlert(
            user_id=user_id,
            kind=kind,
            about=about[:200],
            user_agent=agents.printable(seen.user_agent),
            ip=seen.ip[:45],
            country=place.country,
            city=place.city,
            details=details or {},
            at=ctx.now,
        )
    )
    audit.record(ctx, action=f"alert.{kind.value}", object=("user", user_id), ip=seen.ip)
    if tell:
        agent = agents.named(seen.user_agent)
        facts = Facts(ctx.now, agent.program, agent.system, seen.ip, place.country, place.city)
        accounts.send_warning(ctx, user_id=user_id, kind=kind.value, facts=facts)


def _place(ctx: ReadCtx, ip: str) -> Place:
    return ctx.resources.get(Places).of(ip)


def _view(row: SecurityAlert) -> AlertView:
    agent = agents.named(row.user_agent)
    return AlertView(
        id=row.id,
        kind=row.kind,
        program=agent.program,
        system=agent.system,
        ip=row.ip,
        country=row.country,
        city=row.city,
        details=row.details,
        at=row.at,
        acknowledged=row.acknowledged_at is not None,
    )
