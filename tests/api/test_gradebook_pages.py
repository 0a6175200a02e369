"""The pages of the gradebook without scripts: the grid, a learner's forms, setup, history, import, one's own grades."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from api.deps import SESSION_COOKIE
from lms_core.kit.permissions import Role
from tests.factories.assessments import create_quiz, enrol, pass_it, single
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.grading import add_category, add_column, change, opened
from workers.runtime import Runtime

Drain = Callable[[], int]
Token = dict[str, str]
MOST_STATEMENTS = 20


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def learner(runtime: Runtime, course: Made) -> Person:
    return enrol(runtime.database, create_person(runtime.database, full_name="Amina <b>Wanjiru"), course.id)


def browse(client: TestClient, person: Person) -> Token:
    """Log in as a browser does; gives the token that forms carry."""
    client.cookies.clear()
    client.post("/login", data={"email": person.email, "password": person.password})
    assert SESSION_COOKIE in client.cookies
    return {"csrf_token": client.get("/grades").text.split('name="csrf-token" content="')[1].split('"')[0]}


def test_an_instructor_sets_up_marks_and_looks_back(
    client: TestClient, drain: Drain, runtime: Runtime, instructor: Person, course: Made, learner: Person
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single()])
    pass_it(client, quiz, log_in(client, learner))
    drain()
    teaching = log_in(client, instructor)
    token, address = browse(client, instructor), f"/teach/courses/{course.slug}/gradebook"
    assert "Water" in client.get(address).text
    rules = {"aggregation": "weighted", "empty": "zero", "drop_lowest": "0", "keep_highest": ""}
    category = {**token, **rules, "name": "Tests", "weight": "30", "position": "0", "parent_id": ""}
    assert client.post(f"{address}/categories", data=category).status_code == 200
    assert client.post(f"{address}/categories", data=category).status_code == 422, "the name is taken"
    column = {**token, "title": "Essay", "maximum": "12,5", "due_at": "2026-02-01T10:00"}
    assert client.post(f"{address}/columns", data=column).status_code == 200
    refused = client.post(f"{address}/columns", data={**column, "title": "", "maximum": "x"})
    assert refused.status_code == 422
    settings = {**token, **rules, "letters": "letters", "show_total": "1"}
    assert client.post(f"{address}/settings", data=settings).status_code == 200
    view = opened(client, course, teaching)
    essay = next(each for each in view["columns"] if each["title"] == "Essay")
    water = next(each for each in view["columns"] if each["title"] == "Water")
    assert (essay["maximum"], essay["due_at"], view["settings"]["preset"]) == (12.5, "2026-02-01T07:00:00Z", "letters")
    kept = (view["settings"]["aggregation"], view["categories"][0]["empty"], view["categories"][0]["weight"])
    assert kept == ("weighted", "zero", 30.0)
    page = client.get(f"{address}/setup").text
    assert '<option value="weighted" selected>' in page and 'name="aggregation"' in page
    form = {**token, "title": "Essay", "maximum": "20", "weight": "2", "category_id": view["categories"][0]["id"]}
    assert client.post(f"{address}/columns/{essay['id']}", data=form).status_code == 200
    cell = f"{address}/learners/{learner.id}/columns/"
    marked = client.post(f"{cell}{essay['id']}", data={**token, "points": "17,5", "comment": "<i>Good</i>"})
    assert marked.status_code == 200
    assert "&lt;i&gt;Good&lt;/i&gt;" in marked.text and "<b>Wanjiru" not in marked.text
    bare = client.post(f"{cell}{water['id']}", data={**token, "points": "0", "before": "1"})
    assert (bare.status_code, "Say why" in bare.text) == (422, True)
    done = client.post(f"{cell}{water['id']}", data={**token, "points": "0", "before": "1", "reason": "Late by a week"})
    assert done.status_code == 200
    stale = client.post(f"{cell}{essay['id']}", data={**token, "points": "3", "before": "4"})
    assert stale.status_code == 409
    history = client.get(f"{address}/history").text
    assert "Late by a week" in history and "17.5 / 20" in history
    grid = client.get(address).text
    assert '<td class="o">0' in grid and '<td class="c">17.5' in grid
    assert client.get(f"{address}/columns/{water['id']}").status_code == 200
    assert client.post(f"{address}/rebuild", data=token).status_code == 200
    assert client.post(f"{address}/categories/{view['categories'][0]['id']}/delete", data=token).status_code == 200
    assert client.post(f"{address}/columns/{essay['id']}/delete", data=token).status_code == 200
    assert "Essay" not in client.get(address).text


def test_a_table_is_looked_at_before_it_is_taken_in(
    client: TestClient, instructor: Person, course: Made, learner: Person
) -> None:
    teaching = log_in(client, instructor)
    essay = add_column(client, course, teaching)
    token, address = browse(client, instructor), f"/teach/courses/{course.slug}/gradebook"
    table = f"E-mail,Essay,Size\n{learner.email},15,44\nnobody@example.org,1,\n".encode()
    seen = client.post(f"{address}/import", data=token, files={"file": ("a.csv", table)}).text
    assert "This table changes 1 grade" in seen and "nobody@example.org" in seen and "Size" in seen
    cells = seen.split('name="cells" value="')[1].split('"')[0]
    boundary = {"file": ("", b"")}
    assert client.post(f"{address}/import/apply", data={**token, "cells": "x"}, files=boundary).status_code == 422
    done = client.post(f"{address}/import/apply", data={**token, "cells": cells}, files=boundary)
    assert "The grades are taken in" in done.text
    change(client, course, teaching, learner, essay, points=2)
    left = client.post(f"{address}/import/apply", data={**token, "cells": cells}, files=boundary)
    assert "Some grades were left as they are" in left.text
    assert client.post(f"{address}/import", data=token, files={"file": ("a.csv", b"a\nb")}).status_code == 422


def test_a_learner_sees_their_own(client: TestClient, instructor: Person, course: Made, learner: Person) -> None:
    teaching = log_in(client, instructor)
    tests = add_category(client, course, teaching, "Tests", drop_lowest=1)
    for title, points in (("One", 4), ("Two", 18)):
        item = add_column(client, course, teaching, title, category_id=tests)
        change(client, course, teaching, learner, item, points=points)
    add_column(client, course, teaching, "Secret", hidden=True)
    browse(client, learner)
    page = client.get(f"/courses/{course.slug}/grades").text
    assert "90 %" in page and "The lowest mark is dropped." in page and "Secret" not in page
    client.cookies.set("mwalimu_language", "sw")
    assert "Alama zangu" in client.get("/grades").text


def test_pages_of_the_gradebook_are_few_statements(
    client: TestClient, runtime: Runtime, instructor: Person, course: Made, learner: Person
) -> None:
    teaching = log_in(client, instructor)
    item = add_column(client, course, teaching)
    browse(client, instructor)
    address, counts = f"/teach/courses/{course.slug}/gradebook", []
    for more in (4, 45):
        for _ in range(more):
            person = enrol(runtime.database, create_person(runtime.database), course.id)
            change(client, course, teaching, person, item, points=5)
        client.get(address)
        with statements(runtime.database) as sent:
            assert client.get(address).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= MOST_STATEMENTS, sent


def test_the_pages_of_others_are_closed(client: TestClient, runtime: Runtime, course: Made, learner: Person) -> None:
    stranger = create_person(runtime.database)
    paths = ("", "/setup", "/history", "/import", f"/learners/{learner.id}", f"/columns/{learner.id}")
    for person, status in ((learner, 403), (stranger, 404)):
        token = browse(client, person)
        for path in paths:
            assert client.get(f"/teach/courses/{course.slug}/gradebook{path}").status_code == status
        for path in ("/settings", "/rebuild", "/columns"):
            answer = client.post(f"/teach/courses/{course.slug}/gradebook{path}", data=token)
            assert answer.status_code in (status, 422 if path == "/columns" and status == 403 else status)
    assert client.get(f"/courses/{course.slug}/grades").status_code == 404
    client.cookies.clear()
    html = {"Accept": "text/html"}
    led = client.get(f"/teach/courses/{course.slug}/gradebook", headers=html, follow_redirects=False)
    assert (led.status_code, led.headers["location"].split("?")[0]) == (303, "/login")


def test_one_cohort_and_letters_of_the_institution(
    client: TestClient, runtime: Runtime, instructor: Person, course: Made, learner: Person
) -> None:
    enrol(runtime.database, create_person(runtime.database, full_name="Baraka Odhiambo"), course.id)
    teaching = log_in(client, instructor)
    api = f"/api/v1/courses/{course.slug}"
    add_column(client, course, teaching)
    cohort = client.post(f"{api}/cohorts", json={"name": "Monday"}, headers=teaching).json()["id"]
    client.post(f"/api/v1/cohorts/{cohort}/members", json={"emails": [learner.email]}, headers=teaching)
    view = client.get(f"{api}/gradebook?cohort_id={cohort}", headers=teaching).json()
    assert ([row["name"] for row in view["rows"]], view["learners"]) == (["Amina <b>Wanjiru"], 1)
    foreign = client.get(f"{api}/gradebook?cohort_id={course.id}", headers=teaching)
    assert foreign.json()["code"] == "cohort_not_found"
    browse(client, instructor)
    page = client.get(f"/teach/courses/{course.slug}/gradebook?cohort={cohort}").text
    assert "Baraka" not in page and f'value="{cohort}" selected' in page
    assert client.get("/admin/letters").status_code == 403

    token = browse(client, create_person(runtime.database, role=Role.ADMIN))
    given = {**token, "name": "Plain", "bands": "P 50 1\nF 0", "is_default": "1"}
    assert "P ≥ 50" in client.post("/admin/letters", data=given).text
    for wrong in ({"bands": "P"}, {"bands": "P 50"}, {"name": ""}, {"bands": "P x\nF 0"}):
        assert client.post("/admin/letters", data={**given, "name": "Other", **wrong}).status_code == 422, wrong
    assert client.post("/admin/letters", data=given).status_code == 409, "the name is taken"
    scale = next(
        each["id"]
        for each in client.get("/api/v1/grade-scales", headers=teaching).json()
        if each["name"] == "Plain" and each["is_default"]
    )
    changed = client.post(f"/admin/letters/{scale}", data={**token, "name": "Plain", "bands": "Pass 40,5\nFail 0"})
    assert "Pass ≥ 40.5" in changed.text
    assert "Plain" not in client.post(f"/admin/letters/{scale}/delete", data=token).text
