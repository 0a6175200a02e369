"""`/admin/users`, `/admin/audit`: the people of an institution and what was done in it, for administrators."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.identity.callers import ClientDep
from lms_core.identity.access import service as access
from lms_core.identity.access.errors import LastAdmin
from lms_core.identity.access.schemas import ClosedChoice, Member, RoleChoice
from lms_core.identity.accounts.schemas import SearchText
from lms_core.identity.audit import service as audit
from lms_core.identity.audit.schemas import AuditFilter, AuditLine
from lms_core.identity.erasure import service as erasure
from lms_core.identity.erasure.schemas import DeletionView
from lms_core.identity.people import service as people
from lms_core.identity.people.schemas import PeopleFilter, PersonLine, PersonStatus, PersonView, Seen
from lms_core.kit import spreadsheets
from lms_core.kit.context import ReadCtx
from lms_core.kit.errors import Forbidden, Invalid, NotFound, Unauthenticated
from lms_core.kit.pagination import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from lms_core.kit.permissions import TenantRole

router = APIRouter(prefix="/admin", tags=["admin"])

Cursor = Annotated[str, Query(max_length=600)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT)]
MOST_EXPORTED = 20_000
AUDIT_HEADER = ("at", "actor", "acting as them", "action", "object", "object id", "details", "address", "request")


@router.get("/users", response_model=Page[PersonLine], responses=errors(Unauthenticated, Forbidden, Invalid))
def list_people(
    ctx: Reading,
    q: Annotated[SearchText, Query()] = "",
    role: TenantRole | None = None,
    own_role_id: UUID | None = None,
    status: PersonStatus | None = None,
    seen: Seen | None = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PersonLine]:
    """People by part of a name or address, by role, by standing, by when they were last here."""
    wanted = PeopleFilter(q=q, role=role, own_role_id=own_role_id, status=status, seen=seen)
    return people.search(ctx, wanted=wanted, cursor=cursor, limit=limit)


@router.get("/users/{user_id}", response_model=PersonView, responses=errors(Unauthenticated, Forbidden, NotFound))
def read_person(ctx: Reading, user_id: UUID) -> PersonView:
    """One person: roles of both kinds, sessions, factors, a deletion to come."""
    return people.person(ctx, user_id=user_id)


@router.put(
    "/users/{user_id}/role",
    response_model=Member,
    responses=errors(Unauthenticated, Forbidden, NotFound, LastAdmin),
)
def set_role(ctx: Writing, user_id: UUID, choice: RoleChoice, client: ClientDep) -> Member:
    """Give a person their role in the institution: learner, instructor or admin."""
    return access.set_role(ctx, user_id=user_id, role=choice.role, ip=client.ip)


@router.put(
    "/users/{user_id}/closed",
    response_model=Member,
    responses=errors(Unauthenticated, Forbidden, NotFound, LastAdmin),
)
def set_closed(ctx: Writing, user_id: UUID, choice: ClosedChoice, client: ClientDep) -> Member:
    """Close an account, which logs the person out everywhere, or open it again."""
    return people.set_closed(ctx, user_id=user_id, closed=choice.closed, ip=client.ip)


@router.post(
    "/users/{user_id}/reset-link",
    status_code=202,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def send_reset(ctx: Writing, user_id: UUID) -> None:
    """Mail a person the link that sets a new password."""
    people.send_reset(ctx, user_id=user_id)


@router.delete(
    "/users/{user_id}/sessions",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def sign_out(ctx: Writing, user_id: UUID) -> None:
    """Log a person out everywhere."""
    people.sign_out(ctx, user_id=user_id)


@router.post(
    "/users/{user_id}/deletion",
    status_code=202,
    response_model=DeletionView,
    responses=errors(Unauthenticated, Forbidden, NotFound, LastAdmin),
)
def request_deletion(ctx: Writing, user_id: UUID) -> DeletionView:
    """Have an account deleted in 14 days, on its owner's request; they keep it by logging in."""
    return erasure.request_for(ctx, user_id=user_id)


@router.delete(
    "/users/{user_id}/deletion",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, NotFound),
)
def cancel_deletion(ctx: Writing, user_id: UUID) -> None:
    """Keep an account that was to be deleted."""
    erasure.cancel(ctx, user_id=user_id)


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """The filter of the audit log as an address carries it."""

    action: Annotated[SearchText, Query()] = ""
    actor_id: UUID | None = None
    person_id: UUID | None = None
    object_type: Annotated[SearchText, Query()] = ""
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    def filter(self) -> AuditFilter:
        """The filter of the verb. Invalid for a time without a zone."""
        if any(each is not None and each.tzinfo is None for each in (self.since, self.until)):
            raise Invalid("A time needs a zone, as in 2026-01-05T08:00:00Z.")
        return AuditFilter(
            action=self.action,
            actor_id=self.actor_id,
            person_id=self.person_id,
            object_type=self.object_type,
            object_id=self.object_id,
            since=self.since,
            until=self.until,
        )


AuditDep = Annotated[AuditQuery, Depends()]


@router.get("/audit", response_model=Page[AuditLine], responses=errors(Unauthenticated, Forbidden, Invalid))
def read_audit(ctx: Reading, wanted: AuditDep, cursor: Cursor = "", limit: Limit = DEFAULT_LIMIT) -> Page[AuditLine]:
    """What was done in the institution, newest first. `action` also finds all that begin with it and a dot."""
    return audit.entries(ctx, wanted=wanted.filter(), cursor=cursor, limit=limit)


@router.get(
    "/audit.csv",
    response_class=Response,
    responses={**errors(Unauthenticated, Forbidden, Invalid), 200: {"content": {"text/csv": {}}}},
)
def export_audit(ctx: Reading, wanted: AuditDep) -> Response:
    """The same as a table for spreadsheets: the newest 20,000 entries, nothing in it that would be computed."""
    return csv_download(spreadsheets.csv_lines(AUDIT_HEADER, _audit_rows(ctx, wanted.filter())), "audit.csv")


def csv_download(pieces: Iterator[str], name: str) -> Response:
    """A CSV text as a file to save."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response("".join(pieces), media_type="text/csv; charset=utf-8", headers=headers)


def _audit_rows(ctx: ReadCtx, wanted: AuditFilter) -> Iterator[tuple[object, ...]]:
    lines = audit.entries(ctx, wanted=wanted, limit=MOST_EXPORTED).items
    for line in lines:
        details = "; ".join(f"{name}={value}" for name, value in line.details.items())
        yield (
            line.at.isoformat(),
            line.actor_id,
            line.impersonator_id,
            line.action,
            line.object_type,
            line.object_id,
            details,
            line.ip,
            line.request_id,
        )
