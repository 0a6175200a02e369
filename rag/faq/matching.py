"""Meeting a question with an FAQ entry, by meaning."""

from uuid import UUID

import numpy as np
from sqlalchemy import select

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from rag.embeddings.provider import EmbedderProvider
from rag.faq.models import FaqEntry
from rag.faq.schemas import FaqAnswer
from rag.retrieval.languages import terms
from rag.schemas import Retrieval

SAME_QUESTION = 0.80  # cosine of two wordings of one question; tests/rag/test_faq.py guards it
NEARLY_SAME = 0.70  # enough when the two also share most of their content words
SHARED_WORDS = 0.6  # Jaccard index of content words


def match(ctx: ReadCtx, *, course_id: UUID, retrieval: Retrieval) -> FaqAnswer | None:
    """The entry that answers this question, if one does.

    Both are compared in the model's space in English: a Swahili question, of
    the asker or of an entry, by its English rendering.
    """
    if retrieval.vectors is None:
        return None
    space = ctx.resources.get(EmbedderProvider).get().space
    rows = ctx.session.execute(
        select(FaqEntry.id, FaqEntry.question, FaqEntry.answer, FaqEntry.language, FaqEntry.vector, User.full_name)
        .outerjoin(User, User.id == FaqEntry.author_id)
        .where(FaqEntry.course_id == course_id, FaqEntry.space == space)
    ).all()
    if not rows:
        return None
    cosines = np.stack([np.frombuffer(row.vector, "<f4") for row in rows]) @ retrieval.vectors.dense
    for place in np.argsort(-cosines, kind="stable")[:5]:
        row, cosine = rows[place], float(cosines[place])
        shared = max(_shared(row.question, retrieval.question), _shared(row.question, retrieval.gloss))
        if cosine >= SAME_QUESTION or (cosine >= NEARLY_SAME and shared >= SHARED_WORDS):
            return FaqAnswer(row.id, row.question, row.answer, row.full_name or "", cosine)
    return None


def _shared(one: str, other: str) -> float:
    ours, theirs = set(terms(one, "en")), set(terms(other, "en"))
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 0.0
