"""The sections of a quiz: written, read, and kept in step with the banks they take questions from.

A quiz notices a changed bank when somebody begins: `bank_state` says which revisions its present one was made from.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, or_, select

from lms_core.content.courses import service as courses
from lms_core.kit.context import ReadCtx, WriteCtx
from lms_core.kit.errors import Invalid
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission
from lms_core.learning.assessments import dropping, layouts, queries
from lms_core.learning.assessments.errors import NothingToTake, QuizChanged
from lms_core.learning.assessments.models import (
    BankCategory,
    BankQuestion,
    BankQuestionStatus,
    BankQuestionVersion,
    Paper,
    QuestionBank,
    Quiz,
    QuizSection,
    QuizSlot,
    QuizStatus,
    SlotKind,
)
from lms_core.learning.assessments.schemas import MAXIMUM_QUESTIONS
from lms_core.learning.assessments.schemas.sections import (
    MAXIMUM_POOL,
    BankSlotIn,
    DrawSlotIn,
    OwnSlotIn,
    QuizPlan,
    SectionsIn,
    SlotIn,
)
from lms_core.learning.assessments.service.access import editable, staffed
from lms_core.learning.assessments.service.banks.access import teaches


def read_sections(ctx: ReadCtx, quiz_id: UUID) -> QuizPlan:
    """The sections of a quiz as its editors arrange them. QuizNotFound, Forbidden. Twelve statements."""
    quiz, _ = staffed(ctx, quiz_id, Permission.COURSE_EDIT)
    return layouts.plan(ctx, quiz)


def set_sections(ctx: WriteCtx, quiz_id: UUID, *, given: SectionsIn) -> QuizPlan:
    """Replace the sections, as a new revision: attempts that began keep theirs. None: back to plain questions.

    QuizChanged; NothingToTake for a published quiz without questions; Invalid for what the quiz, or the banks that its
    course may use, do not have, for a question that stands twice, and for a draw of more than there are.
    """
    quiz, course = editable(ctx, quiz_id)
    if given.base_revision != quiz.revision:
        raise QuizChanged(quiz.revision)
    banks = _banks(ctx, quiz, [slot for section in given.sections for slot in section.slots])
    _write(ctx, quiz, given, banks)
    quiz.sectioned = bool(given.sections)
    quiz.revision += 1
    quiz.updated_at = ctx.now
    if quiz.sectioned:
        asked = layouts.lay_out(ctx, quiz, course_slug=course.slug, without=dropping.dropped(ctx, quiz.id))
        _check(asked)
        _keep_totals(quiz, asked, _state(ctx, quiz.id))
    else:
        sum_up(ctx, quiz)
    if quiz.question_count == 0 and quiz.status == QuizStatus.PUBLISHED:
        raise NothingToTake()
    ctx.session.flush()
    return layouts.plan(ctx, quiz)


def own_questions_changed(ctx: WriteCtx, quiz: Quiz) -> None:
    """After the quiz's own questions were written: what is gone leaves its section, and the sums are made anew."""
    if quiz.sectioned:
        own = [question.id for question in queries.questions(ctx, quiz.id)]
        gone = (QuizSlot.quiz_id == quiz.id, QuizSlot.kind == SlotKind.OWN, QuizSlot.question_id.not_in(own))
        ctx.session.execute(delete(QuizSlot).where(*gone))
    sum_up(ctx, quiz)


def sum_up(ctx: WriteCtx, quiz: Quiz) -> None:
    """How many questions a new attempt has, and what it can earn."""
    if quiz.sectioned:
        slug = courses.access_course(ctx, quiz.course_id, even_archived=True).slug
        asked = layouts.lay_out(ctx, quiz, course_slug=slug, without=dropping.dropped(ctx, quiz.id))
        _keep_totals(quiz, asked, _state(ctx, quiz.id))
        return
    own = dropping.own_asked(ctx, quiz)
    quiz.question_count, quiz.bank_state = len(own), ""
    quiz.points = round(sum(question.points for question in own), 2)


def catch_up(ctx: WriteCtx, quiz: Quiz) -> None:
    """Make a new revision of a quiz with sections where its banks changed what it asks. One statement if they did not.

    Before a paper is printed; two who begin at once take turns, and the second finds it done.
    """
    if _state(ctx, quiz.id) == quiz.bank_state:
        return
    ctx.session.refresh(quiz, with_for_update={"key_share": True})
    state = _state(ctx, quiz.id)
    if state == quiz.bank_state:
        return
    slug = courses.access_course(ctx, quiz.course_id, even_archived=True).slug
    asked = layouts.lay_out(ctx, quiz, course_slug=slug, without=dropping.dropped(ctx, quiz.id))
    printed = select(Paper.questions, Paper.layout).where(Paper.quiz_id == quiz.id, Paper.revision == quiz.revision)
    paper = ctx.session.execute(printed).one_or_none()
    if paper is not None and not layouts.same(asked, paper.questions, paper.layout):
        quiz.revision += 1
    _keep_totals(quiz, asked, state)
    ctx.session.flush()


def _keep_totals(quiz: Quiz, asked: layouts.Asked, state: str) -> None:
    quiz.question_count, quiz.points = asked.layout.question_count(), asked.layout.points()
    quiz.bank_state = state


def _state(ctx: ReadCtx, quiz_id: UUID) -> str:
    """The revisions of the banks whose changes matter to a quiz. One statement."""
    follows = or_(QuizSlot.kind == SlotKind.DRAW, QuizSlot.version.is_(None))
    rows = ctx.session.execute(
        select(QuestionBank.id, QuestionBank.revision)
        .join(QuizSlot, QuizSlot.bank_id == QuestionBank.id)
        .where(QuizSlot.quiz_id == quiz_id, follows)
        .distinct()
        .order_by(QuestionBank.id)
    )
    return " ".join(f"{row.id}:{row.revision}" for row in rows)


def _banks(ctx: WriteCtx, quiz: Quiz, slots: Sequence[SlotIn]) -> dict[UUID, QuestionBank]:
    """The banks that the slots name and the quiz may use, by id, locked so that nothing in them goes meanwhile."""
    named = {slot.question_id for slot in slots if isinstance(slot, BankSlotIn)}
    holding = select(BankQuestion.bank_id).where(BankQuestion.id.in_(named))
    wanted = {slot.bank_id for slot in slots if isinstance(slot, DrawSlotIn)}
    if named:
        wanted |= set(ctx.session.execute(holding).scalars())
    allowed = [QuestionBank.course_id == quiz.course_id]
    if teaches(ctx.actor):
        allowed.append(QuestionBank.course_id.is_(None))
    locked = select(QuestionBank).where(QuestionBank.id.in_(wanted), or_(*allowed)).order_by(QuestionBank.id)
    rows = ctx.session.execute(locked.with_for_update(key_share=True)).scalars() if wanted else ()
    return {row.id: row for row in rows}


def _write(ctx: WriteCtx, quiz: Quiz, given: SectionsIn, banks: Mapping[UUID, QuestionBank]) -> None:
    """The rows of the sections and their slots, in place of those there were."""
    checked = _Checked(ctx, quiz, given, banks)
    ctx.session.execute(delete(QuizSection).where(QuizSection.quiz_id == quiz.id))
    sections = [
        QuizSection(id=new_id(), quiz_id=quiz.id, position=place, **section.model_dump(exclude={"slots"}))
        for place, section in enumerate(given.sections)
    ]
    ctx.session.add_all(sections)
    ctx.session.flush()  # before the slots, which refer to them
    for row, section in zip(sections, given.sections, strict=True):
        ctx.session.add_all(
            QuizSlot(
                id=new_id(), section_id=row.id, quiz_id=quiz.id, position=place, kind=slot.kind, **checked.fields(slot)
            )
            for place, slot in enumerate(section.slots)
        )
    ctx.session.flush()


class _Checked:
    """What sections may name: the quiz's own questions, and those and the categories of the banks. Four statements."""

    def __init__(self, ctx: ReadCtx, quiz: Quiz, given: SectionsIn, banks: Mapping[UUID, QuestionBank]) -> None:
        slots = [slot for section in given.sections for slot in section.slots]
        named = [slot.question_id for slot in slots if isinstance(slot, BankSlotIn)]
        held = select(BankQuestion).where(BankQuestion.id.in_(named), BankQuestion.bank_id.in_(banks))
        pinned = select(BankQuestionVersion.question_id, BankQuestionVersion.number).where(
            BankQuestionVersion.question_id.in_(named)
        )
        within = select(BankCategory.id, BankCategory.bank_id).where(BankCategory.bank_id.in_(banks))
        self._own = {question.id for question in queries.questions(ctx, quiz.id)}
        self._held = {row.id: row for row in ctx.session.execute(held).scalars()} if named else {}
        self._versions = {(row[0], row[1]) for row in ctx.session.execute(pinned)} if named else set()
        self._categories = {(row[1], row[0]) for row in ctx.session.execute(within)} if banks else set()
        self._banks = banks
        self._placed: set[UUID] = set()

    def fields(self, slot: SlotIn) -> dict[str, object]:
        """The columns of a slot; Invalid for what the quiz may not name."""
        if isinstance(slot, DrawSlotIn):
            if slot.bank_id not in self._banks:
                raise _refused("The course has no such question bank. Load the sections again.")
            if slot.category_id is not None and (slot.bank_id, slot.category_id) not in self._categories:
                raise _refused("The bank has no such category. Choose another one for the draw.")
            return slot.model_dump(mode="python", exclude={"kind", "types"}) | {"types": [*slot.types]}
        if slot.question_id in self._placed:
            raise _refused("A question stands in the quiz twice. Take one of them out.")
        self._placed.add(slot.question_id)
        if isinstance(slot, OwnSlotIn):
            if slot.question_id not in self._own:
                raise _refused("The quiz has no such question of its own. Load the sections again.")
            return {"question_id": slot.question_id}
        return self._of_bank(slot)

    def _of_bank(self, slot: BankSlotIn) -> dict[str, object]:
        row = self._held.get(slot.question_id)
        if row is None or (slot.version is not None and (row.id, slot.version) not in self._versions):
            raise _refused("The banks of the course have no such question. Load the sections again.")
        if row.status == BankQuestionStatus.DRAFT:
            raise _refused("A question is a draft still. Make it ready in its bank, then use it.")
        return {
            "bank_id": row.bank_id,
            "bank_question_id": row.id,
            "version": slot.version,
            "points": slot.points,
        }


def _check(asked: layouts.Asked) -> None:
    """Invalid where a draw wants more than there are for it, or the quiz grows too large."""
    for wanted, there in asked.short:
        left = "only one is" if there == 1 else f"only {there} are"
        raise _refused(f"A draw wants {wanted} questions, and {left} left for it. Draw fewer, or from more.")
    if asked.layout.question_count() > MAXIMUM_QUESTIONS:
        raise _refused(f"A quiz has at most {MAXIMUM_QUESTIONS} questions. Draw fewer.")
    if len(asked.questions) > MAXIMUM_POOL + MAXIMUM_QUESTIONS:
        raise _refused(f"A quiz draws from at most {MAXIMUM_POOL} questions. Narrow a draw by category, tag or type.")


def _refused(told: str) -> Invalid:
    return Invalid(told, fields=[{"field": "sections", "message": told}])
