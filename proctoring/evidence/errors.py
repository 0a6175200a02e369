"""Refusals of evidence."""

from lms_core.kit.errors import Invalid, NotFound, TooLarge


class SnapshotNotFound(NotFound):
    """No such picture, or not for this person, or deleted."""

    code = "snapshot_not_found"
    title = "There is no such picture here"

    def __init__(self) -> None:
        super().__init__("It does not exist, was deleted when its time was over, or is not for you to see.")


class LinkOver(NotFound):
    """A link that is too old, altered, or somebody else's."""

    code = "evidence_link_over"
    title = "This link does not open a picture any more"

    def __init__(self) -> None:
        super().__init__(
            "Links last five minutes and open only for the person they were made for. Load the page again."
        )


class NotAPicture(Invalid):
    """Bytes that are no whole JPEG."""

    code = "not_a_picture"
    title = "This is not a JPEG picture"


class PictureTooLarge(TooLarge):
    """More bytes or more pixels than a snapshot has."""

    code = "picture_too_large"
    title = "The picture is too large"
