"""What learning paths hold about a person."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.paths.models import LearningPath, PathEnrollment

declare(
    "paths",
    Mine(PathEnrollment.user_id),
    Act(LearningPath.owner_id, only=("id", "slug", "title", "summary", "created_at")),
)
