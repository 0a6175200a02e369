"""Refusals of courses."""

from lms_core.kit.errors import Conflict, NotFound


class CourseNotFound(NotFound):
    """No such course, or not for this person."""

    code = "course_not_found"
    title = "There is no such course here"

    def __init__(self) -> None:
        super().__init__("The course does not exist, is not published, or is not open to you. Check the address.")


class LessonNotFound(NotFound):
    """No such lesson, or not for this person."""

    code = "lesson_not_found"
    title = "There is no such lesson here"

    def __init__(self) -> None:
        super().__init__(
            "The lesson does not exist, or you are not enrolled in its course. Enrol, or check the address."
        )


class SlugTaken(Conflict):
    """Another course of the institution has this slug."""

    code = "slug_taken"
    title = "Another course has this address"


class NothingToPublish(Conflict):
    """A course without a lesson to read."""

    code = "nothing_to_publish"
    title = "The course has no lesson to read yet"

    def __init__(self) -> None:
        super().__init__("Add or import a lesson, make sure that it is not a draft, and publish again.")


class IsTemplate(Conflict):
    """Publishing what others only begin from."""

    code = "is_template"
    title = "The course is a template"

    def __init__(self) -> None:
        super().__init__("Make a course from the template and publish that, or stop offering it as a template.")


class VersionConflict(Conflict):
    """Somebody saved the lesson since it was opened for editing."""

    code = "version_conflict"
    title = "The lesson was changed by somebody else meanwhile"

    def __init__(self, current: int) -> None:
        super().__init__(
            f"Version {current} was saved since you opened it. Load it, bring your change into it, and save again.",
            current_version=current,
        )


class OutlineChanged(Conflict):
    """The order sent does not name exactly the modules and lessons there are."""

    code = "outline_changed"
    title = "The outline is not the present one"

    def __init__(self) -> None:
        super().__init__("Modules or lessons were added or removed meanwhile. Load the outline again and repeat.")


class StillPublished(Conflict):
    """Deleting what learners can see."""

    code = "still_published"
    title = "The course is published"

    def __init__(self) -> None:
        super().__init__("Archive the course first: then nobody loses it by accident. After that it can be deleted.")
