"""Selects over conversations."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, select

from lms_core.content.courses.models import Course, Lesson, LessonStatus, LessonVersion
from lms_core.identity.accounts.models import User
from lms_core.kit.context import ReadCtx
from lms_core.kit.db import prepared
from lms_core.kit.permissions import Permission
from rag.access import locked_for
from rag.conversations.models import Answer, AnswerFeedback, AnswerStatus, Citation, Conversation, Question
from rag.conversations.schemas import LOCKED_NOTE, AnswerView, CitationView, SuggestionView
from rag.faq.models import FaqEntry

HISTORY_TURNS = 4
SAYING = (AnswerStatus.ANSWERED, AnswerStatus.STOPPED)


def conversations_of(user_id: UUID, *, course_id: UUID | None, after: tuple[datetime, UUID] | None) -> Select[Any]:
    """A person's conversations, last used first."""
    statement = select(Conversation).where(Conversation.user_id == user_id)
    if course_id is not None:
        statement = statement.where(Conversation.course_id == course_id)
    if after is not None:
        updated_at, row_id = after
        earlier = (Conversation.updated_at == updated_at) & (Conversation.id < row_id)
        statement = statement.where((Conversation.updated_at < updated_at) | earlier)
    return statement.order_by(Conversation.updated_at.desc(), Conversation.id.desc())


_HISTORY = prepared(
    select(Question.standalone, Question.text, Answer.text.label("said"), Answer.id)  # type: ignore[attr-defined]
    .join(Answer, Answer.question_id == Question.id)
    .where(
        Question.conversation_id == bindparam("conversation_id"),
        Question.id < bindparam("before"),
        Answer.status.in_((AnswerStatus.ANSWERED.value, AnswerStatus.REFUSED.value)),
    )
    .order_by(Question.id.desc())
    .limit(HISTORY_TURNS)
)


def history(
    ctx: ReadCtx, *, conversation_id: UUID, before: UUID, locked: frozenset[UUID] = frozenset()
) -> list[tuple[str, str]]:
    """The last answered turns before the question `before`, oldest first: (question, answer).

    Those that quote `locked` lessons are left out. One statement, two where any is locked.
    """
    rows = ctx.session.execute(_HISTORY, {"conversation_id": conversation_id, "before": before}).all()
    hidden: set[UUID] = set()
    if locked and rows:
        cited = select(Citation.answer_id).where(
            Citation.answer_id.in_([row.id for row in rows]), Citation.lesson_id.in_(locked)
        )
        hidden = set(ctx.session.execute(cited).scalars())
    return [(row.standalone or row.text, row.said) for row in reversed(rows) if row.id not in hidden]


def _answers(which: ColumnElement[bool]) -> Select[Any]:
    mine = (AnswerFeedback.answer_id == Answer.id) & (AnswerFeedback.user_id == bindparam("asked_by"))
    return (
        select(Answer, Question, AnswerFeedback.helpful, User.full_name, Course.has_rules)
        .join(Question, Question.id == Answer.question_id)
        .join(Course, Course.id == Answer.course_id)
        .outerjoin(AnswerFeedback, mine)
        .outerjoin(FaqEntry, FaqEntry.id == Answer.faq_entry_id)
        .outerjoin(User, User.id == FaqEntry.author_id)
        .where(Question.user_id == bindparam("asked_by"), which)
        .order_by(Question.id)
    )


_ONE = prepared(_answers(Answer.id == bindparam("wanted")))
_CONVERSATION = prepared(_answers(Question.conversation_id == bindparam("wanted")))


def answer_views(
    ctx: ReadCtx, *, user_id: UUID, conversation_id: UUID | None = None, answer_id: UUID | None = None
) -> list[AnswerView]:
    """One answer to this person, or a conversation's, with citations and feedback, oldest first; four statements.

    An answer that quotes a lesson which is locked for its reader by now is shown without its words. Where the course
    has rules that costs three statements more.
    """
    asked = _ONE if answer_id is not None else _CONVERSATION
    wanted = {"asked_by": user_id, "wanted": answer_id or conversation_id}
    rows = ctx.session.execute(asked, wanted).all()
    cited = _cited(ctx, answer_ids=[row[0].id for row in rows])
    near = _lessons(ctx, ids=[UUID(each["lesson_id"]) for row in rows for each in row[0].suggestions])
    locked: set[UUID] = set()
    for course_id in {row[0].course_id for row in rows if row.has_rules and not _edits(ctx, row[0].course_id)}:
        locked |= locked_for(ctx, course_id=course_id, user_id=user_id)
    hidden = _drawn_from(locked, [row[0] for row in rows], cited)
    citations = _citation_views(ctx, [row for row in cited if row.Citation.answer_id not in hidden])
    titles = {row.id: row.title for row in near if row.id not in locked and _is_shown(ctx, row.status, row.course_id)}
    return [_view(*row[:4], citations=citations[row[0].id], titles=titles, hidden=row[0].id in hidden) for row in rows]


def _drawn_from(locked: Set[UUID], answers: Iterable[Answer], cited: Iterable[Row[Any]]) -> set[UUID]:
    """The answers that quote one of these lessons, or name no source and found their words there."""
    if not locked:
        return set()
    quoting = {row.Citation.answer_id for row in cited if row.Citation.lesson_id in locked}
    sourced = {row.Citation.answer_id for row in cited}
    for answer in answers:
        found = {UUID(hit["lesson_id"]) for hit in answer.trace.get("hits", ())}
        if answer.id not in sourced and answer.status in SAYING and answer.faq_entry_id is None and found & locked:
            quoting.add(answer.id)
    return quoting


def _view(
    answer: Answer,
    question: Question,
    helpful: bool | None,
    approver: str | None,
    *,
    citations: list[CitationView],
    titles: dict[UUID, str],
    hidden: bool,
) -> AnswerView:
    near = [
        SuggestionView(
            lesson_id=UUID(each["lesson_id"]),
            lesson_title=titles[UUID(each["lesson_id"])],
            anchor=each.get("anchor"),
            heading=each.get("heading", ""),
        )
        for each in answer.suggestions
        if UUID(each["lesson_id"]) in titles
    ]
    return AnswerView.model_validate(
        {
            "id": answer.id,
            "conversation_id": question.conversation_id,
            "question_id": question.id,
            "question": question.text,
            "status": str(answer.status),
            "answer": "" if hidden else answer.text,
            "citations": citations,
            "answered_by": answer.answered_by,
            "approved_by": approver,
            "notes": [LOCKED_NOTE] if hidden else answer.notes,
            "suggestions": near,
            "helpful": helpful,
            "timings_ms": answer.timings_ms,
            "created_at": answer.created_at,
        }
    )


_CITATIONS = prepared(
    select(Citation, Lesson.status, Lesson.course_id)
    .join(Lesson, Lesson.id == Citation.lesson_id)
    .where(Citation.answer_id.in_(bindparam("answer_ids", expanding=True)))
    .order_by(Citation.answer_id, Citation.number)
)


def _cited(ctx: ReadCtx, *, answer_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    rows: Sequence[Row[Any]] = ctx.session.execute(_CITATIONS, {"answer_ids": list(answer_ids)}).all()
    return rows


def _citation_views(ctx: ReadCtx, rows: Sequence[Row[Any]]) -> dict[UUID, list[CitationView]]:
    """Citations by answer, in order. A citation of a lesson hidden meanwhile is shown to its editors alone."""
    places = lesson_places(ctx, ids=[row.Citation.lesson_id for row in rows])
    found: dict[UUID, list[CitationView]] = defaultdict(list)
    for row in rows:
        citation: Citation = row.Citation
        if not _is_shown(ctx, row.status, row.course_id):
            continue
        place = places[citation.lesson_id]
        found[citation.answer_id].append(
            CitationView(
                number=citation.number,
                lesson_id=citation.lesson_id,
                lesson_title=place.title,
                heading_path=place.headings_to(citation.anchor),
                source_path=place.source_path,
                anchor=citation.anchor,
                page=citation.page,
                start_seconds=citation.start_seconds,
                quote=citation.quote,
                score=round(citation.score, 4),
            )
        )
    return found


def _lessons(ctx: ReadCtx, *, ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Title, status and course of lessons."""
    if not ids:
        return ()
    rows: Sequence[Row[Any]] = ctx.session.execute(
        select(Lesson.id, Lesson.title, Lesson.status, Lesson.course_id).where(Lesson.id.in_(set(ids)))
    ).all()
    return rows


def _is_shown(ctx: ReadCtx, status: str, course_id: UUID) -> bool:
    return status == LessonStatus.PUBLISHED or _edits(ctx, course_id)


def _edits(ctx: ReadCtx, course_id: UUID) -> bool:
    return ctx.actor.may(Permission.COURSE_EDIT, course_id=course_id)


@dataclass(frozen=True, slots=True)
class LessonPlace:
    """Where a lesson stands; `outline` lists its headings in reading order: level, text, anchor."""

    title: str
    source_path: str | None
    course_title: str
    outline: Sequence[Mapping[str, Any]] = ()

    def headings_to(self, anchor: str | None) -> list[str]:
        """The titles of course and lesson, then the headings around `anchor` from the outermost inwards."""
        around: list[Mapping[str, Any]] = []
        for heading in self.outline:
            around = [*(each for each in around if each["level"] < heading["level"]), heading]
            if heading["anchor"] == anchor:
                break
        else:
            around = []
        texts = [str(each["text"]) for each in around]
        # A lesson's first heading is most often its title.
        return [self.course_title, self.title, *(texts[1:] if texts[:1] == [self.title] else texts)]


_PLACES = prepared(
    select(Lesson.id, Lesson.title, Lesson.source_path, Course.title.label("course_title"), LessonVersion.outline)
    .join(Course, Course.id == Lesson.course_id)
    .join(LessonVersion, (LessonVersion.lesson_id == Lesson.id) & (LessonVersion.number == Lesson.version))
    .where(Lesson.id.in_(bindparam("lesson_ids", expanding=True)))
)


def lesson_places(ctx: ReadCtx, *, ids: Sequence[UUID]) -> dict[UUID, LessonPlace]:
    """Where lessons stand, by id."""
    if not ids:
        return {}
    rows = ctx.session.execute(_PLACES, {"lesson_ids": list(set(ids))})
    return {row.id: LessonPlace(row.title, row.source_path, row.course_title, row.outline or ()) for row in rows}
