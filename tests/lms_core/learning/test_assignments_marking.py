"""Marks over HTTP: by rubric, guide and points, annotated, anonymous, released; groups; results and lists."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.events import SUBSCRIBERS
from lms_core.kit.jobs import DEFINITIONS, on
from lms_core.kit.pagination import encode_cursor
from lms_core.kit.running import plan_scheduled
from lms_core.learning.assignments import service as assignments
from lms_core.learning.assignments.events import AssignmentDueSoon, SubmissionMarked, SubmissionReceived
from lms_core.learning.assignments.models import SubmissionMark
from tests.conftest import START
from tests.factories.assessments import enrol
from tests.factories.assignments import (
    API,
    ESSAY,
    GUIDE,
    RUBRIC,
    Headers,
    hand_in,
    make,
    mark,
    read,
    release,
    scheme,
    submit,
    write,
)
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

JUDGED = {"argument": {"level": "fair", "comment": "Say why."}, "language": {"level": "good"}}


def test_a_rubric_gives_the_points_and_nobody_sees_them_before_release(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    chosen = scheme(client, teaching, course, RUBRIC)
    made = make(client, teaching, course, scheme_id=chosen["id"], points=50)
    one = hand_in(client, made, headers)
    quote = "Higher up it boils sooner."
    noted = [{"quote": quote, "comment": "By how much?"}]
    partly = mark(client, one, teaching, judgements={"argument": {"level": "fair"}})
    assert (partly.status_code, partly.json()["points"]) == (200, None)
    refused = release(client, one, teaching)
    assert (refused.status_code, refused.json()["code"]) == (409, "mark_incomplete")
    given = mark(client, one, teaching, judgements=JUDGED, annotations=noted, comment="Good start").json()
    assert (given["points"], given["maximum"]) == (35.0, 50), "14 of 20 points of the rubric"
    (annotation,) = given["annotations"]
    assert ESSAY[annotation["start"] : annotation["end"]] == quote
    seen = read(client, made, headers)["submissions"][0]
    assert seen["mark"] is None and "Good start" not in str(seen) and "35" not in str(seen["mark"])
    assert release(client, one, teaching).status_code == 200
    told = read(client, made, headers)["submissions"][0]["mark"]
    assert (told["points"], told["comment"], told["annotations"][0]["comment"]) == (35.0, "Good start", "By how much?")
    assert told["scheme"]["criteria"][0]["levels"][1]["title"] == "Fair"
    assert told["judgements"]["argument"]["comment"] == "Say why."


def test_what_a_scheme_does_not_have_is_refused(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    rubric, guide = (scheme(client, teaching, course, each) for each in (RUBRIC, GUIDE))
    made = make(client, teaching, course, scheme_id=rubric["id"])
    one = hand_in(client, made, headers)
    for wrong in (
        {"judgements": {"style": {"level": "fair"}}},
        {"judgements": {"argument": {"level": "best"}}},
        {"points": 101},
        {"annotations": [{"quote": "not in the text", "comment": "?"}]},
    ):
        assert mark(client, one, teaching, **wrong).status_code == 422, wrong
    forged = mark(client, one, teaching, judgements={k: v | {"points": 1000} for k, v in JUDGED.items()})
    assert forged.json()["points"] == 70.0, "points of a level are the rubric's, whatever is sent"
    given = {"title": made["title"], "scheme_id": guide["id"]}
    assert client.put(f"{API}/assignments/{made['id']}", json=given, headers=teaching).status_code == 200
    too_many = {"method": {"points": 31}, "result": {"points": 1}}
    assert mark(client, one, teaching, judgements=too_many).status_code == 422
    fair = {"method": {"points": 15, "comment": "How often?"}, "result": {"points": 10}}
    assert mark(client, one, teaching, judgements=fair).json()["points"] == 62.5


def test_a_scheme_somebody_was_marked_by_stays(
    client: TestClient, course: Made, teaching: Headers, headers: Headers
) -> None:
    chosen = scheme(client, teaching, course, RUBRIC)
    address = f"{API}/marking-schemes/{chosen['id']}"
    assert client.put(address, json=RUBRIC | {"title": "Renamed"}, headers=teaching).json()["title"] == "Renamed"
    made = make(client, teaching, course, scheme_id=chosen["id"])
    mark(client, hand_in(client, made, headers), teaching, judgements=JUDGED)
    assert client.put(address, json=RUBRIC, headers=teaching).json()["code"] == "scheme_in_use"
    assert client.delete(address, headers=teaching).json()["code"] == "scheme_in_use"
    (listed,) = client.get(f"{API}/courses/{course.slug}/marking-schemes", headers=teaching).json()
    assert listed["in_use"] and listed["maximum"] == 20


def test_released_together_told_once_and_changed_later(
    client: TestClient,
    runtime: Runtime,
    drain: Callable[[], int],
    course: Made,
    teaching: Headers,
    headers: Headers,
    learner: Person,
) -> None:
    heard: list[tuple[str, float, tuple[UUID, ...]]] = []

    @on(SubmissionMarked)
    def note_marks(_ctx: Any, event: SubmissionMarked) -> None:
        heard.append(("marked", event.points, event.notice.recipients if event.notice else ()))

    @on(SubmissionReceived)
    def note_receipts(_ctx: Any, event: SubmissionReceived) -> None:
        heard.append(("received", 0, event.notice.recipients if event.notice else ()))

    try:
        made = make(client, teaching, course)
        one = hand_in(client, made, headers)
        mark(client, one, teaching, points=60)
        address = f"{API}/assignments/{made['id']}/release"
        assert client.post(address, headers=teaching).json() == {"count": 1}
        assert client.post(address, headers=teaching).json() == {"count": 0}
        release(client, one, teaching)
        assert mark(client, one, teaching, points=61.5).json()["points"] == 61.5
        drain()
    finally:
        for event, name in ((SubmissionMarked, "note_marks"), (SubmissionReceived, "note_receipts")):
            SUBSCRIBERS[event] = [each for each in SUBSCRIBERS[event] if not each.endswith(name)]
            DEFINITIONS.pop(f"{__name__}.{name}")
    who = (learner.id,)
    assert sorted(heard) == [("marked", 60.0, who), ("marked", 61.5, who), ("received", 0, who)]
    with runtime.database.read(system_actor(learner.tenant_id)) as ctx:
        (result,) = assignments.results(ctx, course.id, user_ids=[learner.id])
        assert assignments.results(ctx, course.id, user_ids=[]) == []
    assert (result.points, result.maximum, str(result.assignment_id)) == (61.5, 100, made["id"])


def test_results_keep_to_what_is_released(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    made = make(client, teaching, course, attempts_allowed=None)
    first = hand_in(client, made, headers)
    mark(client, first, teaching, points=40)

    def results() -> list[float]:
        with runtime.database.read(system_actor(learner.tenant_id)) as ctx:
            return [each.points for each in assignments.results(ctx, course.id, user_ids=[learner.id])]

    assert results() == []
    release(client, first, teaching)
    second = hand_in(client, made, headers, "A better answer.")
    mark(client, second, teaching, points=90)
    assert results() == [40.0]
    release(client, second, teaching)
    assert results() == [90.0]


def test_anonymous_until_released(
    client: TestClient, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    made = make(client, teaching, course, anonymous=True)
    one = hand_in(client, made, headers)
    listed = client.get(f"{API}/assignments/{made['id']}/submissions", headers=teaching)
    sheet = client.get(f"{API}/submissions/{one['id']}", headers=teaching)
    for text in (listed.text, sheet.text):
        assert "Amina" not in text and str(learner.id) not in text and learner.email not in text
    assert listed.json()["items"][0]["owner"] == sheet.json()["owner"]
    mark(client, one, teaching, points=50)
    release(client, one, teaching)
    assert client.get(f"{API}/submissions/{one['id']}", headers=teaching).json()["owner"] == "Amina Wanjiru"


def test_a_group_hands_in_once_and_each_has_the_mark(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers, learner: Person
) -> None:
    mate = enrol(runtime.database, create_person(runtime.database, full_name="Baraka Said"), course.id)
    other = enrol(runtime.database, create_person(runtime.database), course.id)
    mates, others = log_in(client, mate), log_in(client, other)
    made = make(client, teaching, course, grouped=True, attempts_allowed=2)
    assert write(client, made, headers).json()["code"] == "no_group"
    address = f"{API}/assignments/{made['id']}/groups"
    given = {"name": "Lions", "emails": [learner.email, mate.email, "no@example.org"]}
    group = client.post(address, json=given, headers=teaching).json()
    assert (group["members"], group["unknown"]) == (["Amina Wanjiru", "Baraka Said"], ["no@example.org"])
    assert client.post(address, json={"name": "Lions"}, headers=teaching).status_code == 422
    client.post(address, json={"name": "Cranes", "emails": [other.email]}, headers=teaching)
    write(client, made, headers, "Amina began.")
    draft = read(client, made, mates)["draft"]
    assert draft["text"] == "Amina began."
    assert read(client, made, others)["draft"] is None
    assert submit(client, made, others).json()["code"] == "submission_empty", "another group's work is not theirs"
    assert submit(client, made, mates).status_code == 200
    one = read(client, made, headers)["submissions"][0]
    assert client.get(f"{API}/submissions/{one['id']}", headers=teaching).json()["owner"] == "Lions"
    assert client.delete(f"{address}/{group['id']}", headers=teaching).json()["code"] == "assignment_in_use"
    mark(client, one, teaching, points=77)
    release(client, one, teaching)
    with runtime.database.read(system_actor(learner.tenant_id)) as ctx:
        everybody = [learner.id, mate.id, other.id]
        found = assignments.results(ctx, course.id, user_ids=everybody)
    assert {(each.user_id, each.points) for each in found} == {(learner.id, 77.0), (mate.id, 77.0)}


def test_reminders_go_once_to_those_who_have_not_handed_in(
    client: TestClient,
    runtime: Runtime,
    drain: Callable[[], int],
    course: Made,
    teaching: Headers,
    headers: Headers,
    clock: MovingClock,
) -> None:
    late = enrol(runtime.database, create_person(runtime.database), course.id)
    told: list[tuple[UUID, ...]] = []

    @on(AssignmentDueSoon)
    def note_reminder(_ctx: Any, event: AssignmentDueSoon) -> None:
        told.append(event.notice.recipients if event.notice else ())

    try:
        made = make(client, teaching, course, due_at=(START + timedelta(hours=30)).isoformat())
        hand_in(client, made, headers)
        for _ in range(3):
            plan_scheduled(runtime.database)
            drain()
            clock.move(timedelta(hours=4))
    finally:
        SUBSCRIBERS[AssignmentDueSoon] = []
        DEFINITIONS.pop(f"{__name__}.note_reminder")
    assert told == [(late.id,)]


def test_who_has_not_handed_in_is_listed_by_name_for_markers(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers, headers: Headers
) -> None:
    made = make(
        client, teaching, course, due_at=(START + timedelta(days=2)).isoformat(), lesson_id=str(course.lessons[0])
    )
    hand_in(client, made, headers)
    address = f"{API}/assignments/{made['id']}/missing"
    counts = []
    for names in (["Zawadi"], ["Baraka", "Mosi", "Chiku", "Asha"]):
        people = [create_person(runtime.database, full_name=name) for name in names]
        for who in people:
            enrol(runtime.database, who, course.id)
        with statements(runtime.database) as sent:
            assert client.get(address, headers=teaching).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12, counts
    write(client, made, log_in(client, people[1]), "Only a beginning")
    first = client.get(address, params={"limit": 3}, headers=teaching).json()
    rest = client.get(address, params={"limit": 3, "cursor": first["next_cursor"]}, headers=teaching).json()
    found = [*first["items"], *rest["items"]]
    assert [each["name"] for each in found] == ["Asha", "Baraka", "Chiku", "Mosi", "Zawadi"]
    assert [each["drafting"] for each in found] == [False, False, False, True, False]
    assert client.get(address, headers=headers).status_code == 403
    assert client.get(address, headers=log_in(client, create_person(runtime.database))).status_code == 404
    page = client.get(f"/teach/assignments/{made['id']}/missing", headers=teaching)
    assert page.status_code == 200 and page.text.index("Asha") < page.text.index("Zawadi")
    lesson = client.get(f"/lessons/{course.lessons[0]}", headers=headers).text
    assert f"/assignments/{made['id']}" in lesson, "an assignment is reached from its lesson"
    hidden = make(client, teaching, course, anonymous=True)
    assert client.get(f"{API}/assignments/{hidden['id']}/missing", headers=teaching).json()["items"] == []


def test_lists_take_a_fixed_number_of_statements(
    client: TestClient, runtime: Runtime, course: Made, teaching: Headers
) -> None:
    made = make(client, teaching, course, attempts_allowed=None)
    address = f"{API}/assignments/{made['id']}/submissions"
    counts = []
    for number in (1, 6):
        for place in range(number):
            who = enrol(runtime.database, create_person(runtime.database, full_name=f"P {place}"), course.id)
            one = hand_in(client, made, log_in(client, who), f"Answer of {who.id}")
            if place % 2:
                mark(client, one, teaching, points=10)
        for path in (address, f"{API}/courses/{course.slug}/assignments/overview"):
            with statements(runtime.database) as sent:
                assert client.get(path, headers=teaching).status_code == 200
            counts.append(len(sent))
    assert counts[:2] == counts[2:] and counts[0] <= 11 and counts[1] <= 8, counts
    found, cursor = [], ""
    while True:
        shown = client.get(f"{address}?limit=3&cursor={cursor}", headers=teaching).json()
        found += [each["id"] for each in shown["items"]]
        cursor = shown["next_cursor"]
        if cursor is None:
            break
    assert len(found) == len(set(found)) == 7
    for key in (["0001-01-01T00:00:00+14:00", found[0]], ["yesterday", found[0]], [found[0], found[0]]):
        assert client.get(f"{address}?cursor={encode_cursor(key)}", headers=teaching).status_code == 422
    for only, count in (("unmarked", 4), ("draft", 3), ("released", 0)):
        listed = client.get(f"{address}?only={only}", headers=teaching).json()["items"]
        assert len(listed) == count, only
    with runtime.database.read(system_actor()) as ctx:
        assert len(ctx.session.execute(select(SubmissionMark.id)).all()) == 3
    first = client.get(f"{API}/submissions/{found[0]}", headers=teaching).json()
    assert first["next_unmarked"] not in (None, found[0])
