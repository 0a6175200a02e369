"""Quizzes over HTTP: made, taken and timed; and what nobody is told too early."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.conftest import START
from tests.factories.assessments import (
    begin,
    create_quiz,
    enrol,
    every_type,
    pass_it,
    read,
    save,
    single,
    submit,
)
from tests.factories.courses import Made
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]


def test_an_instructor_makes_a_quiz_and_a_learner_passes_it(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    body = {"title": "Boiling", "questions": [json.loads(each.model_dump_json()) for each in every_type()]}
    made = client.post(f"{API}/courses/{course.slug}/quizzes", json=body, headers=teaching)
    assert made.status_code == 201, made.text
    quiz_id = made.json()["id"]
    assert (made.json()["status"], made.json()["questions"], made.json()["points"]) == ("draft", 6, 10.0)
    assert client.get(f"{API}/quizzes/{quiz_id}", headers=headers).json()["code"] == "quiz_not_found"
    assert client.post(f"{API}/quizzes/{quiz_id}/publish", headers=teaching).status_code == 200
    source = client.get(f"{API}/quizzes/{quiz_id}/source", headers=teaching).json()["question_list"]
    attempt = client.post(f"{API}/quiz-attempts", json={"quiz_id": quiz_id}, headers=headers).json()
    key = [[choice["id"] for choice in question["choices"] if choice["correct"]] for question in source]
    for question, choices, text in zip(source, key, ["", "", "", "0,92", "Glace", "It is lighter."], strict=True):
        saved = save(client, attempt, question["id"], headers, choices=choices, text=text)
        assert saved.status_code == 200 and saved.json()["kept"], saved.text
    done = submit(client, attempt, headers)
    assert (done["status"], done["score"], done["percent"]) == ("submitted", 7.0, None)
    waiting = client.get(f"{API}/quizzes/{quiz_id}/to-mark", headers=teaching).json()["items"]
    assert [(each["answer"], each["user_name"]) for each in waiting] == [("It is lighter.", "Amina Wanjiru")]
    path = f"{API}/quiz-attempts/{attempt['id']}/marks/{source[-1]['id']}"
    assert client.put(path, json={"points": 3.5}, headers=teaching).json()["code"] == "invalid"
    marked = client.put(path, json={"points": 2.5, "comment": "Say why."}, headers=teaching).json()
    assert (marked["status"], marked["score"], marked["percent"]) == ("graded", 9.5, 95.0)
    review = read(client, attempt, headers)["review"]
    assert [each["awarded"] for each in review] == [1.0, 2.0, 1.0, 2.0, 1.0, 2.5]
    assert review[-1]["comment"] == "Say why."
    assert client.get(f"{API}/quizzes/{quiz_id}/to-mark", headers=teaching).json()["items"] == []


def test_nothing_sent_before_the_end_tells_the_key(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=every_type(), conduct={"review": "never"})
    attempt = begin(client, quiz, headers)
    path = f"{API}/quiz-attempts/{attempt['id']}"
    saved = save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, "90")])
    sent = [client.get(path, headers=headers), saved, client.get(f"{API}/quizzes/{quiz.id}", headers=headers)]
    assert [question["type"] for question in sent[0].json()["questions"]] == [str(each.type) for each in quiz.questions]
    sent += [client.post(f"{path}/submit", headers=headers), client.get(path, headers=headers)]
    for answer in sent:
        text = answer.text
        for secret in ("correct", "weight", "feedback", "Just so", "accepted", "glac", "0.917", "tolerance", "awarded"):
            assert secret not in text, (secret, text)
        assert answer.json().get("score") is None and answer.json().get("review") is None
    assert client.get(f"{API}/quizzes/{quiz.id}/source", headers=headers).status_code == 403


def test_outsiders_see_neither_quiz_nor_attempt(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    attempt = begin(client, quiz, headers)
    stranger = log_in(client, create_person(runtime.database))
    fellow = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    teacher_elsewhere = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    one, question = f"{API}/quiz-attempts/{attempt['id']}", quiz.questions[0].id
    for other in (stranger, fellow, teacher_elsewhere):
        assert client.get(one, headers=other).status_code == 404
        assert client.post(f"{one}/submit", headers=other).status_code == 404
        assert client.put(f"{one}/void", json={"reason": "x"}, headers=other).status_code == 404
        assert save(client, attempt, question, other).status_code == 404
        mark = client.put(f"{one}/marks/{question}", json={"points": 1}, headers=other)
        assert mark.json()["code"] == "attempt_not_found"
    for other in (stranger, teacher_elsewhere):
        for path in ("", "/source", "/attempts", "/leaderboard", "/to-mark", "/preview"):
            assert client.get(f"{API}/quizzes/{quiz.id}{path}", headers=other).json()["code"] == "quiz_not_found", path
        assert client.post(f"{API}/quiz-attempts", json={"quiz_id": str(quiz.id)}, headers=other).status_code == 404
    assert client.get(f"{API}/quizzes/{uuid4()}", headers=headers).status_code == 404
    assert client.get(f"{API}/quizzes/{quiz.id}").status_code == 401
    for path in ("source", "attempts", "to-mark", "preview"):
        assert client.get(f"{API}/quizzes/{quiz.id}/{path}", headers=fellow).status_code == 403
    assert client.put(f"{one}/marks/{question}", json={"points": 1}, headers=headers).status_code == 403


def test_an_old_retry_never_overwrites(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    attempt, question = begin(client, quiz, headers), quiz.questions[0].id
    first, second = [quiz.choice(0, "90")], [quiz.choice(0, "100")]
    assert save(client, attempt, question, headers, 5, choices=first).json()["kept"]
    assert save(client, attempt, question, headers, 9, choices=second, flagged=True).json()["kept"]
    late = save(client, attempt, question, headers, 5, choices=first).json()
    assert (late["kept"], late["choices"], late["sequence"], late["flagged"]) == (False, second, 9, True)
    again = save(client, attempt, question, headers, 9, choices=second, flagged=True).json()
    assert again["kept"] and again["choices"] == second
    differs = save(client, attempt, question, headers, 9, choices=first, flagged=True).json()
    assert not differs["kept"] and differs["choices"] == second
    assert [each["choices"] for each in read(client, attempt, headers)["answers"]] == [second]


def test_only_what_was_asked_is_kept(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id)
    attempt = begin(client, quiz, headers)
    other = quiz.choice(1, "ice")
    kept = save(client, attempt, quiz.questions[0].id, headers, choices=[other, str(uuid4())], text="hello").json()
    assert (kept["choices"], kept["text"]) == ([], "")
    assert save(client, attempt, uuid4(), headers).json()["code"] == "question_not_found"
    for wrong in ({"sequence": -1}, {"sequence": 2**60}, {"sequence": 1, "text": "x" * 50_001}, {"choices": []}, {}):
        path = f"{API}/quiz-attempts/{attempt['id']}/answers/{quiz.questions[0].id}"
        assert client.put(path, json=wrong, headers=headers).status_code == 422


def test_the_clock_submits_with_the_browser_gone(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    headers: Headers,
    clock: MovingClock,
    drain: Callable[[], int],
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], time_limit_seconds=600)
    drain()
    attempt = begin(client, quiz, headers)
    assert attempt["deadline_at"] == (START + timedelta(minutes=10)).isoformat().replace("+00:00", "Z")
    question, right = quiz.questions[0].id, [quiz.choice(0, "100")]
    clock.move(timedelta(minutes=10, seconds=9))
    drain()
    assert save(client, attempt, question, headers, choices=right).status_code == 200, "in flight when the time ran out"
    clock.move(timedelta(seconds=1))
    over = save(client, attempt, question, headers, 2, choices=[])
    assert over.json()["code"] == "attempt_over"
    drain()
    done = read(client, attempt, headers)
    assert (done["status"], done["automatic"], done["percent"]) == ("graded", True, 100.0)
    assert done["submitted_at"] == attempt["deadline_at"]


def test_the_sweep_finds_what_the_job_missed(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers, clock: MovingClock
) -> None:
    from lms_core.kit.context import Work, system_actor
    from lms_core.kit.jobs import Job
    from lms_core.learning.assessments.jobs import sweep

    closes = START + timedelta(hours=2)
    timed = create_quiz(runtime.database, instructor, course.id, questions=[single()], time_limit_seconds=60)
    guarded = create_quiz(
        runtime.database, instructor, course.id, questions=[single()], supervised=True, closes_at=closes
    )
    attempt, waiting = begin(client, timed, headers), begin(client, guarded, headers)
    assert waiting["status"] == "waiting"
    clock.move(timedelta(hours=3))
    sweep(Work(runtime.database, Job(name="sweep", queue="fast", run_at=clock.now(), created_at=clock.now())))
    again = log_in(client, _person_of(runtime, headers, client))
    assert read(client, attempt, again)["automatic"]
    assert read(client, waiting, again)["status"] == "expired"
    with runtime.database.read(system_actor()) as view:
        assert view.session.query(Job).filter(Job.name.like("%submit_when_due")).count() == 1


def _person_of(runtime: Runtime, headers: Headers, client: TestClient) -> Person:
    """Somebody whose token has run out by the moved clock, to log in anew."""
    from sqlalchemy import select

    from lms_core.identity.accounts.models import User
    from lms_core.kit.context import system_actor

    with runtime.database.read(system_actor()) as view:
        row = view.session.execute(select(User).where(User.full_name == "Amina Wanjiru")).scalar_one()
        return Person(id=row.id, email=row.email, full_name=row.full_name, tenant_id=row.tenant_id)


def test_an_attempt_goes_on_after_a_restart_with_the_questions_it_began_with(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=every_type(), shuffle_questions=True, shuffle_choices=True
    )
    attempt = begin(client, quiz, headers)
    save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, "100")])
    before = read(client, attempt, headers)
    changed = {"base_revision": 1, "questions": [json.loads(single("Another one?").model_dump_json())]}
    answer = client.put(f"{API}/quizzes/{quiz.id}/questions", json=changed, headers=teaching)
    assert answer.json()["revision"] == 2
    stale = client.put(f"{API}/quizzes/{quiz.id}/questions", json=changed, headers=teaching)
    assert (stale.status_code, stale.json()["code"], stale.json()["current_revision"]) == (409, "quiz_changed", 2)
    assert begin(client, quiz, headers)["id"] == attempt["id"]
    after = read(client, attempt, headers)
    assert after["questions"] == before["questions"] and after["answers"] == before["answers"]
    assert submit(client, attempt, headers)["points"] == 10.0
    assert len(read(client, begin(client, quiz, headers), headers)["questions"]) == 1


def test_shuffling_differs_between_attempts_and_keeps_true_before_false(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers
) -> None:
    questions = [*every_type(), *[single(f"Number {number}?") for number in range(6)]]
    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=questions, shuffle_questions=True, shuffle_choices=True
    )
    orders, choice_orders = set(), set()
    for _ in range(4):
        attempt = begin(client, quiz, headers)
        shown = read(client, attempt, headers)["questions"]
        orders.add(tuple(question["id"] for question in shown))
        choice_orders.add(tuple(choice["html"] for question in shown for choice in question["choices"]))
        assert [question["number"] for question in shown] == list(range(1, 13))
        either = next(question for question in shown if question["type"] == "true_false")
        assert [choice["html"] for choice in either["choices"]] == ["True", "False"]
        submit(client, attempt, headers)
    assert len(orders) > 1 and len(choice_orders) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_dates_attempts_and_which_one_counts(
    runtime: Runtime,
    client: TestClient,
    instructor: Person,
    course: Made,
    learner: Person,
    headers: Headers,
    clock: MovingClock,
) -> None:
    dates = {"opens_at": START + timedelta(minutes=1), "closes_at": START + timedelta(minutes=20)}
    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=[single()], attempts_allowed=2, counts="last", **dates
    )
    asked = {"json": {"quiz_id": str(quiz.id)}, "headers": headers}
    assert client.post(f"{API}/quiz-attempts", **asked).json()["code"] == "quiz_not_open"
    assert not client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()["may_start"]
    clock.move(timedelta(minutes=1))
    assert begin(client, quiz, headers)["deadline_at"].startswith("2026-01-05T08:20:00")
    first = pass_it(client, quiz, headers)
    second = pass_it(client, quiz, headers, right=False)
    view = client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()
    assert (view["attempts_left"], view["may_start"], view["counting_id"]) == (0, False, second["id"])
    assert client.post(f"{API}/quiz-attempts", **asked).json()["code"] == "no_attempts_left"
    best = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    first = pass_it(client, best, headers)
    pass_it(client, best, headers, right=False)
    view = client.get(f"{API}/quizzes/{best.id}", headers=headers).json()
    assert (view["counting_id"], [each["passed"] for each in view["attempts"]]) == (first["id"], [True, False])
    clock.move(timedelta(minutes=19))
    asked["headers"] = log_in(client, learner)
    assert client.post(f"{API}/quiz-attempts", **asked).json()["detail"].startswith("It closed at 2026-01-05 08:20")


def test_results_wait_for_the_close(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers, clock: MovingClock
) -> None:
    closes = START + timedelta(minutes=10)
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[single()],
        conduct={"review": "after_close"},
        closes_at=closes,
    )
    attempt = pass_it(client, quiz, headers)
    assert (attempt["status"], attempt["score"], attempt["passed"]) == ("graded", None, None)
    early = read(client, attempt, headers)
    assert early["review"] is None and early["results_from"].startswith("2026-01-05T08:10")
    assert not client.get(f"{API}/quizzes/{quiz.id}/leaderboard", headers=headers).json()["shown"]
    clock.move(timedelta(minutes=10))
    late = read(client, attempt, headers)
    assert (late["percent"], late["review"][0]["feedback_html"], late["review"][0]["choices"][1]["correct"]) == (
        100.0,
        "",
        True,
    )
    assert client.get(f"{API}/quizzes/{quiz.id}/leaderboard", headers=headers).json()["participants"] == 1


def test_extra_time_reaches_an_open_attempt(
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
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], time_limit_seconds=600)
    attempt = begin(client, quiz, headers)
    path = f"{API}/courses/{course.slug}/extra-time"
    assert client.put(f"{path}/{learner.id}", json={"extra_percent": 50}, headers=headers).status_code == 403
    given = client.put(f"{path}/{learner.id}", json={"extra_percent": 50}, headers=teaching)
    assert given.json() == {"user_id": str(learner.id), "user_name": "Amina Wanjiru", "extra_percent": 50}
    assert client.put(f"{path}/{uuid4()}", json={"extra_percent": 5}, headers=teaching).status_code == 404
    assert client.get(path, headers=teaching).json() == [given.json()]
    assert client.get(f"{API}/quizzes/{quiz.id}", headers=headers).json()["own_time_limit_seconds"] == 900
    assert read(client, attempt, headers)["deadline_at"].startswith("2026-01-05T08:15:00")
    clock.move(timedelta(minutes=11))
    drain()
    assert read(client, attempt, headers)["status"] == "open"
    clock.move(timedelta(minutes=4, seconds=10))
    drain()
    assert read(client, attempt, log_in(client, learner))["status"] == "graded"


def test_a_supervised_attempt_waits_without_questions(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, headers: Headers, clock: MovingClock
) -> None:
    from uuid import UUID

    from lms_core.learning.assessments import service as assessments
    from tests.factories.people import actor_of

    quiz = create_quiz(
        runtime.database, instructor, course.id, questions=[single()], supervised=True, time_limit_seconds=60
    )
    attempt = begin(client, quiz, headers)
    waiting = read(client, attempt, headers)
    assert (waiting["status"], waiting["deadline_at"], waiting["questions"]) == ("waiting", None, [])
    assert save(client, attempt, quiz.questions[0].id, headers).json()["code"] == "attempt_waiting"
    refused = client.post(f"{API}/quiz-attempts/{attempt['id']}/submit", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt_state")
    assert begin(client, quiz, headers)["status"] == "waiting"
    clock.move(timedelta(minutes=5))
    taker = actor_of(runtime.database, _person_of(runtime, headers, client))
    with runtime.database.write(taker) as ctx:
        begun = assessments.begin(ctx, UUID(attempt["id"]))
        assert begun.deadline_at == clock.now() + timedelta(seconds=60)
        assert assessments.begin(ctx, begun.id) == begun, "again: no change"
    assert len(read(client, attempt, headers)["questions"]) == 1
