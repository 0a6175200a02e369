"""Verbs of whoever is invited: see one's invitations, accept, decline.

An invitation is answered with an account of its address: by the token of the letter, or by who confirmed the address.
"""

from uuid import UUID

from sqlalchemy import select

from lms_core.content.courses import service as courses
from lms_core.content.staff import queries, service
from lms_core.content.staff.errors import InvitationNotFound
from lms_core.content.staff.models import InvitationState, StaffInvitation
from lms_core.content.staff.schemas import InvitationView
from lms_core.identity.access import service as access
from lms_core.identity.access import staffing
from lms_core.identity.access.schemas import CourseRoleChoice
from lms_core.identity.accounts import addresses
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.ids import token_hash
from lms_core.kit.permissions import Role


def mine(ctx: ReadCtx, *, token: str = "") -> tuple[InvitationView, ...]:
    """The open invitations that the actor may answer. Unauthenticated, Forbidden. A fixed number of statements."""
    account = accounts.account(ctx, user_id=access.own_account(ctx))
    rows = queries.open_where(ctx, StaffInvitation.email_key == addresses.key_of(account.email))
    given = token_hash(token) if token else ""
    return queries.views(ctx, [row for row in rows if account.email_verified or row.token_hash == given])


def accept(ctx: WriteCtx, *, invitation_id: UUID, token: str = "") -> InvitationView:
    """Join the staff. Who owns the course already stays its owner. InvitationNotFound, Unauthenticated, Forbidden."""
    row = _answerable(ctx, invitation_id, token)
    view = queries.views(ctx, [row])[0]
    user_id = access.own_account(ctx)
    row.state, row.answered_at = InvitationState.ACCEPTED, ctx.now
    ctx.session.flush()
    card = courses.cards(ctx, [row.course_id])[row.course_id]
    if user_id not in staffing.owners_of(ctx, course_id=card.id):
        choice = CourseRoleChoice.model_validate({"role": row.role, "role_id": row.role_id})
        service.join(ctx, card, user_id=user_id, choice=choice)
    audit.record(ctx, action="staff.accepted", object=("course", card.id), role=row.role or str(row.role_id))
    return view


def decline(ctx: WriteCtx, *, invitation_id: UUID, token: str = "") -> None:
    """Do not join. InvitationNotFound, Unauthenticated, Forbidden."""
    row = _answerable(ctx, invitation_id, token)
    row.state, row.answered_at = InvitationState.DECLINED, ctx.now
    ctx.session.flush()
    audit.record(ctx, action="staff.declined", object=("course", row.course_id))


def hand_over(ctx: WriteCtx, user_id: UUID) -> None:
    """Before an account is emptied: its courses go to their longest co-instructors, invitations to it are deleted."""
    for course_id in staffing.owned_by(ctx, user_id=user_id):
        staff = staffing.staff_of(ctx, course_id=course_id)
        others = [each for each in staff if each.user_id != user_id]
        if others and others[0].role in (Role.OWNER, Role.INSTRUCTOR):
            heir = others[0].user_id
            staffing.put(ctx, user_id=heir, course_id=course_id, choice=CourseRoleChoice(role="owner"))
            if course_id in courses.cards(ctx, [course_id]):
                courses.set_owner(ctx, course_id, owner_id=heir)
    key = addresses.key_of(accounts.account(ctx, user_id=user_id).email)
    for row in ctx.session.execute(select(StaffInvitation).where(StaffInvitation.email_key == key)).scalars():
        ctx.session.delete(row)
    ctx.session.flush()


def _answerable(ctx: WriteCtx, invitation_id: UUID, token: str) -> StaffInvitation:
    account = accounts.account(ctx, user_id=access.own_account(ctx))
    locked = select(StaffInvitation).where(StaffInvitation.id == invitation_id).with_for_update(key_share=True)
    row: StaffInvitation | None = ctx.session.execute(locked).scalar_one_or_none()
    if row is None or row.state != InvitationState.PENDING or row.expires_at <= ctx.now:
        raise InvitationNotFound()
    proven = account.email_verified or (bool(token) and row.token_hash == token_hash(token))
    if row.email_key != addresses.key_of(account.email) or not proven:
        raise InvitationNotFound()
    return row
