"""Refusals of certificates."""

from lms_core.kit.errors import Conflict, Invalid, NotFound, Unavailable


class CertificateNotFound(NotFound):
    """No such certificate, or it is not for this person to manage."""

    code = "certificate_not_found"
    title = "There is no such certificate"

    def __init__(self) -> None:
        super().__init__("Compare the code with the one on the certificate, or ask whoever gave it to you.")


class PictureRefused(Invalid):
    """A logo or signature that is not a plain picture."""

    code = "picture_refused"
    title = "This picture cannot be used"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Upload a PNG or JPEG of at most 2 MB and 4000 x 4000 pixels.")


class AlreadyRevoked(Conflict):
    """A certificate is revoked once."""

    code = "certificate_revoked"
    title = "This certificate is revoked already"

    def __init__(self) -> None:
        super().__init__("The first reason stays. Issue a new certificate if it was revoked by mistake.")


class StillPrepared(Conflict):
    """The signed document is being made."""

    code = "certificate_prepared"
    title = "The document is being prepared"

    def __init__(self) -> None:
        super().__init__("It is signed in the background and is here in a moment. Try again in a few seconds.")


class SignerUnavailable(Unavailable):
    """The key that signs documents cannot be used."""

    code = "signer_unavailable"
    title = "Documents cannot be signed right now"
