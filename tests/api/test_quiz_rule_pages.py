"""The page on which a quiz's conduct is set, and what a learner meets of it, without scripts."""

import re

import pytest

from lms_core.kit.permissions import Role
from lms_core.learning.assessments.schemas import HintIn
from tests.api.test_pages import Visitor
from tests.factories.assessments import create_quiz, enrol, multiple, single
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person
from workers.runtime import Runtime

MOST_STATEMENTS = 18
FORM = {
    "behaviour": "interactive",
    "wrong_choice": "free",
    "wrong_choice_percent": "",
    "certainty_floor": "1",
    "preset": "after_submit",
    "band_from": "50",
    "band_text": "Half is *done*.",
    "password": "Maji7",
    "networks": "",
    "first_delay": "1,5",
    "later_delay": "",
    "grace": "3",
}


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


def test_an_instructor_sets_the_conduct_and_a_learner_meets_it(
    runtime: Runtime, course: Made, instructor: Person
) -> None:
    hints = [HintIn(text="Not salt.", clear_wrong=True, show_number_right=True)]
    questions = [multiple(points=3.0, hints=hints), single(feedback="Water boils.")]
    quiz = create_quiz(runtime.database, instructor, course.id, questions=questions)
    person = enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)
    teacher, learner = Visitor(runtime).log_in(instructor), Visitor(runtime).log_in(person)
    address = f"/teach/quizzes/{quiz.id}/rules"
    assert learner.get(address).status_code == 403
    wrong = teacher.post(address, FORM | {"networks": "10.0.0.0/99"}, page=address)
    assert wrong.status_code == 422 and "one address or range a line" in wrong.text and "10.0.0.0/99" in wrong.text
    waits = teacher.post(address, FORM | {"preset": "after_close"}, page=address)
    assert waits.status_code == 422 and "closing date" in waits.text
    saved = teacher.post(address, FORM, page=address).text
    assert "Saved." in saved and 'value="Maji7"' in saved and 'value="1.5"' in saved and "Half is *done*." in saved
    assert saved.count("checked") >= 5 + 3 * 7, "every box of the preset"
    given = {"who": person.email, "attempts_allowed": "2", "closes_at": "2026-01-05T20:00"}
    listed = teacher.post(f"/teach/quizzes/{quiz.id}/overrides", given, page=address).text
    assert "Amina Wanjiru" in listed and "2 attempts" in listed
    nobody = teacher.post(f"/teach/quizzes/{quiz.id}/overrides", given | {"who": "no@example.org"}, page=address)
    assert nobody.status_code == 422 and "Nobody here has this address." in nobody.text
    with statements(runtime.database) as sent:
        teacher.get(address)
    assert len(sent) <= MOST_STATEMENTS, "\n".join(sent)

    page = f"/quizzes/{quiz.id}"
    shown = learner.get(page).text
    for told in (
        "may try again after a hint",
        "a pause of 1 minute",
        "exception for you",
        "East Africa Time",
        "3 minutes",
    ):
        assert told in shown, told
    assert "Maji7" not in shown
    refused = learner.post(f"{page}/start", {"password": "guess"}, page=page)
    assert refused.status_code == 403 and "not the password of the quiz" in refused.text
    attempt = learner.post(f"{page}/start", {"password": "Maji7"}, page=page)
    path, (first, second) = attempt.url.path, quiz.questions
    assert attempt.text.count("data-check-row") == 2 and "each wrong try costs 33 %" in attempt.text
    assert "Not salt." not in attempt.text and "Water boils." not in attempt.text
    empty = learner.post(f"{path}/check", {"check": str(first.id)}, page=path).text
    assert "Answer the question first" in empty
    form = {f"q-{first.id}": quiz.choice(0, "ice"), f"q-{second.id}": quiz.choice(1, "90"), "check": str(first.id)}
    tried = learner.post(f"{path}/check", form, page=path).text
    assert "1 try left" in tried and "Not salt." in tried and "1 of your choices is right." in tried
    settled = learner.post(f"{path}/check", form | {"check": str(second.id)}, page=path).text
    assert "Water boils." in settled and "0 of 1 points" in settled
    result = learner.post(path, form, page=path).text
    assert "Half is" not in result and "1.5 of 4 points" in result and "2 tries" not in result
    pause = learner.get(page).text
    assert "There is a pause between attempts" in pause and "East Africa Time" in pause
    removal = re.search(r'action="(/teach/quizzes/[^"]+/overrides/[^"]+/delete)"', teacher.get(address).text)
    assert removal is not None
    assert "Amina Wanjiru" not in teacher.post(removal.group(1), {}, page=address).text


def test_certainty_is_said_and_explained(runtime: Runtime, course: Made, instructor: Person) -> None:
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[single()],
        counts="average",
        conduct={"behaviour": "certainty"},
    )
    person = enrol(runtime.database, create_person(runtime.database), course.id)
    learner = Visitor(runtime).log_in(person)
    page = f"/quizzes/{quiz.id}"
    attempt = learner.post(f"{page}/start", page=page)
    assert attempt.text.count("data-certainty ") == 3 and "right +3, wrong −6" in attempt.text
    question = quiz.questions[0].id
    form = {f"q-{question}": quiz.choice(0, "100"), f"c-{question}": "3"}
    result = learner.post(attempt.url.path, form, page=attempt.url.path).text
    for told in ("3 of 1 points", "300 %", "Accuracy", "Said to be very certain", "just right"):
        assert told in result, told
    assert "The average counts: 300 %" in learner.get(page).text
