"""The keys of an institution: made on first use, private halves encrypted, public halves never forgotten.

Documents are signed by the key that MWALIMU_CERTIFICATE_SIGNER names, else by
one made here with a self-signed certificate. Credentials are signed by an
Ed25519 key made here.
"""

from contextlib import AbstractContextManager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms_core.kit.context import ReadCtx, Resources, WriteCtx
from lms_core.kit.crypto import Keys
from lms_core.kit.settings import Settings
from lms_core.learning.certificates.models import KeyPurpose, SigningKey
from lms_core.learning.certificates.proof import integrity, signers

if TYPE_CHECKING:
    from pyhanko.sign import Signer

SEALED_FOR = "certificates.signing_key"


def public_keys(ctx: ReadCtx, purpose: KeyPurpose) -> list[str]:
    """Every public key that ever signed for this institution, oldest first."""
    rows = ctx.session.execute(
        select(SigningKey.public).where(SigningKey.purpose == purpose).order_by(SigningKey.id)
    ).scalars()
    return list(rows)


def credential_key(ctx: WriteCtx) -> tuple[Ed25519PrivateKey, str]:
    """The private key that signs credentials and its Multikey; made when there is none."""
    row = _newest(ctx, KeyPurpose.CREDENTIAL)
    if row is None:
        private = Ed25519PrivateKey.generate()
        raw = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        row = _keep(ctx, KeyPurpose.CREDENTIAL, public=integrity.multikey(private.public_key()), private=raw)
    return _opened(ctx.resources.get(Keys), row), row.public


def known_credential_key(ctx: ReadCtx) -> tuple[Ed25519PrivateKey, str] | None:
    """The same where nothing may be written; None when no credential was signed yet."""
    row = _newest(ctx, KeyPurpose.CREDENTIAL)
    return None if row is None else (_opened(ctx.resources.get(Keys), row), row.public)


class Transactions(Protocol):
    """Opens short transactions in one institution: a job's work, or a request."""

    @property
    def resources(self) -> Resources: ...

    def read(self) -> AbstractContextManager[ReadCtx]: ...

    def write(self) -> AbstractContextManager[WriteCtx]: ...


def document_signer(work: Transactions, *, institution: str) -> "Signer":
    """Who signs documents. Opens its own short transactions: a file or a token may be slow. SignerUnavailable."""
    settings = work.resources.get(Settings)
    password = settings.certificate_signer_password.get_secret_value()
    if settings.certificate_signer.startswith(signers.PKCS11):
        signer = _of_token(settings.certificate_signer, password)
    elif settings.certificate_signer:
        signer = signers.signer_of(signers.key_of_file(Path(settings.certificate_signer), password))
    else:
        with work.write() as ctx:
            return signers.signer_of(_own_document_key(ctx, institution))
    _remember(work, signers.certificate_of(signer))
    return signer


@lru_cache(maxsize=4)
def _of_token(uri: str, pin: str) -> "Signer":
    """One session with the token a process."""
    return signers.signer_of_token(uri, pin)


def _own_document_key(ctx: WriteCtx, institution: str) -> signers.DocumentKey:
    row = _newest(ctx, KeyPurpose.DOCUMENT, own=True)
    keys = ctx.resources.get(Keys)
    if row is not None:
        return signers.DocumentKey(keys.decrypt(SEALED_FOR, row.sealed), row.public)
    made = signers.own_key(institution, now=ctx.now)
    _keep(ctx, KeyPurpose.DOCUMENT, public=made.certificate, private=made.private)
    return made


def _remember(work: Transactions, certificate: str) -> None:
    """Keep a certificate of a file or token, so that what it signed is still known when it is replaced."""
    with work.read() as view:
        if certificate in public_keys(view, KeyPurpose.DOCUMENT):
            return
    try:
        with work.write() as ctx:
            _keep(ctx, KeyPurpose.DOCUMENT, public=certificate, private=b"")
    except IntegrityError:  # another batch was first
        return


def _keep(ctx: WriteCtx, purpose: KeyPurpose, *, public: str, private: bytes) -> SigningKey:
    sealed = ctx.resources.get(Keys).encrypt(SEALED_FOR, private) if private else b""
    fingerprint = sha256(public.encode()).hexdigest()
    return ctx.add(
        SigningKey(purpose=purpose, fingerprint=fingerprint, public=public, sealed=sealed, created_at=ctx.now)
    )


def _newest(ctx: ReadCtx, purpose: KeyPurpose, *, own: bool = False) -> SigningKey | None:
    wanted = select(SigningKey).where(SigningKey.purpose == purpose).order_by(SigningKey.id.desc())
    rows = ctx.session.execute(wanted).scalars()
    found: SigningKey | None = next((row for row in rows if row.sealed or not own), None)
    return found


def _opened(keys: Keys, row: SigningKey) -> Ed25519PrivateKey:
    return _private(row.id, keys, row.sealed)


@lru_cache(maxsize=64)
def _private(_key_id: UUID, keys: Keys, sealed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keys.decrypt(SEALED_FOR, sealed))
