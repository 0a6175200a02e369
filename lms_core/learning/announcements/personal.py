"""What announcements hold about a person: what they wrote stays with the course; what they read goes."""

from lms_core.kit.personal import Act, Mine, declare
from lms_core.learning.announcements.models import Announcement, AnnouncementRead

declare(
    "announcements",
    Act(Announcement.author_id, only=("id", "course_id", "title", "body", "state", "created_at", "sent_at")),
    Mine(AnnouncementRead.user_id),
)
