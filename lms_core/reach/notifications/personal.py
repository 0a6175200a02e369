"""What notifications hold about a person."""

from lms_core.kit.personal import Mine, declare
from lms_core.reach.notifications.models import Notification, NotificationDelivery

declare(
    "notifications",
    Mine(Notification.user_id),
    Mine(NotificationDelivery.notification_id, via=Notification.user_id),
)
