"""Vectors of FAQ entries."""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Work
from lms_core.kit.jobs import job
from rag.embeddings.provider import EmbedderProvider
from rag.faq.models import FaqEntry
from rag.faq.service import EMBED_JOB
from rag.retrieval.languages import swahili
from rag.schemas import CourseStats


@job(EMBED_JOB, queue="fast")
def embed_entry(work: Work, *, entry_id: str) -> None:
    """Make the vector of one entry's question, if the entry is still there."""
    with work.read() as view:
        found = view.session.execute(
            select(FaqEntry.question, FaqEntry.language).where(FaqEntry.id == UUID(entry_id))
        ).first()
    if found is None:
        return
    embedder = work.resources.get(EmbedderProvider).get()
    text = _in_english(found.question) if found.language == "sw" else found.question
    vector = embedder.embed_question(text).dense
    with work.write() as ctx:
        entry = ctx.session.execute(select(FaqEntry).where(FaqEntry.id == UUID(entry_id))).scalar_one_or_none()
        if entry is not None and entry.question == found.question:
            entry.space, entry.vector = embedder.space, vector.astype("<f4").tobytes()


def _in_english(question: str) -> str:
    """Questions are compared in English: a Swahili asker's question is rendered the same way."""
    return swahili.translate(question, stats=CourseStats(0, {}, {})).text
