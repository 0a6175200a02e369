"""What is written sealed: credentials, people's numbers and names, callbacks as they came. And hashes to find by."""

import hashlib
import json
from typing import Any

from lms_core.kit.context import ReadCtx, Resources
from lms_core.kit.crypto import Keys

CREDENTIALS = "payments.credentials"
CALLBACK_TOKEN = "payments.callback_token"  # noqa: S105
PERSON = "payments.person"
METHOD = "payments.method"
RAW = "payments.raw"


def seal(at: ReadCtx | Resources, purpose: str, content: Any) -> str:
    """JSON under the key of its purpose; "" for nothing."""
    if not content:
        return ""
    return _keys(at).encrypt(purpose, json.dumps(content).encode()).decode()


def unseal(at: ReadCtx | Resources, purpose: str, sealed: str) -> Any:
    """The content again; None for "". ValueError when it was sealed with another installation's key."""
    return json.loads(_keys(at).decrypt(purpose, sealed.encode())) if sealed else None


def hashed(*parts: object) -> str:
    """SHA-256 of the parts, hex."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def _keys(at: ReadCtx | Resources) -> Keys:
    return (at.resources if isinstance(at, ReadCtx) else at).get(Keys)
