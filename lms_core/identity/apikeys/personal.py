"""What API keys hold about a person."""

from lms_core.identity.apikeys.models import ApiKey
from lms_core.kit.personal import Mine, declare

declare("api_keys", Mine(ApiKey.user_id, without=frozenset({"secret_hash"})))
