"""What can be refused about imports."""

from lms_core.kit.errors import Conflict, Invalid, NotFound


class ImportNotFound(NotFound):
    """No such import of this person."""

    code = "import_not_found"
    title = "There is no such import"


class NothingUploaded(Invalid):
    """An import without files."""

    code = "nothing_uploaded"
    title = "No file came with the import"


class BadPath(Invalid):
    """A file name that leaves the course's folder."""

    code = "bad_path"
    title = "A file has a name that cannot be used"


class NotRunning(Conflict):
    """Cancelling what has ended."""

    code = "import_not_running"
    title = "The import has already ended"


class NotRetryable(Conflict):
    """Retrying what has not failed."""

    code = "import_not_retryable"
    title = "Only a failed or cancelled import can be tried again"
