"""Reviews over HTTP: who may write one, what course and catalogue show, answers, reports, hiding; the ranking."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kit import personal
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.reviews import ranking
from tests.api.test_pages import Visitor
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from tests.factories.release import complete
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]


def put(client: TestClient, headers: Headers, course: Made, stars: int, text: str = "Good.", **more: Any) -> Any:
    """The answer to a review."""
    body = {"stars": stars, "text": text, **more}
    return client.put(f"{API}/courses/{course.slug}/reviews/mine", json=body, headers=headers)


def seen(client: TestClient, course: Made) -> list[dict[str, Any]]:
    """The reviews as a visitor reads them."""
    return list(client.get(f"{API}/courses/{course.slug}/reviews").json()["items"])


def rating(client: TestClient, course: Made) -> tuple[float | None, int, list[int]]:
    """The mean, the number, and the histogram of a course; the card says the same."""
    found = client.get(f"{API}/courses/{course.slug}/rating").json()
    card = client.get(f"{API}/courses/{course.slug}").json()
    assert (card["rating"], card["rating_count"]) == (found["mean"], found["count"])
    return found["mean"], found["count"], found["counts"]


def test_a_review_from_writing_to_hiding(
    client: TestClient,
    runtime: Runtime,
    course: Made,
    teaching: Headers,
    headers: Headers,
    learner: Person,
    drain: Callable[[], int],
) -> None:
    outsider = log_in(client, create_person(runtime.database))
    assert put(client, headers, course, 5).json()["code"] == "not_yet_reviewable", "nothing is completed yet"
    assert put(client, teaching, course, 5).json()["code"] == "not_yet_reviewable", "nobody praises their own"
    assert put(client, outsider, course, 5).status_code == 404
    complete(client, headers, course.lessons[0])
    for wrong in (0, 6):
        assert put(client, headers, course, wrong).status_code == 422
    assert put(client, headers, course, 2, "Too <b>hot</b>.").status_code == 200
    assert put(client, headers, course, 4, "Warm.", shown_as="full_name").status_code == 200, "one a person"
    other = log_in(client, second := enrol(runtime.database, create_person(runtime.database), course.id))
    complete(client, other, course.lessons[0])
    assert put(client, other, course, 1, "Spam!", shown_as="nobody").status_code == 200
    assert rating(client, course) == (2.5, 2, [1, 0, 0, 1, 0])
    newest, first = seen(client, course)
    assert (first["author"], first["stars"], first["edited_at"] is not None) == ("Amina Wanjiru", 4, True)
    assert (newest["author"], newest["mine"]) == ("", False)

    reply = f"{API}/reviews/{first['id']}/reply"
    assert client.put(reply, json={"text": "Thanks!"}, headers=other).status_code == 403
    assert client.put(reply, json={"text": "Thanks!"}, headers=teaching).json()["reply"] == "Thanks!"
    report = f"{API}/reviews/{newest['id']}/report"
    assert client.put(report, json={"reason": "It is spam"}, headers=outsider).status_code == 404
    for _ in range(2):
        assert client.put(report, json={"reason": "It is spam"}, headers=headers).status_code == 204
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    hidden = f"{API}/admin/reviews/{newest['id']}/hidden"
    assert client.get(f"{API}/admin/reviews", headers=teaching).status_code == 403
    assert client.put(hidden, json={"reason": "Advertising"}, headers=teaching).status_code == 403
    (reported,) = client.get(f"{API}/admin/reviews", headers=admin).json()["items"]
    assert (reported["reports"], reported["reasons"]) == (1, ["It is spam"])
    assert client.put(hidden, json={"reason": "Advertising"}, headers=admin).status_code == 204
    assert rating(client, course) == (4.0, 1, [0, 0, 0, 1, 0])
    assert [each["id"] for each in seen(client, course)] == [first["id"]]
    assert client.put(report, json={"reason": "It is spam"}, headers=headers).status_code == 404
    mine = client.get(f"{API}/courses/{course.slug}/reviews/mine", headers=other).json()
    assert mine["hidden_reason"] == "Advertising"
    client.delete(f"{API}/courses/{course.slug}/reviews/mine", headers=other)
    assert put(client, other, course, 5, "Spam again").json()["hidden_reason"] == "Advertising", "hidden it stays"
    assert rating(client, course)[1] == 1
    drain()
    kinds = [each["kind"] for each in client.get(f"{API}/notifications", headers=other).json()["items"]]
    assert kinds == ["reviews.hidden"]
    audit = client.get(f"{API}/admin/audit?action=review", headers=admin).json()["items"]
    assert [(each["action"], each["details"]["reason"]) for each in audit] == [("review.hidden", "Advertising")]
    assert client.delete(hidden, headers=admin).status_code == 204
    assert rating(client, course)[1] == 2
    with runtime.database.write(system_actor(second.tenant_id)) as ctx:
        personal.DECLARED["reviews"].first(ctx, second.id)
    assert rating(client, course) == (4.0, 1, [0, 0, 0, 1, 0]), "whoever leaves takes their stars along"
    assert client.delete(f"{API}/courses/{course.slug}/reviews/mine", headers=headers).status_code == 204
    assert rating(client, course) == (None, 0, [0, 0, 0, 0, 0])


def test_the_catalogue_by_rating_and_the_pages(
    client: TestClient, runtime: Runtime, course: Made, instructor: Person, headers: Headers, learner: Person
) -> None:
    steady = create_course(runtime.database, instructor, title="Steady")
    unrated = create_course(runtime.database, instructor, title="Unrated")
    complete(client, headers, course.lessons[0])
    put(client, headers, course, 5)
    for _ in range(4):
        person = enrol(runtime.database, create_person(runtime.database), steady.id)
        theirs = log_in(client, person)
        complete(client, theirs, steady.lessons[0])
        put(client, theirs, steady, 5, "Fine.")
    slugs: list[str] = []
    cursor = ""
    while True:
        answer = client.get(f"{API}/courses?sort=rating&limit=1&cursor={cursor}").json()
        slugs += [each["slug"] for each in answer["items"]]
        if not (cursor := answer["next_cursor"] or ""):
            break
    assert slugs == [steady.slug, course.slug, unrated.slug], "one five-star rating is no proof"
    visitor, reader = Visitor(runtime), Visitor(runtime).log_in(learner)
    counts = {}
    for more in (0, 3):
        for number in range(more):
            create_course(runtime.database, instructor, title=f"Another {number}")
        visitor.get("/?sort=rating")
        with statements(runtime.database) as sent:
            page = visitor.get("/?sort=rating").text
        counts[more] = len(sent)
    assert counts[0] == counts[3] <= 3
    assert page.index("Steady") < page.index("Heat and water") < page.index("Unrated")
    assert "5 of 5 stars" in page
    shown = visitor.get(f"/courses/{steady.slug}/reviews?stars=5").text
    assert "Fine." in shown and "Save my review" not in shown and 'value="100"' in shown
    at = f"/courses/{course.slug}/reviews"
    assert "from one to five" in reader.post(at, {"stars": "9", "text": "x"}).text
    assert "Rather good" in reader.post(at, {"stars": "4", "text": "Rather good", "shown_as": "first_name"}).text
    assert "Amina</strong>" in reader.get(at).text
    admin = Visitor(runtime).log_in(create_person(runtime.database, role=Role.ADMIN))
    assert "Nothing is reported" in admin.get("/admin/reviews").text
    with statements(runtime.database) as sent:
        visitor.get(f"/courses/{steady.slug}/reviews")
    assert len(sent) <= 5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 5), max_size=200), st.integers(1, 5))
def test_the_bayesian_mean_lies_between_prior_and_own(stars: list[int], more: int) -> None:
    count, total = len(stars), sum(stars)
    place = ranking.rank(count=count, total=total)
    own = 1000 * total / count if count else 1000 * ranking.PRIOR_MEAN
    assert min(own, 3500) - 1 <= place <= max(own, 3500) + 1
    after = ranking.rank(count=count + 1, total=total + more)
    assert (after >= place) if 1000 * more >= place else (after <= place)
    assert sum(ranking.shares([stars.count(each) for each in (1, 2, 3, 4, 5)])) in (range(97, 104) if count else [0])
