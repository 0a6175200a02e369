"""`/courses/{course}/staff`, `/staff-invitations`: who teaches a course, and who is asked to."""

from uuid import UUID

from fastapi import APIRouter

from api.deps import Reading, Writing
from api.errors import errors
from api.routes.content.courses import CourseName
from lms_core.content.courses.errors import CourseNotFound
from lms_core.content.staff import answering
from lms_core.content.staff import service as staff
from lms_core.content.staff.errors import AlreadyStaff, InvitationNotFound, LastOwner, TooManyInvitations
from lms_core.content.staff.schemas import Chosen, InvitationAnswer, InvitationIn, InvitationView, StaffView
from lms_core.identity.access.schemas import CourseRoleChoice
from lms_core.kit.errors import Forbidden, NotFound, Unauthenticated

router = APIRouter(tags=["staff"])

OF_COURSE = errors(Unauthenticated, Forbidden, CourseNotFound)
OF_INVITATION = errors(Unauthenticated, Forbidden, InvitationNotFound)


@router.get("/courses/{course}/staff", response_model=StaffView, responses=OF_COURSE)
def read_staff(ctx: Reading, course: CourseName) -> StaffView:
    """Who is on the staff of a course, who is invited, and whom and for what one may ask. For its editors."""
    return staff.staff(ctx, course)


@router.post(
    "/courses/{course}/staff",
    status_code=201,
    response_model=StaffView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound, AlreadyStaff),
)
def add(ctx: Writing, course: CourseName, chosen: Chosen) -> StaffView:
    """Put a colleague of the institution on the staff at once."""
    staff.add(ctx, course, chosen=chosen)
    return staff.staff(ctx, course)


@router.put(
    "/courses/{course}/staff/{user_id}",
    response_model=StaffView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound, LastOwner),
)
def change(ctx: Writing, course: CourseName, user_id: UUID, choice: CourseRoleChoice) -> StaffView:
    """Give somebody on the staff another role."""
    staff.change(ctx, course, user_id=user_id, choice=choice)
    return staff.staff(ctx, course)


@router.delete(
    "/courses/{course}/staff/{user_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound, LastOwner),
)
def remove(ctx: Writing, course: CourseName, user_id: UUID) -> None:
    """Take somebody, or oneself, off the staff."""
    staff.remove(ctx, course, user_id=user_id)


@router.post(
    "/courses/{course}/staff/{user_id}/ownership",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound),
)
def transfer(ctx: Writing, course: CourseName, user_id: UUID) -> None:
    """Give the course to somebody on its staff; its owner becomes a co-instructor."""
    staff.transfer(ctx, course, user_id=user_id)


@router.post(
    "/courses/{course}/staff-invitations",
    status_code=201,
    response_model=InvitationView,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, NotFound, AlreadyStaff, TooManyInvitations),
)
def invite(ctx: Writing, course: CourseName, invitation: InvitationIn) -> InvitationView:
    """Ask somebody by mail to join the staff."""
    return staff.invite(ctx, course, invitation=invitation)


@router.delete(
    "/courses/{course}/staff-invitations/{invitation_id}",
    status_code=204,
    response_model=None,
    responses=errors(Unauthenticated, Forbidden, CourseNotFound, InvitationNotFound),
)
def withdraw(ctx: Writing, course: CourseName, invitation_id: UUID) -> None:
    """Take an open invitation back."""
    staff.withdraw(ctx, course, invitation_id=invitation_id)


@router.get("/staff-invitations", response_model=list[InvitationView], responses=errors(Unauthenticated, Forbidden))
def list_mine(ctx: Reading) -> list[InvitationView]:
    """The invitations that wait for the caller's answer."""
    return list(answering.mine(ctx))


@router.post("/staff-invitations/{invitation_id}/accept", response_model=InvitationView, responses=OF_INVITATION)
def accept(ctx: Writing, invitation_id: UUID, answer: InvitationAnswer) -> InvitationView:
    """Join the staff."""
    return answering.accept(ctx, invitation_id=invitation_id, token=answer.token)


@router.post(
    "/staff-invitations/{invitation_id}/decline", status_code=204, response_model=None, responses=OF_INVITATION
)
def decline(ctx: Writing, invitation_id: UUID, answer: InvitationAnswer) -> None:
    """Do not join."""
    answering.decline(ctx, invitation_id=invitation_id, token=answer.token)
