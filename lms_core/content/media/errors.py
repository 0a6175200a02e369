"""Refusals of media: each says what happened, why, and what to do."""

from lms_core.kit.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooLarge, Unavailable


class UploadNotFound(NotFound):
    """No such upload, or somebody else's."""

    code = "upload_not_found"
    title = "There is no such upload"

    def __init__(self) -> None:
        super().__init__("It was cancelled, ended or expired. Send the file again.")


class MediaNotFound(NotFound):
    """No such item in this course."""

    code = "media_not_found"
    title = "There is no such file or video in this course"

    def __init__(self) -> None:
        super().__init__("It was removed, or its name in the lesson is misspelt.")


class FilmNotReady(Conflict):
    """The video is being made, or could not be."""

    code = "film_not_ready"
    title = "This video cannot be played yet"

    def __init__(self) -> None:
        super().__init__("It is still being prepared. Try again in a few minutes.")


class WrongOffset(Conflict):
    """Bytes came for another place than the next one (tus 1.0, PATCH)."""

    code = "wrong_offset"
    title = "The upload goes on at another place"

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes are here. Ask for the offset and go on from there.", received=received)


class NotReceiving(Conflict):
    """The upload is whole already."""

    code = "upload_complete"
    title = "This upload takes nothing more"

    def __init__(self) -> None:
        super().__init__("It is complete or was refused. Send another file as a new upload.")


class ChecksumMismatch(DomainError):
    """The bytes are not those that were sent (tus 1.0, checksum extension)."""

    status = 460
    code = "checksum_mismatch"
    title = "The bytes were changed on the way"

    def __init__(self) -> None:
        super().__init__("Nothing of this piece was kept. Send it again.")


class FileTooLarge(TooLarge):
    """Larger than any one upload may be."""

    code = "file_too_large"
    title = "This file is larger than allowed"

    def __init__(self, limit_mb: int) -> None:
        super().__init__(f"A file has at most {limit_mb} MB. Shrink it or cut it in parts.", limit_mb=limit_mb)


class QuotaExceeded(Forbidden):
    """There is no room left."""

    code = "quota_exceeded"
    title = "There is no room for this file"

    def __init__(self, whose: str, free: int) -> None:
        what = {"person": "Your own share", "course": "The course's share", "institution": "The institution's share"}
        told = f"{what[whose]} of storage has {free // 2**20} MB left. Delete what is no longer used, or ask for more."
        super().__init__(told, quota=whose, free=free)


class StillUsed(Conflict):
    """Lessons show the item."""

    code = "media_used"
    title = "Lessons still show this"

    def __init__(self, lessons: list[str]) -> None:
        named = "; ".join(lessons[:5])
        super().__init__(f"Take it out of these lessons first: {named}.", lessons=lessons)


class NotRetryable(Conflict):
    """There is nothing left to try again with."""

    code = "media_not_retryable"
    title = "This cannot be tried again"

    def __init__(self) -> None:
        super().__init__("Upload the file again.")


class Refused(Invalid):
    """A file whose content is not taken; `code` says why, the detail what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.reason_code = code


class CaptionRefused(Invalid):
    """A caption file that is neither WebVTT nor SubRip."""

    code = "caption_refused"
    title = "These captions cannot be read"


class ScannerUnavailable(Unavailable):
    """The virus scanner does not answer; the upload waits."""

    code = "scanner_unavailable"
    title = "Uploads cannot be checked right now"
