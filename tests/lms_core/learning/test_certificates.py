"""Certificates from completing to verifying: rule, hand, bulk, revoke, expiry, renewal, and who may what."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select

from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from lms_core.kit.running import plan_scheduled
from lms_core.learning.certificates.models import Certificate
from tests.factories.assessments import enrol
from tests.factories.courses import Made, statements
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.lms_core.learning.certifying import API, Headers, complete, earn, earned, turn_on
from workers.runtime import Runtime

Drain = Callable[[], int]


def test_completing_a_course_earns_a_signed_certificate(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made, learner: Person
) -> None:
    turn_on(client, teaching, course, title="Diploma", language="sw", page="Letter", signer_name="Daudi")
    complete(client, headers, course)
    drain()
    found = earned(client, headers)
    assert [(each["recipient_name"], each["course_title"], each["standing"]) for each in found] == [
        ("Amina Wanjiru", "Heat and water", "valid")
    ]
    assert found[0]["linkedin_url"].startswith("https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME")
    code = found[0]["code"]
    seen = client.get(f"{API}/verify/{code}").json()
    assert (seen["status"], seen["recipient_name"], seen["issuer"]) == ("valid", "Amina Wanjiru", "Mwalimu")
    pdf = client.get(f"{API}/verify/{code}/document")
    assert pdf.headers["content-type"] == "application/pdf"
    assert _page_size(pdf.content) == (792, 612)
    reader = PdfFileReader(BytesIO(pdf.content))
    assert reader.embedded_signatures[0].sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert b"/FontFile2" in pdf.content
    assert learner.email not in pdf.content.decode("latin-1")


def _page_size(pdf: bytes) -> tuple[int, int]:
    """Width and height of the first page in points."""
    box = PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Kids"][0].get_object()["/MediaBox"]
    return round(float(box[2])), round(float(box[3]))


def test_the_rule_is_off_until_an_instructor_turns_it_on(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    complete(client, headers, course)
    drain()
    assert earned(client, headers) == []
    turn_on(client, teaching, course)
    made = client.post(f"{API}/courses/{course.slug}/certificates", headers=teaching, json={"all_completed": True})
    assert made.status_code == 201
    assert made.json() == {"issued": 1, "already": 0, "unknown": []}
    again = client.post(f"{API}/courses/{course.slug}/certificates", headers=teaching, json={"all_completed": True})
    assert again.json()["issued"] == 0
    drain()
    assert [each["ready"] for each in earned(client, headers)] == [True]


def test_by_hand_only_for_people_of_the_course(
    client: TestClient, runtime: Runtime, drain: Drain, teaching: Headers, course: Made, learner: Person
) -> None:
    stranger = create_person(runtime.database)
    given = {"emails": [learner.email, learner.email.upper(), stranger.email, "nobody@example.org", "no address"]}
    made = client.post(f"{API}/courses/{course.slug}/certificates", headers=teaching, json=given).json()
    assert made["issued"] == 1
    assert sorted(made["unknown"]) == sorted([stranger.email, "nobody@example.org", "no address"])
    again = client.post(f"{API}/courses/{course.slug}/certificates", headers=teaching, json=given).json()
    assert (again["issued"], again["already"]) == (0, 1)


def test_completing_again_and_running_a_job_again_changes_nothing(
    client: TestClient, runtime: Runtime, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    first = earn(client, drain, teaching, headers, course)
    document = client.get(f"{API}/verify/{first['code']}/document").content
    client.delete(f"{API}/lessons/{course.lessons[0]}/complete", headers=headers)
    complete(client, headers, course)
    drain()
    assert earned(client, headers) == [first]
    with runtime.database.write(system_actor(runtime.console.tenant_id)) as ctx:  # type: ignore[union-attr]
        ctx.enqueue("certificates.prepare", certificate_ids=[first["id"]])
    drain()
    assert client.get(f"{API}/verify/{first['code']}/document").content == document


def test_revoking_shows_the_reason_and_reaches_the_status_list(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    found = earn(client, drain, teaching, headers, course)
    address = f"{API}/certificates/{found['id']}/revoke"
    assert client.post(address, headers=headers, json={"reason": "My own idea"}).status_code == 404
    assert client.post(address, headers=teaching, json={"reason": ""}).status_code == 422
    assert client.post(address, headers=teaching, json={"reason": "Plagiarism"}).status_code == 200
    assert client.post(address, headers=teaching, json={"reason": "Again"}).json()["code"] == "certificate_revoked"
    seen = client.get(f"{API}/verify/{found['code']}").json()
    assert (seen["status"], seen["revoke_reason"]) == ("revoked", "Plagiarism")
    complete(client, headers, course)
    client.delete(f"{API}/lessons/{course.lessons[0]}/complete", headers=headers)
    complete(client, headers, course)
    drain()
    assert len(earned(client, headers)) == 1, "what was revoked comes back by hand only"


def test_expiry_reminder_and_renewal(
    client: TestClient,
    runtime: Runtime,
    drain: Drain,
    teaching: Headers,
    headers: Headers,
    course: Made,
    clock: MovingClock,
    instructor: Person,
) -> None:
    found = earn(client, drain, teaching, headers, course, valid_months=12, remind_days=30)
    assert _reminded(runtime, found["id"]) is None
    clock.move(timedelta(days=340))
    plan_scheduled(runtime.database)
    drain()
    assert _reminded(runtime, found["id"]) is not None
    teaching = log_in(client, instructor)
    renewed = client.post(f"{API}/certificates/{found['id']}/renew", headers=teaching)
    assert renewed.status_code == 201, renewed.text
    drain()
    clock.move(timedelta(days=60))
    assert client.get(f"{API}/verify/{found['code']}").json()["status"] == "expired"
    assert client.get(f"{API}/verify/{renewed.json()['code']}").json()["status"] == "valid"


def _reminded(runtime: Runtime, certificate_id: str) -> datetime | None:
    with runtime.database.read(system_actor()) as ctx:
        wanted = select(Certificate.reminded_at).where(Certificate.id == UUID(certificate_id))
        return ctx.session.execute(wanted).scalar_one()


def test_outsiders_find_nothing(
    client: TestClient, runtime: Runtime, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    found = earn(client, drain, teaching, headers, course)
    other = log_in(client, create_person(runtime.database, role=Role.INSTRUCTOR))
    reason = {"reason": "None of my business"}
    assert client.post(f"{API}/certificates/{found['id']}/revoke", headers=other, json=reason).status_code == 404
    assert client.post(f"{API}/certificates/{found['id']}/renew", headers=headers).status_code == 404
    for path in ("certificates", "certificates/figures", "certificate-template"):
        assert client.get(f"{API}/courses/{course.slug}/{path}", headers=headers).status_code == 403
    assert client.get(f"{API}/certificate-template", headers=other).status_code == 403
    assert earned(client, other) == []
    create_tenant(runtime.database, host="elsewhere.example")
    elsewhere = client.get(f"{API}/verify/{found['code']}", headers={"Host": "elsewhere.example"})
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("code", ["x", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "%00", "../../etc"])
def test_codes_that_are_none(client: TestClient, code: str) -> None:
    assert client.get(f"{API}/verify/{code}").status_code in (404, 422)


def test_a_code_typed_from_paper(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    code = earn(client, drain, teaching, headers, course)["code"]
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert client.get(f"{API}/verify/{typed}").json()["code"] == code


def _png() -> bytes:
    written = BytesIO()
    Image.new("RGBA", (1200, 400), (12, 99, 80, 128)).save(written, "PNG")
    return written.getvalue()


def test_a_logo_is_drawn_anew_and_anything_but_pictures_refused(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    address = f"{API}/courses/{course.slug}/certificate-template/pictures/logo"
    hostile = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for name, content in (("a.svg", hostile), ("a.png", b"\x89PNG\r\n\x1a\n broken"), ("a.gif", b"GIF89a"), ("", b"x")):
        answer = client.put(address, headers=teaching, files={"file": (name or "x", content, "image/png")})
        assert (answer.status_code, answer.json()["code"]) == (422, "picture_refused"), name
    hidden = _png() + b"<script>alert(1)</script>"
    assert client.put(address, headers=headers, files={"file": ("a.png", hidden)}).status_code == 403
    assert client.put(address, headers=teaching, files={"file": ("a.png", hidden)}).json()["has_logo"]
    kept = client.get(address, headers=teaching).content
    assert b"script" not in kept
    assert Image.open(BytesIO(kept)).size == (900, 300)
    earn(client, drain, teaching, headers, course)
    assert earned(client, headers)[0]["ready"]
    assert not client.delete(address, headers=teaching).json()["has_logo"]
    assert client.get(address, headers=teaching).status_code == 404


def test_what_is_issued_keeps_its_design_though_it_is_signed_later(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    complete(client, headers, course)
    drain()
    turn_on(client, teaching, course, page="Letter")
    issued = client.post(f"{API}/courses/{course.slug}/certificates", headers=teaching, json={"all_completed": True})
    assert issued.json()["issued"] == 1
    turn_on(client, teaching, course, page="A4")
    drain()
    pdf = client.get(f"{API}/verify/{earned(client, headers)[0]['code']}/document").content
    assert _page_size(pdf) == (792, 612)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    client: TestClient, teaching: Headers, course: Made
) -> None:
    bomb = BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    address = f"{API}/courses/{course.slug}/certificate-template/pictures/signature"
    answer = client.put(address, headers=teaching, files={"file": ("a.png", bomb.getvalue())})
    assert answer.json()["code"] == "picture_refused"


@pytest.mark.parametrize(
    "design",
    [{"accent": "red"}, {"page": "A3"}, {"title": "a\nb"}, {"valid_months": 0}, {"unknown": 1}, {"note": "x" * 401}],
)
def test_impossible_designs_are_refused(
    client: TestClient, teaching: Headers, course: Made, design: dict[str, object]
) -> None:
    address = f"{API}/courses/{course.slug}/certificate-template"
    assert client.put(address, headers=teaching, json={"design": design}).status_code == 422


def test_lists_take_a_fixed_number_of_statements(
    client: TestClient, runtime: Runtime, drain: Drain, teaching: Headers, course: Made
) -> None:
    address = f"{API}/courses/{course.slug}/certificates"

    def sent() -> int:
        with statements(runtime.database) as counted:
            assert client.get(address, headers=teaching).status_code == 200
        return len(counted)

    def issue(count: int) -> None:
        people = [enrol(runtime.database, create_person(runtime.database), course.id) for _ in range(count)]
        client.post(address, headers=teaching, json={"emails": [person.email for person in people]})

    issue(1)
    sent()
    one = sent()
    issue(6)
    assert sent() == one


def test_figures_count_what_was_issued_and_verified(
    client: TestClient, drain: Drain, teaching: Headers, headers: Headers, course: Made
) -> None:
    found = earn(client, drain, teaching, headers, course)
    client.get(f"{API}/verify/{found['code']}")
    figures = client.get(f"{API}/courses/{course.slug}/certificates/figures", headers=teaching).json()
    assert (figures["issued"], figures["valid"], figures["checks"], figures["completed_without"]) == (1, 1, 1, 0)
    assert figures["months"][-1] == {"month": "2026-01", "issued": 1, "checks": 1}
    assert len(figures["months"]) == 12
    rows = client.get(f"{API}/courses/{course.slug}/certificates?q=amina", headers=teaching).json()["items"]
    assert [row["checks"] for row in rows] == [1]
    assert not client.get(f"{API}/courses/{course.slug}/certificates?q=zzz", headers=teaching).json()["items"]


def test_a_preview_is_a_page_with_a_mark_and_no_signature(client: TestClient, teaching: Headers, course: Made) -> None:
    address = f"{API}/courses/{course.slug}/certificate-template/preview"
    answer = client.post(address, headers=teaching, json={"note": "{name} {unknown} {0.__class__}"})
    assert answer.status_code == 200, answer.text
    assert not PdfFileReader(BytesIO(answer.content)).embedded_signatures


def test_inspecting_what_is_none_of_ours_writes_nothing(client: TestClient, runtime: Runtime) -> None:
    """Anybody may upload, so reading a foreign document must not hold up who writes."""
    with statements(runtime.database) as sent:
        answer = client.post(
            f"{API}/verify/document", files={"file": ("x.pdf", b"%PDF-1.7 nothing", "application/pdf")}
        )
    assert answer.json()["outcome"] == "unknown"
    assert not [each for each in sent if each.startswith(("BEGIN IMMEDIATE", "INSERT", "UPDATE"))]


def test_an_address_inspects_so_many_a_minute(client: TestClient) -> None:
    answers = [client.post(f"{API}/verify/credential", files={"file": ("x.json", b"{}")}) for _ in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {200}
    assert answers[30].status_code == 429 and int(answers[30].headers["retry-after"]) > 0


def test_many_addresses_cost_no_more_statements_than_few(
    client: TestClient, runtime: Runtime, teaching: Headers, course: Made
) -> None:
    def issue(people: int) -> int:
        emails = [enrol(runtime.database, create_person(runtime.database), course.id).email for _ in range(people)]
        with statements(runtime.database) as sent:
            address = f"{API}/courses/{course.slug}/certificates"
            answer = client.post(
                address, headers=teaching, json={"emails": [*emails, "nobody@example.org", "no address"]}
            )
        assert answer.json() == {"issued": people, "already": 0, "unknown": ["nobody@example.org", "no address"]}
        return len(sent)

    assert issue(2) == issue(9)
