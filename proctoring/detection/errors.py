"""Why a picture is refused, or a model cannot be used."""

from lms_core.kit.errors import DomainError


class PictureRefused(DomainError):
    """Bytes that are no usable picture; `code` says which way."""

    status = 422
    code = "picture_refused"
    title = "This is not a usable picture"


class NotAPicture(PictureRefused):
    """Empty, or not JPEG, PNG or WebP."""

    code = "not_a_picture"
    title = "This is not a JPEG, PNG or WebP picture"


class PictureBroken(PictureRefused):
    """Begins like a picture, but cannot be decoded to its end."""

    code = "picture_broken"
    title = "The picture is damaged"


class PictureTooLarge(PictureRefused):
    """Too many bytes or pixels; told from the header, before anything is decoded."""

    status = 413
    code = "picture_too_large"
    title = "The picture is too large"


class ModelUnavailable(Exception):
    """A model's file is absent, altered or unreadable; the message says what to do."""
