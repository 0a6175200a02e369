"""The audit log as a page: by person, action, object and time, with a way out for spreadsheets."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.deps import Reading
from api.web.rendering import page
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.audit.schemas import AuditFilter, AuditLine
from lms_core.kit.context import ReadCtx
from lms_core.kit.ids import parse_id
from lms_core.kit.pagination import Page

router = APIRouter(include_in_schema=False)

Chosen = Annotated[str, Query(max_length=200)]
PAGE = 50


@router.get("/admin/audit")
def read(
    request: Request,
    ctx: Reading,
    person: Chosen = "",
    action: Chosen = "",
    object: Chosen = "",
    since: Chosen = "",
    until: Chosen = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
) -> Response:
    """What was done in the institution."""
    chosen = {"person": person, "action": action, "object": object, "since": since, "until": until}
    person_id = _person(ctx, person)
    nobody = bool(person.strip()) and person_id is None
    wanted = AuditFilter(
        action=action.strip() if action.isprintable() else "",
        person_id=person_id,
        object_type="" if parse_id(object) else object.strip() if object.isprintable() else "",
        object_id=parse_id(object),
        since=_begins(since),
        until=_begins(until, days=1),
    )
    found = audit.entries(ctx, wanted=wanted, cursor=cursor, limit=PAGE)
    if nobody:
        found = Page(items=[])
    given = {name: value for name, value in chosen.items() if value}
    return page(
        request,
        ctx.actor,
        "admin/audit.html",
        found=found,
        names=accounts.names_of(ctx, people_named(found.items)),
        chosen=chosen,
        nobody=nobody,
        following=urlencode({**given, "cursor": found.next_cursor or ""}),
        export=urlencode(_for_export(wanted)),
    )


def _person(ctx: ReadCtx, text: str) -> UUID | None:
    """The person meant by an id or an address; None for nobody."""
    known = parse_id(text.strip())
    if known is not None or not text.strip():
        return known
    return accounts.ids_of_emails(ctx, [text]).get(text)


def people_named(lines: list[AuditLine]) -> set[UUID]:
    """Everybody whom these lines name."""
    found = {each for line in lines for each in (line.actor_id, line.impersonator_id) if each is not None}
    return found | {line.object_id for line in lines if line.object_type == "user" and line.object_id is not None}


def _begins(text: str, *, days: int = 0) -> datetime | None:
    """Midnight (UTC) of a day, or of one `days` later; None for what is no day."""
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _for_export(wanted: AuditFilter) -> dict[str, str]:
    """The filter as the JSON routes take it."""
    values = {
        "action": wanted.action,
        "person_id": wanted.person_id,
        "object_type": wanted.object_type,
        "object_id": wanted.object_id,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "",
    }
    return {name: str(value) for name, value in values.items() if value}
