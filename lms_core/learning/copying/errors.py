"""Refusals of copies."""

from lms_core.kit.errors import NotFound


class CopyNotFound(NotFound):
    """No such copy, or somebody else's."""

    code = "copy_not_found"
    title = "There is no such copy here"

    def __init__(self) -> None:
        super().__init__("The copy's course was deleted, or somebody else made it. Look among your courses.")


class BeginningNotFound(NotFound):
    """No beginning of this key."""

    code = "beginning_not_found"
    title = "There is no such template here"

    def __init__(self) -> None:
        super().__init__("The template is not there any more. Choose another one.")
