"""The verbs of courses, one module per use case; `from ...courses import service as courses`."""

from lms_core.content.courses.service.access import access_course, may_edit
from lms_core.content.courses.service.authoring import archive, create, delete_course, publish, update
from lms_core.content.courses.service.catalogue import (
    add_category,
    browse,
    cards,
    categories,
    manageable,
    not_drafts,
    require_manager,
    tags_of,
)
from lms_core.content.courses.service.importing import import_outline
from lms_core.content.courses.service.lessons import (
    add_lesson,
    countable_lessons,
    edit_lesson,
    lesson_course,
    lesson_ids,
    lesson_source,
    read_lesson,
    restore_version,
    versions,
)
from lms_core.content.courses.service.rendering import preview, render_pending
from lms_core.content.courses.service.structure import (
    add_module,
    change_module,
    delete_lesson,
    delete_module,
    move_lesson,
    neighbours,
    outline,
    set_outline,
)

__all__ = [
    "access_course",
    "add_category",
    "add_lesson",
    "add_module",
    "archive",
    "browse",
    "cards",
    "categories",
    "change_module",
    "countable_lessons",
    "create",
    "delete_course",
    "delete_lesson",
    "delete_module",
    "edit_lesson",
    "import_outline",
    "lesson_course",
    "lesson_ids",
    "lesson_source",
    "manageable",
    "may_edit",
    "move_lesson",
    "neighbours",
    "not_drafts",
    "outline",
    "preview",
    "publish",
    "read_lesson",
    "render_pending",
    "require_manager",
    "restore_version",
    "set_outline",
    "tags_of",
    "update",
    "versions",
]
