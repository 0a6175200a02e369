"""What roles hold about a person."""

from lms_core.identity.access.models import CustomRoleGrant, RoleAssignment
from lms_core.kit.personal import Mine, declare

declare("roles", Mine(RoleAssignment.user_id), Mine(CustomRoleGrant.user_id))
