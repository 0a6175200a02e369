"""Refusals of drafts."""

from collections.abc import Sequence
from typing import Literal, TypedDict
from uuid import UUID

from lms_core.kit.errors import Conflict, NotFound

Reason = Literal["outdated", "rival", "changed", "untitled"]


class Obstacle(TypedDict):
    """A draft that cannot be published now, and why."""

    draft_id: str
    lesson_id: str
    title: str
    reason: Reason


class DraftNotFound(NotFound):
    """No such draft, or not for this person."""

    code = "draft_not_found"
    title = "There is no such draft here"

    def __init__(self) -> None:
        super().__init__(
            "The draft was published or discarded, or its course is not yours to edit. Load the list again."
        )


class DraftMoved(Conflict):
    """The author saved this draft in another window or on another device."""

    code = "draft_moved"
    title = "The draft was saved elsewhere meanwhile"

    def __init__(self, revision: int) -> None:
        super().__init__(
            "You saved this draft in another window or on another device. Load that text, or save yours over it.",
            current_revision=revision,
        )


class DraftsInTheWay(Conflict):
    """Drafts that cannot be published as they are, so none was."""

    code = "drafts_in_the_way"
    title = "Nothing was published"

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        named = ", ".join(dict.fromkeys(f"“{each['title']}”" for each in obstacles))
        super().__init__(
            f"Something stands in the way of {named}: the lesson was published anew, another draft of it is chosen "
            "too, the draft was changed, or it has no title. Look at these drafts, or leave them out.",
            drafts=list(obstacles),
        )


def obstacle(draft_id: UUID, lesson_id: UUID, title: str, reason: Reason) -> Obstacle:
    """An obstacle as problem documents carry it."""
    return Obstacle(draft_id=str(draft_id), lesson_id=str(lesson_id), title=title, reason=reason)
