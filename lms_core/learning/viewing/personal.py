"""What viewing holds about a person."""

from lms_core.kit.personal import Mine, declare
from lms_core.learning.viewing.models import VideoProgress

declare("viewing", Mine(VideoProgress.user_id))
