"""Documents over HTTP: issued once, printed, mailed, frozen, credited; the seller, eTIMS, VAT, and who sees what."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select

from lms_core.commerce.documents.models import Document, MailState
from lms_core.commerce.documents.schemas import BillingIn, SellerIn
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.mail import Letter, Mail
from lms_core.kit.permissions import Role
from tests.factories.courses import statements
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.commerce.sales import line, refund, sale, tell, text_of
from workers.runtime import Runtime

API = "/api/v1"
Headers = dict[str, str]
Drain = Callable[[], int]
Mailbox = Callable[[], list[EmailMessage]]
SELLER = {
    "legal_name": "Shule ya Maji Ltd",
    "address": "Moi Avenue 1\nNairobi",
    "pin": "p051234567x",
    "vat_registered": True,
}


@pytest.fixture
def buyer(runtime: Runtime) -> Person:
    return create_person(runtime.database, full_name="Amina Wanjiru")


@pytest.fixture
def finance(runtime: Runtime, client: TestClient) -> Headers:
    return log_in(client, create_person(runtime.database, role=Role.ADMIN))


def papers(client: TestClient, headers: Headers) -> list[dict[str, Any]]:
    """Somebody's documents, oldest first."""
    answer = client.get(f"{API}/invoices", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


def printed(client: TestClient, headers: Headers, document_id: str) -> str:
    """The words of a document's PDF."""
    answer = client.get(f"{API}/invoices/{document_id}/document", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    return text_of(answer.content)


def test_a_paid_order_has_an_invoice_and_a_receipt(
    client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox, buyer: Person, finance: Headers
) -> None:
    assert client.put(f"{API}/finance/seller", json=SELLER, headers=finance).status_code == 200
    own = log_in(client, buyer)
    details = {"name": "Wanjiru Traders", "address": "Box 12\nThika", "pin": "A 001234567 B"}
    assert client.put(f"{API}/billing-details", json=details, headers=own).json()["pin"] == "A001234567B"
    paid = sale(buyer, line(100_000, title="Joto na maji"), line(50_000, rate=0, title="Exempt reader", quantity=2))
    tell(runtime.database, buyer.tenant_id, paid, paid)  # told twice, as may happen
    drain()
    invoice, receipt = papers(client, own)
    assert [each["number"] for each in (invoice, receipt)] == ["INV-2026-000001", "RCP-2026-000001"]
    assert (invoice["net"], invoice["tax"], invoice["total"], invoice["ready"]) == (150_000, 16_000, 166_000, True)
    text = printed(client, own, invoice["id"])
    for said in (
        "Tax invoice", "INV-2026-000001", "Shule ya Maji Ltd", "PIN: P051234567X", "Wanjiru Traders", "A001234567B",
        "Joto na maji", "Exempt reader", "KES 1,660.00", "VAT 16 % on KES 1,000.00", "Not subject to VAT: KES 500.00",
        "2026-01-05 11:00",  # in Nairobi
    ):  # fmt: skip
        assert said in text, said
    assert "Receipt" in printed(client, own, receipt["id"])
    [letter] = mailbox()
    files = [part.get_filename() for part in letter.iter_attachments()]
    assert (letter["to"], files) == (buyer.email, ["INV-2026-000001.pdf", "RCP-2026-000001.pdf"])
    attached = next(letter.iter_attachments()).get_content()
    assert attached == client.get(f"{API}/invoices/{invoice['id']}/document", headers=own).content
    whole = client.get(f"{API}/invoices/{invoice['id']}", headers=own).json()
    assert whole["taxes"] == [{"rate": 0, "net": 50_000, "tax": 0}, {"rate": 1600, "net": 100_000, "tax": 16_000}]
    assert whole["mail_state"] == "sent" and whole["control"]["state"] == "none"
    notices = client.get(f"{API}/notifications", headers=own).json()["items"]
    assert [each["path"] for each in notices] == [f"/invoices/{invoice['id']}"]


def test_what_is_issued_never_changes(
    client: TestClient, runtime: Runtime, drain: Drain, buyer: Person, finance: Headers
) -> None:
    client.put(f"{API}/finance/seller", json=SELLER, headers=finance)
    paid = sale(buyer, line(100_000))
    tell(runtime.database, buyer.tenant_id, paid)
    drain()
    own = log_in(client, buyer)
    before = client.get(f"{API}/invoices/{papers(client, own)[0]['id']}", headers=own).json()
    client.put(f"{API}/finance/seller", json={**SELLER, "legal_name": "Another name"}, headers=finance)
    client.put(f"{API}/billing-details", json={"name": "Somebody else"}, headers=own)
    assert client.get(f"{API}/invoices/{before['id']}", headers=own).json() == before
    tell(runtime.database, buyer.tenant_id, refund(paid))
    drain()
    note = papers(client, own)[-1]
    text = printed(client, own, note["id"])
    assert "Another name" in text and "Amina Wanjiru" in text  # credited by who sells now, to who was invoiced


def test_money_that_goes_back_is_credited_line_by_line(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, buyer: Person
) -> None:
    paid = sale(buyer, line(100_000, title="Whole", quantity=4), line(50_000, title="Part"))
    back = refund(paid, (0, 100_000), (1, 20_000))
    tell(runtime.database, buyer.tenant_id, back)
    drain()  # before its payment: it fails, and comes again
    tell(runtime.database, buyer.tenant_id, paid)
    drain()
    own = log_in(client, buyer)
    assert [each["kind"] for each in papers(client, own)] == ["invoice", "receipt"]
    clock.move(timedelta(minutes=1))
    drain()
    tell(runtime.database, buyer.tenant_id, back)
    drain()
    own = log_in(client, buyer)
    invoice, _, note = papers(client, own)
    assert (note["number"], note["net"], note["tax"]) == ("CRN-2026-000001", 120_000, 19_200)
    whole = client.get(f"{API}/invoices/{note['id']}", headers=own).json()
    assert [(each["title"], each["quantity"], each["net"]) for each in whole["content"]["lines"]] == [
        ("Whole", 4, 100_000), ("Part", 1, 20_000)
    ]  # fmt: skip
    assert whole["corrects_id"] == invoice["id"]
    assert client.get(f"{API}/invoices/{invoice['id']}", headers=own).json()["corrected_by"] == [note["id"]]
    assert f"Corrects invoice {invoice['number']}" in printed(client, own, note["id"])


def test_a_free_order_has_no_documents(client: TestClient, runtime: Runtime, drain: Drain, buyer: Person) -> None:
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(0)))
    drain()
    assert papers(client, log_in(client, buyer)) == []


def test_numbers_begin_anew_with_the_sellers_year(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, buyer: Person
) -> None:
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100), number="A-1"), sale(buyer, line(100), number="A-2"))
    drain()
    clock.move(timedelta(days=360, hours=13, minutes=30))  # 2026-12-31 21:30 UTC is the new year in Nairobi
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100), number="A-3"))
    drain()
    numbers = [each["number"] for each in papers(client, log_in(client, buyer)) if each["kind"] == "invoice"]
    assert numbers == ["INV-2026-000001", "INV-2026-000002", "INV-2027-000001"]


def test_in_the_buyers_language(client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox) -> None:
    buyer = create_person(runtime.database, language="sw", full_name="Zawadi")
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100_000)))
    drain()
    own = log_in(client, buyer)
    text = printed(client, own, papers(client, own)[0]["id"])
    assert "Ankara" in text and "Jumla" in text and "Invoice" not in text
    subjects = [each["subject"] for each in mailbox()]
    assert subjects == ["Ankara yako INV-2026-000001 kutoka Mwalimu"]


def test_others_see_nothing(
    client: TestClient, runtime: Runtime, drain: Drain, buyer: Person, finance: Headers
) -> None:
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100_000)))
    drain()
    document = papers(client, log_in(client, buyer))[0]["id"]
    other = log_in(client, create_person(runtime.database))
    for path in (f"/invoices/{document}", f"/invoices/{document}/document"):
        assert client.get(API + path).status_code == 401
        assert client.get(API + path, headers=other).json()["code"] == "document_not_found"
        assert client.get(API + path, headers=finance).status_code == 200
    assert papers(client, other) == []
    for path in ("/documents", "/documents.csv?month=2026-01", "/vat?month=2026-01", "/seller"):
        assert client.get(f"{API}/finance{path}", headers=other).status_code == 403
        assert client.get(f"{API}/finance{path}", headers=finance).status_code == 200
    assert client.put(f"{API}/finance/seller", json=SELLER, headers=other).status_code == 403
    unit = {"number": "KRA/1", "serial": "KRACU01"}
    assert client.put(f"{API}/finance/documents/{document}/control-unit", json=unit, headers=other).status_code == 403


def test_a_document_waits_for_its_control_unit(
    client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox, buyer: Person, finance: Headers
) -> None:
    client.put(f"{API}/finance/seller", json={**SELLER, "etims": True}, headers=finance)
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100_000)))
    drain()
    found = client.get(f"{API}/finance/documents?waiting=true", headers=finance).json()["items"]
    assert [each["kind"] for each in found] == ["invoice"]
    address = f"{API}/finance/documents/{found[0]['id']}/control-unit"
    assert "Not transmitted yet" in printed(client, finance, found[0]["id"])
    receipt = papers(client, log_in(client, buyer))[1]["id"]
    unit = {"number": "KRACU0100000001/42", "serial": "KRACU0100000001", "url": "https://itax.kra.go.ke/x?invoiceNo=42"}
    refused = client.put(f"{API}/finance/documents/{receipt}/control-unit", json=unit, headers=finance)
    assert (refused.status_code, refused.json()["code"]) == (409, "control_unit_not_used")
    assert client.put(address, json={**unit, "url": "javascript:alert(1)"}, headers=finance).status_code == 422
    kept = client.put(address, json=unit, headers=finance).json()
    assert (kept["control_state"], kept["ready"]) == ("sent", False)
    early = client.get(f"{API}/invoices/{found[0]['id']}/document", headers=finance)
    assert (early.status_code, early.json()["code"]) == (409, "document_prepared")
    drain()
    text = printed(client, finance, found[0]["id"])
    assert "KRACU0100000001/42" in text and "Not transmitted yet" not in text
    assert [len(list(each.iter_attachments())) for each in mailbox()] == [2, 1]


def test_the_vat_of_a_month(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, buyer: Person, finance: Headers
) -> None:
    first, second = sale(buyer, line(100_000), number="=A1"), sale(buyer, line(30_000, rate=0), number="A2")
    tell(runtime.database, buyer.tenant_id, first, second)
    drain()
    tell(runtime.database, buyer.tenant_id, refund(first, (0, 40_000)))
    drain()
    clock.move(timedelta(days=40))
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(1_000), number="A3"))
    drain()
    finance = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    with statements(runtime.database) as sent:
        report = client.get(f"{API}/finance/vat?month=2026-01", headers=finance).json()
    assert len([each for each in sent if "document" in each]) == 1
    rated, free = sorted(report["lines"], key=lambda each: -each["rate"])
    assert (rated["invoices"], rated["net"], rated["tax"], rated["credited_net"], rated["credited_tax"]) == (
        1, 100_000, 16_000, 40_000, 6_400
    )  # fmt: skip
    assert (free["rate"], free["invoices"], free["tax"]) == (0, 1, 0)
    text = client.get(f"{API}/finance/documents.csv?month=2026-01", headers=finance).text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert [(row["Kind"], row["Total"]) for row in rows] == [
        ("invoice", "1160.00"), ("receipt", "1160.00"), ("invoice", "300.00"), ("receipt", "300.00"),
        ("credit_note", "-464.00"),
    ]  # fmt: skip
    assert rows[0]["Order"] == "'=A1"  # no formula
    for month in ("2026-13", "x", "0000-01", "9999-12"):
        assert client.get(f"{API}/finance/vat?month={month}", headers=finance).status_code == 422


def test_lists_are_paged_with_one_statement(
    client: TestClient, runtime: Runtime, drain: Drain, buyer: Person, finance: Headers
) -> None:
    tell(runtime.database, buyer.tenant_id, *(sale(buyer, line(100), number=f"A-{n}") for n in range(3)))
    drain()
    own, seen, cursor, counts = log_in(client, buyer), [], "", set()
    while cursor is not None:
        with statements(runtime.database) as sent:
            answer = client.get(f"{API}/invoices?limit=4&cursor={cursor}", headers=own).json()
        counts.add(len([each for each in sent if "FROM document" in each]))
        seen += [each["number"] for each in answer["items"]]
        cursor = answer["next_cursor"]
    assert len(set(seen)) == 6 and counts == {1}
    assert client.get(f"{API}/invoices?cursor=nonsense", headers=own).status_code == 422
    found = client.get(f"{API}/finance/documents?q=a-2&kind=receipt", headers=finance).json()["items"]
    assert [each["order_number"] for each in found] == ["A-2"]


def test_letters_go_to_confirmed_addresses_and_wait_for_the_server(
    client: TestClient, runtime: Runtime, drain: Drain, clock: MovingClock, buyer: Person, finance: Headers
) -> None:
    sent: list[Letter] = []

    class Away:
        away = True

        def send(self, letter: Letter) -> None:
            if self.away:
                raise OSError("no route to the server")
            sent.append(letter)

    server = Away()
    runtime.resources.put(Mail, server)  # type: ignore[type-abstract]
    nobody = create_person(runtime.database, verified=False)
    tell(runtime.database, buyer.tenant_id, sale(nobody, line(100), number="N"), sale(buyer, line(100), number="B"))
    drain()

    def states() -> set[tuple[str, MailState]]:
        with runtime.database.read(system_actor(buyer.tenant_id)) as ctx:
            rows = ctx.session.execute(select(Document.order_number, Document.mail_state))
            return {(row[0], MailState(row[1])) for row in rows}

    assert states() == {("N", MailState.SKIPPED), ("B", MailState.QUEUED)}
    server.away = False
    clock.move(timedelta(minutes=20))
    drain()
    assert states() == {("N", MailState.SKIPPED), ("B", MailState.SENT)}
    assert [(each.to, len(each.attachments)) for each in sent if each.attachments] == [(buyer.email, 2)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("p051234567x", "P051234567X"), (" A 001234567 Z ", "A001234567Z"), ("", ""), ("GB-123456789", "GB-123456789")],
)
def test_tax_numbers_are_taken(written: str, kept: str) -> None:
    assert BillingIn(pin=written).pin == kept


@pytest.mark.parametrize("written", ["P0512345678", "A123456789", "P05123456XX", "x", "P051234567\u0000X", "ab c$d"])
def test_mistyped_tax_numbers_are_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        BillingIn(pin=written)


@given(st.text(max_size=40))
@hypothesis_settings(max_examples=200, deadline=None)
def test_whatever_is_taken_for_a_tax_number_can_be_printed(written: str) -> None:
    try:
        kept = BillingIn(pin=written).pin
    except ValidationError:
        return
    assert kept == "" or (kept.isascii() and kept.isprintable() and kept == kept.upper() and " " not in kept)


def test_who_charges_vat_has_a_number() -> None:
    with pytest.raises(ValidationError):
        SellerIn(legal_name="Shule", vat_registered=True)
    with pytest.raises(ValidationError):
        SellerIn(legal_name="Shule", time_zone="Mars/Olympus")


def test_the_pages_of_documents(client: TestClient, runtime: Runtime, drain: Drain, buyer: Person) -> None:
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(100_000, title="Joto <b>na</b> maji")))
    drain()
    client.post("/login", data=buyer.login)
    listed = client.get("/invoices").text
    assert "INV-2026-000001" in listed and "KES 1,160.00" in listed
    token = {"csrf_token": listed.split('name="csrf-token" content="')[1].split('"')[0]}
    wrong = client.post("/invoices/details", data={**token, "pin": "P1234567"})
    assert wrong.status_code == 422 and "P051234567X" in wrong.text
    assert client.post("/invoices/details", data={**token, "name": "Traders"}).status_code == 200
    address = "/invoices/" + listed.split('href="/invoices/')[1].split('"')[0]
    assert "Joto &lt;b&gt;na" in client.get(address).text
    assert client.get(f"{address}/document").headers["content-type"] == "application/pdf"
    assert client.get("/finance/documents").status_code == 403

    admin = create_person(runtime.database, role=Role.ADMIN)
    client.cookies.clear()
    client.post("/login", data=admin.login)
    found = client.get("/finance/documents?month=2026-01&q=INV").text
    token = {"csrf_token": found.split('name="csrf-token" content="')[1].split('"')[0]}
    assert "KES 160.00" in found and "Say who sells" in found
    seller = {**token, **SELLER, "vat_registered": "yes", "etims": "yes"}
    assert client.post("/finance/documents/seller", data={**seller, "pin": "P1"}).status_code == 422
    assert client.post("/finance/documents/seller", data=seller).status_code == 200
    assert "Say who sells" not in client.get("/finance/documents").text
    assert client.post(f"/finance/documents/{address[10:]}/mail", data=token).status_code == 200
    tell(runtime.database, buyer.tenant_id, sale(buyer, line(500), number="A-2"))
    drain()
    waiting = client.get("/finance/documents?waiting=yes").text
    second = waiting.split('href="/invoices/')[1].split('"')[0]
    unit = {**token, "number": "KRA1/7", "serial": "KRA1"}
    assert client.post(f"/finance/documents/{second}/control-unit", data={**unit, "number": "?"}).status_code == 422
    assert "KRA1/7" in client.post(f"/finance/documents/{second}/control-unit", data=unit).text
