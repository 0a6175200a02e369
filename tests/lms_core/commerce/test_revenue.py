"""What people earn of sales and what refunds take back: shares, holding, the ledger, statements."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pydantic import ValidationError
from sqlalchemy import select

from lms_core.commerce.revenue import service as revenue
from lms_core.commerce.revenue import sums
from lms_core.commerce.revenue.affiliates import Affiliate
from lms_core.commerce.revenue.models import RevenueShare
from lms_core.commerce.revenue.schemas import BankIn, DetailsIn, PhoneIn
from lms_core.commerce.revenue.sealing import masked
from lms_core.commerce.revenue.service import sharing
from lms_core.identity.access.errors import ConfirmFirst
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import ReadCtx, system_actor
from lms_core.kit.ids import new_id
from lms_core.kit.money import BASIS_POINTS
from lms_core.kit.permissions import Role
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.lms_core.commerce.earning import API, BANK, PHONE, balance, books, pay_to, set_shares
from tests.lms_core.commerce.sales import line, refund, sale, tell
from workers.runtime import Runtime

Headers = dict[str, str]
Drain = Callable[[], int]
AMOUNT = st.integers(0, 10**12)


@pytest.fixture
def teacher(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR, email="wanjiku@example.org")


@pytest.fixture
def course(runtime: Runtime, teacher: Person) -> Made:
    return create_course(runtime.database, teacher)


@pytest.fixture
def buyer(runtime: Runtime) -> Person:
    return create_person(runtime.database)


@pytest.fixture
def finance(runtime: Runtime, client: TestClient) -> Headers:
    return log_in(client, create_person(runtime.database, role=Role.ADMIN))


@given(part=AMOUNT, points=st.lists(st.integers(0, 3000), max_size=3))
@hypothesis_settings(max_examples=300, deadline=None)
def test_shares_are_exact_to_the_cent_and_never_more_than_the_whole(part: int, points: list[int]) -> None:
    amounts = sums.of_course(part, points)
    assert 0 <= sum(amounts) <= part
    for amount, share in zip(amounts, points, strict=True):
        assert abs(amount * BASIS_POINTS - part * share) < BASIS_POINTS
        assert share or not amount


@given(net=AMOUNT, courses=st.integers(1, 12))
@hypothesis_settings(max_examples=100, deadline=None)
def test_a_line_is_divided_whole(net: int, courses: int) -> None:
    parts = sums.by_course(net, courses)
    assert sum(parts) == net and max(parts) - min(parts) <= 1


@given(net=AMOUNT, points=st.integers(0, BASIS_POINTS), taken=AMOUNT)
@hypothesis_settings(max_examples=200, deadline=None)
def test_an_affiliate_gets_at_most_what_is_left(net: int, points: int, taken: int) -> None:
    amount = sums.of_affiliate(net, points, taken=taken)
    assert amount >= 0 and (amount == 0 or amount + taken <= net)


@given(earned=AMOUNT, net=st.integers(1, 10**12), steps=st.lists(AMOUNT, max_size=8))
@hypothesis_settings(max_examples=300, deadline=None)
def test_what_is_taken_back_grows_with_what_went_back_to_the_whole(earned: int, net: int, steps: list[int]) -> None:
    taken = [sums.taken_back(earned, net=net, returned=each) for each in (0, *sorted(steps), net)]
    assert taken[0] == 0 and taken[-1] == earned
    assert all(first <= second for first, second in pairwise(taken))


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0712 345 678", "254712345678"), ("+254 (712) 345-678", "254712345678"), ("0112345678", "254112345678"),
        ("712345678", "254712345678"), ("00256772123456", "256772123456"), ("254712345678", "254712345678"),
    ],
)  # fmt: skip
def test_phone_numbers_as_people_write_them(written: str, kept: str) -> None:
    assert PhoneIn(name="Asha", phone=written).phone == kept


@pytest.mark.parametrize("written", ["12345", "0212345678", "25471234567", "2547123456789", "phone", "0712 345 67x"])
def test_no_phone_numbers(written: str) -> None:
    with pytest.raises(ValidationError):
        PhoneIn(name="Asha", phone=written)


def test_what_is_shown_of_where_somebody_is_paid() -> None:
    assert masked(PhoneIn(name="Asha", phone="0712345678")) == "2547•••678"
    assert masked(BankIn.model_validate(BANK["details"])) == "Equity ••••8901"


def test_a_sale_is_shared_once_and_held(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, teacher: Person, course: Made,
    buyer: Person, finance: Headers,
) -> None:  # fmt: skip
    helper = create_person(runtime.database, role=Role.INSTRUCTOR, email="otieno@example.org")
    set_shares(client, finance, course.slug, **{teacher.email: 50, helper.email: 12.5})
    other = create_course(runtime.database, helper)
    paid = sale(buyer, line(1_000_000, courses=[course.id]), line(300_001, courses=[course.id, other.id]))
    tell(runtime.database, buyer.tenant_id, paid, paid)
    drain()
    own = log_in(client, teacher)
    assert balance(client, own) == {"held": 575_001, "due": 0, "under_way": 0, "paid": 0}  # half of 1,000,000 + 150,001
    assert books(runtime.database, teacher) == {"shares": 718_751, "instructor": -575_001}
    with statements(runtime.database) as sent:
        rows = client.get(f"{API}/earnings/lines", headers=own).json()["items"]
    assert len([each for each in sent if "FROM earning" in each]) == 1
    assert [(row["amount"], row["basis"], row["basis_points"]) for row in rows] == [
        (75_001, 150_001, 5000), (500_000, 1_000_000, 5000)
    ]  # fmt: skip
    clock.move(timedelta(days=14))
    assert balance(client, log_in(client, teacher)) == {"held": 0, "due": 575_001, "under_way": 0, "paid": 0}
    assert balance(client, log_in(client, buyer)) == {"held": 0, "due": 0, "under_way": 0, "paid": 0}


def test_refunds_take_back_their_part_and_in_the_end_all(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, teacher: Person, course: Made,
    buyer: Person, finance: Headers,
) -> None:  # fmt: skip
    set_shares(client, finance, course.slug, **{teacher.email: 33.33})
    paid = sale(buyer, line(1_000_000, courses=[course.id]))
    part = refund(paid, (0, 250_000), at=paid.at + timedelta(days=1))
    tell(runtime.database, buyer.tenant_id, part)  # before the sale: it fails, and comes again
    drain()
    tell(runtime.database, buyer.tenant_id, paid)
    drain()
    clock.move(timedelta(minutes=1))
    drain()
    tell(runtime.database, buyer.tenant_id, part)
    drain()
    own = log_in(client, teacher)
    assert balance(client, own) == {"held": 249_975, "due": 0, "under_way": 0, "paid": 0}
    clock.move(timedelta(days=20))
    rest = refund(paid, (0, 750_000), at=clock.now())
    tell(runtime.database, buyer.tenant_id, rest)
    drain()
    assert balance(client, log_in(client, teacher)) == {"held": 0, "due": 0, "under_way": 0, "paid": 0}
    assert books(runtime.database, teacher) == {}


def test_a_new_share_is_for_sales_to_come(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, teacher: Person, course: Made,
    buyer: Person, finance: Headers,
) -> None:  # fmt: skip
    set_shares(client, finance, course.slug, **{teacher.email: 50})
    before = clock.now()
    clock.move(timedelta(minutes=5))
    set_shares(client, finance, course.slug, **{teacher.email: 10})
    for at, number in ((before, "A-1"), (clock.now(), "A-2")):
        tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000, courses=[course.id]), at=at, number=number))
    drain()
    rows = client.get(f"{API}/earnings/lines", headers=log_in(client, teacher)).json()["items"]
    assert {row["sale_number"]: row["amount"] for row in rows} == {"A-1": 500, "A-2": 100}
    history = client.get(f"{API}/finance/revenue/shares/{course.slug}", headers=finance).json()
    assert [(each["basis_points"], each["ends_at"] is None) for each in history] == [(1000, True), (5000, False)]
    set_shares(client, finance, course.slug, **{teacher.email: 10})  # the same again ends nothing
    assert len(client.get(f"{API}/finance/revenue/shares/{course.slug}", headers=finance).json()) == 2


def test_who_sets_shares_and_what_is_refused(
    client: TestClient, runtime: Runtime, teacher: Person, course: Made, finance: Headers
) -> None:
    address = f"{API}/finance/revenue/shares/{course.slug}"

    def put(*shares: tuple[str, int], headers: Headers = finance) -> str:
        given = {"shares": [{"email": email, "basis_points": points} for email, points in shares]}
        answer = client.put(address, json=given, headers=headers)
        return "" if answer.status_code == 200 else str(answer.json()["code"])

    assert put((teacher.email, 5000), headers=log_in(client, teacher)) == "forbidden"
    assert put((teacher.email, 6000), (teacher.email, 4001)) == "shares_too_high"
    assert put(("nobody@example.org", 1)) == "earner_not_found"
    assert put((teacher.email, 10_001)) == "malformed"
    assert client.get(f"{API}/finance/revenue/shares/none", headers=finance).json()["code"] == "course_not_found"
    assert put((teacher.email, 6000), (teacher.email, 4000)) == ""
    with runtime.database.read(system_actor(teacher.tenant_id)) as ctx:
        assert list(ctx.session.execute(select(RevenueShare.basis_points)).scalars()) == [10_000]


def test_the_owner_earns_where_nobody_has_a_share(
    client: TestClient, runtime: Runtime, drain: Drain, teacher: Person, course: Made, buyer: Person, finance: Headers
) -> None:
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000, courses=[course.id])))
    drain()
    assert books(runtime.database, teacher) == {}  # unless the institution says so
    terms = {"hold_days": 0, "owner_share": 4000, "two_above": {"KES": 5}, "smallest": {"KES": 1}}
    assert client.put(f"{API}/finance/revenue/terms", json=terms, headers=finance).json()["owner_share"] == 4000
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000, courses=[course.id]), number="A-2"))
    drain()
    assert balance(client, log_in(client, teacher))["due"] == 400
    assert client.put(f"{API}/finance/revenue/terms", json=terms, headers=log_in(client, teacher)).status_code == 403
    assert client.put(f"{API}/finance/revenue/terms", json={"hold_days": 366}, headers=finance).status_code == 422


def test_an_affiliate_earns_beside_the_instructor(
    client: TestClient, runtime: Runtime, drain: Drain, teacher: Person, course: Made, buyer: Person,
    finance: Headers, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sender = create_person(runtime.database)
    known = {new_id(): (sender, 2000), new_id(): (buyer, 2000)}

    def found(_ctx: ReadCtx, affiliate_id: UUID) -> Affiliate | None:
        who = known.get(affiliate_id)
        return Affiliate(id=affiliate_id, user_id=who[0].id, basis_points=who[1]) if who else None

    monkeypatch.setattr(sharing, "affiliate", found)
    set_shares(client, finance, course.slug, **{teacher.email: 90})
    first, own = known
    paid = sale(buyer, line(1_000, courses=[course.id]), affiliate_id=first)
    tell(runtime.database, buyer.tenant_id, paid)
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000), affiliate_id=own, number="A-2"))  # by themselves
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000), affiliate_id=new_id(), number="A-3"))  # gone
    drain()
    assert balance(client, log_in(client, sender))["held"] == 100  # 200, but the instructor left 100
    assert balance(client, log_in(client, buyer))["held"] == 0
    tell(runtime.database, buyer.tenant_id, refund(paid))
    drain()
    assert balance(client, log_in(client, sender))["held"] == 0


def test_a_statement_as_a_table(
    client: TestClient, runtime: Runtime, drain: Drain, teacher: Person, course: Made, buyer: Person, finance: Headers
) -> None:
    set_shares(client, finance, course.slug, **{teacher.email: 50})
    paid = sale(buyer, line(100_001, courses=[course.id], title="=cmd()"))
    tell(runtime.database, buyer.tenant_id, paid)
    drain()
    tell(runtime.database, buyer.tenant_id, refund(paid, (0, 50_000), at=paid.at + timedelta(days=2)))
    drain()
    own = log_in(client, teacher)
    answer = client.get(f"{API}/earnings/statement", headers=own)
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[1:] == [
        ["2026-01-05", "instructor", "A-1001", "'=cmd()", "50.0", "1000.01", "500.01", "KES"],
        ["2026-01-07", "refund", "A-1001", "'=cmd()", "50.0", "1000.01", "-250.00", "KES"],
    ]
    later = "since=2026-01-06T00:00:00Z&until=2026-02-01T00:00:00Z"
    book = client.get(f"{API}/earnings/statement?form=xlsx&{later}", headers=own)
    sheet = load_workbook(io.BytesIO(book.content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert (len(cells), cells[1][3], float(cells[1][6])) == (2, "'=cmd()", -250.0)
    for wrong in ("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", "since=2026-02-01T00:00:00", "since=x"):
        assert client.get(f"{API}/earnings/statement?{wrong}", headers=own).status_code == 422
    other = client.get(f"{API}/earnings/statement", headers=log_in(client, buyer)).text
    assert len(other.splitlines()) == 1


def test_where_somebody_is_paid_asks_for_a_fresh_proof_and_is_told(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, teacher: Person
) -> None:
    own = log_in(client, teacher)
    address = f"{API}/earnings/payout-details"
    assert client.get(address, headers=own).json()["code"] == "payout_details_missing"
    pay_to(client, own, PHONE)
    kept = client.get(address, headers=own)
    assert kept.json()["shown"] == "2547•••678" and "254712345678" not in kept.text
    drain()
    assert client.get(f"{API}/notifications", headers=own).json()["items"][0]["kind"] == "revenue.details_changed"
    stale = replace(
        actor_of(runtime.database, teacher), session_id=new_id(), proved_at=clock.now() - timedelta(hours=1)
    )
    with pytest.raises(ConfirmFirst), runtime.database.write(stale) as ctx:
        revenue.set_details(ctx, given=DetailsIn.model_validate(BANK))
    assert client.get(address, headers=own).json()["way"] == "phone"
    assert client.delete(address, headers=own).status_code == 204
    assert client.get(address, headers=own).status_code == 404


SHARES = st.lists(st.integers(0, 5000), min_size=1, max_size=2)


@given(net=st.integers(1, 10**9), points=SHARES, backs=st.lists(st.integers(1, 10**9), max_size=4))
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_whatever_goes_back_in_the_end_nobody_keeps_anything(
    runtime: Runtime, course: Made, buyer: Person, net: int, points: list[int], backs: list[int]
) -> None:
    people = [create_person(runtime.database) for _ in points]
    paid = sale(buyer, line(net, courses=[course.id]), number=f"A-{new_id().hex[-6:]}")
    with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:
        for row in ctx.session.execute(select(RevenueShare)).scalars():
            row.ends_at = row.starts_at
            ctx.add(row)
        for person, share in zip(people, points, strict=True):
            ctx.add(RevenueShare(course_id=course.id, user_id=person.id, basis_points=share, starts_at=paid.at))
    left, sent = net, []
    for each in [*backs, net]:
        part = min(each, left)
        if part:
            left -= part
            sent.append(refund(paid, (0, part)))
    with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:
        earned = revenue.for_sale(ctx, paid)
    for each in sent:
        with runtime.database.write(system_actor(buyer.tenant_id)) as ctx:
            earned += revenue.for_refund(ctx, each)
            assert revenue.for_refund(ctx, each) == 0
    assert earned == 0
    for person in people:
        assert books(runtime.database, person) == {}
