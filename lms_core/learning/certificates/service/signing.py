"""Signing a document that is no certificate, with the institution's key, for whoever asks within a request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lms_core.identity.tenants import service as tenants
from lms_core.kit.context import Actor, Database, ReadCtx, Resources, WriteCtx
from lms_core.learning.certificates import keeping
from lms_core.learning.certificates.proof import documents


@dataclass(frozen=True, slots=True)
class _Request:
    """Short transactions of one institution, as a job has them."""

    database: Database
    actor: Actor

    @property
    def resources(self) -> Resources:
        return self.database.resources

    @contextmanager
    def read(self) -> Iterator[ReadCtx]:
        with self.database.read(self.actor) as ctx:
            yield ctx

    @contextmanager
    def write(self) -> Iterator[WriteCtx]:
        with self.database.write(self.actor) as ctx:
            yield ctx


def sign_document(database: Database, *, actor: Actor, pdf: bytes, reason: str) -> bytes:
    """The PDF with one certifying signature over all of it, as certificates have it. SignerUnavailable.

    Takes the database: the key is opened in a transaction of its own, and none is open while it signs.
    """
    request = _Request(database, actor)
    with request.read() as ctx:
        institution = tenants.name(ctx)
    signer = keeping.document_signer(request, institution=institution)
    return documents.sign(pdf, signer, name=institution, reason=reason)
