"""What enrolments hold about a person."""

from lms_core.kit.personal import Mine, declare
from lms_core.learning.enrolments.models import Enrollment

declare("enrolments", Mine(Enrollment.user_id))
