"""Facts about roles."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event
from lms_core.kit.permissions import Role


class RoleChanged(Event):
    """An administrator gave a person another role in the institution."""

    name: ClassVar[str] = "access.role_changed"
    user_id: UUID
    role: Role
