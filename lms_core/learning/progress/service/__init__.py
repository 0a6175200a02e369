"""The verbs of progress, one module per use case; `from ...progress import service as progress`."""

from lms_core.learning.progress.service.at_risk import at_risk
from lms_core.learning.progress.service.days import note as note_day
from lms_core.learning.progress.service.days import week
from lms_core.learning.progress.service.lessons import (
    complete,
    mark_opened,
    note_reached,
    note_result,
    note_watched,
    read_on,
    still_to_do,
    undo,
)
from lms_core.learning.progress.service.reading import (
    course_progress,
    has_completed_any,
    my_courses,
    percent_of,
    percents,
    progress_in,
    resume,
)

__all__ = [
    "at_risk",
    "complete",
    "course_progress",
    "has_completed_any",
    "mark_opened",
    "my_courses",
    "note_day",
    "note_reached",
    "note_result",
    "note_watched",
    "percent_of",
    "percents",
    "progress_in",
    "read_on",
    "resume",
    "still_to_do",
    "undo",
    "week",
]
