"""Refusals of the gradebook."""

from lms_core.kit.errors import Conflict, DomainError, NotFound


class ColumnNotFound(NotFound):
    """No such column in this course."""

    code = "grade_column_not_found"
    title = "There is no such column"

    def __init__(self) -> None:
        super().__init__("The column was deleted, or belongs to another course. Load the gradebook again.")


class CategoryNotFound(NotFound):
    """No such category in this course."""

    code = "grade_category_not_found"
    title = "There is no such category"

    def __init__(self) -> None:
        super().__init__("The category was deleted, or belongs to another course. Load the page again.")


class LearnerNotFound(NotFound):
    """Nobody of this course."""

    code = "learner_not_found"
    title = "There is no such learner in this course"

    def __init__(self) -> None:
        super().__init__("The person is not enrolled in this course. Load the gradebook again.")


class ScaleNotFound(NotFound):
    """No such scale in this institution."""

    code = "grade_scale_not_found"
    title = "There is no such letter scale"

    def __init__(self) -> None:
        super().__init__("The scale was deleted. Choose another one.")


class GradeLocked(Conflict):
    """A locked grade or column was to be changed."""

    code = "grade_locked"
    title = "The grade is locked"

    def __init__(self) -> None:
        super().__init__("The grade or its column is locked. Unlock it first, then change it.")


class GradeMoved(Conflict):
    """Somebody changed the grade since it was read."""

    code = "grade_moved"
    title = "The grade was changed meanwhile"

    def __init__(self) -> None:
        super().__init__("Somebody else, or a quiz, changed this grade. Load it again and decide anew.")


class NotByHand(Conflict):
    """A column of a quiz was to be deleted."""

    code = "grade_column_of_source"
    title = "The column belongs to a quiz"

    def __init__(self) -> None:
        super().__init__("It goes when its quiz goes. Leave it out of the total, or hide it.")


class SheetRefused(DomainError):
    """An uploaded table cannot be read."""

    status = 422
    code = "grade_sheet_refused"
    title = "The table cannot be read"
