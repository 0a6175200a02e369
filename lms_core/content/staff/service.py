"""Verbs on the staff of a course: see it, put somebody on it, change and remove them, give the course away.

Invitations are asked for here and answered in `answering`.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from lms_core.content.courses import service as courses
from lms_core.content.courses.schemas import CourseCard
from lms_core.content.staff import queries
from lms_core.content.staff.errors import AlreadyStaff, InvitationNotFound, LastOwner, TooManyInvitations
from lms_core.content.staff.events import StaffChanged, StaffInvited, StaffRemoved
from lms_core.content.staff.models import InvitationState, StaffInvitation
from lms_core.content.staff.schemas import Chosen, Colleague, InvitationIn, InvitationView, StaffMember, StaffView
from lms_core.identity.access import staffing
from lms_core.identity.access.schemas import CourseRoleChoice, Teacher
from lms_core.identity.access.staffing import Held
from lms_core.identity.accounts import addresses
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Forbidden, NotFound
from lms_core.kit.events import Notice
from lms_core.kit.permissions import COURSE_PERMISSIONS, Permission, Role

LIFETIME = timedelta(days=14)
MOST_OPEN = 50
MAIL_INVITATION = "staff.mail_invitation"
NOT_ON_IT = "This person is not on the staff of the course. Load the page again."


def staff(ctx: ReadCtx, course: str | UUID) -> StaffView:
    """The staff of a course, for its editors. A fixed number of statements. CourseNotFound, Forbidden."""
    card = courses.access_course(ctx, course, Permission.COURSE_EDIT, even_archived=True)
    held = staffing.staff_of(ctx, course_id=card.id)
    ids = [each.user_id for each in held]
    names, emails = accounts.names_of(ctx, ids), accounts.emails_of(ctx, ids)
    own_roles = staffing.own_roles(ctx)
    rights = {each.id: frozenset(each.permissions) for each in own_roles}

    def may_change(each: Held) -> bool:
        granted = COURSE_PERMISSIONS[each.role] if each.role is not None else rights.get(each.role_id, frozenset())
        return all(ctx.actor.may(right, course_id=card.id) for right in granted)

    members = [
        StaffMember(
            user_id=each.user_id,
            full_name=names.get(each.user_id, ""),
            email=emails.get(each.user_id, ""),
            role=each.role,
            role_id=each.role_id,
            role_name=each.role_name,
            may_change=may_change(each),
        )
        for each in held
    ]
    waiting = queries.open_where(ctx, StaffInvitation.course_id == card.id)
    return StaffView(
        members=tuple(members),
        invitations=queries.views(ctx, waiting),
        colleagues=tuple(Colleague(id=each.id, full_name=each.full_name) for each in _free_colleagues(ctx, set(ids))),
        roles=tuple(each for each in own_roles if all(ctx.actor.may(p, course_id=card.id) for p in each.permissions)),
        may_transfer=ctx.actor.may(Permission.COURSE_OWN, course_id=card.id),
    )


def invite(ctx: WriteCtx, course: str | UUID, *, invitation: InvitationIn) -> InvitationView:
    """Ask whoever has this address to join the staff; a letter goes out. An open one to the address is replaced.

    CourseNotFound, Forbidden, NotFound (no such role), AlreadyStaff, TooManyInvitations.
    """
    card = courses.editing(ctx, course)
    _require_rights(ctx, card, invitation)
    known = accounts.account_with_email(ctx, email=invitation.email)
    if known is not None and _held(ctx, card.id, known.id) is not None:
        raise AlreadyStaff()
    key = addresses.key_of(invitation.email)
    _end(ctx, StaffInvitation.course_id == card.id, StaffInvitation.email_key == key)
    if _count_open(ctx, card.id) >= MOST_OPEN:
        raise TooManyInvitations(MOST_OPEN)
    row = ctx.add(
        StaffInvitation(
            course_id=card.id,
            email=invitation.email,
            email_key=key,
            role=invitation.role,
            role_id=invitation.role_id,
            invited_by=ctx.actor.user_id,
            language=known.language if known is not None else ctx.actor.language,
            created_at=ctx.now,
            expires_at=ctx.now + LIFETIME,
        )
    )
    ctx.enqueue(MAIL_INVITATION, invitation_id=str(row.id))
    audit.record(ctx, action="staff.invited", object=("course", card.id), role=_named(invitation))
    told = Notice(recipients=(known.id,), kind="staff.invited", variables={"course": card.title}) if known else None
    ctx.emit(StaffInvited(course_id=card.id, invitation_id=row.id, notice=told))
    return queries.views(ctx, [row])[0]


def withdraw(ctx: WriteCtx, course: str | UUID, *, invitation_id: UUID) -> None:
    """Take an open invitation back. InvitationNotFound."""
    card = courses.editing(ctx, course)
    if not _end(ctx, StaffInvitation.course_id == card.id, StaffInvitation.id == invitation_id):
        raise InvitationNotFound()
    audit.record(ctx, action="staff.invitation_withdrawn", object=("course", card.id))


def add(ctx: WriteCtx, course: str | UUID, *, chosen: Chosen) -> None:
    """Put a colleague on the staff at once: somebody who teaches or administers in the institution.

    CourseNotFound, Forbidden, NotFound (no such colleague or role), AlreadyStaff.
    """
    card = courses.editing(ctx, course)
    _require_rights(ctx, card, chosen)
    if all(each.id != chosen.user_id for each in staffing.colleagues(ctx)):
        raise NotFound("Choose somebody who teaches in the institution; others are invited by their address.")
    if _held(ctx, card.id, chosen.user_id) is not None:
        raise AlreadyStaff()
    join(ctx, card, user_id=chosen.user_id, choice=chosen)


def change(ctx: WriteCtx, course: str | UUID, *, user_id: UUID, choice: CourseRoleChoice) -> None:
    """Give somebody on the staff another role. CourseNotFound, Forbidden, NotFound, LastOwner."""
    card = courses.editing(ctx, course)
    _require_rights(ctx, card, choice)
    held = _require_held(ctx, card, user_id)
    if held.role is Role.OWNER and choice.role != "owner":
        _require_other_owner(ctx, card, user_id)
    join(ctx, card, user_id=user_id, choice=choice)


def remove(ctx: WriteCtx, course: str | UUID, *, user_id: UUID) -> None:
    """Take somebody, or oneself, off the staff; what they wrote stays, their open invitations end.

    CourseNotFound, Forbidden, NotFound, LastOwner.
    """
    leaving = user_id == ctx.actor.user_id
    card = _locked(ctx, course) if leaving else courses.editing(ctx, course)
    held = _held(ctx, card.id, user_id) if leaving else _require_held(ctx, card, user_id)
    if held is None:
        raise NotFound(NOT_ON_IT)
    if held.role is Role.OWNER:
        _require_other_owner(ctx, card, user_id)
    staffing.withdraw(ctx, user_id=user_id, course_id=card.id)
    _end(ctx, StaffInvitation.course_id == card.id, StaffInvitation.invited_by == user_id)
    if card.owner_id == user_id:
        owners = staffing.owners_of(ctx, course_id=card.id)
        courses.set_owner(ctx, card.id, owner_id=owners[0] if owners else None)
    audit.record(ctx, action="staff.removed", object=("user", user_id), course=str(card.id))
    about = {"course": card.title, "slug": card.slug}
    told = None if leaving else Notice(recipients=(user_id,), kind="staff.removed", variables=about)
    ctx.emit(StaffRemoved(course_id=card.id, user_id=user_id, notice=told))


def transfer(ctx: WriteCtx, course: str | UUID, *, user_id: UUID) -> None:
    """Give the course to somebody on its staff; whoever owned it stays as co-instructor.

    CourseNotFound, Forbidden for who does not own it, NotFound.
    """
    card = courses.editing(ctx, course)
    if not ctx.actor.may(Permission.COURSE_OWN, course_id=card.id):
        raise Forbidden("Only an owner of this course gives it away. Ask one of them, or an administrator.")
    _require_held(ctx, card, user_id)
    for owner in staffing.owners_of(ctx, course_id=card.id):
        if owner != user_id:
            staffing.put(ctx, user_id=owner, course_id=card.id, choice=CourseRoleChoice(role="instructor"))
    staffing.put(ctx, user_id=user_id, course_id=card.id, choice=CourseRoleChoice(role="owner"))
    courses.set_owner(ctx, card.id, owner_id=user_id)
    audit.record(ctx, action="staff.transferred", object=("user", user_id), course=str(card.id))
    about = {"course": card.title, "slug": card.slug}
    told = Notice(recipients=(user_id,), kind="staff.course_given", variables=about)
    ctx.emit(StaffChanged(course_id=card.id, user_id=user_id, notice=told))


def join(ctx: WriteCtx, card: CourseCard, *, user_id: UUID, choice: CourseRoleChoice) -> None:
    """Give the role, write it down and tell the person. The caller has authorised."""
    staffing.put(ctx, user_id=user_id, course_id=card.id, choice=choice)
    if choice.role == "owner" and card.owner_id is None:
        courses.set_owner(ctx, card.id, owner_id=user_id)
    audit.record(ctx, action="staff.role_given", object=("user", user_id), course=str(card.id), role=_named(choice))
    about = {"course": card.title, "slug": card.slug}
    told = Notice(recipients=(user_id,), kind="staff.role_given", variables=about)
    ctx.emit(StaffChanged(course_id=card.id, user_id=user_id, notice=None if user_id == ctx.actor.user_id else told))


def _locked(ctx: WriteCtx, course: str | UUID) -> CourseCard:
    """The course for somebody who leaves its staff, locked when they edit it: owners leave one after the other."""
    card = courses.access_course(ctx, course, even_archived=True)
    return courses.editing(ctx, card.id) if courses.may_edit(ctx, card.id) else card


def _require_rights(ctx: ReadCtx, card: CourseCard, choice: CourseRoleChoice) -> None:
    if not all(ctx.actor.may(each, course_id=card.id) for each in staffing.rights_of(ctx, choice)):
        raise Forbidden("Nobody gives what they do not hold in this course. Ask one of its owners.")


def _require_held(ctx: ReadCtx, card: CourseCard, user_id: UUID) -> Held:
    """Their place on the staff, for somebody who holds all that it grants."""
    held = _held(ctx, card.id, user_id)
    if held is None:
        raise NotFound(NOT_ON_IT)
    role = CourseRoleChoice.model_validate({"role": held.role, "role_id": held.role_id})
    if not all(ctx.actor.may(each, course_id=card.id) for each in staffing.rights_of(ctx, role)):
        raise Forbidden("This person holds rights in the course that you do not hold. Ask one of its owners.")
    return held


def _require_other_owner(ctx: ReadCtx, card: CourseCard, user_id: UUID) -> None:
    if staffing.owners_of(ctx, course_id=card.id) == [user_id]:
        raise LastOwner()


def _held(ctx: ReadCtx, course_id: UUID, user_id: UUID) -> Held | None:
    return next((each for each in staffing.staff_of(ctx, course_id=course_id) if each.user_id == user_id), None)


def _free_colleagues(ctx: ReadCtx, taken: set[UUID]) -> list[Teacher]:
    return [each for each in staffing.colleagues(ctx) if each.id not in taken]


def _end(ctx: WriteCtx, *conditions: bool) -> bool:
    """Withdraw the open invitations that meet the conditions; whether there were any."""
    ended = ctx.session.execute(
        update(StaffInvitation)
        .where(StaffInvitation.state == InvitationState.PENDING, *conditions)
        .values(state=InvitationState.WITHDRAWN, answered_at=ctx.now)
        .returning(StaffInvitation.id)
    ).all()
    return bool(ended)


def _count_open(ctx: ReadCtx, course_id: UUID) -> int:
    counted = select(func.count()).where(
        StaffInvitation.course_id == course_id,
        StaffInvitation.state == InvitationState.PENDING,
        StaffInvitation.expires_at > ctx.now,
    )
    found: int = ctx.session.execute(counted).scalar_one()
    return found


def _named(choice: CourseRoleChoice) -> str:
    return choice.role or str(choice.role_id)
