"""Verbs on passkeys: add, list, rename, remove, log in, confirm that it is oneself.

`log_in` and `confirm` take the database: a refused answer uses its challenge up and is written down although the
request fails.
"""

import json
import re
import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lms_core.identity.access import reauthentication
from lms_core.identity.access import service as access
from lms_core.identity.accounts import service as accounts
from lms_core.identity.audit import service as audit
from lms_core.identity.auth import confirming
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.errors import AccountClosed
from lms_core.identity.auth.schemas import Client, ConfirmedView, WebSession
from lms_core.identity.challenges import service as challenges
from lms_core.identity.challenges.errors import ChallengeExpired
from lms_core.identity.challenges.models import ChallengePurpose
from lms_core.identity.passkeys.errors import PasskeyNotTaken, PasskeyRefused
from lms_core.identity.passkeys.models import Passkey
from lms_core.identity.passkeys.schemas import Ceremony, NewPasskey, PasskeyLogin, PasskeyView
from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Actor, Database, ReadCtx, WriteCtx
from lms_core.kit.errors import NotFound
from lms_core.kit.settings import Settings

# The webauthn package is imported where it is used: it loads X.509 and CBOR parsers that no other request needs.

SITE_NAME = "Mwalimu"
MAXIMUM_ANSWER = 20_000  # characters of JSON
CREDENTIAL_ID = re.compile(r"[\w-]{1,1400}", re.ASCII)  # base64url of at most 1,023 bytes (WebAuthn Level 3, 4)
UNKNOWN = "You have no such passkey."


def begin_adding(ctx: WriteCtx) -> Ceremony:
    """What the actor's browser needs to make a passkey. Forbidden to API keys and impersonators, ConfirmFirst."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    user_id = reauthentication.proven_account(ctx)
    account = accounts.account(ctx, user_id=user_id)
    challenge = secrets.token_bytes(32)
    options = generate_registration_options(
        rp_id=_site(ctx)[0],
        rp_name=SITE_NAME,
        user_id=user_id.bytes,
        user_name=account.email,
        user_display_name=account.full_name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(id=_bytes(each.credential_id)) for each in _of(ctx, user_id)
        ],
    )
    purpose = ChallengePurpose.PASSKEY_REGISTRATION
    token = challenges.begin(ctx, purpose=purpose, user_id=user_id, data={"challenge": challenge.hex()})
    return Ceremony(challenge=token, options=json.loads(options_to_json(options)))


def add(ctx: WriteCtx, *, new: NewPasskey) -> PasskeyView:
    """Keep the passkey that the browser made, and tell its owner by mail. ChallengeExpired, PasskeyNotTaken."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    user_id = access.own_account(ctx)
    waiting = challenges.waiting(ctx, token=new.challenge, purpose=ChallengePurpose.PASSKEY_REGISTRATION)
    if waiting.user_id != user_id:
        raise ChallengeExpired()
    challenges.use(ctx, challenge_id=waiting.id)
    site, origin = _site(ctx)
    try:
        made = verify_registration_response(
            credential=_bounded(new.credential),
            expected_challenge=bytes.fromhex(waiting.data["challenge"]),
            expected_rp_id=site,
            expected_origin=origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyNotTaken() from error
    try:
        with ctx.session.begin_nested():
            row = ctx.add(
                Passkey(
                    user_id=user_id,
                    name=new.name,
                    credential_id=bytes_to_base64url(made.credential_id),
                    public_key=made.credential_public_key,
                    sign_count=made.sign_count,
                    created_at=ctx.now,
                )
            )
    except IntegrityError as error:  # it is somebody's already
        raise PasskeyNotTaken() from error
    audit.record(ctx, action="passkey.added", object=("passkey", row.id))
    accounts.send_warning(ctx, user_id=user_id, kind="passkey_added")
    return _view(row)


def own(ctx: ReadCtx) -> list[PasskeyView]:
    """The actor's own passkeys, oldest first."""
    return [_view(row) for row in _of(ctx, access.own_account(ctx))]


def rename(ctx: WriteCtx, *, passkey_id: UUID, name: str) -> PasskeyView:
    """Call one of the actor's own passkeys something else. NotFound for any other."""
    wanted = select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == access.own_account(ctx))
    row: Passkey | None = ctx.session.execute(wanted).scalar_one_or_none()
    if row is None:
        raise NotFound(UNKNOWN)
    row.name = name
    ctx.session.flush()
    return _view(row)


def remove(ctx: WriteCtx, *, passkey_id: UUID) -> None:
    """Take one of the actor's own passkeys away. NotFound for any other, ConfirmFirst."""
    user_id = reauthentication.proven_account(ctx)
    gone = ctx.session.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id).returning(Passkey.id)
    ).first()
    if gone is None:
        raise NotFound(UNKNOWN)
    audit.record(ctx, action="passkey.removed", object=("passkey", passkey_id))


def begin_login(ctx: WriteCtx, *, client: Client) -> Ceremony:
    """What any browser needs to log in with a passkey; it names nobody. TooManyRequests."""
    auth.limit_attempts(ctx.resources, what="passkey", tenant_id=ctx.tenant_id, client=client)
    return _begin_proof(ctx, user_id=None)


def begin_confirming(ctx: WriteCtx) -> Ceremony:
    """What the actor's browser needs to prove with a passkey that it is they. Unauthenticated, Forbidden."""
    return _begin_proof(ctx, user_id=access.own_account(ctx))


def _begin_proof(ctx: WriteCtx, *, user_id: UUID | None) -> Ceremony:
    """A challenge for a passkey; of `user_id` alone where it is given. A login takes either kind, and names nobody."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    held = _of(ctx, user_id) if user_id is not None else []
    challenge = secrets.token_bytes(32)
    options = generate_authentication_options(
        rp_id=_site(ctx)[0],
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=_bytes(each.credential_id)) for each in held],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    purpose = ChallengePurpose.PASSKEY_LOGIN
    token = challenges.begin(ctx, purpose=purpose, user_id=user_id, data={"challenge": challenge.hex()})
    return Ceremony(challenge=token, options=json.loads(options_to_json(options)))


def log_in(database: Database, *, visitor: Actor, given: PasskeyLogin, client: Client) -> WebSession:
    """A session for the holder of a passkey. ChallengeExpired, PasskeyRefused, AccountClosed, TooManyRequests."""
    auth.limit_attempts(database.resources, what="passkey", tenant_id=visitor.tenant_id, client=client)
    with database.write(visitor) as ctx:
        waiting = challenges.waiting(ctx, token=given.challenge, purpose=ChallengePurpose.PASSKEY_LOGIN)
        challenges.use(ctx, challenge_id=waiting.id)
        row = _held(ctx, given.credential.get("id"))
        why = _refusal(ctx, row, given.credential, bytes.fromhex(waiting.data["challenge"]))
        if row is not None and not why:
            if not accounts.may_log_in(ctx, user_id=row.user_id):
                raise AccountClosed()
            row.last_used_at = ctx.now
            return auth.open_web_session(ctx, user_id=row.user_id, client=client)
        subject = ("user", row.user_id) if row is not None else None
        audit.record(ctx, action="login.passkey_refused", object=subject, ip=client.ip, why=why)
    raise PasskeyRefused()


def confirm(database: Database, *, actor: Actor, given: PasskeyLogin, client: Client) -> ConfirmedView:
    """Take a passkey of the actor's as proof that it is they. ChallengeExpired, PasskeyRefused, Forbidden."""
    auth.limit_attempts(database.resources, what="passkey", tenant_id=actor.tenant_id, client=client)
    with database.write(actor) as ctx:
        user_id = access.own_account(ctx)
        waiting = challenges.waiting(ctx, token=given.challenge, purpose=ChallengePurpose.PASSKEY_LOGIN)
        if waiting.user_id != user_id:
            raise ChallengeExpired()
        challenges.use(ctx, challenge_id=waiting.id)
        row = _held(ctx, given.credential.get("id"))
        mine = row if row is not None and row.user_id == user_id else None
        why = _refusal(ctx, mine, given.credential, bytes.fromhex(waiting.data["challenge"]))
        if mine is not None and not why:
            mine.last_used_at = ctx.now
            return confirming.note(ctx, way="passkey")
        audit.record(ctx, action="confirm.refused", object=("user", user_id), ip=client.ip, why=why)
    raise PasskeyRefused()


def _held(ctx: WriteCtx, credential_id: Any) -> Passkey | None:
    """The passkey of this id, held, so that a counter cannot go back between two logins at once."""
    if not isinstance(credential_id, str) or CREDENTIAL_ID.fullmatch(credential_id) is None:
        return None
    wanted = select(Passkey).where(Passkey.credential_id == credential_id).with_for_update(key_share=True)
    row: Passkey | None = ctx.session.execute(wanted).scalar_one_or_none()
    return row


def _refusal(ctx: WriteCtx, row: Passkey | None, credential: dict[str, Any], challenge: bytes) -> str:
    """Why the answer does not prove the key (WebAuthn Level 3, 7.2); empty when it does; the counter moves on."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    if row is None:
        return "the passkey is unknown"
    site, origin = _site(ctx)
    try:
        proof = verify_authentication_response(
            credential=_bounded(credential),
            expected_challenge=challenge,
            expected_rp_id=site,
            expected_origin=origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        return str(error)[:200] or type(error).__name__
    row.sign_count = proof.new_sign_count
    return ""


def _site(ctx: ReadCtx) -> tuple[str, str]:
    """The relying party's id (a host) and the origin that pages of this institution have."""
    origin = tenants.origin(ctx, public_url=ctx.resources.get(Settings).public_url)
    return urlsplit(origin).hostname or "", origin


def _of(ctx: ReadCtx, user_id: UUID) -> list[Passkey]:
    return list(ctx.session.execute(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)).scalars())


def _bytes(credential_id: str) -> bytes:
    from webauthn import base64url_to_bytes

    return bytes(base64url_to_bytes(credential_id))


def _bounded(credential: dict[str, Any]) -> str:
    text = json.dumps(credential)
    if len(text) > MAXIMUM_ANSWER:
        raise ValueError("longer than any authenticator's answer")
    return text


def _view(row: Passkey) -> PasskeyView:
    return PasskeyView(id=row.id, name=row.name, created_at=row.created_at, last_used_at=row.last_used_at)
