"""Refusals of learning paths."""

from lms_core.kit.errors import Conflict, NotFound


class PathNotFound(NotFound):
    """No such path, or not for this person."""

    code = "path_not_found"
    title = "There is no such learning path here"

    def __init__(self) -> None:
        super().__init__("The path does not exist, or is not published. Check the address.")


class PathSlugTaken(Conflict):
    """Another path of the institution has this slug."""

    code = "path_slug_taken"
    title = "Another path has this address"

    def __init__(self, slug: str) -> None:
        super().__init__(f"Another path has the address {slug!r}. Choose another slug.")


class PathNotReady(Conflict):
    """Publishing a path without a course, or with one that learners cannot find."""

    code = "path_not_ready"
    title = "The path is not ready"

    def __init__(self) -> None:
        super().__init__("A path needs at least one course, and all of its courses published. Then publish it again.")
