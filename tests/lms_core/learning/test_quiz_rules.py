"""Quizzes over HTTP: checked with hints, with certainty, shown by moments, behind passwords, networks and pauses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.learning.assessments.schemas import HintIn
from tests.conftest import START
from tests.factories.assessments import (
    API,
    MadeQuiz,
    begin,
    create_quiz,
    enrol,
    every_type,
    multiple,
    pass_it,
    read,
    save,
    single,
    submit,
)
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.grading import opened, points
from workers.runtime import Runtime

Headers = dict[str, str]
SECRETS = ('correct"', "Just so", "weight", "accepted", "Water boils", "right_html")


def check(
    client: TestClient, attempt: dict[str, Any], question: object, headers: Headers, sequence: int, **said: Any
) -> dict[str, Any]:
    """Check a question over HTTP, whatever comes of it."""
    path = f"{API}/quiz-attempts/{attempt['id']}/answers/{question}/check"
    return dict(client.post(path, json={"sequence": sequence, **said}, headers=headers).json())


def conduct(client: TestClient, quiz: MadeQuiz, teaching: Headers, **change: Any) -> dict[str, Any]:
    """Change how a quiz is conducted over HTTP."""
    path = f"{API}/quizzes/{quiz.id}/conduct"
    now = client.get(path, headers=teaching).json()
    done = client.put(path, json=now | change, headers=teaching)
    assert done.status_code == 200, done.text
    return dict(done.json())


def test_hints_come_try_by_try_and_retries_cost_nothing(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    hints = [HintIn(text="Not salt.", clear_wrong=True, show_number_right=True), HintIn(text="Two of them.")]
    asked = [multiple(points=3.0, hints=hints, penalty_percent=20, feedback="Water boils at 100."), every_type()[-1]]
    quiz = create_quiz(runtime.database, instructor, course.id, questions=asked, conduct={"behaviour": "interactive"})
    attempt, question = begin(client, quiz, headers), quiz.questions[0].id
    shown = read(client, attempt, headers)["questions"]
    assert [(each["tries"], each["penalty_percent"]) for each in shown] == [(3, 20.0), (0, 0.0)]
    ice, steam, salt = (quiz.choice(0, text) for text in ("ice", "steam", "salt"))
    first = check(client, attempt, question, headers, 5, choices=[ice, salt])
    assert (first["tries"], first["tries_left"], first["settled"], first["verdict"]) == (1, 2, False, "wrong")
    assert "Not salt." in first["hint_html"] and (first["number_right"], first["review"]) == (1, None)
    assert first["answer"]["choices"] == [ice], "the hint took the wrong one out"
    again = check(client, attempt, question, headers, 5, choices=[ice, salt])
    late = check(client, attempt, question, headers, 4, choices=[steam])
    assert (again, late["kept"]) == (first, False) and late["tries"] == 1
    same = check(client, attempt, question, headers, 6, choices=[salt, ice])
    assert same["tries"] == 1, "the very answer that was tried costs nothing"
    assert save(client, attempt, question, headers, 3, choices=[steam]).json()["kept"] is False
    empty = check(client, attempt, question, headers, 7)
    assert empty["code"] == "invalid" and "Answer the question first" in empty["detail"] + str(empty["errors"])
    page = str(read(client, attempt, headers))
    assert "Two of them." not in page and "Water boils" not in page and "'correct': True" not in page
    done = check(client, attempt, question, headers, 9, choices=[ice, steam])
    assert (done["settled"], done["tries_left"], done["review"]["awarded"]) == (True, 0, 2.4)
    assert "Water boils" in done["review"]["feedback_html"]
    assert check(client, attempt, question, headers, 11, choices=[salt])["tries"] == 2
    assert save(client, attempt, question, headers, 12, choices=[salt]).json()["kept"] is False
    essay = check(client, attempt, quiz.questions[1].id, headers, 1, text="Why")
    assert essay["code"] == "question_not_checked"
    assert check(client, attempt, uuid4(), headers, 1, choices=[])["code"] == "question_not_found"
    other = log_in(client, create_person(runtime.database))
    assert check(client, attempt, question, other, 20, choices=[ice])["code"] == "attempt_not_found"
    assert submit(client, attempt, headers)["score"] == 2.4
    assert check(client, attempt, question, headers, 21, choices=[ice])["code"] == "attempt_over"
    review = read(client, attempt, headers)["review"][0]
    assert (review["tries"], review["awarded"], review["verdict"]) == (2, 2.4, "right")


def test_one_check_with_feedback_at_once_shows_what_the_table_says(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    table = {"during": ["correctness", "feedback"], "after": [], "later": [], "closed": []}
    rules = {"behaviour": "immediate", "wrong_choice": "by_number", "review": table}
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(), single()], conduct=rules)
    attempt, wrong = begin(client, quiz, headers), quiz.choice(0, "90")
    told = check(client, attempt, quiz.questions[0].id, headers, 1, choices=[wrong])
    review = told["review"]
    assert (told["settled"], told["verdict"], review["awarded"]) == (True, "wrong", None)
    assert [(each["correct"], "Higher up" in each["feedback_html"]) for each in review["choices"]] == [
        (False, True),
        (None, False),
        (None, False),
    ]
    assert read(client, attempt, headers)["checks"] == [told]
    save(client, attempt, quiz.questions[1].id, headers, choices=[quiz.choice(1, "100")])
    assert submit(client, attempt, headers)["score"] is None
    over = read(client, attempt, headers)
    assert (over["review"], over["shown"], over["results_from"]) == (None, [], None)
    plain = create_quiz(runtime.database, instructor, course.id)
    refused = check(client, begin(client, plain, headers), plain.questions[0].id, headers, 1, choices=[wrong])
    assert refused["code"] == "question_not_checked"


def test_certainty_reaches_the_score_the_page_and_the_gradebook(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    learner: Person,
    teaching: Headers,
    headers: Headers,
    drain: Callable[[], int],
) -> None:
    bands = [{"from_percent": 100, "text": "*Sure* and right."}, {"from_percent": 0, "text": "Read again."}]
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[single(), single(), single()],
        counts="average",
        conduct={"behaviour": "certainty", "overall_feedback": bands},
    )
    drain()
    for levels, percent in (((3, 3, None), 0.0), ((3, 2, 1), 200.0)):
        attempt = begin(client, quiz, headers)
        for place, level in enumerate(levels):
            said = "100" if percent or place == 0 else "90"
            save(
                client, attempt, quiz.questions[place].id, headers, choices=[quiz.choice(place, said)], certainty=level
            )
        assert submit(client, attempt, headers)["percent"] == percent, "3 - 6 + 0 is floored at zero"
        sheet = read(client, attempt, headers)
        assert ("Sure" in sheet["overall_html"]) == (percent == 200.0)
        assert sheet["certainty"]["accuracy"] == (100.0 if percent else 33.33)
        assert sheet["certainty"]["average"] == (2.0 if percent else -1.0)
    assert [each["certainty"] for each in sheet["review"]] == [3, 2, 1]
    view = client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()
    assert (view["counting_id"], view["result_percent"], view["behaviour"]) == (None, 100.0, "certainty")
    board = client.get(f"{API}/quizzes/{quiz.id}/leaderboard", headers=headers).json()
    assert [each["percent"] for each in board["entries"]] == [100.0]
    drain()
    assert points(opened(client, course, teaching), learner) == {"Water": 3.0}, "100 % of three points"


@pytest.mark.parametrize(("rule", "percent"), [("first", 100.0), ("last", 0.0), ("best", 100.0), ("average", 50.0)])
def test_release_and_leaderboard_follow_the_attempt_that_counts(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers, rule: str, percent: float
) -> None:
    from sqlalchemy import select

    from lms_core.kit.context import system_actor
    from lms_core.learning.release.models import Milestone, MilestoneKind

    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], counts=rule, passing_percent=60)
    pass_it(client, quiz, headers)
    pass_it(client, quiz, headers, right=False)
    with runtime.database.read(system_actor()) as view:
        reached = dict(view.session.execute(select(Milestone.kind, Milestone.value)).tuples().all())
    assert reached[MilestoneKind.SCORE] == percent
    assert (MilestoneKind.PASSED in reached) == (percent >= 60)
    board = client.get(f"{API}/quizzes/{quiz.id}/leaderboard", headers=headers).json()
    assert [each["percent"] for each in board["entries"]] == [percent]


def test_each_moment_shows_its_column(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    learner: Person,
    teaching: Headers,
    headers: Headers,
    clock: MovingClock,
) -> None:
    table = {
        "during": [],
        "after": ["score"],
        "later": ["marks", "correctness", "overall"],
        "closed": ["answer", "general"],
    }
    closes = START + timedelta(minutes=10)
    question = single(feedback="Water boils.")
    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=[question], closes_at=closes, conduct={"review": table}
    )
    attempt = begin(client, quiz, headers)
    save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, "90")])
    assert submit(client, attempt, headers)["score"] == 0.0
    after = read(client, attempt, headers)
    assert (after["percent"], after["review"], after["shown"]) == (0.0, None, ["score"])
    assert not any(secret in str(after) for secret in SECRETS)
    clock.move(timedelta(minutes=3))
    later = read(client, attempt, headers)
    one = later["review"][0]
    assert (later["percent"], one["awarded"], one["verdict"], one["feedback_html"]) == (None, 0.0, "wrong", "")
    assert [each["correct"] for each in one["choices"]] == [False, None, None]
    clock.move(timedelta(minutes=7))
    headers = log_in(client, learner)
    closed = read(client, attempt, headers)["review"][0]
    assert (closed["awarded"], closed["verdict"]) == (None, None) and "Water boils" in closed["feedback_html"]
    assert [each["correct"] for each in closed["choices"]] == [False, True, False]
    assert read(client, attempt, log_in(client, instructor))["review"][0]["awarded"] == 0.0
    path = f"{API}/quizzes/{quiz.id}/conduct"
    teaching = log_in(client, instructor)
    wrongs = (
        {"review": {"during": ["score"]}},
        {"review": "soon"},
        {"networks": ["10.0.0.0/99"]},
        {"grace_seconds": -1},
    )
    wrongs += ({"wrong_choice": "percent"}, {"behaviour": "interactive", "wrong_choice": "by_number"})
    for wrong in wrongs:
        assert client.put(path, json=wrong, headers=teaching).status_code == 422, wrong
    endless = create_quiz(runtime.database, instructor, course.id)
    told = client.put(f"{API}/quizzes/{endless.id}/conduct", json={"review": "after_close"}, headers=teaching)
    assert told.status_code == 422 and "closing date" in told.text
    assert (
        client.get(path, headers=headers).status_code == client.put(path, json={}, headers=headers).status_code == 403
    )
    closing = client.put(f"{API}/quizzes/{quiz.id}", json={"title": "Q"}, headers=teaching)
    assert closing.status_code == 200, "this table shows something before the close too"


def test_a_password_is_asked_for_told_to_editors_and_guessed_slowly(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    from sqlalchemy import select

    from lms_core.kit.context import system_actor
    from lms_core.learning.assessments.models import Quiz

    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    assert conduct(client, quiz, teaching, password=" Maji7 ")["password"] == "Maji7"
    with runtime.database.read(system_actor()) as view:
        stored = view.session.execute(select(Quiz.password_sealed, Quiz.conduct)).one()
    assert stored.password_sealed and "Maji7" not in str(stored)
    seen = client.get(f"{API}/quizzes/{quiz.id}", headers=headers)
    assert seen.json()["needs_password"] and seen.json()["may_start"] and "Maji7" not in seen.text

    def start(password: str) -> str:
        asked = {"quiz_id": str(quiz.id), "password": password}
        answer = client.post(f"{API}/quiz-attempts", json=asked, headers=headers)
        return str(answer.json().get("code", answer.json().get("status")))

    assert start("") == start("maji7") == "quiz_password_wrong"
    assert start("Maji7") == "open"
    assert start("") == "open", "an attempt that began goes on without it"
    attempt = begin(client, quiz, headers)
    submit(client, attempt, headers)
    guesses = [start(f"guess {number}") for number in range(12)]
    assert guesses[-1] == "too_many_requests" == start("Maji7"), "right ones count as tries too"


def test_networks_pauses_and_exceptions_decide_who_starts_and_say_why(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    learner: Person,
    teaching: Headers,
    headers: Headers,
    clock: MovingClock,
    drain: Callable[[], int],
) -> None:
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[single()],
        attempts_allowed=2,
        closes_at=START + timedelta(hours=1),
    )
    conduct(
        client,
        quiz,
        teaching,
        networks=["10.1.4.9/16", "2001:db8::/32"],
        networks_at_saves=True,
        first_delay_seconds=600,
    )
    address, path = f"{API}/quizzes/{quiz.id}", f"{API}/quizzes/{quiz.id}/overrides"
    asked: dict[str, Any] = {"json": {"quiz_id": str(quiz.id)}, "headers": headers}

    def why(at: TestClient) -> Any:
        view = at.get(address, headers=headers).json()
        started = at.post(f"{API}/quiz-attempts", **asked).json()
        assert (started.get("code") is None) == (view["may_start"] or view["unfinished_id"] is not None)
        return view["cannot_start"] and view["cannot_start"]["code"]

    assert why(client) == "network_not_allowed"
    inside = TestClient(client.app, client=("10.1.77.2", 50000))
    outside = TestClient(client.app, client=("::ffff:10.2.0.1", 50000))
    assert why(outside) == "network_not_allowed" and why(inside) is None
    attempt = begin(inside, quiz, headers)
    save_from = {"choices": [quiz.choice(0, "100")]}
    assert save(outside, attempt, quiz.questions[0].id, headers, **save_from).json()["code"] == "network_not_allowed"
    assert save(inside, attempt, quiz.questions[0].id, headers, **save_from).status_code == 200
    submit(inside, attempt, headers)
    pause = inside.get(address, headers=headers).json()["cannot_start"]
    assert (pause["code"], pause["at"]) == ("quiz_too_soon", "2026-01-05T08:10:00Z")
    assert why(inside) == "quiz_too_soon"
    clock.move(timedelta(minutes=10))
    again = begin(inside, quiz, headers)
    submit(inside, again, headers)
    assert why(inside) == "no_attempts_left"
    given = {
        "attempts_allowed": 3,
        "closes_at": "2026-01-05T11:00:00Z",
        "time_limit_seconds": 60,
        "password": "own",
    }
    eased = client.put(f"{path}/people/{learner.id}", json=given, headers=teaching).json()
    assert (eased["name"], eased["password"], eased["attempts_allowed"]) == ("Amina Wanjiru", "own", 3)
    view = inside.get(address, headers=headers).json()
    assert (view["eased"], view["own_time_limit_seconds"], view["closes_at"]) == (True, 60, "2026-01-05T11:00:00Z")
    assert view["needs_password"] and view["may_start"]
    asked["json"]["password"] = "own"
    third = inside.post(f"{API}/quiz-attempts", **asked).json()
    assert third["deadline_at"] == "2026-01-05T08:11:00Z"
    for wrong in (
        {},
        {"attempts_allowed": 0},
        {"opens_at": "2026-01-05T12:00:00Z", "closes_at": "2026-01-05T11:00:00Z"},
    ):
        assert client.put(f"{path}/people/{learner.id}", json=wrong, headers=teaching).status_code == 422
    assert client.put(f"{path}/people/{uuid4()}", json=given, headers=teaching).status_code == 404
    assert client.put(f"{path}/cohorts/{uuid4()}", json=given, headers=teaching).status_code == 404
    assert client.get(path, headers=headers).status_code == 403
    assert [each["id"] for each in client.get(path, headers=teaching).json()] == [eased["id"]]
    stranger = log_in(client, create_person(runtime.database))
    assert client.delete(f"{path}/{eased['id']}", headers=stranger).status_code == 404
    assert client.delete(f"{path}/{eased['id']}", headers=teaching).status_code == 204
    assert client.delete(f"{path}/{eased['id']}", headers=teaching).status_code == 404
    assert read(client, third, headers)["deadline_at"] == "2026-01-05T09:00:00Z", "an open attempt follows"


def test_a_cohort_s_exception_moves_an_open_attempt_and_yields_to_one_s_own(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    learner: Person,
    teaching: Headers,
    headers: Headers,
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], time_limit_seconds=600)
    other = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    cohort = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "Evening"}, headers=teaching).json()
    members = client.post(f"{API}/cohorts/{cohort['id']}/members", json={"emails": [learner.email]}, headers=teaching)
    assert members.status_code in (200, 201), members.text
    attempt, theirs = begin(client, quiz, headers), begin(client, quiz, other)
    path = f"{API}/quizzes/{quiz.id}/overrides"
    put = client.put(f"{path}/cohorts/{cohort['id']}", json={"time_limit_seconds": 900}, headers=teaching)
    assert put.json()["name"] == "Evening"
    assert read(client, attempt, headers)["deadline_at"] == "2026-01-05T08:15:00Z"
    assert read(client, theirs, other)["deadline_at"] == "2026-01-05T08:10:00Z"
    client.put(f"{path}/people/{learner.id}", json={"time_limit_seconds": 1200}, headers=teaching)
    assert client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()["own_time_limit_seconds"] == 1200
    extra = f"{API}/courses/{course.slug}/extra-time/{learner.id}"
    assert client.put(extra, json={"extra_percent": 50}, headers=teaching).status_code == 200
    assert read(client, attempt, headers)["deadline_at"] == "2026-01-05T08:30:00Z"
    with statements(runtime.database) as sent:
        assert len(client.get(path, headers=teaching).json()) == 2
    assert len(sent) <= 12, sent


def test_late_answers_within_the_grace_count_and_say_so(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    teaching: Headers,
    headers: Headers,
    clock: MovingClock,
    drain: Callable[[], int],
) -> None:
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[single()],
        time_limit_seconds=60,
        conduct={"grace_seconds": 300},
    )
    drain()
    attempt, question = begin(client, quiz, headers), quiz.questions[0].id
    typed = int((START + timedelta(seconds=50)).timestamp() * 1000)
    clock.move(timedelta(minutes=4))
    drain()
    late = save(client, attempt, question, headers, typed, choices=[quiz.choice(0, "100")])
    assert late.status_code == 200 and late.json()["kept"]
    after = save(client, attempt, question, headers, typed + 60_000, choices=[quiz.choice(0, "90")])
    assert after.json()["code"] == "attempt_over", "typed after the deadline"
    clock.move(timedelta(minutes=2, seconds=10))
    assert save(client, attempt, question, headers, typed + 1, choices=[]).json()["code"] == "attempt_over"
    drain()
    done = read(client, attempt, headers)
    assert (done["status"], done["percent"], done["received_late_at"]) == ("graded", 100.0, "2026-01-05T08:04:00Z")
    rows = client.get(f"{API}/quizzes/{quiz.id}/attempts", headers=teaching).json()["items"]
    assert [each["received_late_at"] is not None for each in rows] == [True]


def test_a_plain_quiz_costs_what_it_did(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single() for _ in range(40)])
    attempt = begin(client, quiz, headers)
    for place, question in enumerate(quiz.questions):
        with statements(runtime.database) as sent:
            saved = save(client, attempt, question.id, headers, choices=[quiz.choice(place, "100")])
        assert saved.status_code == 200
    assert len(sent) == 4, "\n".join(sent)
    with statements(runtime.database) as sent:
        assert submit(client, attempt, headers)["percent"] == 100.0
    assert len(sent) <= 24, "\n".join(sent)
