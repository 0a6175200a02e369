"""Verbs on the audit log: record, list and export for administrators."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlmodel import col

from lms_core.identity.audit.models import AuditEntry
from lms_core.identity.audit.schemas import AuditFilter, AuditLine
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, Invalid
from lms_core.kit.ids import parse_id
from lms_core.kit.log import SECRET_KEYS
from lms_core.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from lms_core.kit.permissions import Permission

Detail = str | int | bool | None


def record(
    ctx: WriteCtx, *, action: str, object: tuple[str, UUID] | None = None, ip: str = "", **details: Detail
) -> None:
    """Write down `action` (`thing.done`) on `object` (type, id), in the caller's transaction.

    ValueError when a detail is named like a secret: those never enter the log.
    """
    secret = next((name for name in details if SECRET_KEYS.search(name)), None)
    if secret is not None:
        raise ValueError(f"audit details may not carry secrets: {secret}")
    object_type, object_id = object or ("", None)
    ctx.add(
        AuditEntry(
            actor_id=ctx.actor.user_id,
            impersonator_id=ctx.actor.impersonator_id,
            action=action,
            object_type=object_type,
            object_id=object_id,
            details=details,
            ip=ip[:45],
            request_id=ctx.request_id[:64],
            at=ctx.now,
        )
    )


def entries(
    ctx: ReadCtx, *, wanted: AuditFilter | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[AuditLine]:
    """The newest entries first, of those wanted. One statement. Forbidden without `audit:read`."""
    if not ctx.actor.may(Permission.AUDIT_READ):
        raise Forbidden("Only administrators can read the audit log.")
    chosen = _chosen(wanted or AuditFilter()).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if cursor:
        chosen = chosen.where(AuditEntry.id < _position(cursor))
    rows = [AuditLine.model_validate(row) for row in ctx.session.execute(chosen).scalars()]
    return page(rows, limit, lambda line: [str(line.id)])


def _chosen(wanted: AuditFilter) -> Select[Any]:
    chosen = select(AuditEntry)
    if wanted.action:
        begins = col(AuditEntry.action).startswith(f"{wanted.action}.", autoescape=True)
        chosen = chosen.where(or_(AuditEntry.action == wanted.action, begins))
    if wanted.actor_id is not None:
        chosen = chosen.where(AuditEntry.actor_id == wanted.actor_id)
    if wanted.person_id is not None:
        person = wanted.person_id
        chosen = chosen.where(
            or_(
                AuditEntry.actor_id == person,
                AuditEntry.impersonator_id == person,
                (AuditEntry.object_type == "user") & (AuditEntry.object_id == person),
            )
        )
    if wanted.object_type:
        chosen = chosen.where(AuditEntry.object_type == wanted.object_type)
    if wanted.object_id is not None:
        chosen = chosen.where(AuditEntry.object_id == wanted.object_id)
    if wanted.since is not None:
        chosen = chosen.where(AuditEntry.at >= wanted.since)
    return chosen if wanted.until is None else chosen.where(AuditEntry.at < wanted.until)


def _position(cursor: str) -> UUID:
    position = parse_id(decode_cursor(cursor, [str])[0])
    if position is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return position
