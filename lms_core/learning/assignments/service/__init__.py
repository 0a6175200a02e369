"""The verbs of assignments, one module per use case; `from ...assignments import service as assignments`."""

from lms_core.learning.assignments.service.authoring import (
    assignments_in,
    beside,
    cards,
    change,
    create,
    delete_assignment,
    marked_in,
    publish,
    read_source,
    rows_of,
    unpublish,
)
from lms_core.learning.assignments.service.copying import copy_to, first_date
from lms_core.learning.assignments.service.drafting import (
    add_file,
    check_file,
    remove_file,
    save_draft,
    submit,
)
from lms_core.learning.assignments.service.easing import extensions_of, set_extension, take_extension
from lms_core.learning.assignments.service.grouping import add_group, change_group, delete_group, groups_of
from lms_core.learning.assignments.service.handing_out import access_file
from lms_core.learning.assignments.service.listing import MarkFilter, read_submission, submissions_at
from lms_core.learning.assignments.service.marking import release, release_all, save_mark
from lms_core.learning.assignments.service.missing import not_handed_in
from lms_core.learning.assignments.service.reading import read_assignment
from lms_core.learning.assignments.service.results import graded_assignments, results, unfollowed, waiting
from lms_core.learning.assignments.service.reviewing import adopt_medians, draw_reviews, read_review, write_review
from lms_core.learning.assignments.service.schemes import (
    add_scheme,
    change_scheme,
    delete_scheme,
    read_scheme,
    schemes_of,
)

__all__ = [
    "MarkFilter",
    "access_file",
    "add_file",
    "add_group",
    "add_scheme",
    "adopt_medians",
    "assignments_in",
    "beside",
    "cards",
    "change",
    "change_group",
    "change_scheme",
    "check_file",
    "copy_to",
    "create",
    "delete_assignment",
    "delete_group",
    "delete_scheme",
    "draw_reviews",
    "extensions_of",
    "first_date",
    "graded_assignments",
    "groups_of",
    "marked_in",
    "not_handed_in",
    "publish",
    "read_assignment",
    "read_review",
    "read_scheme",
    "read_source",
    "read_submission",
    "release",
    "release_all",
    "remove_file",
    "results",
    "rows_of",
    "save_draft",
    "save_mark",
    "schemes_of",
    "set_extension",
    "submissions_at",
    "submit",
    "take_extension",
    "unfollowed",
    "unpublish",
    "waiting",
    "write_review",
]
