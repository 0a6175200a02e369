"""A wrong key mended: previewed without a write, carried out once in batches, told to whom it concerns."""

import json
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from fastapi.testclient import TestClient

from lms_core.kit.permissions import Role
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import QuestionIn
from lms_core.learning.assessments.service import regrade_batches
from tests.factories.assessments import MadeQuiz, begin, create_quiz, enrol, multiple, read, save, single, submit
from tests.factories.banks import arrange, create_bank, draw_of, sums
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.grading import change, opened, points
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]


def _mend(client: TestClient, quiz: MadeQuiz, teaching: Headers, **right: str) -> int:
    """Make `right` the right choice of question 0 in a new revision; the revision."""
    source = client.get(f"{API}/quizzes/{quiz.id}/source", headers=teaching).json()
    questions = source["question_list"]
    for choice in questions[0]["choices"]:
        choice["correct"] = choice["text"] == right["choice"]
    given = {"base_revision": source["revision"], "questions": questions}
    saved = client.put(f"{API}/quizzes/{quiz.id}/questions", json=given, headers=teaching)
    assert saved.status_code == 200, saved.text
    return int(saved.json()["revision"])


def _sit(client: TestClient, quiz: MadeQuiz, headers: Headers, choice: str, essay: str = "") -> dict[str, Any]:
    attempt = begin(client, quiz, headers)
    save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, choice)])
    save(client, attempt, quiz.questions[1].id, headers, choices=[quiz.choice(1, "ice")])
    if essay:
        save(client, attempt, quiz.questions[2].id, headers, text=essay)
    return attempt


def test_a_mended_key_reaches_every_attempt_once(
    runtime: Runtime,
    client: TestClient,
    drain: Callable[[], int],
    mailbox: Callable[[], list[EmailMessage]],
    instructor: Person,
    course: Made,
    teaching: Headers,
    learner: Person,
    headers: Headers,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr(regrade_batches, "AT_ONCE", 2)
    essay = QuestionIn(type=QuestionType.ESSAY, text="Why?", points=2.0)
    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=[single(), multiple(), essay], passing_percent=40
    )
    people = [
        enrol(runtime.database, create_person(runtime.database, full_name=f"Baraka {n}"), course.id) for n in (1, 2, 3)
    ]
    keys = [log_in(client, each) for each in people]
    wrong = [submit(client, _sit(client, quiz, key, "90", "So."), key) for key in keys[:2]]
    right = submit(client, _sit(client, quiz, headers, "100"), headers)
    still_open = _sit(client, quiz, keys[2], "90")
    for attempt, given in zip(wrong, (0.0, 1.0), strict=True):
        path = f"{API}/quiz-attempts/{attempt['id']}/marks/{quiz.questions[2].id}"
        assert client.put(path, json={"points": given}, headers=teaching).status_code == 200
    hand = f"{API}/quiz-attempts/{wrong[1]['id']}/marks/{quiz.questions[0].id}"
    client.put(hand, json={"points": 0.25, "comment": "Nearly."}, headers=teaching)
    drain()
    letters = len(mailbox())
    column = opened(client, course, teaching)["columns"][0]["id"]
    override = change(client, course, teaching, people[1], column, points=3.5, reason="Oral exam")
    assert override.status_code == 200, override.text

    revision = _mend(client, quiz, teaching, choice="90")
    choice = {"base_revision": revision, "questions": [{"question_id": str(quiz.questions[0].id), "how": "key"}]}
    stale = client.post(
        f"{API}/quizzes/{quiz.id}/regrades/preview", json=choice | {"base_revision": 1}, headers=teaching
    )
    assert stale.json()["code"] == "quiz_changed"
    with statements(runtime.database) as sent:
        shown = client.post(f"{API}/quizzes/{quiz.id}/regrades/preview", json=choice, headers=teaching).json()
    assert not [each for each in sent if not each.lstrip().upper().startswith("SELECT")], "a preview writes nothing"
    assert (shown["attempts"], shown["open_attempts"], shown["changed"], shown["kept_by_hand"]) == (3, 1, 2, 1)
    told = {row["user_name"]: row for row in shown["rows"]}
    assert told["Baraka 1"]["changes"] == [{"question_id": str(quiz.questions[0].id), "before": 0.0, "after": 1.0}]
    assert (told["Baraka 1"]["score_before"], told["Baraka 1"]["score_after"]) == (0.5, 1.5)
    assert told["Amina Wanjiru"]["score_after"] == 0.5 and shown["now_failed"] == 0
    assert read(client, wrong[0], keys[0])["score"] == 0.5

    asked = client.post(
        f"{API}/quizzes/{quiz.id}/regrades", json=choice | {"reason": "Key was wrong"}, headers=teaching
    )
    assert asked.status_code == 202, asked.text
    twice = client.post(f"{API}/quizzes/{quiz.id}/regrades", json=choice | {"reason": "Again"}, headers=teaching)
    assert twice.json()["code"] == "regrade_running"
    drain()
    done = client.get(f"{API}/quiz-regrades/{asked.json()['id']}", headers=teaching).json()
    assert (done["status"], done["done"], done["total"], done["changed"]) == ("done", 4, 4, 2)
    mended = read(client, wrong[0], keys[0])
    assert (mended["score"], mended["percent"], mended["review"][0]["awarded"]) == (1.5, 37.5, 1.0)
    assert [c["correct"] for c in mended["review"][0]["choices"]] == [True, False, False], (
        "the page shows the mended key"
    )
    assert mended["regrades"][0]["changes"][0]["after"] == 1.0 and mended["regrades"][0]["reason"] == "Key was wrong"
    kept = read(client, wrong[1], keys[1])["review"][0]
    assert (kept["awarded"], kept["comment"]) == (0.25, "Nearly.")
    assert read(client, right, headers)["review"][0]["awarded"] == 0.0
    assert submit(client, still_open, keys[2])["score"] == 1.5, "one in progress is marked by the mended key"
    changed = [each for each in mailbox()[letters:] if "Key was wrong" in each.get_body(("plain",)).get_content()]  # type: ignore[union-attr]
    assert sorted(each["To"] for each in changed) == sorted([people[0].email, learner.email])
    book = opened(client, course, teaching)
    assert points(book, people[0]) == {"Water": 1.5}
    assert points(book, people[1]) == {"Water": 3.5}, "an override stays"

    _drop_and_tick(client, drain, quiz, teaching, wrong, keys, revision)
    drain()
    assert points(opened(client, course, teaching), people[1]) == {"Water": 4.0}, "the override is lifted: 3 of 3"
    boss = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    log = client.get(f"{API}/admin/audit?action=quiz.regraded", headers=boss).json()["items"]
    assert [json.loads(json.dumps(line["details"]))["reason"] for line in log][-1] == "Key was wrong"


def _drop_and_tick(
    client: TestClient,
    drain: Callable[[], int],
    quiz: MadeQuiz,
    teaching: Headers,
    attempts: list[dict[str, Any]],
    keys: list[Headers],
    revision: int,
) -> None:
    """One question out of the total, full marks for another, hand-given marks and overrides given up."""
    given = {
        "base_revision": revision,
        "questions": [
            {"question_id": str(quiz.questions[0].id), "how": "excluded"},
            {"question_id": str(quiz.questions[1].id), "how": "full"},
        ],
        "scope": "one",
        "attempt_id": attempts[1]["id"],
        "marked_by_hand": True,
        "lifts_overrides": True,
        "reason": "Unclear wording",
    }
    everything = [{"question_id": str(each.id), "how": "excluded"} for each in quiz.questions]
    refused = client.post(
        f"{API}/quizzes/{quiz.id}/regrades/preview", json=given | {"questions": everything}, headers=teaching
    )
    assert refused.status_code == 422
    asked = client.post(f"{API}/quizzes/{quiz.id}/regrades", json=given, headers=teaching)
    assert asked.status_code == 202, asked.text
    drain()
    found = read(client, attempts[1], keys[1])
    assert (found["score"], found["points"], found["percent"]) == (2.0, 3.0, 66.67)
    assert [(each["awarded"], each["counts"]) for each in found["review"]] == [(0.25, False), (1.0, True), (1.0, True)]
    assert read(client, attempts[0], keys[0])["points"] == 4.0
    path = f"{API}/quiz-attempts/{attempts[1]['id']}/marks/{quiz.questions[2].id}"
    marked = client.put(path, json={"points": 2.0}, headers=teaching).json()
    assert (marked["score"], marked["percent"]) == (3.0, 100.0), "a mark by hand later knows what does not count"


def test_only_who_marks_regrades(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers, teaching: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    outsider = log_in(client, create_person(runtime.database))
    choice = {"base_revision": 1, "questions": [{"question_id": str(quiz.questions[0].id)}], "reason": "x"}
    for who, status in ((headers, 403), (outsider, 404)):
        assert client.get(f"{API}/quizzes/{quiz.id}/regradable", headers=who).status_code == status
        assert client.get(f"{API}/quizzes/{quiz.id}/regrades", headers=who).status_code == status
        for path in ("regrades", "regrades/preview"):
            assert client.post(f"{API}/quizzes/{quiz.id}/{path}", json=choice, headers=who).status_code == status
    asked = client.post(f"{API}/quizzes/{quiz.id}/regrades", json=choice, headers=teaching).json()
    assert client.get(f"{API}/quiz-regrades/{asked['id']}", headers=headers).status_code == 404


def test_a_question_left_out_is_not_asked_any_more_until_it_is_mended(
    runtime: Runtime, client: TestClient, drain: Callable[[], int], instructor: Person, course: Made,
    teaching: Headers, headers: Headers,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(), multiple()])
    address, first = f"{API}/quizzes/{quiz.id}", str(quiz.questions[0].id)
    submit(client, _sit(client, quiz, headers, "90"), headers)

    def leave_out(question: str, **more: Any) -> None:
        revision = client.get(f"{address}/source", headers=teaching).json()["revision"]
        told = {"base_revision": revision, "questions": [{"question_id": question, "how": "excluded"}], "reason": "Odd"}
        asked = client.post(f"{address}/regrades", json=told | more, headers=teaching)
        assert asked.status_code == 202, asked.text
        drain()

    def asked() -> list[str]:
        """What somebody who begins now is asked, in order."""
        key = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
        attempt = begin(client, quiz, key)
        found = [each["id"] for each in read(client, attempt, key)["questions"]]
        card = client.get(address, headers=key).json()
        assert (card["questions"], card["points"]) == (len(found), attempt["points"])
        return found

    everything = [str(each.id) for each in quiz.questions]
    alone = client.get(f"{address}/attempts", headers=teaching).json()["items"][0]["id"]
    leave_out(first, scope="one", attempt_id=alone)
    assert asked() == everything, "a regrade of one attempt concerns nobody else"
    leave_out(first)
    assert asked() == everything[1:]
    key = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    attempt = begin(client, quiz, key)
    save(client, attempt, quiz.questions[1].id, key, choices=[quiz.choice(1, "ice"), quiz.choice(1, "steam")])
    assert submit(client, attempt, key)["percent"] == 100.0
    source = client.get(f"{address}/source", headers=teaching).json()
    source["question_list"][1]["text"] = "Which of these are water?"
    source["question_list"][0]["points"] = 7
    given = {"base_revision": source["revision"], "questions": source["question_list"]}
    assert client.put(f"{address}/questions", json=given, headers=teaching).status_code == 200
    assert asked() == everything[1:], "another question was changed"
    _mend(client, quiz, teaching, choice="90")
    assert asked() == everything

    bank, ids = create_bank(runtime.database, instructor, course.id, questions=sums(4))
    fixed = {"kind": "bank", "question_id": str(ids[0])}
    arrange(client, quiz.id, teaching, {"title": "Sums", "slots": [draw_of(bank, 2), fixed]})
    assert len(asked()) == 5
    for each in ids[:3]:
        leave_out(str(each))
    assert asked()[2:] == [str(ids[3])], "one is left to draw from"
