"""From the rows of a quiz's sections to what a paper holds, and to what the editor of sections shows.

Questions that stand in no section come first, in one of their own: whoever adds a question need not arrange it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from lms_core.kit.context import ReadCtx
from lms_core.learning.assessments import drawing, dropping, papers, pools, queries
from lms_core.learning.assessments.drawing import Draw, Fixed, LaidSection, Layout
from lms_core.learning.assessments.dropping import Dropped
from lms_core.learning.assessments.models import (
    BankQuestion,
    BankQuestionVersion,
    Question,
    QuestionBank,
    QuestionType,
    Quiz,
    QuizSection,
    QuizSlot,
    SlotKind,
)
from lms_core.learning.assessments.schemas import QuestionDetail
from lms_core.learning.assessments.schemas.sections import PlacedQuestion, QuizPlan, SectionView, SlotView

EXCERPT = 300
Rows = list[tuple[QuizSection, list[QuizSlot]]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a quiz asks now: printed questions (all that may be drawn, too), how they stand, and draws that fall short.

    `short`: how many a draw wants, and how many it can have.
    """

    questions: tuple[dict[str, Any], ...]
    layout: Layout
    short: tuple[tuple[int, int], ...]


def lay_out(ctx: ReadCtx, quiz: Quiz, *, course_slug: str, without: Dropped) -> Asked:
    """What the quiz asks now, dropped questions left out. A draw that falls short gets what there is.

    Eight statements.
    """
    rows = _rows(ctx, quiz.id)
    written = queries.questions(ctx, quiz.id)
    own = {question.id: question for question in written if not dropping.is_dropped(without, question)}
    slots = [slot for _, inner in rows for slot in inner]
    pool = pools.load(ctx, sorted({slot.bank_id for slot in slots if slot.kind == SlotKind.DRAW and slot.bank_id}))
    fixed = {slot.bank_question_id for slot in slots if slot.bank_question_id}
    candidates = {
        slot.id: [
            each
            for each in pool.matching(pools.filter_of(slot))
            if each.id not in fixed and without.get(each.id) != str(each.version)
        ]
        for slot in slots
        if slot.kind == SlotKind.DRAW
    }
    versions = {each.id: each.version for found in candidates.values() for each in found}
    kept = _prints(ctx, [slot for slot in slots if slot.kind == SlotKind.BANK], versions)
    prints = {each: print_ for each, print_ in kept.items() if without.get(each) != str(print_["version"])}
    placed = {slot.question_id for slot in slots if slot.kind == SlotKind.OWN}
    loose = [question for question in own.values() if question.id not in placed]
    sections = [_loose_section(loose, shuffle=quiz.shuffle_questions)] if loose else []
    sections += [_section(section, inner, own, prints, candidates, course_slug) for section, inner in rows]
    layout, short = _fitted(Layout(sections=tuple(section for section in sections if section.slots)))
    known = {
        question.id: papers.printed(question, course_slug=course_slug).model_dump(mode="json")
        for question in own.values()
    }
    known |= {question_id: papers.printed_for(course_slug, print_) for question_id, print_ in prints.items()}
    wanted = [*layout.fixed_ids(), *(each for one in layout.draws() for each in one.candidates)]
    return Asked(tuple(known[each] for each in dict.fromkeys(wanted)), layout, short)


def same(asked: Asked, questions: Sequence[Mapping[str, Any]], layout: Mapping[str, Any] | None) -> bool:
    """Whether a paper holds just this."""
    return list(asked.questions) == list(questions) and asked.layout.model_dump(mode="json") == layout


def plan(ctx: ReadCtx, quiz: Quiz) -> QuizPlan:
    """The sections as their editor shows them. Nine statements."""
    rows = _rows(ctx, quiz.id)
    slots = [slot for _, inner in rows for slot in inner]
    own = {question.id: _placed(question) for question in queries.questions(ctx, quiz.id)}
    pool = pools.load(ctx, sorted({slot.bank_id for slot in slots if slot.kind == SlotKind.DRAW and slot.bank_id}))
    ids = {slot.bank_id for slot in slots if slot.bank_id}
    names = {
        row.id: row.name
        for row in ctx.session.execute(select(QuestionBank.id, QuestionBank.name).where(QuestionBank.id.in_(ids)))
    }
    held = select(BankQuestion).where(BankQuestion.id.in_([slot.bank_question_id for slot in slots]))
    banked = {row.id: row for row in ctx.session.execute(held).scalars()}
    placed = {slot.question_id for slot in slots}
    return QuizPlan(
        quiz_id=quiz.id,
        revision=quiz.revision,
        questions=quiz.question_count,
        points=quiz.points,
        sections=tuple(
            SectionView(
                title=section.title,
                instructions=section.instructions,
                shuffle=section.shuffle,
                new_page=section.new_page,
                slots=tuple(_shown(slot, own, banked, names, pool) for slot in inner),
            )
            for section, inner in rows
        ),
        loose=tuple(question for question in own.values() if question.id not in placed),
    )


def numbers(ctx: ReadCtx, quiz: Quiz) -> dict[UUID, int]:
    """The number of each question that stands in every attempt, in the authors' order; draws take those they fill.

    One statement, three with sections.
    """
    ordered = select(Question.id).where(Question.quiz_id == quiz.id).order_by(Question.position, Question.id)
    own = list(ctx.session.execute(ordered).scalars())
    rows = _rows(ctx, quiz.id) if quiz.sectioned else []
    slots = [slot for _, inner in rows for slot in inner]
    placed = {slot.question_id for slot in slots}
    found: dict[UUID, int] = {}
    for each in own:
        if each not in placed:
            found[each] = len(found) + 1
    taken = len(found)
    for slot in slots:
        stands = slot.bank_question_id or slot.question_id
        taken += slot.count if slot.kind == SlotKind.DRAW else 1
        if slot.kind != SlotKind.DRAW and stands is not None:
            found[stands] = taken
    return found


def names_of_banks(ctx: ReadCtx, question_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The name of the bank that each of these questions is of, for those that are of one. One statement."""
    wanted = select(BankQuestion.id, QuestionBank.name).join(QuestionBank, QuestionBank.id == BankQuestion.bank_id)
    return {row.id: row.name for row in ctx.session.execute(wanted.where(BankQuestion.id.in_(list(question_ids))))}


def _rows(ctx: ReadCtx, quiz_id: UUID) -> Rows:
    """The sections with their slots, in order. Two statements."""
    sections = select(QuizSection).where(QuizSection.quiz_id == quiz_id).order_by(QuizSection.position)
    slots = select(QuizSlot).where(QuizSlot.quiz_id == quiz_id).order_by(QuizSlot.position, QuizSlot.id)
    inner: dict[UUID, list[QuizSlot]] = {}
    for slot in ctx.session.execute(slots).scalars():
        inner.setdefault(slot.section_id, []).append(slot)
    return [(section, inner.get(section.id, [])) for section in ctx.session.execute(sections).scalars()]


def _prints(ctx: ReadCtx, fixed: Sequence[QuizSlot], drawn: Mapping[UUID, int]) -> dict[UUID, dict[str, Any]]:
    """The printed versions that stand in a quiz or may be drawn, by question. One statement."""
    newest = {slot.bank_question_id for slot in fixed if slot.version is None} | set(drawn)
    pinned = [
        and_(BankQuestionVersion.question_id == slot.bank_question_id, BankQuestionVersion.number == slot.version)
        for slot in fixed
        if slot.version is not None
    ]
    present = and_(BankQuestion.id.in_(newest), BankQuestionVersion.number == BankQuestion.version)
    wanted = (
        select(BankQuestionVersion.question_id, BankQuestionVersion.printed)
        .join(BankQuestion, BankQuestion.id == BankQuestionVersion.question_id)
        .where(or_(present, *pinned))
    )
    return {row.question_id: row.printed for row in ctx.session.execute(wanted)}


def _loose_section(loose: Sequence[QuestionDetail], *, shuffle: bool) -> LaidSection:
    slots = tuple(Fixed(question_id=question.id, points=question.points) for question in loose)
    return LaidSection(title="", instructions_html="", shuffle=shuffle, new_page=False, slots=slots)


def _section(
    section: QuizSection,
    slots: Sequence[QuizSlot],
    own: Mapping[UUID, QuestionDetail],
    prints: Mapping[UUID, dict[str, Any]],
    candidates: Mapping[UUID, Sequence[pools.Candidate]],
    course_slug: str,
) -> LaidSection:
    laid: list[Fixed | Draw] = []
    for slot in slots:
        if slot.kind == SlotKind.DRAW:
            ids = tuple(each.id for each in candidates[slot.id])
            laid.append(Draw(id=slot.id, count=slot.count, points=slot.points or 1.0, candidates=ids))
        elif slot.bank_question_id is not None and slot.bank_question_id in prints:
            points = slot.points or prints[slot.bank_question_id]["points"]
            laid.append(Fixed(question_id=slot.bank_question_id, points=points))
        elif slot.question_id is not None and slot.question_id in own:
            laid.append(Fixed(question_id=slot.question_id, points=own[slot.question_id].points))
    return LaidSection(
        title=section.title,
        instructions_html=papers.html_of(section.instructions, course_slug=course_slug),
        shuffle=section.shuffle,
        new_page=section.new_page,
        slots=tuple(laid),
    )


def _fitted(layout: Layout) -> tuple[Layout, tuple[tuple[int, int], ...]]:
    """The layout where each draw wants what it can have, and the draws that wanted more."""
    draws = layout.draws()
    counts = dict(zip([one.id for one in draws], drawing.possible(draws), strict=True))
    short = tuple((one.count, counts[one.id]) for one in draws if counts[one.id] < one.count)
    if not short:
        return layout, ()
    fitted = [
        section.model_copy(
            update={
                "slots": tuple(
                    slot.model_copy(update={"count": counts[slot.id]}) if isinstance(slot, Draw) else slot
                    for slot in section.slots
                    if isinstance(slot, Fixed) or counts[slot.id]
                )
            }
        )
        for section in layout.sections
    ]
    return Layout(sections=tuple(section for section in fitted if section.slots)), short


def _placed(question: QuestionDetail | BankQuestion) -> PlacedQuestion:
    return PlacedQuestion(
        id=question.id, type=QuestionType(question.type), text=question.text[:EXCERPT], points=question.points
    )


def _shown(
    slot: QuizSlot,
    own: Mapping[UUID, PlacedQuestion],
    banked: Mapping[UUID, BankQuestion],
    names: Mapping[UUID, str],
    pool: pools.Pool,
) -> SlotView:
    fields: dict[str, Any] = {"kind": slot.kind, "points": slot.points}
    if slot.kind == SlotKind.OWN:
        return SlotView(**fields, question_id=slot.question_id, question=own.get(slot.question_id or UUID(int=0)))
    assert slot.bank_id is not None
    fields |= {"bank_id": slot.bank_id, "bank_name": names.get(slot.bank_id, "")}
    if slot.bank_question_id is not None:
        row = banked[slot.bank_question_id]
        fields |= {"question_id": row.id, "version": slot.version, "newest": row.version, "status": row.status}
        return SlotView(**fields, question=_placed(row))
    asked = ("count", "category_id", "subcategories", "types", "tags")
    told = {name: getattr(slot, name) for name in asked}
    return SlotView(**fields, **told, matching=len(pool.matching(pools.filter_of(slot))))
