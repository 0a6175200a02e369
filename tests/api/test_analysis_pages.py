"""The pages about how a quiz went, and of question drafts, without scripts, in both languages."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from lms_core.kit.permissions import Role
from lms_core.learning.assessments import service as assessments
from lms_core.learning.assessments.schemas import QuestionIn, QuestionsIn
from rag.drafts.models import QuestionDraft
from tests.api.test_pages import Visitor
from tests.factories.assessments import create_quiz, enrol, multiple, single, sit
from tests.factories.courses import Made, create_course
from tests.factories.drafts import create_drafts
from tests.factories.people import Person, actor_of, create_person
from workers.runtime import Runtime


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


def test_a_quiz_is_looked_at_compared_and_regraded(
    runtime: Runtime, instructor: Person, course: Made, drain: Callable[[], int]
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(), multiple()])
    person = enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)
    first, second = (sit(runtime.database, quiz, person, choice) for choice in ("90", "100"))
    teacher, learner = Visitor(runtime).log_in(instructor), Visitor(runtime).log_in(person)
    shown = teacher.get(f"/teach/quizzes/{quiz.id}/statistics?attempts=all").text
    assert (
        "Cronbach" in shown and "Attempts by percent of the points" in shown and "statistics.csv?attempts=all" in shown
    )
    teacher.client.cookies.set("mwalimu_language", "sw")
    for path in ("statistics", "compare", "regrade"):
        assert 'lang="sw"' in teacher.get(f"/teach/quizzes/{quiz.id}/{path}").text
    assert "Takwimu" in teacher.get(f"/teach/quizzes/{quiz.id}/statistics").text
    teacher.client.cookies.delete("mwalimu_language")
    both = teacher.get(f"/teach/quizzes/{quiz.id}/compare?attempt={first}&attempt={second}").text
    assert "Amina Wanjiru" in both and "differs" in both
    assert "differs" in learner.get(f"/quizzes/{quiz.id}/compare").text
    for path in ("statistics", "compare", "regrade"):
        assert learner.get(f"/teach/quizzes/{quiz.id}/{path}").status_code == 403
    address = f"/teach/quizzes/{quiz.id}/regrade"
    with runtime.database.write(actor_of(runtime.database, instructor)) as ctx:
        questions = [QuestionIn.model_validate(each.model_dump(mode="json")) for each in quiz.questions]
        for choice in questions[0].choices:
            choice.correct = choice.text == "90"
        assessments.set_questions(ctx, quiz.id, given=QuestionsIn(base_revision=1, questions=questions))
    assert "Mark by the present key" in teacher.get(f"{address}?question={quiz.questions[0].id}").text
    form = {"base_revision": "2", f"how-{quiz.questions[0].id}": "key", "scope": "all"}
    preview = teacher.post(f"{address}/preview", form, page=address).text
    assert "What would change" in preview and "0 → 1" in preview and "1 → 0" in preview
    refused = teacher.post(address, form | {"reason": " "}, page=address)
    assert refused.status_code == 422 and 'id="e-reason"' in refused.text
    begun = teacher.post(address, form | {"reason": "Key was wrong"}, page=address).text
    assert "Under way" in begun and "data-regrade" in begun
    drain()
    assert "2 attempts changed" in teacher.get(address).text
    seen = learner.get(f"/attempts/{first}").text
    assert "Regraded on" in seen and "Key was wrong" in seen


def test_drafts_are_judged_beside_their_source(runtime: Runtime, instructor: Person, course: Made) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    quote = "Water boils at 100 degrees at sea level."
    question = create_drafts(runtime.database, instructor, course, quote, number=2)
    teacher = Visitor(runtime).log_in(instructor)
    address = f"/teach/courses/{course.slug}/drafts"
    shown = teacher.get(address).text
    assert quote in shown and "Key check passed" in shown and "quote=Water%20boils" in shown
    with runtime.database.read(actor_of(runtime.database, instructor)) as view:
        ids = [
            str(each) for each in view.session.execute(select(QuestionDraft.id).order_by(QuestionDraft.id)).scalars()
        ]
    form = {
        "was": question.model_dump_json(),
        "text": "At how many degrees does it boil?",
        "points": "2",
        "value": "100",
    }
    bad = teacher.post(f"{address}/{ids[0]}", form | {"action": "approve", "value": "hot"}, page=address)
    assert bad.status_code == 422 and 'role="alert"' in bad.text
    done = teacher.post(f"{address}/{ids[0]}", form | {"action": "approve", "into": f"quiz {quiz.id}"}, page=address)
    assert "The question is in the quiz now" in done.text
    gone = teacher.post(f"{address}/{ids[1]}", {"action": "reject"}, page=address)
    assert "The draft is put away" in gone.text and "No drafts here" in gone.text
    assert "At how many degrees does it boil?" in teacher.get(f"{address}?status=approved").text
    asked = teacher.post(address, {"lesson": ""}, page=address).text
    assert "Looking for questions" in asked and "data-drafting" in asked
    person = enrol(runtime.database, create_person(runtime.database), course.id)
    assert Visitor(runtime).log_in(person).get(address).status_code == 403
