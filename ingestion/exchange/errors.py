"""Refusals about questions on their way in and out."""

from ingestion.readers import Unreadable
from lms_core.kit.errors import Conflict, Invalid, NotFound


class QuestionImportNotFound(NotFound):
    """No such import, or one into a course that is not the caller's to edit."""

    code = "question_import_not_found"
    title = "There is no such import of questions here"

    def __init__(self) -> None:
        super().__init__("It does not exist, was forgotten after 30 days, or its course is not yours to edit.")


class QuestionFileRefused(Invalid):
    """The file as a whole cannot be read; `detail` says why and what to do."""

    code = "question_file_refused"
    title = "This file cannot be used"

    def __init__(self, error: Unreadable) -> None:
        super().__init__(error.reason, fields=[{"field": "file", "message": error.reason}], reason=error.code)


class NothingToImport(Invalid):
    """No question of the file can come."""

    code = "nothing_to_import"
    title = "No question of this file can come"

    def __init__(self) -> None:
        super().__init__("The report says why for each. Export them in another way, and upload that.")


class QuestionImportStarted(Conflict):
    """It was confirmed before."""

    code = "question_import_started"
    title = "This import was started before"

    def __init__(self) -> None:
        super().__init__("Look at its page. To bring the questions in again, upload the file again.")


class TooManyQuestions(Invalid):
    """More than the quiz holds."""

    code = "too_many_questions"
    title = "The quiz would have too many questions"

    def __init__(self, most: int) -> None:
        super().__init__(f"A quiz holds at most {most} questions. Bring these into new quizzes instead.")
