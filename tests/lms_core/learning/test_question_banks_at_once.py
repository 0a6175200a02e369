"""On both databases: many begin at the moment a bank changed, and one takes away what another begins to use."""

from uuid import UUID

from sqlalchemy import select

from lms_core.kit.context import Actor, Database
from lms_core.kit.errors import DomainError
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.models import Paper, Quiz
from lms_core.learning.assessments.schemas.banks import BankQuestionEdit
from lms_core.learning.assessments.schemas.sections import BankSlotIn, DrawSlotIn, SectionIn, SectionsIn
from lms_core.learning.assessments.service import banks, sections
from tests.factories.assessments import create_quiz, enrol, single
from tests.factories.banks import create_bank, sums
from tests.factories.courses import create_course
from tests.factories.people import Person, actor_of, create_person
from tests.lms_core.learning.test_assessments_at_once import AT_ONCE, all_at_once, database, instructor

__all__ = ["database", "instructor"]  # fixtures


def test_many_begin_on_a_changed_bank_and_one_revision_is_made(database: Database, instructor: Person) -> None:
    course = create_course(database, instructor)
    bank, (question, *_) = create_bank(database, instructor, course.id, questions=sums(20))
    quiz = create_quiz(database, instructor, course.id, questions=[single()])
    draw = DrawSlotIn(kind="draw", bank_id=bank, count=10)
    learners = [actor_of(database, enrol(database, create_person(database), course.id)) for _ in range(AT_ONCE + 1)]
    with database.write(actor_of(database, instructor)) as ctx:
        plan = sections.read_sections(ctx, quiz.id)
        sections.set_sections(
            ctx, quiz.id, given=SectionsIn(base_revision=plan.revision, sections=[SectionIn(slots=[draw])])
        )
    first = _start(database, learners[-1], quiz.id)
    with database.write(actor_of(database, instructor)) as ctx:
        edit = BankQuestionEdit(base_version=1, question=sums(1, first=77)[0])
        banks.edit(ctx, bank, question, given=edit)
    begun = all_at_once(lambda place: _start(database, learners[place], quiz.id))
    assert all(isinstance(each, UUID) for each in begun), begun
    for learner, attempt in zip(learners, [*begun, first], strict=True):
        with database.read(learner) as view:
            questions = assessments.read_attempt(view, attempt).questions
        assert len({each.id for each in questions}) == 11
    with database.read(actor_of(database, instructor)) as view:
        revisions = sorted(view.session.execute(select(Paper.revision).where(Paper.quiz_id == quiz.id)).scalars())
        present = view.session.execute(select(Quiz.revision).where(Quiz.id == quiz.id)).scalar_one()
    assert revisions == [present - 1, present]


def test_a_question_is_not_deleted_while_a_quiz_begins_to_use_it(database: Database, instructor: Person) -> None:
    course = create_course(database, instructor)
    bank, (question,) = create_bank(database, instructor, course.id, questions=sums(1))
    quiz = create_quiz(database, instructor, course.id, questions=[single()])
    slot = BankSlotIn(kind="bank", question_id=question)
    teacher = actor_of(database, instructor)

    def act(place: int) -> str:
        with database.write(teacher) as ctx:
            if place % 2:
                banks.delete_question(ctx, bank, question)
                return "deleted"
            revision = sections.read_sections(ctx, quiz.id).revision
            given = SectionsIn(base_revision=revision, sections=[SectionIn(slots=[slot])])
            sections.set_sections(ctx, quiz.id, given=given)
            return "used"

    done = all_at_once(act)
    assert all(isinstance(each, (str, DomainError)) for each in done), done
    assert ("deleted" in done) != ("used" in done), done


def _start(database: Database, learner: Actor, quiz_id: UUID) -> UUID:
    with database.write(learner) as ctx:
        return assessments.start(ctx, quiz_id).id
