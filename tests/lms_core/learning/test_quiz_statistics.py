"""Statistics of quizzes: formulas by hand and against numpy; over HTTP with few statements; attempts side by side."""

import csv
import io
from math import sqrt
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kit.ids import new_id
from lms_core.learning.assessments import statistics
from lms_core.learning.assessments.models import QuestionType
from lms_core.learning.assessments.schemas import ChoiceIn, QuestionIn
from lms_core.learning.assessments.statistics import Marked
from tests.factories.assessments import MadeQuiz, begin, create_quiz, enrol, multiple, save, single, submit
from tests.factories.banks import arrange, create_bank, draw_of, sums
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]
MOST_STATEMENTS = 14


def table(rows: list[list[float]], maximum: float = 1.0) -> tuple[list[Marked], list[UUID]]:
    """Attempts with these marks, each item of `maximum` points."""
    ids = [new_id() for _ in rows[0]]
    most = dict.fromkeys(ids, maximum)
    attempts = [Marked(new_id(), dict(zip(ids, row, strict=True)), most, sum(row), maximum * len(row)) for row in rows]
    return attempts, ids


def test_a_small_test_by_hand() -> None:
    """Five attempts at three items; every number below is worked out on paper.

    Totals 3, 2, 2, 1, 0: mean 1.6, sum of squares 5.2, variance 1.3. Right: 4, 3, 1 of 5, variances 0.2, 0.3, 0.2.
    """
    attempts, (easy, middle, hard) = table([[1, 1, 1], [1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    whole, items = statistics.summary(attempts), statistics.items(attempts)
    assert whole.mean == pytest.approx(100 * 1.6 / 3) and whole.median == pytest.approx(200 / 3)
    assert whole.sd == pytest.approx(100 / 3 * sqrt(1.3))
    assert whole.alpha == pytest.approx(1.5 * (1 - 0.7 / 1.3)) and whole.alpha_items == 3
    assert whole.error_ratio == pytest.approx(sqrt(1 - 1.5 * (1 - 0.7 / 1.3)))
    assert whole.skewness == pytest.approx((25 / 12 * -0.288) / 1.3**1.5)
    assert [items[each].facility for each in (easy, middle, hard)] == [0.8, 0.6, 0.2]
    # The rest without the middle item: 2, 1, 1, 1, 0; its covariance with the item: 1 / 4, its variance 0.5
    assert items[middle].discrimination == pytest.approx(0.25 / sqrt(0.3 * 0.5))
    assert items[middle].efficiency == pytest.approx(1.0), "no pairing of these marks goes better together"
    assert items[hard].effective_weight == pytest.approx(sqrt(0.35) / (sqrt(0.4) + sqrt(0.55) + sqrt(0.35)))
    assert items[hard].upper_lower == 1.0 and items[easy].intended_weight == pytest.approx(1 / 3)
    assert statistics.histogram(attempts) == [1, 0, 0, 1, 0, 0, 2, 0, 0, 1]


@settings(max_examples=50, deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda items: st.lists(
            st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0]), min_size=items, max_size=items),
            min_size=4,
            max_size=25,
        )
    )
)
def test_the_formulas_are_those_of_numpy(rows: list[list[float]]) -> None:
    attempts, ids = table(rows, maximum=2.0)
    marks = np.array(rows)
    totals, items = marks.sum(axis=1), statistics.items(attempts)
    whole = statistics.summary(attempts)
    assert whole.sd == pytest.approx(np.std(50 * totals / len(ids), ddof=1), abs=1e-6)
    if totals.var() > 1e-9:
        k = len(ids)
        assert whole.alpha == pytest.approx(k / (k - 1) * (1 - marks.var(axis=0, ddof=1).sum() / totals.var(ddof=1)))
    for place, each in enumerate(ids):
        x, rest = marks[:, place], totals - marks[:, place]
        found = items[each]
        assert found.facility == pytest.approx(x.mean() / 2)
        if x.var() > 1e-9 and rest.var() > 1e-9:
            assert found.discrimination == pytest.approx(np.corrcoef(x, rest)[0, 1], abs=1e-9)
            most = np.cov(np.sort(x), np.sort(rest))[0, 1]
            assert found.efficiency == pytest.approx(np.cov(x, rest)[0, 1] / most, abs=1e-9)
            assert -1 - 1e-9 <= found.discrimination <= 1 + 1e-9
        else:
            assert found.discrimination is None


def test_attempts_that_were_asked_other_questions_count_where_they_were_asked() -> None:
    attempts, (one, _) = table([[1, 1], [0, 0], [1, 0], [0, 1]])
    extra = new_id()
    drawn = [
        Marked(each.id, {**each.marks, extra: 1.0}, {**each.maximum, extra: 1.0}, each.score + 1, 3.0)
        for each in attempts[:2]
    ]
    items = statistics.items([*drawn, *attempts[2:]])
    assert (items[extra].n, items[one].n) == (2, 4) and items[extra].facility == 1.0
    assert statistics.consistency([*drawn, *attempts[2:]])[1] == 2, "alpha is over what everybody was asked"


def _sit(client: TestClient, quiz: MadeQuiz, headers: Headers, choice: str, word: str) -> dict[str, Any]:
    attempt = begin(client, quiz, headers)
    save(client, attempt, quiz.questions[0].id, headers, choices=[quiz.choice(0, choice)])
    save(client, attempt, quiz.questions[1].id, headers, choices=[quiz.choice(1, "ice"), quiz.choice(1, "steam")])
    save(client, attempt, quiz.questions[2].id, headers, text=word)
    return submit(client, attempt, headers)


def test_a_quiz_over_http(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers,
    learner: Person,
) -> None:  # fmt: skip
    short = QuestionIn(type=QuestionType.SHORT_TEXT, text="=cmd|' /C calc'!A0", accepted=["ice"], points=2.0)
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(), multiple(), short])
    people = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(11)]
    keys = [log_in(client, each) for each in people]
    # The better half takes the wrong choice: its key is likely wrong, and the figures have to say so.
    for place, key in enumerate(keys):
        good = place < 6
        _sit(client, quiz, key, "90" if good else "100", "ice" if good else ["snow", "SNOW ", "rain"][place % 3])
    own = [_sit(client, quiz, headers, "90", "ice"), _sit(client, quiz, headers, "100", "ice")]
    address = f"{API}/quizzes/{quiz.id}/statistics"
    with statements(runtime.database) as sent:
        found = client.get(address, headers=teaching).json()
    assert len(sent) <= MOST_STATEMENTS, sent
    with statements(runtime.database) as again:
        assert client.get(address, headers=teaching).json() == found
    assert len(again) < len(sent), "nothing changed: nothing is worked out again"
    assert (found["n"], found["third"], sum(each["count"] for each in found["histogram"])) == (12, 4, 12)
    first, second, third = found["items"]
    assert first["facility"] == pytest.approx(41.67) and first["guess"] == pytest.approx(33.33)
    assert {"best_get_it_wrong", "wrong_choice_draws_best"} <= set(first["flags"])
    assert second["flags"][0] == "everybody_right" and second["discrimination"] is None
    counts = {each["html"]: (each["count"], each["upper"], each["right"]) for each in first["answers"]}
    assert counts == {"90": (7, 4, False), "100": (5, 0, True), "110": (0, 0, False)}
    words = {each["html"].lower(): each["count"] for each in third["answers"]}
    assert words["ice"] == 7 and sum(words.values()) == 12
    assert client.get(f"{address}?attempts=all", headers=teaching).json()["n"] == 13
    last = client.get(f"{address}?attempts=last", headers=teaching).json()["items"][0]
    assert last["facility"] == pytest.approx(50.0)
    lines = list(csv.reader(io.StringIO(client.get(f"{API}/quizzes/{quiz.id}/statistics.csv", headers=teaching).text)))
    assert len(lines) == 4 and lines[3][1].startswith("'=cmd"), "no cell is a formula"
    _cohort(client, course, teaching, people, address)
    _compare(client, quiz, own, headers, teaching, keys)


def _cohort(client: TestClient, course: Made, teaching: Headers, people: list[Person], address: str) -> None:
    made = client.post(f"{API}/courses/{course.slug}/cohorts", json={"name": "May"}, headers=teaching)
    cohort = made.json()["id"]
    emails = [each.email for each in people[:3]]
    client.post(f"{API}/cohorts/{cohort}/members", json={"emails": emails}, headers=teaching)
    assert client.get(f"{address}?cohort={cohort}", headers=teaching).json()["n"] == 3
    assert client.get(f"{address}?cohort={new_id()}", headers=teaching).status_code == 404


def _compare(
    client: TestClient,
    quiz: MadeQuiz,
    own: list[dict[str, Any]],
    headers: Headers,
    teaching: Headers,
    keys: list[Headers],
) -> None:
    address = f"{API}/quizzes/{quiz.id}/comparison"

    def beside(who: Headers, *attempts: object) -> Any:
        return client.get(address, params={"attempt": [str(each) for each in attempts]}, headers=who)

    seen = beside(headers, own[0]["id"], own[1]["id"]).json()
    assert [each["changed"] for each in seen["questions"]] == [True, False, False]
    assert [each["awarded"] for each in seen["questions"][0]["answers"]] == [0.0, 1.0]
    theirs = client.get(f"{API}/quizzes/{quiz.id}/attempts?limit=50", headers=teaching).json()["items"]
    alike = [each["id"] for each in theirs if each["user_id"] != own[0]["user_id"] and each["score"] == 3.0][:2]
    both = beside(teaching, *alike).json()
    assert (both["same_wrong"], both["both_wrong"]) == (1, 1)
    assert beside(headers, own[0]["id"], alike[0]).status_code == 404, "nobody else's"
    assert beside(keys[0], own[0]["id"], own[1]["id"]).status_code == 404
    assert beside(headers, own[0]["id"]).status_code == 422
    silent = client.put(f"{API}/quizzes/{quiz.id}/conduct", json={"review": "never"}, headers=teaching)
    assert silent.status_code == 200, silent.text
    assert beside(headers, own[0]["id"], own[1]["id"]).json()["code"] == "results_not_open"
    for path in ("statistics", "statistics.csv"):
        assert client.get(f"{API}/quizzes/{quiz.id}/{path}", headers=headers).status_code == 403


def test_questions_of_banks_are_told_by_their_place_or_their_bank(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers, headers: Headers
) -> None:
    quiz = create_quiz(runtime.database, instructor, course.id, questions=[single(), multiple()])
    bank, ids = create_bank(runtime.database, instructor, course.id, questions=sums(3))
    fixed = {"kind": "bank", "question_id": str(ids[0])}
    own = {"kind": "own", "question_id": str(quiz.questions[1].id)}
    arrange(client, quiz.id, teaching, {"title": "Mixed", "slots": [draw_of(bank, 2), fixed, own]})
    submit(client, begin(client, quiz, headers), headers)
    told = {str(quiz.questions[0].id): (1, ""), str(ids[1]): (None, "Sums"), str(ids[2]): (None, "Sums")}
    told |= {str(ids[0]): (4, "Sums"), str(quiz.questions[1].id): (5, "")}
    found = client.get(f"{API}/quizzes/{quiz.id}/statistics", headers=teaching).json()["items"]
    assert {each["question_id"]: (each["number"], each["bank_name"]) for each in found} == told
    regradable = client.get(f"{API}/quizzes/{quiz.id}/regradable", headers=teaching).json()
    assert {each["id"]: (each["number"], each["bank_name"]) for each in regradable} == told
    lines = list(csv.reader(io.StringIO(client.get(f"{API}/quizzes/{quiz.id}/statistics.csv", headers=teaching).text)))
    assert [line[-1] for line in lines] == ["bank", "", "Sums", "", "Sums", "Sums"]
    for page in ("statistics", "regrade"):
        assert "From the bank Sums" in client.get(f"/teach/quizzes/{quiz.id}/{page}", headers=teaching).text


def test_figures_of_nothing(
    runtime: Runtime, client: TestClient, instructor: Person, course: Made, teaching: Headers
) -> None:
    choices = [ChoiceIn(text="True", correct=True), ChoiceIn(text="False")]
    quiz = create_quiz(
        runtime.database,
        instructor,
        course.id,
        questions=[QuestionIn(type=QuestionType.TRUE_FALSE, text="Ice floats.", choices=choices)],
    )
    found = client.get(f"{API}/quizzes/{quiz.id}/statistics", headers=teaching).json()
    assert (found["n"], found["mean"], found["alpha"], found["items"]) == (0, None, None, [])
    key = log_in(client, enrol(runtime.database, create_person(runtime.database), course.id))
    submit(client, begin(client, quiz, key), key)
    found = client.get(f"{API}/quizzes/{quiz.id}/statistics", headers=teaching).json()
    assert (found["n"], found["sd"], found["items"][0]["answers"][-1]["count"]) == (1, None, 1)
    outsider = log_in(client, create_person(runtime.database))
    assert client.get(f"{API}/quizzes/{quiz.id}/statistics", headers=outsider).status_code == 404
