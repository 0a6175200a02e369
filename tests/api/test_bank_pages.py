"""The pages of question banks and sections without scripts: made, searched, put in order, refused; who sees them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from lms_core.kit.permissions import Role
from tests.api.test_pages import Visitor
from tests.factories.assessments import create_quiz, enrol, single
from tests.factories.banks import arrange, create_bank, draw_of, sums
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

MOST_STATEMENTS = 26


def send(visitor: Visitor, path: str, **fields: Any) -> Response:
    """A form sent with these fields; the page that it leads to."""
    return visitor.post(path, fields)


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Kamau")


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


def test_a_bank_is_kept_in_order_by_forms(runtime: Runtime, course: Made, instructor: Person) -> None:
    teacher = Visitor(runtime).log_in(instructor)
    teacher.get(f"/teach/courses/{course.slug}/banks")
    made = send(teacher, f"/teach/courses/{course.slug}/banks", name="Physics")
    assert made.status_code == 200, made.text
    bank = made.url.path
    assert send(teacher, f"/teach/courses/{course.slug}/banks", name="").status_code == 422
    bank_id, ids = create_bank(
        runtime.database, instructor, course.id, questions=sums(3), path=["Heat", "Boiling"], tags=["easy"]
    )
    page = f"/teach/banks/{bank_id}"
    shown = teacher.get(page).text
    assert shown.count('name="chosen"') == 3 and "Boiling" in shown and "What is 2 + 2?" in shown
    assert teacher.get(f"{page}?text=1+%2B&tag=easy&type=numeric&status=ready").text.count('name="chosen"') == 1
    assert teacher.get(f"{page}?type=essay").text.count('name="chosen"') == 0
    assert teacher.get(f"{page}?type=riddle&category=x&status=y").status_code == 200
    assert send(teacher, f"{page}/categories", name="Light").status_code == 200
    again = send(teacher, f"{page}/categories", name="light")
    assert again.status_code == 422 and "There is a category of this name already." in again.text
    chosen = [str(each) for each in ids[:2]]
    actions = {
        "tag": {"tags": "Water, hot  day"},
        "untag": {"tags": "easy"},
        "category": {"category": ""},
        "retired": {},
        "ready": {},
        "copy": {"bank": bank.rsplit("/", 1)[1]},
        "move": {"bank": bank.rsplit("/", 1)[1]},
    }
    for action, fields in actions.items():
        done = send(teacher, f"{page}/questions", action=action, chosen=chosen, **fields)
        assert done.status_code == 200, (action, done.text)
    assert teacher.get(bank).text.count('name="chosen"') == 4
    assert "hot day" in teacher.get(bank).text
    assert teacher.get(page).text.count('name="chosen"') == 1
    question = f"{page}/questions/{ids[2]}"
    assert "None." in teacher.get(question).text
    kept = send(teacher, question, tags="easy, new", category="", status="draft")
    assert kept.status_code == 200 and "Draft" in teacher.get(question).text
    assert teacher.get(f"{question}/versions").status_code == 200
    assert send(teacher, f"{question}/versions/1/restore").status_code == 200
    assert teacher.get(f"{page}/questions/new?type=formula").status_code == 200
    assert send(teacher, f"{page}/questions", action="delete", chosen=[str(ids[2])]).status_code == 200
    assert send(teacher, page, name="Sums again", description="All of them").status_code == 200
    assert send(teacher, f"{page}/delete").url.path == f"/teach/courses/{course.slug}/banks"


def test_sections_are_shown_and_what_they_use_is_not_taken_away(
    runtime: Runtime, client: TestClient, course: Made, instructor: Person
) -> None:
    teacher = Visitor(runtime).log_in(instructor)
    bank, (named, *_) = create_bank(runtime.database, instructor, course.id, questions=sums(4))
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    headers = log_in(client, instructor)
    fixed = {"kind": "bank", "question_id": str(named)}
    first = {"title": "Warm up", "instructions": "Slowly.", "slots": [fixed]}
    second = {"title": "Sums", "new_page": True, "slots": [draw_of(bank, 2)]}
    arrange(client, quiz.id, headers, first, second)
    shown = teacher.get(f"/teach/quizzes/{quiz.id}/sections").text
    assert "Warm up" in shown and "2 questions drawn from Sums" in shown
    refused = send(teacher, f"/teach/banks/{bank}/questions", action="delete", chosen=[str(named)])
    assert refused.status_code == 409 and "One quiz uses it." in refused.text
    assert "always the newest" in teacher.get(f"/teach/banks/{bank}/questions/{named}").text
    assert "used in 1 quiz" in teacher.get(f"/teach/banks/{bank}").text
    person = enrol(runtime.database, create_person(runtime.database), course.id)
    learner = Visitor(runtime).log_in(person)
    attempt = send(learner, f"/quizzes/{quiz.id}/start").url.path
    sheet = learner.get(attempt).text
    assert sheet.count("data-question=") == 4 and sheet.count("data-new-page") == 1 and "Slowly." in sheet
    assert send(learner, attempt).status_code == 200
    assert "Warm up" in learner.get(attempt).text
    for path in (f"/teach/banks/{bank}", f"/teach/banks/{bank}/questions/{named}/versions"):
        assert learner.get(path).status_code == 404
    assert learner.get(f"/teach/courses/{course.slug}/banks").status_code == 403
    costs = []
    for _ in range(2):
        for path in (
            f"/teach/banks/{bank}",
            f"/teach/courses/{course.slug}/banks",
            f"/teach/quizzes/{quiz.id}/sections",
        ):
            teacher.get(path)
            with statements(runtime.database) as sent:
                teacher.get(path)
            costs.append(len(sent))
        create_bank(runtime.database, instructor, course.id, questions=sums(1))
        arrange(client, quiz.id, headers, first, second, {"slots": [draw_of(bank, 1)]})
    assert costs[:3] == costs[3:] and max(costs) <= MOST_STATEMENTS, costs
