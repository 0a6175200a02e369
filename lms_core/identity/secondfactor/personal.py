"""What second factors hold about a person."""

from lms_core.identity.secondfactor.models import RecoveryCode, TotpDevice, TrustedDevice
from lms_core.kit.personal import Mine, declare

declare(
    "second_factor",
    Mine(TotpDevice.user_id, without=frozenset({"sealed_secret", "last_step"})),
    Mine(RecoveryCode.user_id, without=frozenset({"code_hash"})),
    Mine(TrustedDevice.user_id, without=frozenset({"token_hash"})),
)
