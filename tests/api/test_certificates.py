"""The pages of certificates: the learner's, the instructor's, the template, and the public ones."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from api.deps import SESSION_COOKIE
from lms_core.kit.permissions import Role
from tests.factories.assessments import enrol
from tests.factories.courses import Made, create_course
from tests.factories.people import Person, create_person, log_in
from tests.lms_core.learning.certifying import API, earn
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def instructor(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.INSTRUCTOR)


@pytest.fixture
def course(runtime: Runtime, instructor: Person) -> Made:
    return create_course(runtime.database, instructor)


@pytest.fixture
def learner(runtime: Runtime, course: Made) -> Person:
    return enrol(runtime.database, create_person(runtime.database, full_name="Amina Wanjiru"), course.id)


@pytest.fixture
def code(client: TestClient, drain: Drain, instructor: Person, learner: Person, course: Made) -> str:
    """The code of a signed certificate of the learner."""
    return str(earn(client, drain, log_in(client, instructor), log_in(client, learner), course)["code"])


def browse(client: TestClient, person: Person) -> str:
    """Log in as a browser does; gives the token that forms carry."""
    client.cookies.clear()
    client.post("/login", data={"email": person.email, "password": person.password})
    assert SESSION_COOKIE in client.cookies
    page = client.get("/certificates").text
    return page.split('name="csrf-token" content="')[1].split('"')[0]


def test_a_visitor_verifies_by_code_and_by_file(client: TestClient, code: str) -> None:
    page = client.get(f"/verify/{code}")
    assert page.status_code == 200
    assert "This certificate is genuine" in page.text
    assert "Amina Wanjiru" in page.text
    assert client.get("/verify", params={"code": code.lower()}).url.path == f"/verify/{code}"
    pdf = client.get(f"{API}/verify/{code}/document").content
    assert "This file is genuine" in client.post("/verify", files={"file": ("a.pdf", pdf)}).text
    broken = client.post("/verify", files={"file": ("a.pdf", pdf.replace(b"Amina", b"Amino"))}).text
    assert "This file was tampered with" in broken
    assert "What we really issued" in broken
    badge = client.get(f"{API}/verify/{code}/credential").content
    assert "This file is genuine" in client.post("/verify", files={"file": ("a.json", badge)}).text
    assert "tampered" in client.post("/verify", files={"file": ("a", badge.replace(b"Heat", b"Head"))}).text
    assert client.post("/verify", files={"file": ("a", b"{" * 300_000)}).status_code == 413
    unknown = client.get("/verify/XXXXX")
    assert (unknown.status_code, "There is no certificate with this code" in unknown.text) == (404, True)


def test_the_pages_in_swahili(client: TestClient, code: str) -> None:
    client.cookies.set("mwalimu_language", "sw")
    assert "Cheti hiki ni halali" in client.get(f"/verify/{code}").text
    assert "Thibitisha cheti" in client.get("/verify").text


def test_a_learner_finds_theirs_with_the_links_to_share(client: TestClient, code: str, learner: Person) -> None:
    browse(client, learner)
    page = client.get("/certificates").text
    assert f"/verify/{code}" in page
    assert "https://www.linkedin.com/profile/add?" in page


def test_an_instructor_designs_issues_and_revokes(
    client: TestClient, drain: Drain, runtime: Runtime, instructor: Person, course: Made
) -> None:
    other = enrol(runtime.database, create_person(runtime.database, full_name="Juma Ali"), course.id)
    teaching = log_in(client, instructor)
    token = {"csrf_token": browse(client, instructor)}
    address = f"/teach/courses/{course.slug}/certificates"
    form = {"page": "Letter", "accent": "#112233", "ink": "#000000", "paper": "#ffffff", "shown": ["qr", "date"]}
    picture = client.post(f"{address}/template/preview", data={**token, **form})
    assert (picture.headers["content-type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert client.post(f"{address}/template", data={**token, **form, "issue_on_completion": "1"}).status_code == 200
    kept = client.get(f"{API}/courses/{course.slug}/certificate-template", headers=teaching).json()
    assert (kept["design"]["page"], sorted(kept["design"]["shown"]), kept["issue_on_completion"]) == (
        "Letter",
        ["date", "qr"],
        True,
    )
    assert client.post(f"{address}/template", data={**token, **form, "accent": "red"}).status_code == 422
    svg = {"file": ("logo.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")}
    assert client.post(f"{address}/template/pictures/logo", data=token, files=svg).status_code == 422
    refused = client.post(address, data={**token, "emails": f"{other.email}\nnobody@example.org"})
    assert (refused.status_code, "nobody@example.org" in refused.text) == (422, True)
    drain()
    page = client.get(address).text
    assert "Juma Ali" in page
    found = page.split("/revoke")[0].rsplit("/", 1)[1]
    assert client.post(f"{address}/{found}/revoke", data={**token, "reason": " "}).status_code == 422
    assert "Wrong person" in client.post(f"{address}/{found}/revoke", data={**token, "reason": "Wrong person"}).text


def test_the_pages_of_others_are_closed(client: TestClient, runtime: Runtime, course: Made, learner: Person) -> None:
    for path in ("certificates", "certificates/template"):
        assert client.get(f"/teach/courses/{course.slug}/{path}", follow_redirects=False).status_code in (303, 401)
    browse(client, learner)
    for path in ("certificates", "certificates/template"):
        assert client.get(f"/teach/courses/{course.slug}/{path}").status_code == 403
    assert client.get("/teach/certificate").status_code == 403
    browse(client, create_person(runtime.database, role=Role.ADMIN))
    assert client.get("/teach/certificate").status_code == 200
