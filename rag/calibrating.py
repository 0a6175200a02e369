"""Finding a course's refusal threshold, when enough of the course has changed."""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Work
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import CourseIndex
from rag.retrieval.calibration import calibrate
from rag.search import Scope, search

CHANGED_SHARE = 0.1  # of the chunks, since the last calibration


def calibrate_course(work: Work, *, course_id: UUID) -> None:
    """Ask the course the bank of foreign questions and keep the threshold that refuses them."""
    space = work.resources.get(EmbedderProvider).get().space
    wanted = select(CourseIndex).where(CourseIndex.course_id == course_id, CourseIndex.space == space)
    with work.read() as view:
        row = view.session.execute(wanted).scalar_one_or_none()
    if row is None or row.chunks == 0 or not _changed_enough(row):
        return
    scope = Scope(tenant_id=work.actor.tenant_id, course_id=course_id, drafts=True)

    def probability(question: str) -> float:
        work.check_stop()
        with work.read() as view:
            return search(view, question=question, scope=scope, language="en").answerable

    threshold = calibrate(probability)
    with work.write() as ctx:
        kept = ctx.session.execute(wanted).scalar_one_or_none()
        if kept is not None:
            kept.threshold, kept.calibrated_chunks = threshold, row.chunks


def _changed_enough(row: CourseIndex) -> bool:
    if row.threshold is None:
        return True
    return abs(row.chunks - row.calibrated_chunks) > CHANGED_SHARE * row.chunks
