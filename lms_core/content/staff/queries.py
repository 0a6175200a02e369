"""The selects of invitations."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select

from lms_core.content.courses import service as courses
from lms_core.content.staff.models import InvitationState, StaffInvitation
from lms_core.content.staff.schemas import InvitationView
from lms_core.identity.access import staffing
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx


def open_where(ctx: ReadCtx, *conditions: ColumnElement[bool] | bool) -> list[StaffInvitation]:
    """The invitations that still wait, oldest first. One statement."""
    wanted = select(StaffInvitation).where(
        StaffInvitation.state == InvitationState.PENDING, StaffInvitation.expires_at > ctx.now, *conditions
    )
    return list(ctx.session.execute(wanted.order_by(StaffInvitation.id).limit(200)).scalars())


def views(ctx: ReadCtx, rows: Sequence[StaffInvitation]) -> tuple[InvitationView, ...]:
    """Invitations with the names of courses, roles and people. Three statements and those of courses not read yet."""
    if not rows:
        return ()
    cards = courses.cards(ctx, _distinct(row.course_id for row in rows))
    names = accounts.names_of(ctx, _distinct(row.invited_by for row in rows))
    roles = {each.id: each.name for each in staffing.own_roles(ctx)}
    return tuple(
        InvitationView(
            id=row.id,
            course_id=row.course_id,
            course_title=cards[row.course_id].title,
            course_slug=cards[row.course_id].slug,
            email=row.email,
            role=row.role,
            role_id=row.role_id,
            role_name=roles.get(row.role_id, "") if row.role_id is not None else "",
            invited_by=names.get(row.invited_by, "") if row.invited_by is not None else "",
            expires_at=row.expires_at,
        )
        for row in rows
        if row.course_id in cards
    )


def _distinct(ids: Iterable[UUID | None]) -> list[UUID]:
    return list({each for each in ids if each is not None})
