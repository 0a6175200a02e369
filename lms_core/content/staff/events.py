"""Facts about the staff of a course."""

from typing import ClassVar
from uuid import UUID

from lms_core.kit.events import Event


class StaffInvited(Event):
    """Somebody is asked to join the staff; its notice goes to the account of that address, if there is one."""

    name: ClassVar[str] = "staff.invited"
    course_id: UUID
    invitation_id: UUID


class StaffChanged(Event):
    """Somebody joined the staff, or has another role on it."""

    name: ClassVar[str] = "staff.changed"
    course_id: UUID
    user_id: UUID


class StaffRemoved(Event):
    """Somebody is no longer on the staff."""

    name: ClassVar[str] = "staff.removed"
    course_id: UUID
    user_id: UUID
