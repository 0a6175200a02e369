"""What progress holds about a person."""

from lms_core.kit.personal import Mine, declare
from lms_core.learning.progress.models import LearningDay, LessonProgress

declare("progress", Mine(LessonProgress.user_id), Mine(LearningDay.user_id))
