"""Verbs on the audit log: record, and list for administrators."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.audit.models import AuditEntry
from lms_core.identity.audit.schemas import AuditLine
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
    ctx: ReadCtx, *, action: str = "", actor_id: UUID | None = None, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[AuditLine]:
    """The newest entries first, of one action or actor when given. Forbidden without `audit:read`."""
    if not ctx.actor.may(Permission.AUDIT_READ):
        raise Forbidden("Only administrators can read the audit log.")
    wanted = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit + 1)
    if action:
        wanted = wanted.where(AuditEntry.action == action)
    if actor_id is not None:
        wanted = wanted.where(AuditEntry.actor_id == actor_id)
    if cursor:
        wanted = wanted.where(AuditEntry.id < _position(cursor))
    rows = [AuditLine.model_validate(row) for row in ctx.session.execute(wanted).scalars()]
    return page(rows, limit, lambda line: [str(line.id)])


def _position(cursor: str) -> UUID:
    position = parse_id(decode_cursor(cursor, [str])[0])
    if position is None:
        raise Invalid("The cursor belongs to another list. Start again without it.")
    return position
