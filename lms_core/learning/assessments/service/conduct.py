"""How a quiz is conducted, read and set by its editors."""

from datetime import datetime
from uuid import UUID

from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import reviewing, views
from lms_core.learning.assessments.models import Quiz
from lms_core.learning.assessments.schemas import Conduct, ConductIn
from lms_core.learning.assessments.service import entering
from lms_core.learning.assessments.service.access import editable, staffed

NEEDS_CLOSING = "Results after the quiz closes need a closing date. Set one, or show them earlier."


def read_conduct(ctx: ReadCtx, quiz_id: UUID) -> ConductIn:
    """How a quiz is conducted, its password included, for its editors. QuizNotFound, Forbidden."""
    quiz, _ = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    return _view(ctx, quiz)


def set_conduct(ctx: WriteCtx, quiz_id: UUID, *, conduct: ConductIn) -> ConductIn:
    """Replace it. Attempts that began keep their terms; what is shown of them follows the new table at once.

    Invalid when results come after a close that there is none of.
    """
    quiz, _ = editable(ctx, quiz_id)
    write(ctx, quiz, conduct)
    quiz.updated_at = ctx.now
    ctx.session.flush()
    return _view(ctx, quiz)


def write(ctx: WriteCtx, quiz: Quiz, conduct: ConductIn) -> None:
    """Put it into the quiz's row; Invalid as above."""
    check_closing(conduct, quiz.closes_at, field="review")
    quiz.conduct = conduct.model_dump(mode="json", exclude={"password"}, exclude_defaults=True)
    quiz.password_sealed = entering.sealed(ctx, conduct.password)


def check_closing(conduct: Conduct, closes_at: datetime | None, *, field: str) -> None:
    """Invalid when everything waits for a close that there is none of."""
    if closes_at is None and reviewing.shows_only_after_close(conduct):
        raise Invalid(NEEDS_CLOSING, fields=[{"field": field, "message": NEEDS_CLOSING}])


def _view(ctx: ReadCtx, quiz: Quiz) -> ConductIn:
    kept = views.conduct_of(quiz)
    return ConductIn(**kept.model_dump(), password=entering.opened(ctx, quiz.password_sealed))
