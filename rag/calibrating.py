"""Finding a course's refusal threshold, when enough of the course has changed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Work
from rag.embeddings import Embedder
from rag.embeddings.provider import EmbedderProvider
from rag.index.models import CourseIndex
from rag.retrieval.calibration import bank, calibrate
from rag.schemas import QuestionVectors
from rag.search import Scope, search

ASKED_TOGETHER = 16
CHANGED_SHARE = 0.1  # of the chunks, since the last calibration


def calibrate_course(work: Work, *, course_id: UUID) -> None:
    """Ask the course the bank of foreign questions and keep the threshold that refuses them."""
    embedder = work.resources.get(EmbedderProvider).get()
    space = embedder.space
    wanted = select(CourseIndex).where(CourseIndex.course_id == course_id, CourseIndex.space == space)
    with work.read() as view:
        row = view.session.execute(wanted).scalar_one_or_none()
    if row is None or row.chunks == 0 or not _changed_enough(row):
        return
    scope = Scope(tenant_id=work.actor.tenant_id, course_id=course_id, drafts=True)

    vectors = _bank_vectors(embedder)

    def probability(question: str) -> float:
        work.check_stop()
        with work.read() as view:
            return search(view, question=question, scope=scope, language="en", embed=vectors.__getitem__).answerable

    threshold = calibrate(probability)
    with work.write() as ctx:
        kept = ctx.session.execute(wanted).scalar_one_or_none()
        if kept is not None:
            kept.threshold, kept.calibrated_chunks = threshold, row.chunks


@lru_cache(maxsize=1)
def _bank_vectors(embedder: Embedder) -> Mapping[str, QuestionVectors]:
    """The bank's vectors, the same for every course. Questions encoded at the same moment share a forward pass."""
    asked = [" ".join(question.split()) for questions in bank().values() for question in questions]
    with ThreadPoolExecutor(ASKED_TOGETHER) as askers:
        return dict(zip(asked, askers.map(embedder.embed_question, asked), strict=True))


def _changed_enough(row: CourseIndex) -> bool:
    if row.threshold is None:
        return True
    return abs(row.chunks - row.calibrated_chunks) > CHANGED_SHARE * row.chunks
