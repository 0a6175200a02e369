"""Taking bytes out of storage once no row names them."""

from lms_core.kit.context import Work
from lms_core.kit.jobs import job
from lms_core.kit.storage import Storage

DISCARD = "proctoring.discard_pictures"


@job(DISCARD, queue="io")
def discard(work: Work, *, keys: list[str]) -> None:
    """Delete objects; those that are gone already are fine."""
    storage = work.resources.get(Storage)  # type: ignore[type-abstract]
    for key in keys:
        storage.delete(key)
