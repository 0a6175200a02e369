"""Access tokens: JSON Web Tokens (RFC 7519) signed with HS256 under a key of their own.

They say who and which session, never what is allowed: roles are read from the
database on each request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from lms_core.kit.crypto import Keys
from lms_core.kit.errors import Unauthenticated
from lms_core.kit.ids import parse_id

ALGORITHM = "HS256"  # the only one accepted, whatever a token's header asks for (RFC 8725, 3.1)
PURPOSE = "access-token"
MAXIMUM_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says."""

    user_id: UUID
    tenant_id: UUID
    session_id: UUID


def issue(keys: Keys, claims: Claims, *, now: datetime, lifetime: timedelta) -> str:
    """A signed token, good until `now + lifetime`."""
    return jwt.encode(
        {"alg": ALGORITHM, "typ": "JWT"},
        {
            "sub": str(claims.user_id),
            "tid": str(claims.tenant_id),
            "sid": str(claims.session_id),
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
        },
        OctKey.import_key(keys.derive(PURPOSE)),
        algorithms=[ALGORITHM],
    )


def read(keys: Keys, token: str, *, now: datetime) -> Claims:
    """The claims of a token that this installation signed and that has not expired. Unauthenticated otherwise."""
    refused = Unauthenticated("The access token is not valid, or has expired. Refresh it, or log in again.")
    if len(token) > MAXIMUM_LENGTH:
        raise refused
    try:
        decoded = jwt.decode(token, OctKey.import_key(keys.derive(PURPOSE)), algorithms=[ALGORITHM])
    except (JoseError, ValueError) as error:
        raise refused from error
    expires = decoded.claims.get("exp")
    if not isinstance(expires, int) or expires <= now.timestamp():
        raise refused
    user_id, tenant_id, session_id = (parse_id(str(decoded.claims.get(name, ""))) for name in ("sub", "tid", "sid"))
    if user_id is None or tenant_id is None or session_id is None:
        raise refused
    return Claims(user_id, tenant_id, session_id)
