"""Links to single objects on the disk: method, key and end, signed with the installation's key.

What a bucket's presigned URLs are (AWS Signature Version 4, query parameters), for
storage that nobody but this service can reach: whoever holds the link may do the one
thing it names until it ends. HMAC-SHA256 over everything the link says.
"""

import base64
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from lms_core.kit.crypto import Keys
from lms_core.kit.errors import DomainError

Method = Literal["GET", "PUT"]
PURPOSE = "storage.link"
PATH = "/api/v1/stored"
SIGNATURE_BYTES = 32


class StorageLinkOver(DomainError):
    """The link to a file is altered, for something else, or its time is over."""

    status = 403
    code = "link_over"
    title = "This link does not work any more: open the page again for a new one"


@dataclass(frozen=True, slots=True)
class LinkSigner:
    """Makes and reads links; `now` is the installation's clock, `base` its public address."""

    keys: Keys
    base: str
    now: Callable[[], datetime]

    def link(self, key: str, *, method: Method, seconds: int) -> str:
        """The address that does `method` to `key` for so many seconds."""
        until = int((self.now() + timedelta(seconds=seconds)).timestamp())
        body = json.dumps([method, key, until], separators=(",", ":")).encode()
        token = base64.urlsafe_b64encode(self._signature(body) + body).rstrip(b"=").decode()
        return f"{self.base.rstrip('/')}{PATH}/{token}"

    def key_of(self, token: str, *, method: Method) -> str:
        """The key a link is for. StorageLinkOver."""
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError as error:
            raise StorageLinkOver() from error
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise StorageLinkOver()
        allowed, key, until = json.loads(body)
        if allowed != method or datetime.fromtimestamp(until, UTC) < self.now():
            raise StorageLinkOver()
        return str(key)

    def _signature(self, body: bytes) -> bytes:
        return hmac.new(self.keys.derive(PURPOSE), body, sha256).digest()
