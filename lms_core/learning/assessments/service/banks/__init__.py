"""The verbs of question banks; `from ...assessments.service import banks`.

A bank is locked by whoever changes it; a quiz's sections are written down under the locks of the banks they use, so
that nothing is deleted while a quiz begins to use it. Locks go quiz, then banks by their ids.
"""

from lms_core.learning.assessments.service.banks.copying import copy_to
from lms_core.learning.assessments.service.banks.keeping import (
    add_category,
    browse,
    change,
    change_category,
    create,
    delete_bank,
    delete_category,
    read,
)
from lms_core.learning.assessments.service.banks.pictures import access_pictures, add_bank_picture
from lms_core.learning.assessments.service.banks.questions import (
    add,
    add_questions,
    copy,
    delete_question,
    edit,
    matching,
    move,
    read_question,
)
from lms_core.learning.assessments.service.banks.questions import browse as browse_questions
from lms_core.learning.assessments.service.banks.questions import change as change_questions
from lms_core.learning.assessments.service.banks.usage import usage
from lms_core.learning.assessments.service.banks.versions import restore, versions

__all__ = [
    "access_pictures",
    "add",
    "add_bank_picture",
    "add_category",
    "add_questions",
    "browse",
    "browse_questions",
    "change",
    "change_category",
    "change_questions",
    "copy",
    "copy_to",
    "create",
    "delete_bank",
    "delete_category",
    "delete_question",
    "edit",
    "matching",
    "move",
    "read",
    "read_question",
    "restore",
    "usage",
    "versions",
]
