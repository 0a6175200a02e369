"""Meeting a question with an FAQ entry, by meaning."""

import re
from uuid import UUID

import numpy as np
from sqlalchemy import bindparam, select

from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from rag.embeddings.provider import EmbedderProvider
from rag.faq.models import FaqEntry
from rag.faq.schemas import FaqAnswer
from rag.schemas import Retrieval

SAME_QUESTION = 0.90  # cosine of two wordings of one question; tests/rag/test_faq.py guards it
# "When is the exam?" and "Where is the exam?" lie close together in the model's space.
ASKS_FOR = {"when": "time", "date": "time", "lini": "time", "where": "place", "wapi": "place"} | {
    "who": "person",
    "whom": "person",
    "nani": "person",
    "why": "reason",
    "kwanini": "reason",
}
_WORD = re.compile(r"[^\W_]+")
_ENTRIES = prepared(
    select(FaqEntry.id, FaqEntry.question, FaqEntry.answer, FaqEntry.vector, User.full_name)
    .outerjoin(User, User.id == FaqEntry.author_id)
    .where(FaqEntry.course_id == bindparam("course"), FaqEntry.space == bindparam("space"))
)


def match(ctx: ReadCtx, *, course_id: UUID, retrieval: Retrieval) -> FaqAnswer | None:
    """The entry that answers this question, if one does.

    Both are compared in the model's space in English: a Swahili question, of
    the asker or of an entry, by its English rendering. The same words match
    whatever the model says.
    """
    if retrieval.vectors is None:
        return None
    space = ctx.resources.get(EmbedderProvider).get().space
    rows = ctx.session.execute(_ENTRIES, {"course": course_id, "space": space}).all()
    if not rows:
        return None
    cosines = np.stack([np.frombuffer(row.vector, "<f4") for row in rows]) @ retrieval.vectors.dense
    for place in np.argsort(-cosines, kind="stable")[:5]:
        row, cosine = rows[place], float(cosines[place])
        if is_same(row.question, retrieval.question, cosine=cosine):
            return FaqAnswer(row.id, row.question, row.answer, row.full_name or "", cosine)
    return None


def is_same(one: str, other: str, *, cosine: float) -> bool:
    """Whether two questions with this cosine ask the same: for the same kind of thing, about the same numbers."""
    ours, theirs = _words(one), _words(other)
    if ours == theirs:
        return True
    if cosine < SAME_QUESTION or _numbers(ours) != _numbers(theirs):
        return False
    wanted, given = _asks_for(ours), _asks_for(theirs)
    return not wanted or not given or wanted == given


def _words(question: str) -> list[str]:
    return _WORD.findall(question.casefold())


def _numbers(words: list[str]) -> set[str]:
    return {word for word in words if any(map(str.isdigit, word))}


def _asks_for(words: list[str]) -> set[str]:
    return {ASKS_FOR[word] for word in words if word in ASKS_FOR}
