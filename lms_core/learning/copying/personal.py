"""What copies hold about a person: that they made one."""

from lms_core.kit.personal import Act, declare
from lms_core.learning.copying.models import CourseCopy

declare("copying", Act(CourseCopy.by, only=("id", "source_id", "target_id", "created_at")))
