"""What policies hold about a person."""

from lms_core.kit.personal import Act, declare
from proctoring.policies.models import Policy

declare("proctor_policies", Act(Policy.made_by, only=("id", "quiz_id", "version", "made_at")))
