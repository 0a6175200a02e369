"""Who holds a permission in the institution: whom a notice about its affairs is for."""

from uuid import UUID

from sqlalchemy import select

from lms_core.identity.access.models import CustomRole, CustomRoleGrant, RoleAssignment
from lms_core.identity.accounts import service as accounts
from lms_core.kit.context import ReadCtx
from lms_core.kit.permissions import TENANT_PERMISSIONS, Permission, Role

MOST = 200


def of(ctx: ReadCtx, permission: Permission) -> tuple[UUID, ...]:
    """The people who hold `permission` by a role in the institution, two hundred at most. Three statements."""
    roles = [role for role in Role if permission in TENANT_PERMISSIONS.get(role, frozenset())]
    held = select(RoleAssignment.user_id).where(RoleAssignment.course_id.is_(None), RoleAssignment.role.in_(roles))
    ids = set(ctx.session.execute(held.distinct().limit(MOST)).scalars())
    own = (
        select(CustomRoleGrant.user_id, CustomRole.permissions)
        .join(CustomRole, CustomRole.id == CustomRoleGrant.role_id)
        .where(CustomRoleGrant.course_id.is_(None))
        .limit(MOST)
    )
    ids |= {user_id for user_id, names in ctx.session.execute(own) if permission.value in names}
    return tuple(each.id for each in accounts.addressees(ctx, sorted(ids)))
