"""The books over HTTP: who reads them, statements page by page, tables for spreadsheets, pages without scripts."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from lms_core.commerce.ledger import service as ledger
from lms_core.commerce.ledger.service import AccountKind, exporting
from lms_core.commerce.ledger.service.figures import months_before
from lms_core.identity.access import custom
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput
from lms_core.kit.clock import MovingClock
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Permission, Role
from tests.conftest import START
from tests.factories.courses import statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.lms_core.commerce.books import TILL, USD, line, put, received, shared, sold, writing
from workers.runtime import Runtime

BOOKS = "/api/v1/finance/ledger"
Headers = dict[str, str]


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN)


@pytest.fixture
def reading(client: TestClient, admin: Person) -> Headers:
    return log_in(client, admin)


def browse(client: TestClient, person: Person) -> dict[str, str]:
    """Log in as a browser does; gives the token that forms carry."""
    client.cookies.clear()
    client.post("/login", data={"email": person.email, "password": person.password})
    return {"csrf_token": client.get("/grades").text.split('name="csrf-token" content="')[1].split('"')[0]}


def till_of(client: TestClient, reading: Headers) -> str:
    """The id of the account at the provider."""
    (found,) = client.get(f"{BOOKS}/accounts?kind=clearing&currency=KES", headers=reading).json()["items"]
    return str(found["id"])


def test_a_statement_goes_on_page_by_page_from_what_was_held_before(
    client: TestClient, runtime: Runtime, clock: MovingClock, admin: Person
) -> None:
    for amount in range(1, 8):
        put(runtime.database, received(amount * 100))
        clock.move(timedelta(days=1))
    reading = log_in(client, admin)  # days later: a login before would be over
    till = till_of(client, reading)
    times = {"since": (START + timedelta(days=2)).isoformat(), "until": (START + timedelta(days=6)).isoformat()}
    seen: list[tuple[int, int]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {**times, "limit": "3", "cursor": cursor}
        page = client.get(f"{BOOKS}/accounts/{till}/statement", params=asked, headers=reading).json()
        assert (page["opening"], page["closing"], page["debit"], page["credit"]) == (300, 2100, 1800, 0)
        seen += [(each["amount"], each["balance"]) for each in page["lines"]["items"]]
        cursor = page["lines"]["next_cursor"]
    assert seen == [(300, 600), (400, 1000), (500, 1500), (600, 2100)]


def test_reading_takes_few_statements_however_much_there_is(runtime: Runtime, admin: Person) -> None:
    counts = []
    for more in (3, 30):
        for _ in range(more):
            put(runtime.database, received(500))
        with runtime.database.read(actor_of(runtime.database, admin)) as ctx:
            (till,) = ledger.balances(ctx, kind=AccountKind.CLEARING)
            with statements(runtime.database) as sent:
                ledger.access_accounts(ctx)
                ledger.access_transactions(ctx)
                ledger.access_trial_balance(ctx)
                ledger.access_statement(ctx, till.id, since=START)
                ledger.access_figures(ctx, zone=ZoneInfo("Africa/Nairobi"))
            counts.append(len(sent))
    assert counts == [11, 11]


def test_a_trial_balance_is_of_its_moment(
    client: TestClient, runtime: Runtime, clock: MovingClock, admin: Person
) -> None:
    put(runtime.database, received(11600))
    clock.move(timedelta(days=1))
    put(runtime.database, sold(11600))
    put(runtime.database, shared(10000, owner=str(new_id())))
    put(runtime.database, shared(5000, owner=str(new_id())))
    reading = log_in(client, admin)
    then = client.get(f"{BOOKS}/trial-balance", params={"at": START.isoformat()}, headers=reading).json()
    assert [(each["kind"], each["debit_balance"], each["credit_balance"]) for each in then["lines"]] == [
        ("clearing", 11600, 0), ("receipts", 0, 11600)
    ]  # fmt: skip
    now = client.get(f"{BOOKS}/trial-balance", headers=reading).json()
    assert {each["kind"]: (each["accounts"], each["credit_balance"]) for each in now["lines"]} == {
        "clearing": (1, 0), "receipts": (1, 0), "revenue": (1, 10000), "vat": (1, 1600), "instructor": (2, 10500),
        "shares": (1, 0),
    }  # fmt: skip
    assert now["totals"] == [{"currency": "KES", "debit_balance": 22100, "credit_balance": 22100}]


def test_transactions_are_listed_newest_first_and_chosen_by_kind_and_time(
    client: TestClient, runtime: Runtime, clock: MovingClock, admin: Person
) -> None:
    for kind in ("payments.settled", "payments.fee", "payments.settled"):
        put(runtime.database, received(100), kind=kind)
        clock.move(timedelta(hours=1))

    reading = log_in(client, admin)

    def kinds(**asked: str) -> list[str]:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = client.get(
                f"{BOOKS}/transactions", params={**asked, "cursor": cursor, "limit": "1"}, headers=reading
            )
            found += [each["kind"].split(".")[1] for each in page.json()["items"]]
            cursor = page.json()["next_cursor"]
        return found

    assert kinds() == ["settled", "fee", "settled"]
    assert kinds(kind="payments.fee") == ["fee"]
    assert kinds(since=(START + timedelta(hours=1)).isoformat()) == ["settled", "fee"]
    assert kinds(until=(START + timedelta(hours=1)).isoformat()) == ["settled"]


def test_the_books_are_for_who_holds_the_right(client: TestClient, runtime: Runtime, admin: Person) -> None:
    put(runtime.database, received(100))
    paths = [
        *(f"{BOOKS}/{each}" for each in ("figures", "accounts", "transactions", "trial-balance", "check")),
        *(f"{BOOKS}/{each}/file" for each in ("transactions", "trial-balance")),
    ]
    learner = create_person(runtime.database)
    for path in paths:
        assert client.get(path).status_code == 401, path
        assert client.get(path, headers=log_in(client, learner)).status_code == 403, path
        assert client.get(path, headers=log_in(client, admin)).status_code == 200, path
    reader = create_person(runtime.database)
    with runtime.database.write(actor_of(runtime.database, admin)) as ctx:
        role = custom.make(ctx, role=CustomRoleInput(name="Books", permissions={Permission.FINANCE_READ}))
        custom.grant(ctx, role_id=role.id, given=CustomRoleGrantView(user_id=reader.id))
    headers = log_in(client, reader)
    assert client.get(paths[0], headers=headers).status_code == 200
    assert client.post(f"{BOOKS}/check", headers=headers).status_code == 403
    assert client.post(f"{BOOKS}/check", headers=log_in(client, admin)).status_code == 202


@pytest.mark.parametrize(
    "asked",
    [
        "accounts?kind=gold", "accounts?cursor=x", "transactions?cursor=WyJhIiwgImIiXQ", "transactions?since=yesterday",
        "transactions?since=2026-01-05T08:00:00", "transactions?until=9999-12-31T23:59:59-14:00", "figures?zone=Moon",
    ],
)  # fmt: skip
def test_bad_input_is_refused(client: TestClient, reading: Headers, asked: str) -> None:
    assert client.get(f"{BOOKS}/{asked}", headers=reading).status_code == 422


def test_unknown_accounts_and_transactions_are_not_found(client: TestClient, reading: Headers) -> None:
    for path in (f"accounts/{new_id()}", f"accounts/{new_id()}/statement", f"transactions/{new_id()}"):
        assert client.get(f"{BOOKS}/{path}", headers=reading).status_code == 404


def test_tables_hold_exact_amounts_and_no_formulas(
    client: TestClient, runtime: Runtime, reading: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(runtime.database) as ctx:
        ledger.post(
            ctx, key="k", kind="test", subject=("payment", new_id()), description="=1+1",
            lines=[*received(150050), *received(-300, currency=USD)],
        )  # fmt: skip
    till = till_of(client, reading)
    text = client.get(f"{BOOKS}/accounts/{till}/statement/file", headers=reading)
    assert text.headers["content-disposition"] == 'attachment; filename="statement.csv"'
    (row,) = csv.DictReader(io.StringIO(text.content.decode("utf-8-sig")))
    assert (row["Description"], row["Debit"], row["Credit"], row["Balance"]) == ("'=1+1", "1500.50", "", "1500.50")
    book = load_workbook(io.BytesIO(client.get(f"{BOOKS}/transactions/file?form=xlsx", headers=reading).content))
    head, *rows = book.active.iter_rows(values_only=True)
    found = [dict(zip(head, each, strict=True)) for each in rows]
    assert sorted((each["Account"], each["Currency"], each["Debit"] or 0, each["Credit"] or 0) for each in found) == [
        ("clearing", "KES", 1500.5, 0), ("clearing", "USD", 0, 3), ("receipts", "KES", 0, 1500.5),
        ("receipts", "USD", 3, 0),
    ]  # fmt: skip
    assert {each["Description"] for each in found} == {"'=1+1"}
    trial = client.get(f"{BOOKS}/trial-balance/file", headers=reading).content.decode("utf-8-sig")
    assert "clearing,asset,KES,1,1500.50,0.00,1500.50,0.00" in trial.splitlines()
    monkeypatch.setattr(exporting, "MOST_ENTRIES", 3)
    refusal = client.get(f"{BOOKS}/transactions/file", headers=reading)
    assert (refusal.status_code, refusal.json()["code"]) == (413, "ledger_too_many_entries")


def test_figures_know_months_in_the_readers_zone(
    client: TestClient, runtime: Runtime, clock: MovingClock, reading: Headers
) -> None:
    clock.move(timedelta(days=25, hours=14))  # 30 January, 22:00 UTC: still January everywhere
    put(runtime.database, sold(11600))
    clock.move(timedelta(days=1))  # 31 January, 22:00 UTC: February in Nairobi
    put(runtime.database, sold(23200))
    put(
        runtime.database,
        [line(AccountKind.REFUNDS, 1000), line(AccountKind.VAT, 160), line(AccountKind.RECEIPTS, -1160)],
    )
    put(runtime.database, received(34800))
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    told = client.get(f"{BOOKS}/figures", headers=headers).json()
    assert len(told["months"]) == 12
    assert told["months"][-2:] == [
        {"month": "2026-01", "currency": "KES", "revenue": 10000, "refunds": 0, "tax": 1600},
        {"month": "2026-02", "currency": "KES", "revenue": 20000, "refunds": 1000, "tax": 3040},
    ]
    utc = client.get(f"{BOOKS}/figures?zone=UTC", headers=headers).json()
    assert [each["revenue"] for each in utc["months"]][-2:] == [0, 30000]
    assert told["providers"] == [{"owner": TILL, "currency": "KES", "received": 34800, "sent": 0}]


def test_months_go_back_over_the_turn_of_the_year() -> None:
    begins = months_before(START, 3)
    assert [each.strftime("%Y-%m-%d %H:%M") for each in begins] == [
        "2025-11-01 00:00", "2025-12-01 00:00", "2026-01-01 00:00"
    ]  # fmt: skip


def test_the_pages_without_scripts(client: TestClient, runtime: Runtime, admin: Person) -> None:
    token = browse(client, admin)
    assert "No money has moved yet" in client.get("/finance").text
    asha = create_person(runtime.database, full_name="Asha Otieno")
    transaction = put(runtime.database, received(123400))
    put(runtime.database, sold(116000))
    put(runtime.database, shared(100000, owner=str(asha.id)))
    seen = client.get("/finance").text
    assert "KES 1,000.00" in seen and "<svg" in seen and 'href="/finance"' in seen
    listed = client.get("/finance/ledger").text
    assert "Owed to instructors: Asha Otieno" in listed and "KES 700.00" in listed
    assert "Asha" not in client.get("/finance/ledger?kind=vat").text
    with runtime.database.read(actor_of(runtime.database, admin)) as ctx:
        account_id: UUID = ledger.balances(ctx, kind=AccountKind.CLEARING)[0].id
    assert "KES 1,234.00" in client.get(f"/finance/ledger/accounts/{account_id}?since=2026-01-01").text
    assert "KES 1,234.00" in client.get(f"/finance/ledger/transactions/{transaction}").text
    assert "A payment" in client.get("/finance/ledger/transactions?since=2026-01-05&until=2026-01-05").text
    assert "No transactions here" in client.get("/finance/ledger/transactions?until=2026-01-04").text
    assert "KES 1,934.00" in client.get("/finance/ledger/trial-balance?at=2026-01-05").text
    for odd in ("since=9999-12-31", "since=0001-01-01", "until=9999-12-31", "since=x"):
        assert client.get(f"/finance/ledger/transactions?{odd}").status_code == 200
    asked = client.post("/finance/ledger/check", data=token, follow_redirects=False)
    assert asked.headers["location"] == "/finance/ledger/check"
    client.cookies.set("mwalimu_language", "sw")
    assert "Leja" in client.get("/finance/ledger").text


def test_the_pages_are_closed_to_others_and_few_statements(
    client: TestClient, runtime: Runtime, admin: Person, drain: Callable[[], int]
) -> None:
    put(runtime.database, received(100))
    learner = create_person(runtime.database)
    browse(client, learner)
    pages = ("/finance", *(f"/finance/ledger{each}" for each in ("", "/transactions", "/trial-balance", "/check")))
    assert [client.get(page).status_code for page in pages] == [403] * 5
    assert ">Finance<" not in client.get("/").text
    browse(client, admin)
    assert ">Finance<" in client.get("/").text
    counts = []
    for more in (1, 20):
        for _ in range(more):
            put(runtime.database, received(100, till=str(new_id())))
            put(runtime.database, shared(100, owner=str(create_person(runtime.database).id)))
        counts.append([])
        for page in pages:
            client.get(page)
            with statements(runtime.database) as sent:
                assert client.get(page).status_code == 200
            counts[-1].append(len(sent))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 20, counts
    assert max(counts[0][1:]) <= 10, counts
