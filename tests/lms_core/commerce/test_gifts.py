"""Seats for others, affiliates, and what an order opens: bundles, paths, certificates, and nothing that others gave."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.orders.events import OrderPaid
from lms_core.commerce.payments.gateways.port import State
from lms_core.kit.context import WriteCtx
from lms_core.kit.permissions import Role
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, log_in
from tests.factories.shop import API, Headers, begin, open_sandbox, order, sell, succeed, tell
from workers.runtime import Runtime

Mailbox = Callable[[], list[EmailMessage]]
LINK = re.compile(r"/gifts\?token=([\w-]+)")


def text_of(letter: EmailMessage) -> str:
    """Its plain words."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, teacher: Person) -> Made:
    return create_course(runtime.database, teacher)


@pytest.fixture
def buyer(runtime: Runtime) -> Person:
    return create_person(runtime.database, full_name="Baraka Njeri")


@pytest.fixture
def headers(client: TestClient, buyer: Person) -> Headers:
    return log_in(client, buyer)


@pytest.fixture
def account(runtime: Runtime, admin: Person) -> UUID:
    return open_sandbox(runtime.database, admin)


def enrolled(client: TestClient, headers: Headers, course: Made) -> bool:
    return bool(client.get(f"{API}/courses/{course.slug}", headers=headers).json()["enrolled"])


def test_seats_are_sent_taken_and_taken_back(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    account: UUID, drain: Callable[[], int], mailbox: Mailbox,
) -> None:  # fmt: skip
    product = sell(runtime.database, admin, course.id)
    placed = order(
        client, headers, product.id, quantity=3, for_others=True, recipients=["friend@example.org"], message="Enjoy!"
    )
    assert placed["total"] == 450_000
    payment = begin(client, headers, placed["id"], account)
    assert not LINK.search("".join(str(each) for each in mailbox()))
    succeed(runtime.database, buyer.tenant_id, payment)
    drain()
    [letter] = [each for each in mailbox() if LINK.search(text_of(each))]
    assert letter["To"] == "friend@example.org" and "Baraka Njeri" in letter["Subject"]
    assert "Enjoy!" in text_of(letter)
    token = LINK.search(text_of(letter)).group(1)
    assert not enrolled(client, headers, course)  # the buyer bought for others

    friend, thief = log_in(client, create_person(runtime.database)), log_in(client, create_person(runtime.database))
    assert client.post(f"{API}/gifts/claim", json={"token": token}).status_code == 401
    taken = client.post(f"{API}/gifts/claim", json={"token": token}, headers=friend)
    assert taken.status_code == 200 and taken.json()["opened"][0]["path"] == f"/courses/{course.slug}"
    assert client.post(f"{API}/gifts/claim", json={"token": token}, headers=friend).status_code == 200
    assert client.post(f"{API}/gifts/claim", json={"token": token}, headers=thief).json()["code"] == "gift_claimed"
    assert client.post(f"{API}/gifts/claim", json={"token": "x" * 43}, headers=thief).status_code == 404
    assert (enrolled(client, friend, course), enrolled(client, thief, course)) == (True, False)

    gifts = client.get(f"{API}/orders/{placed['id']}", headers=headers).json()["gifts"]
    assert [bool(each["claimed_at"]) for each in gifts] == [True, False, False]
    second, to = gifts[1]["id"], {"email": "cousin@example.org"}
    assert client.post(f"{API}/gifts/{second}/send", json=to, headers=thief).status_code == 404
    assert client.post(f"{API}/gifts/{gifts[0]['id']}/send", json=to, headers=headers).status_code == 409
    for _ in range(2):
        assert client.post(f"{API}/gifts/{second}/send", json=to, headers=headers).status_code == 200
        drain()
    letters = [text_of(each) for each in mailbox() if each["To"] == "cousin@example.org"]
    old, new = (LINK.search(each).group(1) for each in letters)
    assert client.post(f"{API}/gifts/claim", json={"token": old}, headers=thief).status_code == 404

    tell(runtime.database, buyer.tenant_id, payment, State.REVERSED)
    drain()
    assert not enrolled(client, friend, course)
    assert client.post(f"{API}/gifts/claim", json={"token": new}, headers=thief).status_code == 404


def test_a_bundle_opens_each_and_takes_only_what_it_gave(
    runtime: Runtime, client: TestClient, admin: Person, teacher: Person, buyer: Person, headers: Headers,
    course: Made, account: UUID, drain: Callable[[], int],
) -> None:  # fmt: skip
    second = create_course(runtime.database, teacher, title="Second")
    held = create_course(runtime.database, teacher, title="Held")
    enrol(runtime.database, buyer, held.id)  # they were in it before it was sold
    items = [sell(runtime.database, admin, each.id).id for each in (course, second, held)]
    bundle = sell(runtime.database, admin, None, 200_000, kind="bundle", title="All", items=items)
    single = order(client, headers, items[0])
    both = order(client, headers, bundle.id)
    payments = [begin(client, headers, each["id"], account) for each in (single, both)]
    for payment in payments:
        succeed(runtime.database, buyer.tenant_id, payment)
    drain()
    assert all(enrolled(client, headers, each) for each in (course, second, held))
    tell(runtime.database, buyer.tenant_id, payments[1], State.REVERSED)
    drain()
    assert [enrolled(client, headers, each) for each in (course, second, held)] == [True, False, True]
    tell(runtime.database, buyer.tenant_id, payments[0], State.REVERSED)
    drain()
    assert not enrolled(client, headers, course)


def test_a_sold_path_is_bought_whole(
    runtime: Runtime, client: TestClient, admin: Person, teacher: Person, buyer: Person, headers: Headers,
    course: Made, account: UUID, drain: Callable[[], int],
) -> None:  # fmt: skip
    teaching = log_in(client, teacher)
    second = create_course(runtime.database, teacher, title="Second")
    path = client.post(f"{API}/paths", json={"title": "Way", "sequential": True}, headers=teaching).json()
    inside = {"courses": [{"course_id": str(each.id)} for each in (course, second)]}
    client.put(f"{API}/paths/{path['slug']}/courses", json=inside, headers=teaching)
    client.post(f"{API}/paths/{path['slug']}/publish", headers=teaching)
    sell(runtime.database, admin, course.id)  # the course has a price of its own, too
    product = sell(runtime.database, admin, UUID(path["id"]), kind="path")
    refused = client.post(f"{API}/paths/{path['slug']}/enroll", headers=headers)
    assert refused.json()["code"] == "course_for_sale"
    placed = order(client, headers, product.id)
    payment = begin(client, headers, placed["id"], account)
    succeed(runtime.database, buyer.tenant_id, payment)
    drain()
    steps = client.get(f"{API}/paths/{path['slug']}", headers=headers).json()["steps"]
    assert [each["state"] for each in steps] == ["under_way", "locked"]
    tell(runtime.database, buyer.tenant_id, payment, State.REVERSED)
    drain()
    assert not enrolled(client, headers, course)
    assert client.get(f"{API}/paths/{path['slug']}", headers=headers).json()["enrolled"] is False


def test_a_path_that_is_free_does_not_give_sold_courses_away(
    runtime: Runtime, client: TestClient, admin: Person, teacher: Person, headers: Headers, course: Made
) -> None:
    teaching = log_in(client, teacher)
    path = client.post(f"{API}/paths", json={"title": "Way"}, headers=teaching).json()["slug"]
    client.put(f"{API}/paths/{path}/courses", json={"courses": [{"course_id": str(course.id)}]}, headers=teaching)
    client.post(f"{API}/paths/{path}/publish", headers=teaching)
    sell(runtime.database, admin, course.id)
    joined = client.post(f"{API}/paths/{path}/enroll", headers=headers).json()
    assert [each["state"] for each in joined["steps"]] == ["closed"]
    assert not enrolled(client, headers, course)
    shown = client.get(f"/paths/{path}", headers=headers).text
    assert "This course is bought: it costs KES 1,500" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert f'href="/courses/{course.slug}">See' in shown and "choose who takes part" not in shown


def test_who_leaves_what_they_bought_comes_back_for_nothing(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    account: UUID, drain: Callable[[], int],
) -> None:  # fmt: skip
    placed = order(client, headers, sell(runtime.database, admin, course.id).id)
    succeed(runtime.database, buyer.tenant_id, begin(client, headers, placed["id"], account))
    drain()
    client.delete(f"{API}/courses/{course.slug}/enroll", headers=headers)
    assert not enrolled(client, headers, course)
    assert client.post(f"{API}/courses/{course.slug}/enroll", headers=headers).status_code == 200


def test_an_affiliates_buyer_is_told_of_and_nobody_earns_from_themselves(
    runtime: Runtime, client: TestClient, admin: Person, buyer: Person, headers: Headers, course: Made,
    account: UUID, drain: Callable[[], int], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    managing, friend = log_in(client, admin), create_person(runtime.database)
    given = {"user_id": str(friend.id), "code": "Friend", "share_bp": 1000}
    made = client.post(f"{API}/finance/affiliates", json=given, headers=managing)
    assert made.status_code == 201, made.text
    assert client.post(f"{API}/affiliates/friend", headers=headers).status_code == 204
    assert client.post(f"{API}/affiliates/nobody", headers=headers).status_code == 404
    told: list[OrderPaid] = []
    emit = WriteCtx.emit

    def note(ctx: WriteCtx, event: object) -> None:
        if isinstance(event, OrderPaid):
            told.append(event)
        emit(ctx, event)  # type: ignore[arg-type]

    monkeypatch.setattr(WriteCtx, "emit", note)
    product = sell(runtime.database, admin, course.id)
    placed = order(client, headers, product.id)
    succeed(runtime.database, buyer.tenant_id, begin(client, headers, placed["id"], account))
    drain()
    [event] = told
    assert str(event.affiliate_id) == made.json()["id"] and event.buyer_id == buyer.id
    [line] = event.lines
    assert (line.course_ids, line.total, line.kind) == ((course.id,), 150_000, "course")
    themselves = log_in(client, friend)
    client.post(f"{API}/affiliates/friend", headers=themselves)
    assert order(client, themselves, product.id)["affiliate_id"] is None
