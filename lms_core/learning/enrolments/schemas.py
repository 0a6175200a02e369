"""Views of enrolments."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from lms_core.learning.enrolments.models import EnrollmentStatus


class EnrollmentView(BaseModel):
    """Somebody's place in a course."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    course_id: UUID
    status: EnrollmentStatus
    source: str
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """An enrolment by its id, and whose it is."""

    id: UUID
    user_id: UUID
