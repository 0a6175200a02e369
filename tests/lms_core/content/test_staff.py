"""The staff of a course over HTTP: what each role may do, invitations, changes, and giving the course away."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.access import staffing
from lms_core.kit import personal
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]
Drain = Callable[[], int]
Letters = Callable[[], list[EmailMessage]]
TOKEN = re.compile(r"/staff-invitations\?token=(\S+)")

# What each role of a course's staff may do: (method, address, body) -> the roles it is open to.
OWNER, INSTRUCTOR, ASSISTANT, LEARNER, OUTSIDER = "owner", "instructor", "assistant", "learner", "outsider"
TEACHING = {OWNER, INSTRUCTOR}
MARKING = {*TEACHING, ASSISTANT}
RIGHTS: list[tuple[str, str, Any, set[str]]] = [
    ("GET", "/courses/{slug}", None, {*MARKING, LEARNER, OUTSIDER}),
    ("GET", "/lessons/{lesson}", None, {*MARKING, LEARNER}),
    ("GET", "/courses/{slug}/gradebook", None, MARKING),
    ("GET", "/courses/{slug}/at-risk", None, MARKING),
    ("POST", "/courses/{slug}/faq", {"question": "Why does it boil?", "answer": "It is hot."}, MARKING),
    ("PATCH", "/courses/{slug}", {"summary": "Of heat."}, TEACHING),
    ("GET", "/lessons/{lesson}/source", None, TEACHING),
    ("GET", "/courses/{slug}/staff", None, TEACHING),
    ("POST", "/courses/{slug}/announcements", {"title": "Hello"}, TEACHING),
    ("POST", "/courses/{slug}/archive", None, TEACHING),
    ("POST", "/courses/{slug}/staff/{assistant}/ownership", None, {OWNER}),
    ("DELETE", "/courses/{slug}", None, {OWNER}),
]


@pytest.fixture
def people(runtime: Runtime) -> dict[str, Person]:
    """Somebody for each role, in no course yet."""
    tenant = {OWNER: Role.INSTRUCTOR, INSTRUCTOR: Role.INSTRUCTOR}
    return {
        name: create_person(
            runtime.database,
            role=tenant.get(name, Role.LEARNER),
            email=f"{name}@example.org",
            full_name=f"{name} Otieno",
        )
        for name in (OWNER, INSTRUCTOR, ASSISTANT, LEARNER, OUTSIDER)
    }


@pytest.fixture
def course(runtime: Runtime, people: dict[str, Person]) -> Made:
    """A course of the owner, with a learner."""
    made = create_course(runtime.database, people[OWNER])
    enrol(runtime.database, people[LEARNER], made.id)
    return made


def invite(client: TestClient, headers: Headers, course: Made, email: str, role: str = ASSISTANT) -> Any:
    """The answer to an invitation."""
    body = {"email": email, "role": role}
    return client.post(f"{API}/courses/{course.slug}/staff-invitations", json=body, headers=headers)


def members(client: TestClient, headers: Headers, course: Made) -> dict[str, str]:
    """Roles by address."""
    found = client.get(f"{API}/courses/{course.slug}/staff", headers=headers).json()["members"]
    return {each["email"]: each["role"] for each in found}


def test_each_role_may_do_what_the_table_says(
    client: TestClient, runtime: Runtime, people: dict[str, Person], course: Made
) -> None:
    headers = {name: log_in(client, person) for name, person in people.items()}
    at = f"{API}/courses/{course.slug}/staff"
    added = client.post(at, json={"user_id": str(people[INSTRUCTOR].id), "role": INSTRUCTOR}, headers=headers[OWNER])
    assert added.status_code == 201, added.text
    assert invite(client, headers[OWNER], course, people[ASSISTANT].email).status_code == 201
    (waiting,) = client.get(f"{API}/staff-invitations", headers=headers[ASSISTANT]).json()
    accept = f"{API}/staff-invitations/{waiting['id']}/accept"
    assert client.post(accept, json={}, headers=headers[ASSISTANT]).status_code == 200
    names = {"slug": course.slug, "lesson": course.lessons[0], "assistant": people[ASSISTANT].id}
    wrong = []
    for method, address, body, allowed in RIGHTS:
        for name in (OUTSIDER, LEARNER, ASSISTANT, INSTRUCTOR, OWNER):  # who owns it last: then it may be gone
            answer = client.request(method, API + address.format(**names), json=body, headers=headers[name])
            if (answer.status_code < 300) != (name in allowed) or answer.status_code >= 500:
                wrong.append((name, method, address, answer.status_code))
        if "ownership" in address:  # back again
            back = f"{at}/{people[OWNER].id}/ownership"
            assert client.post(back, headers=headers[ASSISTANT]).status_code == 204
    assert not wrong


def test_a_letter_brings_somebody_onto_the_staff(
    client: TestClient, runtime: Runtime, people: dict[str, Person], course: Made, drain: Drain, mailbox: Letters
) -> None:
    headers = log_in(client, people[OWNER])
    assert invite(client, headers, course, "New.One@Example.org").json()["role"] == ASSISTANT
    assert invite(client, headers, course, "new.one@example.org", INSTRUCTOR).status_code == 201, "in its place"
    assert invite(client, headers, course, people[OWNER].email).json()["code"] == "already_staff"
    assert invite(client, headers, course, "x@example.org", OWNER).status_code == 201, "an owner gives what they hold"
    drain()
    letters = [each for each in mailbox() if each["to"] == "new.one@example.org"]
    assert len(letters) == 1 and "owner Otieno invites you" in letters[0].get_content()
    found = TOKEN.search(letters[0].get_content())
    assert found is not None
    assert "token" not in client.get(f"{API}/courses/{course.slug}/staff", headers=headers).text

    thief = log_in(client, people[OUTSIDER])
    new = log_in(client, create_person(runtime.database, email="new.one@example.org", verified=False))
    assert client.get(f"{API}/staff-invitations", headers=new).json() == [], "the address is not confirmed"
    (waiting,) = client.get(f"{API}/courses/{course.slug}/staff", headers=headers).json()["invitations"][:1]
    accept = f"{API}/staff-invitations/{waiting['id']}/accept"
    for whose, token in ((thief, found[1]), (new, ""), (new, "something")):
        assert client.post(accept, json={"token": token}, headers=whose).json()["code"] == "invitation_not_found"
    assert client.post(accept, json={"token": found[1]}, headers=new).status_code == 200
    assert client.post(accept, json={"token": found[1]}, headers=new).status_code == 404, "once"
    assert members(client, headers, course)["new.one@example.org"] == INSTRUCTOR
    drain()
    told = client.get(f"{API}/notifications", headers=new).json()["items"]
    assert told == [], "nobody is told what they did themselves"
    page = client.get(f"/courses/{course.slug}").text
    assert "Taught by owner Otieno, Asha Otieno" in page


def test_invitations_end(
    client: TestClient, runtime: Runtime, people: dict[str, Person], course: Made, drain: Drain, clock: MovingClock
) -> None:
    owner, theirs = log_in(client, people[OWNER]), log_in(client, people[ASSISTANT])
    first = invite(client, owner, course, people[ASSISTANT].email).json()["id"]
    drain()
    assert client.get(f"{API}/notifications", headers=theirs).json()["items"][0]["path"] == "/staff-invitations"
    at = f"{API}/courses/{course.slug}/staff-invitations/{first}"
    assert client.delete(at, headers=log_in(client, people[OUTSIDER])).status_code == 403
    assert client.delete(at, headers=owner).status_code == 204
    assert client.post(f"{API}/staff-invitations/{first}/accept", json={}, headers=theirs).status_code == 404
    second = invite(client, owner, course, people[ASSISTANT].email).json()["id"]
    assert client.post(f"{API}/staff-invitations/{second}/decline", json={}, headers=theirs).status_code == 204
    invite(client, owner, course, people[ASSISTANT].email)
    clock.move(timedelta(days=14))
    assert client.get(f"{API}/staff-invitations", headers=log_in(client, people[ASSISTANT])).json() == []


def test_nobody_touches_who_holds_more_and_an_owner_stays(
    client: TestClient, runtime: Runtime, people: dict[str, Person], course: Made, drain: Drain
) -> None:
    owner, co = log_in(client, people[OWNER]), log_in(client, people[INSTRUCTOR])
    at = f"{API}/courses/{course.slug}/staff"
    client.post(at, json={"user_id": str(people[INSTRUCTOR].id), "role": INSTRUCTOR}, headers=owner)
    assert client.post(at, json={"user_id": str(people[OUTSIDER].id), "role": ASSISTANT}, headers=co).status_code == 404
    mine = f"{at}/{people[OWNER].id}"
    assert client.put(mine, json={"role": ASSISTANT}, headers=co).status_code == 403
    assert client.delete(mine, headers=co).status_code == 403
    assert client.put(f"{at}/{people[INSTRUCTOR].id}", json={"role": OWNER}, headers=co).status_code == 403
    assert invite(client, co, course, "y@example.org", OWNER).status_code == 403
    for refused in (
        client.delete(mine, headers=owner),
        client.put(mine, json={"role": INSTRUCTOR}, headers=owner),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    assert invite(client, co, course, "of.co@example.org").status_code == 201
    assert client.post(f"{at}/{people[INSTRUCTOR].id}/ownership", headers=owner).status_code == 204
    assert members(client, owner, course) == {people[INSTRUCTOR].email: OWNER, people[OWNER].email: INSTRUCTOR}
    assert client.delete(mine, headers=owner).status_code == 204, "now they may leave"
    drain()
    kinds = [each["kind"] for each in client.get(f"{API}/notifications", headers=co).json()["items"]]
    assert kinds == ["staff.course_given", "staff.role_given"]
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    actions = [each["action"] for each in client.get(f"{API}/admin/audit?action=staff", headers=admin).json()["items"]]
    assert actions == ["staff.removed", "staff.transferred", "staff.invited", "staff.role_given"]


def test_an_owner_who_leaves_for_good_hands_the_course_over(
    client: TestClient, runtime: Runtime, people: dict[str, Person], course: Made
) -> None:
    owner = log_in(client, people[OWNER])
    at = f"{API}/courses/{course.slug}/staff"
    client.post(at, json={"user_id": str(people[INSTRUCTOR].id), "role": INSTRUCTOR}, headers=owner)
    role = client.post(
        f"{API}/admin/roles",
        json={"name": "Proctor", "permissions": ["proctor:review"]},
        headers=log_in(client, create_person(runtime.database, role=Role.ADMIN)),
    ).json()["id"]
    asked = client.post(
        f"{API}/courses/{course.slug}/staff-invitations",
        json={"email": people[OUTSIDER].email, "role_id": role},
        headers=owner,
    )
    assert asked.json()["role_name"] == "Proctor"
    with statements(runtime.database) as few:
        client.get(at, headers=owner)
    with runtime.database.write(system_actor(people[OWNER].tenant_id)) as ctx:
        for part in personal.DECLARED.values():
            part.first(ctx, people[OWNER].id)
        for part in personal.DECLARED.values():
            personal.erase(ctx, part, people[OWNER].id)
        assert staffing.owners_of(ctx, course_id=course.id) == [people[INSTRUCTOR].id]
    co = log_in(client, people[INSTRUCTOR])
    with statements(runtime.database) as sent:
        assert members(client, co, course) == {people[INSTRUCTOR].email: OWNER}
    assert len(few) <= 16 and len(sent) <= len(few)
