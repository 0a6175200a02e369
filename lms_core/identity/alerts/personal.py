"""What alerts hold about a person."""

from lms_core.identity.alerts.models import KnownTrait, SecurityAlert
from lms_core.kit.personal import Mine, declare

declare("alerts", Mine(KnownTrait.user_id), Mine(SecurityAlert.user_id))
