"""Refusals of progress."""

from collections.abc import Sequence

from lms_core.kit.errors import Conflict
from lms_core.learning.release.schemas import RequirementView


class NotDoneYet(Conflict):
    """The lesson completes by itself, once all it asks for is met."""

    code = "not_done_yet"
    title = "This lesson asks for more before it is complete"

    def __init__(self, requirements: Sequence[RequirementView]) -> None:
        super().__init__(
            "It completes by itself when everything is done; `requirements` lists what, and how far you are.",
            requirements=[each.model_dump(mode="json") for each in requirements],
        )
