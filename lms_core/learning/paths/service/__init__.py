"""Verbs on learning paths: `building` them, `following` them; `from ...paths import service as paths`."""

from lms_core.learning.paths.service.building import (
    change,
    create,
    delete_path,
    drop_cover,
    keep_cover,
    manageable,
    publish,
    set_courses,
    set_cover,
    unpublish,
)
from lms_core.learning.paths.service.following import (
    access_building,
    access_path,
    browse,
    cover_of,
    enrol,
    leave,
    mine,
    settle,
)

__all__ = [
    "access_building",
    "access_path",
    "browse",
    "change",
    "cover_of",
    "create",
    "delete_path",
    "drop_cover",
    "enrol",
    "keep_cover",
    "leave",
    "manageable",
    "mine",
    "publish",
    "set_courses",
    "set_cover",
    "settle",
    "unpublish",
]
