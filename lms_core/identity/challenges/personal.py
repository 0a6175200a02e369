"""What unfinished proofs hold about a person."""

from lms_core.identity.challenges.models import Challenge
from lms_core.kit.personal import Mine, declare

declare("challenges", Mine(Challenge.user_id, without=frozenset({"token_hash", "data"})))
