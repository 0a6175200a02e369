"""The gradebook over HTTP: fed by quizzes, changed by people, set up, read by learners, and closed to others."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.running import plan_scheduled
from lms_core.learning.assessments.events import AttemptGraded
from lms_core.learning.gradebook.models import Grade, GradeChange, GradeItem
from tests.factories.assessments import begin, create_quiz, enrol, every_type, pass_it, save, single, submit
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.grading import (
    API,
    Headers,
    add_category,
    add_column,
    at,
    change,
    mine,
    opened,
    percent,
    points,
)
from workers.runtime import Runtime

Drain = Callable[[], int]
MOST_STATEMENTS = 18


def _grades(runtime: Runtime, tenant_id: UUID) -> list[tuple[object, ...]]:
    """What is stored of every grade, in one order."""
    with runtime.database.read(system_actor(tenant_id)) as ctx:
        rows = ctx.session.execute(select(Grade).order_by(Grade.item_id, Grade.user_id)).scalars()
        return [
            (row.item_id, row.user_id, row.earned, row.out_of, row.override, row.excused, row.marked_at) for row in rows
        ]


def test_a_published_quiz_is_a_column_and_its_best_attempt_the_grade(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    create_quiz(runtime.database, instructor, course.id, title="Not yet", publish=False)
    drain()
    assert [each["title"] for each in opened(client, course, teaching)["columns"]] == ["Water"]
    pass_it(client, quiz, headers, right=False)
    drain()
    assert points(opened(client, course, teaching), learner) == {"Water": 0.0}
    best = pass_it(client, quiz, headers)
    drain()
    view = opened(client, course, teaching)
    assert (points(view, learner), percent(view, learner)) == ({"Water": 1.0}, 100.0)
    void = f"{API}/quiz-attempts/{best['id']}/void"
    client.put(void, json={"reason": "Another person sat here."}, headers=teaching)
    drain()
    assert points(opened(client, course, teaching), learner) == {"Water": 0.0}
    client.delete(void, headers=teaching)
    drain()
    assert points(opened(client, course, teaching), learner) == {"Water": 1.0}


def test_the_last_attempt_counts_where_the_quiz_says_so(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()], counts="last")
    pass_it(client, quiz, headers)
    pass_it(client, quiz, headers, right=False)
    drain()
    assert points(opened(client, course, teaching), learner) == {"Water": 0.0}


def test_what_waits_for_a_mark_is_told_and_gives_no_grade(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=every_type())
    attempt = begin(client, quiz, headers)
    essay = quiz.questions[5]
    save(client, attempt, essay.id, headers, text="Because it is lighter.")
    submit(client, attempt, headers)
    drain()
    view = opened(client, course, teaching)
    assert (view["columns"][0]["waiting"], points(view, learner)) == (1, {})
    marked = client.put(
        f"{API}/quiz-attempts/{attempt['id']}/marks/{essay.id}", headers=teaching, json={"points": 3, "comment": ""}
    )
    assert marked.status_code == 200
    drain()
    view = opened(client, course, teaching)
    assert (view["columns"][0]["waiting"], points(view, learner)) == (0, {"Water": 3.0})


def test_rebuilt_is_what_was_fed(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quizzes = [create_quiz(runtime.database, instructor, course.id, questions=[single()], title=t) for t in "AB"]
    others = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(2)]
    for at_, token in enumerate((headers, *(log_in(client, each) for each in others))):
        for quiz in quizzes:
            pass_it(client, quiz, token, right=at_ != 1)
    drain()
    fed = _grades(runtime, learner.tenant_id)
    assert len(fed) == 6
    assert client.post(at(course, "/rebuild"), headers=teaching).json() == {"columns": 0, "grades": 0}
    with runtime.database.write(system_actor(learner.tenant_id)) as ctx:
        ctx.session.execute(delete(GradeItem))
    assert client.post(at(course, "/rebuild"), headers=teaching).json() == {"columns": 2, "grades": 6}
    again = _grades(runtime, learner.tenant_id)
    assert sorted(row[1:] for row in again) == sorted(row[1:] for row in fed)  # columns have new ids
    assert client.post(at(course, "/rebuild"), headers=teaching).json() == {"columns": 0, "grades": 0}


def test_a_fact_delivered_twice_or_late_changes_nothing(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, headers: Headers,
    learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    attempt = pass_it(client, quiz, headers)
    drain()
    before = _grades(runtime, learner.tenant_id)
    stale = {"attempt_id": attempt["id"], "quiz_id": quiz.id, "course_id": course.id, "user_id": learner.id}
    for said in (100.0, 0.0):
        with runtime.database.write(system_actor(learner.tenant_id)) as ctx:
            ctx.emit(AttemptGraded(**stale, percent=said, passed=False))
        drain()
    assert _grades(runtime, learner.tenant_id) == before
    with runtime.database.read(system_actor(learner.tenant_id)) as ctx:
        assert len(ctx.session.execute(select(GradeChange.id)).all()) == 1


def test_courses_from_before_the_gradebook_are_caught_up(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person, clock: MovingClock,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    pass_it(client, quiz, headers)
    drain()
    with runtime.database.write(system_actor(learner.tenant_id)) as ctx:
        ctx.session.execute(delete(GradeItem))
    clock.move(timedelta(hours=2))
    plan_scheduled(runtime.database)
    drain()
    assert points(opened(client, course, log_in(client, instructor)), learner) == {"Water": 1.0}


def test_an_override_needs_a_reason_and_can_be_taken_back(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(points=10.0)])
    pass_it(client, quiz, headers, right=False)
    drain()
    item = opened(client, course, teaching)["columns"][0]["id"]
    bare = change(client, course, teaching, learner, item, points=7)
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "reason")
    assert change(client, course, teaching, learner, item, points=11, reason="More").status_code == 422
    cell = change(client, course, teaching, learner, item, points=7, reason="The key was wrong.").json()
    assert (cell["points"], cell["source_points"], cell["overridden"]) == (7.0, 0.0, True)
    pass_it(client, quiz, headers)  # the quiz goes on saying its own, under the override
    drain()
    cell = change(client, course, teaching, learner, item, comment="Well done").json()
    assert (cell["points"], cell["source_points"], cell["comment"]) == (7.0, 10.0, "Well done")
    back = change(client, course, teaching, learner, item, points=None, reason="The quiz is right now.").json()
    assert (back["points"], back["overridden"]) == (10.0, False)
    lines = client.get(at(course, f"/history?item_id={item}&by_people=true"), headers=teaching).json()["items"]
    told = [(each["what"], each["before"], each["after"], each["reason"], each["by_name"]) for each in lines]
    assert told == [
        ("override", "7 / 10", "10 / 10", "The quiz is right now.", instructor.full_name),
        ("comment", "", "Well done", "", instructor.full_name),
        ("override", "0 / 10", "7 / 10", "The key was wrong.", instructor.full_name),
    ]
    everything = client.get(at(course, f"/history?user_id={learner.id}"), headers=teaching).json()["items"]
    assert [each["what"] for each in everything].count("source") == 2
    first = client.get(at(course, "/history?limit=2"), headers=teaching).json()
    second = client.get(at(course, f"/history?limit=2&cursor={first['next_cursor']}"), headers=teaching).json()
    assert not {each["id"] for each in first["items"]} & {each["id"] for each in second["items"]}


def test_a_locked_grade_stands_still_until_it_is_unlocked(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    pass_it(client, quiz, headers, right=False)
    drain()
    item = opened(client, course, teaching)["columns"][0]["id"]
    assert client.put(at(course, f"/columns/{item}"), headers=teaching, json={"locked": True}).status_code == 200
    pass_it(client, quiz, headers)
    drain()
    refused = change(client, course, teaching, learner, item, points=1, reason="Now")
    assert (refused.status_code, refused.json()["code"]) == (409, "grade_locked")
    assert points(opened(client, course, teaching), learner) == {"Water": 0.0}
    client.put(at(course, f"/columns/{item}"), headers=teaching, json={"locked": False})
    assert points(opened(client, course, teaching), learner) == {"Water": 1.0}
    essay = add_column(client, course, teaching)
    assert change(client, course, teaching, learner, essay, points=12, locked=True).status_code == 409
    assert change(client, course, teaching, learner, essay, locked=True).json()["locked"] is True
    assert change(client, course, teaching, learner, essay, points=12).status_code == 409
    assert change(client, course, teaching, learner, essay, points=12, locked=False).json()["points"] == 12


def test_two_instructors_do_not_write_over_each_other(
    client: TestClient, course: Made, teaching: Headers, learner: Person
) -> None:
    essay = add_column(client, course, teaching)
    assert change(client, course, teaching, learner, essay, points=12, expected=None).status_code == 200
    late = change(client, course, teaching, learner, essay, points=15, expected=None)
    assert (late.status_code, late.json()["code"]) == (409, "grade_moved")
    assert change(client, course, teaching, learner, essay, points=15, expected=12).json()["points"] == 15


def test_categories_weights_dropping_and_letters_make_the_total(
    client: TestClient, course: Made, teaching: Headers, learner: Person
) -> None:
    tests = add_category(client, course, teaching, "Tests", weight=80)
    homework = add_category(client, course, teaching, "Homework", weight=20, drop_lowest=1)
    weekly = add_category(client, course, teaching, "Weekly", parent_id=homework)
    assert (
        client.post(
            at(course, "/categories"), headers=teaching, json={"name": "Deeper", "parent_id": weekly}
        ).status_code
        == 422
    ), "nested one level"
    taken = client.post(at(course, "/categories"), headers=teaching, json={"name": "Tests"})
    assert taken.status_code == 409
    moved = {"name": "Homework", "parent_id": tests}
    assert client.put(at(course, f"/categories/{homework}"), headers=teaching, json=moved).status_code == 422
    given = {"test": (tests, 14), "one": (homework, 2), "two": (homework, 18), "three": (weekly, 18)}
    items = {name: add_column(client, course, teaching, name, category_id=where) for name, (where, _) in given.items()}
    for name, (_, mark) in given.items():
        assert change(client, course, teaching, learner, items[name], points=mark).status_code == 200
    settings = {"aggregation": "weighted", "preset": "gpa"}
    assert client.put(at(course, "/settings"), headers=teaching, json=settings).json()["scale"]["preset"] == "gpa"
    view = opened(client, course, teaching)
    row = view["rows"][0]
    assert (row["percent"], row["letter"]) == (74.0, "C")  # 0.8 × 70 + 0.2 × 90
    assert row["categories"] == {tests: 70.0, homework: 90.0, weekly: 90.0}
    assert {cell["item_id"]: cell["dropped"] for cell in row["cells"]}[items["one"]]
    assert [column["title"] for column in view["columns"]] == ["test", "one", "two", "three"]
    assert change(client, course, teaching, learner, items["test"], excused=True).json()["excused"]
    assert percent(opened(client, course, teaching), learner) == 90.0
    client.put(at(course, f"/columns/{items['three']}"), headers=teaching,
               json={"title": "three", "maximum": 20, "category_id": weekly, "excluded": True})  # fmt: skip
    assert percent(opened(client, course, teaching), learner) == 90.0
    assert client.delete(at(course, f"/categories/{homework}"), headers=teaching).status_code == 204
    kept = client.get(at(course, "/setup"), headers=teaching).json()
    assert [(each["name"], each["parent_id"]) for each in kept["categories"]] == [("Tests", None), ("Weekly", None)]


def test_other_points_keep_marks_by_hand_and_scale_those_of_a_quiz(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    pass_it(client, quiz, headers)
    drain()
    of_quiz = opened(client, course, teaching)["columns"][0]["id"]
    essay = add_column(client, course, teaching)
    change(client, course, teaching, learner, essay, points=15)
    assert client.put(at(course, f"/columns/{of_quiz}"), headers=teaching, json={"maximum": 50}).status_code == 200
    lower = client.put(at(course, f"/columns/{essay}"), headers=teaching, json={"title": "Essay", "maximum": 10})
    assert (lower.status_code, lower.json()["errors"][0]["field"]) == (422, "maximum")
    client.put(at(course, f"/columns/{essay}"), headers=teaching, json={"title": "Essay", "maximum": 30})
    view = opened(client, course, teaching)
    assert (points(view, learner), percent(view, learner)) == ({"Water": 50.0, "Essay": 15.0}, 81.25)
    assert client.delete(at(course, f"/columns/{of_quiz}"), headers=teaching).status_code == 409
    assert client.delete(at(course, f"/columns/{essay}"), headers=teaching).status_code == 204
    gone = client.get(at(course, "/history"), headers=teaching).json()["items"]
    assert any(each["subject"] == "Essay" and each["after"] == "15 / 20" for each in gone)


def test_a_learner_sees_only_what_may_be_told(
    runtime: Runtime, client: TestClient, drain: Drain, instructor: Person, course: Made, teaching: Headers,
    headers: Headers, learner: Person,
) -> None:  # fmt: skip
    shown = create_quiz(runtime.database, instructor, course.id, questions=[single()], title="Shown")
    secret = create_quiz(
        runtime.database, instructor, course.id, questions=[single()], title="Secret", conduct={"review": "never"}
    )
    for quiz in (shown, secret):
        pass_it(client, quiz, headers, right=quiz is shown)
    drain()
    hidden = add_column(client, course, teaching, "Hidden", hidden=True)
    change(client, course, teaching, learner, hidden, points=0)
    view = mine(client, course, headers)
    assert [each["title"] for each in view["columns"]] == ["Shown"]
    assert (len(view["row"]["cells"]), view["row"]["percent"], view["row"]["letter"]) == (1, 100.0, "A")
    assert percent(opened(client, course, teaching), learner) == pytest.approx(4.55)  # 1 of 1 + 1 + 20
    client.put(at(course, "/settings"), headers=teaching, json={"show_total": False})
    assert mine(client, course, headers)["row"]["percent"] is None
    guess = client.post(f"{API}/courses/{course.slug}/my-grades/what-if", headers=headers, json={"marks": {}}).json()
    assert guess["percent"] is None


def test_what_if_is_the_same_function_and_keeps_nothing(
    client: TestClient, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    essay, exam = (add_column(client, course, teaching, title) for title in ("Essay", "Exam"))
    hidden = add_column(client, course, teaching, "Hidden", hidden=True)
    change(client, course, teaching, learner, essay, points=10)
    path = f"{API}/courses/{course.slug}/my-grades/what-if"
    guess = client.post(path, headers=headers, json={"marks": {exam: 18}}).json()
    assert (guess["percent"], guess["letter"]) == (70.0, "B+")
    assert client.post(path, headers=headers, json={"marks": {essay: None}}).json()["percent"] is None
    assert mine(client, course, headers)["row"]["percent"] == 50.0
    change(client, course, teaching, learner, exam, points=18)
    assert mine(client, course, headers)["row"]["percent"] == guess["percent"]
    assert client.post(path, headers=headers, json={"marks": {exam: 21}}).status_code == 422
    for foreign in (hidden, str(uuid4())):
        assert client.post(path, headers=headers, json={"marks": {foreign: 1}}).status_code == 404


def test_the_page_of_learners_by_name(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, learner: Person
) -> None:
    for name in ("Zuhura Ali", "baraka Juma", "Asha Otieno"):
        enrol(runtime.database, create_person(runtime.database, full_name=name), course.id)
    first = opened(client, course, teaching, limit=3)
    assert [row["name"] for row in first["rows"]] == ["Amina Wanjiru", "Asha Otieno", "baraka Juma"]
    rest = opened(client, course, teaching, limit=3, cursor=first["next_cursor"])
    assert ([row["name"] for row in rest["rows"]], rest["next_cursor"]) == (["Zuhura Ali"], None)
    found = opened(client, course, teaching, q="JUM")
    assert ([row["name"] for row in found["rows"]], found["learners"]) == (["baraka Juma"], 1)
    assert client.get(at(course), headers=teaching, params={"cursor": "x"}).status_code == 422


def test_as_many_statements_for_fifty_learners_as_for_five(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers
) -> None:
    items = [add_column(client, course, teaching, f"Exercise {number}") for number in range(3)]
    counts = []
    for more in (5, 45):
        people = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(more)]
        for person in people:
            change(client, course, teaching, person, items[0], points=11)
        for _ in range(2):
            with statements(runtime.database) as sent:
                view = opened(client, course, teaching, limit=100)
        counts.append(len(sent))
    assert (len(view["rows"]), view["totals"]["count"], view["totals"]["median"]) == (50, 50, 55.0)
    assert counts[0] == counts[1] <= MOST_STATEMENTS, sent


def test_scales_are_made_by_administrators_and_chosen_by_courses(
    runtime: Runtime, client: TestClient, course: Made, teaching: Headers, learner: Person
) -> None:
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    bands = [{"letter": "Fail", "from_percent": 0}, {"letter": "Pass", "from_percent": 50}]
    scale = {"name": "Pass or fail", "bands": bands}
    assert client.post(f"{API}/grade-scales", headers=teaching, json=scale).status_code == 403
    assert client.post(f"{API}/grade-scales", headers=admin, json={**scale, "bands": bands[1:]}).status_code == 422
    made = client.post(f"{API}/grade-scales", headers=admin, json=scale).json()
    assert client.post(f"{API}/grade-scales", headers=admin, json=scale).status_code == 409
    essay = add_column(client, course, teaching)
    change(client, course, teaching, learner, essay, points=10)
    assert opened(client, course, teaching)["rows"][0]["letter"] == "C"  # the first preset
    own = {**scale, "is_default": True}
    assert client.put(f"{API}/grade-scales/{made['id']}", headers=admin, json=own).status_code == 200
    assert opened(client, course, teaching)["rows"][0]["letter"] == "Pass"
    client.put(at(course, "/settings"), headers=teaching, json={"preset": "letters"})
    assert opened(client, course, teaching)["rows"][0]["letter"] == "F"
    client.put(at(course, "/settings"), headers=teaching, json={"scale_id": made["id"]})
    assert len(client.get(f"{API}/grade-scales", headers=teaching).json()) == 4
    assert client.delete(f"{API}/grade-scales/{made['id']}", headers=admin).status_code == 204
    assert opened(client, course, teaching)["rows"][0]["letter"] == "C"
    lost = client.put(at(course, "/settings"), headers=teaching, json={"scale_id": made["id"]})
    assert lost.status_code == 404
    nobody = client.get(f"{API}/grade-scales", headers=log_in(client, learner))
    assert nobody.status_code == 403
