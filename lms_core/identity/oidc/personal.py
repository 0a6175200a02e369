"""What logins with other services hold about a person."""

from lms_core.identity.oidc.models import SocialAccount
from lms_core.kit.personal import Mine, declare

declare("other_logins", Mine(SocialAccount.user_id))
