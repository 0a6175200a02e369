"""The verbs of the gradebook, one module per use case; `from ...gradebook import service as gradebook`."""

from lms_core.learning.gradebook.service.access import access_marking, access_setup
from lms_core.learning.gradebook.service.copying import copy_to, first_date
from lms_core.learning.gradebook.service.feeding import feed, follow, rebuild, rebuild_course
from lms_core.learning.gradebook.service.history import history
from lms_core.learning.gradebook.service.lettering import add_scale, change_scale, delete_scale, own_scales, scales
from lms_core.learning.gradebook.service.marking import apply_import, change_grade
from lms_core.learning.gradebook.service.own import my_grades, what_if
from lms_core.learning.gradebook.service.reading import open_book, open_column, open_learner, open_setup
from lms_core.learning.gradebook.service.setup import (
    add_category,
    add_column,
    change_category,
    change_column,
    delete_category,
    delete_column,
    save_settings,
)
from lms_core.learning.gradebook.service.sheets import export, preview_import
from lms_core.learning.gradebook.service.standing_apart import standing_apart
from lms_core.learning.gradebook.service.transcript import transcript, transcript_pdf

__all__ = [
    "access_marking",
    "access_setup",
    "add_category",
    "add_column",
    "add_scale",
    "apply_import",
    "change_category",
    "change_column",
    "change_grade",
    "change_scale",
    "copy_to",
    "delete_category",
    "delete_column",
    "delete_scale",
    "export",
    "feed",
    "first_date",
    "follow",
    "history",
    "my_grades",
    "open_book",
    "open_column",
    "open_learner",
    "open_setup",
    "own_scales",
    "preview_import",
    "rebuild",
    "rebuild_course",
    "save_settings",
    "scales",
    "standing_apart",
    "transcript",
    "transcript_pdf",
    "what_if",
]
