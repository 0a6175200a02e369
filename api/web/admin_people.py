"""Administrators' pages on people: find somebody, and one person with all that can be done about them."""

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from api.deps import Reading, Writing
from api.routes.identity.callers import ClientDep
from api.web.admin_audit import people_named
from api.web.forms import Errors
from api.web.permissions import PERMISSIONS
from api.web.refusals import errors_told
from api.web.rendering import page, redirect, words
from lms_core.content.courses import service as courses
from lms_core.identity.access import custom
from lms_core.identity.access import service as access
from lms_core.identity.access.schemas import CustomRoleGrantView, RoleChoice
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.audit.schemas import AuditFilter
from lms_core.identity.erasure import service as erasure
from lms_core.identity.people import service as people
from lms_core.identity.people.schemas import PeopleFilter, PersonStatus, PersonView, Seen
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import DomainError
from lms_core.kit.ids import parse_id
from lms_core.kit.permissions import TENANT_ROLES, Permission
from lms_core.learning.enrolments import service as enrolments

router = APIRouter(include_in_schema=False)

Line = Annotated[str, Form(max_length=500)]
Chosen = Annotated[str, Query(max_length=40)]
PAGE = 30
RECENT = 12


@router.get("/admin")
def administration(ctx: Reading) -> Response:
    """Where an administrator begins: people, else the catalogue, else the audit log, by what they may."""
    if ctx.actor.may(Permission.ACCOUNT_MANAGE):
        return redirect("/admin/users")
    return redirect("/admin/catalogue" if ctx.actor.may(Permission.CATALOGUE_EDIT) else "/admin/audit")


@router.get("/admin/users")
def list_people(
    request: Request,
    ctx: Reading,
    q: Annotated[str, Query(max_length=200)] = "",
    role: Chosen = "",
    status: Chosen = "",
    seen: Chosen = "",
    cursor: Annotated[str, Query(max_length=600)] = "",
) -> Response:
    """The people of the institution, searched and filtered."""
    wanted = PeopleFilter(
        q="".join(each for each in q if each.isprintable()).strip(),
        role=next((each for each in TENANT_ROLES if each == role), None),
        own_role_id=parse_id(role),
        status=next((each for each in PersonStatus if each == status), None),
        seen=next((each for each in Seen if each == seen), None),
    )
    found = people.search(ctx, wanted=wanted, cursor=cursor, limit=PAGE)
    chosen = {"q": wanted.q, "role": role, "status": status, "seen": seen}
    following = urlencode({**{name: value for name, value in chosen.items() if value}, "cursor": found.next_cursor})
    own_roles = custom.roles(ctx)
    return page(
        request,
        ctx.actor,
        "admin/people.html",
        found=found,
        chosen=chosen,
        following=following,
        own_roles=own_roles,
    )


@router.get("/admin/users/{user_id}")
def person(request: Request, ctx: Reading, user_id: UUID) -> Response:
    """One person: rights, sessions, courses, and what was done lately."""
    return _person_page(request, ctx, user_id)


@router.post("/admin/users/{user_id}/role")
def set_role(request: Request, ctx: Writing, client: ClientDep, user_id: UUID, role: Line = "") -> Response:
    """Give a person another role in the institution."""
    try:
        access.set_role(ctx, user_id=user_id, role=RoleChoice.model_validate({"role": role}).role, ip=client.ip)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, user_id, error)
    return redirect(f"/admin/users/{user_id}", notice="role-given")


@router.post("/admin/users/{user_id}/own-roles")
def give_own_role(request: Request, ctx: Writing, user_id: UUID, role_id: Line = "", course: Line = "") -> Response:
    """Give a role of the institution's own, everywhere or in one course."""
    try:
        course_id = courses.access_course(ctx, course.strip(), Permission.COURSE_EDIT).id if course.strip() else None
        given = CustomRoleGrantView(user_id=user_id, course_id=course_id)
        custom.grant(ctx, role_id=parse_id(role_id) or user_id, given=given)
    except (ValidationError, DomainError) as error:
        return _refused(request, ctx, user_id, error)
    return redirect(f"/admin/users/{user_id}", notice="role-given")


@router.post("/admin/users/{user_id}/own-roles/{role_id}/withdraw")
def withdraw_own_role(ctx: Writing, user_id: UUID, role_id: UUID, course_id: Line = "") -> Response:
    """Take a role of the institution's own from a person."""
    given = CustomRoleGrantView(user_id=user_id, course_id=parse_id(course_id))
    custom.withdraw(ctx, role_id=role_id, given=given)
    return redirect(f"/admin/users/{user_id}", notice="saved")


@router.post("/admin/users/{user_id}/close")
def close(request: Request, ctx: Writing, client: ClientDep, user_id: UUID) -> Response:
    """Close an account."""
    try:
        people.set_closed(ctx, user_id=user_id, closed=True, ip=client.ip)
    except DomainError as error:
        return _refused(request, ctx, user_id, error)
    return redirect(f"/admin/users/{user_id}", notice="person-closed")


@router.post("/admin/users/{user_id}/reopen")
def reopen(ctx: Writing, client: ClientDep, user_id: UUID) -> Response:
    """Open an account again."""
    people.set_closed(ctx, user_id=user_id, closed=False, ip=client.ip)
    return redirect(f"/admin/users/{user_id}", notice="person-opened")


@router.post("/admin/users/{user_id}/reset-link")
def send_reset(ctx: Writing, user_id: UUID) -> Response:
    """Mail the link to a new password."""
    people.send_reset(ctx, user_id=user_id)
    return redirect(f"/admin/users/{user_id}", notice="reset-sent")


@router.post("/admin/users/{user_id}/sign-out")
def sign_out(ctx: Writing, user_id: UUID) -> Response:
    """Log a person out everywhere."""
    people.sign_out(ctx, user_id=user_id)
    return redirect(f"/admin/users/{user_id}", notice="signed-out")


@router.post("/admin/users/{user_id}/deletion")
def request_deletion(request: Request, ctx: Writing, user_id: UUID) -> Response:
    """Have an account deleted on its owner's request."""
    try:
        erasure.request_for(ctx, user_id=user_id)
    except DomainError as error:
        return _refused(request, ctx, user_id, error)
    return redirect(f"/admin/users/{user_id}", notice="deletion-requested")


@router.post("/admin/users/{user_id}/deletion/cancel")
def cancel_deletion(ctx: Writing, user_id: UUID) -> Response:
    """Keep an account that was to be deleted."""
    erasure.cancel(ctx, user_id=user_id)
    return redirect(f"/admin/users/{user_id}", notice="deletion-cancelled")


def _refused(request: Request, ctx: WriteCtx, user_id: UUID, error: ValidationError | DomainError) -> Response:
    errors = errors_told(words(request, ctx.actor), error)
    return _person_page(request, ctx, user_id, errors=errors, status=getattr(error, "status", 422))


def _person_page(
    request: Request, ctx: ReadCtx, user_id: UUID, *, errors: Errors | None = None, status: int = 200
) -> Response:
    shown = people.person(ctx, user_id=user_id)
    enrolled = enrolments.of_person(ctx, user_id=user_id, limit=50)
    cards = courses.cards(ctx, _course_ids(shown, [each.course_id for each in enrolled]))
    lines = []
    if ctx.actor.may(Permission.AUDIT_READ):
        lines = audit.entries(ctx, wanted=AuditFilter(person_id=user_id), limit=RECENT).items
    return page(
        request,
        ctx.actor,
        "admin/person.html",
        status=status,
        person=shown,
        enrolled=enrolled,
        courses=cards,
        lines=lines,
        names=accounts.names_of(ctx, people_named(lines)),
        own_roles=[each for each in custom.roles(ctx) if all(ctx.actor.may(right) for right in each.permissions)],
        labels=PERMISSIONS,
        errors=errors or {},
    )


def _course_ids(shown: PersonView, enrolled: list[UUID]) -> list[UUID]:
    held = [each.course_id for each in shown.course_roles]
    held += [each.course_id for each in shown.own_roles_held if each.course_id is not None]
    return list({*held, *enrolled})
