"""What courses hold about a person: what they wrote stays with the course, without their name."""

from lms_core.content.courses.models import Course, LessonVersion
from lms_core.kit.personal import Act, declare

declare(
    "courses",
    Act(Course.owner_id, only=("id", "slug", "title", "summary", "language", "status", "created_at")),
    Act(LessonVersion.author_id, only=("id", "lesson_id", "number", "title", "body", "note", "created_at")),
)
