"""What passkeys hold about a person."""

from lms_core.identity.passkeys.models import Passkey
from lms_core.kit.personal import Mine, declare

declare("passkeys", Mine(Passkey.user_id))
