"""Background work of staff: the letter of an invitation, and forgetting old ones.

The token is made by the job that mails it, so that no job row ever carries one.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from lms_core.content.courses import service as courses
from lms_core.content.staff import letters
from lms_core.content.staff.models import InvitationState, StaffInvitation
from lms_core.content.staff.service import MAIL_INVITATION
from lms_core.identity.accounts import service as accounts
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Work, WriteCtx
from lms_core.kit.ids import new_token, token_hash
from lms_core.kit.jobs import every, job
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.settings import Settings

KEPT = timedelta(days=90)


@job(MAIL_INVITATION, queue="io")
def mail_invitation(work: Work, *, invitation_id: str) -> None:
    """Mail the link with which somebody answers, unless the invitation is answered or withdrawn by now."""
    with work.write() as ctx:
        letter = _letter(ctx, UUID(invitation_id))
    if letter is not None:
        work.resources.get(Mail).send(letter)  # type: ignore[type-abstract]


@every(timedelta(days=1), "staff.forget_old_invitations")
def forget_old_invitations(work: Work) -> None:
    """Delete invitations some months after they ended, in every institution."""
    with work.write() as ctx:
        ctx.session.execute(delete(StaffInvitation).where(StaffInvitation.expires_at < ctx.now - KEPT))


def _letter(ctx: WriteCtx, invitation_id: UUID) -> Letter | None:
    wanted = select(StaffInvitation).where(
        StaffInvitation.id == invitation_id, StaffInvitation.state == InvitationState.PENDING
    )
    row = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        return None
    token = new_token()
    row.token_hash = token_hash(token)
    ctx.session.flush()
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    inviter = accounts.names_of(ctx, [row.invited_by]).get(row.invited_by, "") if row.invited_by is not None else ""
    return letters.invitation(
        to=row.email,
        language=row.language,
        course=courses.cards(ctx, [row.course_id])[row.course_id].title,
        inviter=inviter,
        link=f"{origin}/staff-invitations?token={token}",
    )
