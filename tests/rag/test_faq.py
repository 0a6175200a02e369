"""The FAQ: matched by meaning and before the lessons, and never for a question that only sounds alike."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.permissions import Role
from rag.faq import matching
from tests.factories.assistant import ask, embedder, farm_course, installation
from tests.factories.courses import Made, create_course
from tests.factories.people import create_person, log_in
from tests.serving import app_of
from workers.runtime import Runtime

SAME = [
    ("How do I reset my password?", "How can I reset my password?"),
    ("How do I reset my password?", "I forgot my password, how can I reset it?"),
    ("When is the final exam?", "What date is the final exam?"),
    ("When is the final exam?", "When will the final exam take place?"),
    ("How do I submit an assignment?", "how can i submit my assignment"),
    ("How do I submit an assignment?", "What is the way to submit an assignment?"),
    ("What is a first-flush diverter?", "Explain the first-flush diverter"),
    ("Can I get a certificate?", "Is it possible to get a certificate?"),
    ("How much does the course cost?", "What is the price of the course?"),
    ("How often should I clean the tank?", "How often do I need to clean the tank?"),
    ("Nivune asali lini?", "nivune asali lini"),
]
DIFFERENT = [
    ("How do I reset my password?", "How do I change my e-mail address?"),
    ("When is the final exam?", "Where is the final exam?"),
    ("When is the final exam?", "How long is the final exam?"),
    ("When is the final exam?", "Who marks the final exam?"),
    ("How do I submit an assignment?", "When do I submit an assignment?"),
    ("How do I submit an assignment?", "How are assignments graded?"),
    ("What is a first-flush diverter?", "How do I build a first-flush diverter?"),
    ("Can I get a certificate?", "How do I print my certificate?"),
    ("How do I send money?", "How do I receive money?"),
    ("How do I send money?", "How do I withdraw money?"),
    ("How often should I clean the tank?", "How do I clean the tank?"),
    ("How do I turn the pump on?", "How do I turn the pump off?"),
    ("How do I install Python 3?", "How do I uninstall Python 3?"),
    ("What is week 3 about?", "What is week 4 about?"),
    ("What is in chapter 2?", "What is in chapter 12?"),
]


def is_same(one: str, other: str) -> bool:
    model = embedder().get()
    cosine = float(model.embed_question(one).dense @ model.embed_question(other).dense)
    return matching.is_same(one, other, cosine=cosine)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_another_wording_is_the_same_question(one: str, other: str) -> None:
    assert is_same(one, other)
    assert is_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_a_question_that_sounds_alike_is_another(one: str, other: str) -> None:
    assert not is_same(one, other)
    assert not is_same(other, one)


@dataclass(frozen=True)
class School:
    """A live installation with an indexed course, its instructor and a learner."""

    runtime: Runtime
    client: TestClient
    course: Made
    teaching: dict[str, str]
    learner: dict[str, str]

    def write(self, question: str, answer: str, **more: object) -> dict:
        body = {"question": question, "answer": answer} | more
        made = self.client.post(f"/api/v1/courses/{self.course.slug}/faq", json=body, headers=self.teaching)
        assert made.status_code == 201, made.text
        self.wait_until_ready()
        return dict(made.json())

    def wait_until_ready(self) -> None:
        """Until every entry has its vector: the runner makes them."""
        deadline = time.monotonic() + 30
        path = f"/api/v1/courses/{self.course.slug}/faq"
        while not all(each["ready"] for each in self.client.get(path, headers=self.teaching).json()["items"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def ask(self, question: str, **more: object) -> dict:
        return ask(self.client, self.course.slug, self.learner, question, **more)

    def open_questions(self) -> dict[str, dict]:
        path = f"/api/v1/courses/{self.course.slug}/assistant/insights"
        found = self.client.get(path, headers=self.teaching).json()
        return {each["question"]: each for each in found["open_questions"]}


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    runtime = installation(tmp_path_factory.mktemp("faq"), run_jobs=True)
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Daudi Otieno")
    course = farm_course(runtime.database, instructor)
    runtime.start()
    with TestClient(app_of(runtime), raise_server_exceptions=False) as client:
        learner = log_in(client, create_person(runtime.database))
        assert client.post(f"/api/v1/courses/{course.slug}/enroll", headers=learner).status_code == 200
        yield School(runtime, client, course, log_in(client, instructor), learner)
    runtime.stop()


def test_an_entry_answers_first_with_its_mark_and_author_until_withdrawn(school: School) -> None:
    entry = school.write("When should I harvest honey?", "On Friday, with Daudi.")
    answer = school.ask("When do I harvest the honey?")
    assert (answer["status"], answer["answer"], answer["citations"]) == ("answered", "On Friday, with Daudi.", [])
    assert (answer["answered_by"], answer["approved_by"]) == ("faq", "Daudi Otieno")
    assert answer["notes"][0]["code"] == "approved"
    assert school.ask("When should I harvest honey?", mode="hint")["answered_by"] != "faq"

    path = f"/api/v1/faq/{entry['id']}"
    changed = {"question": "When should I harvest honey?", "answer": "On Saturday."}
    assert school.client.put(path, json=changed, headers=school.teaching).status_code == 200
    school.wait_until_ready()
    assert school.ask("When should I harvest honey?")["answer"] == "On Saturday."

    assert school.client.delete(path, headers=school.teaching).status_code == 204
    assert school.ask("When should I harvest honey?")["answered_by"] == "extractive"


def test_a_swahili_entry_answers_the_swahili_asker(school: School) -> None:
    school.write("Nani anauza mizinga?", "Duka la kijiji.", language="sw")
    assert school.ask("Nani anauza mizinga?")["answer"] == "Duka la kijiji."


def test_an_unanswered_question_waits_for_the_instructor_and_helps_the_next_asker(school: School) -> None:
    question = "Who won the chess championship in 1972?"
    assert school.ask(question)["status"] == "refused"
    waiting = school.open_questions()[question]
    assert waiting["why"] == "refused"
    school.write(question, "Bobby Fischer; ask me about bees.", question_id=waiting["question_id"])
    assert question not in school.open_questions()
    assert school.ask("Who won the 1972 chess championship?")["answer"].startswith("Bobby Fischer")


def test_an_entry_of_another_course_settles_nothing_here(school: School) -> None:
    question = "Which planet has the largest ring system?"
    school.ask(question)
    waiting = school.open_questions()[question]
    stranger = create_person(school.runtime.database, role=Role.INSTRUCTOR)
    elsewhere = create_course(school.runtime.database, stranger, title="Elsewhere")
    theirs = log_in(school.client, stranger)
    body = {"question": question, "answer": "Saturn.", "question_id": waiting["question_id"]}
    made = school.client.post(f"/api/v1/courses/{elsewhere.slug}/faq", json=body, headers=theirs)
    assert made.status_code == 201
    assert question in school.open_questions()
    assert school.ask(question)["answered_by"] != "faq"


def test_learners_read_the_faq_and_do_not_write_it(school: School) -> None:
    entry = school.write("How do I print my certificate?", "At the office.")
    path = f"/api/v1/courses/{school.course.slug}/faq"
    listed = school.client.get(path, headers=school.learner).json()["items"]
    assert {"At the office."} <= {each["answer"] for each in listed}
    given = {"question": "What?", "answer": "That."}
    assert school.client.post(path, json=given, headers=school.learner).status_code == 403
    assert school.client.put(f"/api/v1/faq/{entry['id']}", json=given, headers=school.learner).status_code == 404
    assert school.client.delete(f"/api/v1/faq/{entry['id']}", headers=school.learner).status_code == 404
    for bad in ({"question": "ab", "answer": "x"}, {"question": "Why?\x07", "answer": "x"}, {"question": "Why?"}):
        assert school.client.post(path, json=bad, headers=school.teaching).status_code == 422
