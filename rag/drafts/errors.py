"""Refusals of question drafts."""

from lms_core.kit.errors import Conflict, NotFound


class DraftNotFound(NotFound):
    """No such draft, or not for this person."""

    code = "question_draft_not_found"
    title = "There is no such draft here"

    def __init__(self) -> None:
        super().__init__("The draft does not exist any more, or its course is not yours to edit. Load the list again.")


class DraftDecided(Conflict):
    """Deciding twice."""

    code = "question_draft_decided"
    title = "This draft was decided before"

    def __init__(self) -> None:
        super().__init__("It was approved or rejected meanwhile. Load the list again.")


class DraftStale(Conflict):
    """Approving what the lesson does not say any more."""

    code = "question_draft_stale"
    title = "The lesson changed since this draft was made"

    def __init__(self) -> None:
        super().__init__("What it was made from may not be there any more. Look for questions in this lesson again.")


class DraftingRunning(Conflict):
    """Two searches in one course at once."""

    code = "question_drafting_running"
    title = "Questions are being looked for"

    def __init__(self) -> None:
        super().__init__("Wait until the search in this course is done; then start another one.")
