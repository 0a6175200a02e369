"""Pictures of a bank's questions: files of its course."""

from uuid import UUID

from lms_core.content.files.schemas import AssetView, StoredFile
from lms_core.kit.context import WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.learning.assessments.service import pictures
from lms_core.learning.assessments.service.banks import access


def access_pictures(ctx: WriteCtx, bank_id: UUID) -> UUID:
    """The course whose files the pictures of a bank are, for who changes it; Invalid where it has none."""
    bank = access.editable(ctx, bank_id)
    if bank.course_id is None:
        told = "Pictures are files of a course. Keep this question in a bank of a course."
        raise Invalid(told, fields=[{"field": "file", "message": told}])
    return bank.course_id


def add_bank_picture(ctx: WriteCtx, bank_id: UUID, *, stored: StoredFile) -> AssetView:
    """Make a stored file (its owner is the bank's course) a picture for questions, as `assessments.add_picture`."""
    return pictures.keep(ctx, access_pictures(ctx, bank_id), stored=stored)
