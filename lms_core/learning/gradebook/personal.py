"""What the gradebook holds about a person: their grades and how those changed; and whose grades they changed."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.gradebook.models import Grade, GradeChange

declare(
    "gradebook",
    Mine(Grade.user_id),
    Mine(GradeChange.user_id, without=frozenset({"by"})),
    Act(GradeChange.by, why="the changes that somebody made are about the learners whose grades they are"),
)
