"""Payouts: who can be paid, batches, two people's approval, the bank's file, what comes back; and the pages."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

import migrations
from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.service import AccountKind
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.events import PayoutFailed
from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue.errors import NothingDue
from lms_core.commerce.revenue.models import Earning, PayoutItem, PayoutWay, RevenueShare
from lms_core.commerce.revenue.moving import arrived, returned
from lms_core.commerce.revenue.schemas import BatchIn, DetailsIn
from lms_core.commerce.revenue.service.batches import SEND
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Database, Resources, system_actor
from lms_core.kit.crypto import Keys
from lms_core.kit.db import make_engine
from lms_core.kit.ids import new_id
from lms_core.kit.money import Currency
from lms_core.kit.permissions import Role
from tests.conftest import START
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.lms_core.commerce.earning import API, BANK, PHONE, balance, books, pay_to, set_shares
from tests.lms_core.commerce.paying import open_shop
from tests.lms_core.commerce.sales import line, refund, sale, tell
from workers.runtime import Runtime

Headers = dict[str, str]
Drain = Callable[[], int]
PAYOUTS = f"{API}/finance/payouts"
BY_BANK = {"way": "bank", "currency": "KES"}
SMALL, LARGE = 1_000_000, 40_000_000  # sales whose halves are below and above the usual limit of two people


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, full_name="Wanjiku Mwalimu")


@pytest.fixture
def course(runtime: Runtime, teacher: Person) -> Made:
    return create_course(runtime.database, teacher)


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN, full_name="Amina Admin")


@pytest.fixture
def earn(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, teacher: Person, course: Made, admin: Person
) -> Callable[..., Any]:
    """Let the teacher earn half of a sale, be paid to a bank, and wait until it is due; the sale."""

    def make(net: int, *, details: dict[str, Any] | None = None, number: str = "A-1") -> Any:
        set_shares(client, log_in(client, admin), course.slug, **{teacher.email: 50})
        if details is not None:
            pay_to(client, log_in(client, teacher), details)
        paid = sale(create_person(runtime.database), line(net, courses=[course.id]), at=clock.now(), number=number)
        tell(runtime.database, teacher.tenant_id, paid)
        drain()
        clock.move(timedelta(days=15))
        return paid

    return make


def ask(client: TestClient, headers: Headers, path: str, json: object = None, *, status: int = 200) -> Any:
    """A POST below payouts that must answer with this status."""
    answer = client.post(f"{PAYOUTS}{path}", json=json, headers={"Idempotency-Key": str(new_id()), **headers})
    assert answer.status_code == status, answer.text
    return answer.json() if answer.headers["content-type"].startswith("application/") else answer


def test_a_batch_through_the_bank(
    client: TestClient, runtime: Runtime, drain: Drain, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=BANK)
    finance = log_in(client, admin)
    assert [(each["amount"], each["obstacle"]) for each in client.get(f"{PAYOUTS}/due", headers=finance).json()] == [
        (500_000, "")
    ]
    batch = ask(client, finance, "", BY_BANK, status=201)
    at = f"/{batch['id']}"
    assert (batch["state"], batch["total"], batch["items"][0]["shown"]) == ("draft", 500_000, "Equity ••••8901")
    ask(client, finance, "", BY_BANK, status=409)  # it is in a batch already
    assert ask(client, finance, f"{at}/approve", status=409)["code"] == "payout_batch_moved"
    assert ask(client, finance, f"{at}/hand-in")["two"] is False
    ask(client, finance, f"{at}/bank-file", status=409)
    approved = ask(client, finance, f"{at}/approve")
    assert (approved["state"], approved["first"]["name"], approved["second"]) == ("approved", "Amina Admin", None)
    assert books(runtime.database, teacher) == {"shares": 500_000, "payouts": -500_000}
    ask(client, finance, f"{at}/cancel", status=409)
    file = ask(client, finance, f"{at}/bank-file")
    [row] = csv.DictReader(io.StringIO(file.text.lstrip("\ufeff")))
    assert (row["Name"], row["Account"], row["Amount"]) == ("'=Wanjiku", "012345678901", "5000.00")
    own = log_in(client, teacher)
    assert balance(client, own) == {"held": 0, "due": 0, "under_way": 500_000, "paid": 0}
    item = batch["items"][0]["id"]
    done = ask(client, finance, f"{at}/items/{item}/paid", {"reference": "FT-77"})
    assert (done["state"], done["items"][0]["state"], done["items"][0]["reference"]) == ("done", "paid", "FT-77")
    ask(client, finance, f"{at}/items/{item}/paid", {}, status=409)
    assert books(runtime.database, teacher) == {"shares": 500_000, "bank": -500_000}
    assert balance(client, own) == {"held": 0, "due": 0, "under_way": 0, "paid": 500_000}
    drain()
    notices = client.get(f"{API}/notifications", headers=own).json()["items"]
    assert "KES 5,000.00" in next(each["text"] for each in notices if each["kind"] == "revenue.paid_out")
    [paid] = client.get(f"{API}/earnings/payouts", headers=own).json()["items"]
    assert (paid["state"], paid["reference"], paid["amount"]) == ("paid", "FT-77", 500_000)


def test_above_the_limit_two_different_people_approve(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(LARGE, details=BANK)
    finance = log_in(client, admin)
    other = create_person(runtime.database, role=Role.ADMIN, full_name="Otieno Admin")
    at = f"/{ask(client, finance, '', BY_BANK, status=201)['id']}"
    assert ask(client, finance, f"{at}/hand-in")["two"] is True
    first = ask(client, finance, f"{at}/approve")
    assert (first["state"], first["may_approve"]) == ("waiting", False)
    assert ask(client, finance, f"{at}/approve", status=403)["code"] == "second_person_needed"
    assert books(runtime.database, teacher) == {"shares": 20_000_000, "instructor": -20_000_000}
    ask(client, log_in(client, teacher), f"{at}/approve", status=403)
    second = ask(client, log_in(client, other), f"{at}/approve")
    assert (second["state"], second["second"]["name"]) == ("approved", "Otieno Admin")


def test_an_approval_asks_for_a_fresh_proof_and_no_key_gives_one(
    client: TestClient, runtime: Runtime, clock: MovingClock, earn: Callable[..., Any], admin: Person
) -> None:
    earn(SMALL, details=BANK)
    finance = log_in(client, admin)
    batch = ask(client, finance, "", BY_BANK, status=201)
    ask(client, finance, f"/{batch['id']}/hand-in")
    stale = replace(actor_of(runtime.database, admin), session_id=new_id(), proved_at=clock.now() - timedelta(hours=1))
    with pytest.raises(ConfirmFirst), runtime.database.write(stale) as ctx:
        revenue.approve(ctx, batch["id"])
    scopes = {"name": "Payer", "scopes": ["finance:manage", "finance:approve", "finance:read"]}
    key = {"Authorization": f"Bearer {client.post(f'{API}/auth/keys', json=scopes, headers=finance).json()['key']}"}
    assert client.get(f"{PAYOUTS}/{batch['id']}", headers=key).json()["state"] == "waiting"
    ask(client, key, f"/{batch['id']}/approve", status=403)


def test_what_comes_back_is_due_again_and_what_is_cancelled_too(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=BANK)
    finance, own = log_in(client, admin), log_in(client, teacher)
    first = ask(client, finance, "", BY_BANK, status=201)
    assert ask(client, finance, f"/{first['id']}/cancel")["state"] == "cancelled"
    assert balance(client, own)["due"] == 500_000
    second = ask(client, finance, "", BY_BANK, status=201)
    assert (second["number"], second["items"][0]["id"] != first["items"][0]["id"]) == (2, True)
    at, item = f"/{second['id']}", second["items"][0]["id"]
    for step in ("hand-in", "approve", "bank-file"):
        ask(client, finance, f"{at}/{step}")
    ask(client, finance, f"/{first['id']}/items/{item}/returned", {"reason": "no such account"}, status=409)
    gone = ask(client, finance, f"{at}/items/{item}/returned", {"reason": "no such account"})
    assert (gone["state"], gone["items"][0]["state"], gone["items"][0]["reason"]) == (
        "done",
        "failed",
        "no such account",
    )
    assert books(runtime.database, teacher) == {"shares": 500_000, "instructor": -500_000}
    assert balance(client, own) == {"held": 0, "due": 500_000, "under_way": 0, "paid": 0}
    third = ask(client, finance, "", BY_BANK, status=201)
    for step in ("hand-in", "approve", "bank-file", "paid"):
        ask(client, finance, f"/{third['id']}/{step}")
    assert books(runtime.database, teacher) == {"shares": 500_000, "bank": -500_000}


def test_money_that_arrived_after_all_is_kept_from_the_next_payout(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=BANK)
    finance = log_in(client, admin)
    batch = ask(client, finance, "", BY_BANK, status=201)
    for step in ("hand-in", "approve", "bank-file"):
        ask(client, finance, f"/{batch['id']}/{step}")
    with runtime.database.read(system_actor(admin.tenant_id)) as ctx:
        item = ctx.session.execute(select(PayoutItem.id)).scalar_one()
    for _ in range(2):  # each word is told twice
        with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
            returned(ctx, item, reason="timeout")
    for _ in range(2):
        with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
            arrived(ctx, item, reference="late", at_bank=True)
    with runtime.database.write(system_actor(admin.tenant_id)) as ctx:
        returned(ctx, item, reason="never after success")
    assert books(runtime.database, teacher) == {"shares": 500_000, "bank": -500_000}
    assert balance(client, log_in(client, teacher)) == {"held": 0, "due": 0, "under_way": 0, "paid": 500_000}


def test_a_refund_after_the_payout_is_kept_from_the_next(
    client: TestClient, runtime: Runtime, drain: Drain, earn: Callable[..., Any], clock: MovingClock, teacher: Person,
    admin: Person,
) -> None:  # fmt: skip
    paid = earn(SMALL, details=BANK)
    finance = log_in(client, admin)
    batch = ask(client, finance, "", BY_BANK, status=201)
    for step in ("hand-in", "approve", "bank-file", "paid"):
        ask(client, finance, f"/{batch['id']}/{step}")
    tell(runtime.database, teacher.tenant_id, refund(paid, at=clock.now()))
    drain()
    assert balance(client, log_in(client, teacher)) == {"held": 0, "due": -500_000, "under_way": 0, "paid": 500_000}
    assert client.get(f"{PAYOUTS}/due", headers=finance).json()[0]["obstacle"] == "small"
    ask(client, finance, "", BY_BANK, status=409)
    earn(SMALL * 3, number="A-2")
    finance = log_in(client, admin)
    second = ask(client, finance, "", BY_BANK, status=201)
    assert second["total"] == 1_000_000  # half of three sales, less what was paid too much
    for step in ("hand-in", "approve", "bank-file", "paid"):
        ask(client, finance, f"/{second['id']}/{step}")
    assert books(runtime.database, teacher) == {"shares": 1_500_000, "bank": -1_500_000}


def test_what_stands_in_the_way_of_a_payout(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    def obstacle() -> str:
        found = client.get(f"{PAYOUTS}/due", headers=log_in(client, admin)).json()
        return str(found[0]["obstacle"])

    earn(90_000)
    assert obstacle() == "small"
    earn(SMALL, number="A-2")
    assert obstacle() == "details"
    pay_to(client, log_in(client, teacher), BANK)
    assert obstacle() == "fresh"
    ask(client, log_in(client, admin), "", BY_BANK, status=409)
    runtime.clock.move(timedelta(days=3))  # type: ignore[attr-defined]
    assert obstacle() == ""
    finance = log_in(client, admin)
    hold = ask(client, finance, "/holds", {"email": teacher.email, "reason": "A dispute"}, status=201)
    again = ask(client, finance, "/holds", {"email": teacher.email, "reason": "A dispute"}, status=409)
    assert (obstacle(), again["code"]) == ("held", "payout_already_held")
    assert client.get(f"{API}/earnings", headers=log_in(client, teacher)).json()["held"] is True
    assert ask(client, finance, "/holds", {"email": "no@example.org", "reason": "Why"}, status=404)
    for _ in range(2):
        assert client.delete(f"{PAYOUTS}/holds/{hold['id']}", headers=finance).status_code == 204
    assert (obstacle(), client.get(f"{PAYOUTS}/holds", headers=finance).json()) == ("", [])
    ask(client, finance, "", {"way": "phone", "currency": "KES"}, status=409)  # they are paid through the bank


def test_who_sees_and_moves_payouts(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=BANK)
    batch = ask(client, log_in(client, admin), "", BY_BANK, status=201)
    own = log_in(client, teacher)
    for path in ("", "/due", "/holds", f"/{batch['id']}"):
        assert client.get(PAYOUTS + path, headers=own).status_code == 403
        assert client.get(PAYOUTS + path).status_code == 401
    for step in ("hand-in", "approve", "cancel", "bank-file", "paid"):
        ask(client, own, f"/{batch['id']}/{step}", status=403)
    assert client.get(f"{PAYOUTS}/{new_id()}", headers=log_in(client, admin)).status_code == 404


def clearing(database: Database, person: Person) -> int:
    """What provider accounts hold together in the ledger."""
    with database.read(system_actor(person.tenant_id)) as ctx:
        return sum(each.balance for each in ledger.balances(ctx) if each.kind == AccountKind.CLEARING)


def test_a_batch_to_phones_goes_through_payments(
    client: TestClient, runtime: Runtime, drain: Drain, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    shop = open_shop(runtime.database)
    earn(SMALL, details=PHONE)
    finance = log_in(client, admin)
    batch = ask(client, finance, "", {"way": "phone", "currency": "KES"}, status=201)
    assert batch["items"][0]["shown"] == "2547•••678"
    for step in ("hand-in", "approve"):
        ask(client, finance, f"/{batch['id']}/{step}")
    assert balance(client, log_in(client, teacher))["under_way"] == 500_000
    ask(client, finance, f"/{batch['id']}/bank-file", status=409)
    drain()
    done = client.get(f"{PAYOUTS}/{batch['id']}", headers=finance).json()
    assert (done["state"], done["items"][0]["state"]) == ("done", "paid")
    with runtime.database.read(shop.system) as ctx:
        [sent] = payments.payouts_of(ctx, ("payout_item", UUID(done["items"][0]["id"])))
        with runtime.database.write(shop.system) as writing:  # told and asked for again, it is sent no second time
            writing.enqueue(SEND, batch_id=batch["id"])
    assert (sent.state, sent.amount.amount) == ("succeeded", 500_000)
    drain()
    with runtime.database.read(shop.system) as ctx:
        assert len(payments.payouts_of(ctx, ("payout_item", UUID(done["items"][0]["id"])))) == 1
    assert books(runtime.database, teacher) == {"shares": 500_000}
    assert clearing(runtime.database, teacher) == -500_000
    assert balance(client, log_in(client, teacher)) == {"held": 0, "due": 0, "under_way": 0, "paid": 500_000}


def test_a_payout_that_no_provider_sends_is_due_again(
    client: TestClient, runtime: Runtime, drain: Drain, earn: Callable[..., Any], teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=PHONE)
    finance = log_in(client, admin)
    batch = ask(client, finance, "", {"way": "phone", "currency": "KES"}, status=201)
    for step in ("hand-in", "approve"):
        ask(client, finance, f"/{batch['id']}/{step}")
    drain()  # no account is set up
    gone = client.get(f"{PAYOUTS}/{batch['id']}", headers=finance).json()
    assert (gone["state"], gone["items"][0]["state"]) == ("done", "failed") and gone["items"][0]["reason"]
    assert balance(client, log_in(client, teacher))["due"] == 500_000
    assert books(runtime.database, teacher) == {"shares": 500_000, "instructor": -500_000}
    open_shop(runtime.database)
    again = ask(client, finance, "", {"way": "phone", "currency": "KES"}, status=201)
    for step in ("hand-in", "approve"):
        ask(client, finance, f"/{again['id']}/{step}")
    drain()
    assert client.get(f"{PAYOUTS}/{again['id']}", headers=finance).json()["items"][0]["state"] == "paid"
    item = UUID(again["items"][0]["id"])
    late = PayoutFailed(
        payout_id=new_id(), purpose_kind="payout_item", purpose_id=item, amount=500_000, currency=Currency.KES, at=START
    )
    tell(runtime.database, teacher.tenant_id, late)  # never after success
    drain()
    assert client.get(f"{PAYOUTS}/{again['id']}", headers=finance).json()["items"][0]["state"] == "paid"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of this test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'payouts.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    migrations.upgrade(engine)
    resources = Resources()
    resources.put(Keys, Keys("a key of tests that is long enough"))
    yield Database(engine, MovingClock(START), resources)
    engine.dispose()


def test_batches_drawn_up_at_once_take_nothing_twice(database: Database) -> None:
    earner, admin = create_person(database, role=Role.INSTRUCTOR), create_person(database, role=Role.ADMIN)
    made = create_course(database, earner)
    with database.write(actor_of(database, earner)) as ctx:
        revenue.set_details(ctx, given=DetailsIn.model_validate(BANK))
    with database.write(system_actor(earner.tenant_id)) as ctx:
        ctx.add(RevenueShare(course_id=made.id, user_id=earner.id, basis_points=5000, starts_at=START))
    for number in range(5):
        with database.write(system_actor(earner.tenant_id)) as ctx:
            revenue.for_sale(ctx, sale(admin, line(SMALL, courses=[made.id]), number=f"A-{number}"))
    database.clock.move(timedelta(days=30))  # type: ignore[attr-defined]
    actor, gate, ends = actor_of(database, admin), threading.Barrier(6), []

    def draw_up() -> None:
        gate.wait()
        try:
            with database.write(actor) as ctx:
                ends.append(revenue.draw_up(ctx, given=BatchIn(way=PayoutWay.BANK)).total)
        except NothingDue:
            ends.append(0)

    threads = [threading.Thread(target=draw_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == [0, 0, 0, 0, 0, 5 * SMALL // 2]
    with database.read(actor) as ctx:
        taken = select(func.count(), func.sum(Earning.amount)).where(Earning.item_id.is_not(None))
        assert ctx.session.execute(taken).one() == (5, 5 * SMALL // 2)


def test_the_pages_of_payouts(
    client: TestClient, runtime: Runtime, earn: Callable[..., Any], course: Made, teacher: Person, admin: Person
) -> None:
    earn(SMALL, details=BANK)
    client.cookies.clear()
    client.post("/login", data=teacher.login)
    mine = client.get("/earnings").text
    assert "KES 5,000.00" in mine and "Equity ••••8901" in mine
    token = {"csrf_token": mine.split('name="csrf-token" content="')[1].split('"')[0]}
    wrong = client.post("/earnings/details", data={**token, "way": "phone", "name": "Asha", "phone": "12"})
    assert wrong.status_code == 422 and "0712 345678" in wrong.text
    assert client.get("/earnings/statement?form=csv&since=2026-01-05&until=2026-01-05").text.count("A-1") == 1
    assert client.get("/earnings/statement?since=2026-02-05&until=2026-01-05").status_code == 422
    assert client.get("/finance/payouts").status_code == 403

    client.cookies.clear()
    client.post("/login", data=admin.login)
    found = client.get("/finance/payouts").text
    token = {"csrf_token": found.split('name="csrf-token" content="')[1].split('"')[0]}
    assert "Wanjiku Mwalimu" in found and "KES 5,000.00" in found
    assert client.post("/finance/payouts", data={**token, "way": "phone", "currency": "KES"}).status_code == 409
    drawn = client.post("/finance/payouts", data={**token, "way": "bank", "currency": "KES"})
    at = drawn.url.path
    assert drawn.status_code == 200 and "Ask for approval" in drawn.text
    assert client.post(f"{at}/paid", data=token).status_code == 409
    assert "Approve" in client.post(f"{at}/hand-in", data=token).text
    assert "File for the bank" in client.post(f"{at}/approve", data=token).text
    assert client.post(f"{at}/bank-file", data=token).headers["content-type"].startswith("text/csv")
    item = client.get(at).text.split("/items/")[1].split('"')[0]
    refused = client.post(f"{at}/items/{item}", data={**token, "outcome": "returned", "word": ""})
    assert refused.status_code == 422
    assert "FT1" in client.post(f"{at}/items/{item}", data={**token, "outcome": "paid", "word": "FT1"}).text
    held = {**token, "email": teacher.email, "reason": "A dispute"}
    assert "A dispute" in client.post("/finance/payouts/holds", data=held).text
    limits = {"currency": "KES", "two_above": "1,000", "smallest": "10"}
    terms = {**token, **limits, "hold_days": "7", "owner_share": "12.5"}
    assert client.post("/finance/payouts/terms", data={**terms, "owner_share": "x"}).status_code == 422
    assert client.post("/finance/payouts/terms", data=terms).status_code == 200
    with runtime.database.read(actor_of(runtime.database, admin)) as ctx:
        kept = revenue.terms(ctx).model_dump(mode="json")
    assert kept == {"hold_days": 7, "owner_share": 1250, "two_above": {"KES": 100_000}, "smallest": {"KES": 1_000}}
    shares = {**token, "course": course.slug, "email": [teacher.email, ""], "percent": ["101", ""]}
    assert client.post("/finance/payouts/shares", data=shares).status_code == 422
    assert "25" in client.post("/finance/payouts/shares", data={**shares, "percent": ["25", ""]}).text
    assert client.get("/finance/payouts/shares?course=none").status_code == 404
