"""Pictures of hotspot questions: files of the course, added by its editors and shown to who reads it."""

from collections.abc import Iterable
from uuid import UUID

from lms_core.content.files import service as files
from lms_core.content.files.schemas import AssetView, StoredFile
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid, NotFound, TooLarge
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.service.access import editable
from lms_core.learning.assessments.types.hotspot import HotspotKey

SHOWN = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif"}
LARGEST = 5 * 1024 * 1024


def add_picture(ctx: WriteCtx, quiz_id: UUID, *, stored: StoredFile) -> AssetView:
    """Make a stored file (its owner is the quiz's course) a picture for questions, under a name made of its content.

    For the quiz's editors. TooLarge above 5 MB; Invalid for what is no PNG, JPEG, GIF, WebP or AVIF by its content.
    """
    _, card = editable(ctx, quiz_id)
    return keep(ctx, card.id, stored=stored)


def keep(ctx: WriteCtx, course_id: UUID, *, stored: StoredFile) -> AssetView:
    """The same for a course whose questions the caller may change."""
    if stored.size > LARGEST:
        raise TooLarge("A picture has at most 5 MB. Make it smaller, and try again.")
    if stored.media_type not in SHOWN:
        told = "Choose a PNG, JPEG, GIF, WebP or AVIF picture."
        raise Invalid(told, fields=[{"field": "file", "message": told}])
    path = f"questions/{stored.sha256[:16]}.{SHOWN[stored.media_type]}"
    return files.attach(ctx, owner_id=course_id, path=path, stored=stored)


def pictures_of(ctx: ReadCtx, course_id: UUID) -> list[str]:
    """Paths of the pictures of a course that the caller has accessed, by name. One statement."""
    return [file.path for file in files.of_owner(ctx, owner_id=course_id) if file.media_type in SHOWN]


def check(ctx: ReadCtx, course_id: UUID, questions: Iterable[QuestionIn]) -> None:
    """Invalid when a question shows a picture that the course does not have. One statement for each."""
    for path in {question.key.picture for question in questions if isinstance(question.key, HotspotKey)}:
        try:
            found = files.find(ctx, owner_id=course_id, path=path)
        except NotFound:
            found = None
        if found is None or found.media_type not in SHOWN:
            told = f"The course has no picture {path[:80]!r}. Upload one, then choose it."
            raise Invalid(told, fields=[{"field": "picture", "message": told}])
