"""The administrators' pages and a person's own data over HTTP: found, changed, imported, acted as, exported, left."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient

from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Role
from tests.api.test_pages import TOKEN, Visitor
from tests.factories.courses import create_course, statements
from tests.factories.people import PASSWORD, Person, create_person, log_in
from workers.runtime import Runtime

Letters = Callable[[], list[EmailMessage]]
LINK = re.compile(r"https?://[^/\s]+(/\S+)")


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    return create_person(runtime.database, role=Role.ADMIN, full_name="Grace Admin", email="grace@example.org")


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    return create_person(runtime.database, email="asha@example.org", full_name="Asha Otieno")


@pytest.fixture
def desk(runtime: Runtime, admin: Person) -> Visitor:
    """The administrator's browser."""
    return Visitor(runtime).log_in(admin)


def test_an_administrator_finds_a_person_and_changes_them(desk: Visitor, asha: Person, runtime: Runtime) -> None:
    page = f"/admin/users/{asha.id}"
    found = desk.get("/admin/users?q=otie&role=learner&status=open&seen=never")
    assert "Asha Otieno" in found.text and "Grace Admin" not in found.text
    assert 'href="/admin"' in desk.get("/").text

    assert desk.post(f"{page}/role", {"role": "instructor"}).url.path == page
    assert "Their role counts from now on." in desk.post(f"{page}/role", {"role": "instructor"}).text
    assert "is closed" in desk.post(f"{page}/close").text
    assert "Closed" in desk.get(page).text
    assert "open again" in desk.post(f"{page}/reopen").text
    shown = desk.get(page).text
    assert "user.closed" in shown and "user.role_changed" in shown
    asha_s = Visitor(runtime).log_in(asha)
    assert asha_s.get("/admin").status_code == 403
    assert 'href="/admin"' not in asha_s.get("/").text


def test_signing_out_and_a_reset_link(
    desk: Visitor, asha: Person, runtime: Runtime, drain: Callable[[], int], mailbox: Letters
) -> None:
    browser = Visitor(runtime).log_in(asha)
    assert (
        "TestClient" in desk.get(f"/admin/users/{asha.id}").text
        or "testclient" in desk.get(f"/admin/users/{asha.id}").text
    )
    desk.post(f"/admin/users/{asha.id}/sign-out")
    assert browser.get("/profile").url.path == "/login"
    desk.post(f"/admin/users/{asha.id}/reset-link")
    drain()
    assert "new password" in str(mailbox()[-1]["Subject"])


def test_roles_are_made_given_and_taken(desk: Visitor, asha: Person, runtime: Runtime) -> None:
    matrix = desk.get("/admin/roles").text
    assert "Change courses" in matrix and "Co-instructor, in a course" in matrix
    made = desk.client.post(
        "/admin/roles",
        data={"name": "Auditor", "permissions": ["audit:read"], "csrf_token": TOKEN.search(matrix)[1]},  # type: ignore[index]
    )
    role = made.url.path
    assert role.startswith("/admin/roles/")
    assert "Please write a name." in desk.post("/admin/roles", {"name": ""}).text
    assert "Nobody here has this address" in desk.post(f"{role}/grants", {"email": "no@example.org"}).text
    assert "Asha Otieno" in desk.post(f"{role}/grants", {"email": asha.email}).text
    reader = Visitor(runtime).log_in(asha)
    assert reader.get("/admin").url.path == "/admin/audit"
    assert reader.get("/admin/users").status_code == 403
    desk.post(f"{role}/grants/withdraw", {"user_id": str(asha.id)})
    assert reader.get("/admin/audit").status_code == 403
    assert desk.post(f"{role}/delete").url.path == "/admin/roles"


def test_the_audit_log_is_filtered_and_saved(desk: Visitor, asha: Person, clock: MovingClock) -> None:
    desk.post(f"/admin/users/{asha.id}/close")
    clock.move(timedelta(days=3))
    desk.post(f"/admin/users/{asha.id}/reopen")
    closed = desk.get(f"/admin/audit?person={asha.email}&action=user.closed").text
    assert "user.closed" in closed and "user.opened" not in closed
    later = desk.get("/admin/audit?action=user&since=2026-01-07").text
    assert "user.opened" in later and ">user.closed<" not in later
    assert "Nobody here has this address." in desk.get("/admin/audit?person=no@example.org").text
    assert "Nothing found" in desk.get("/admin/audit?person=no@example.org").text
    assert desk.get("/admin/audit?since=yesterday&until=0001-01-01&object=%00&cursor=").status_code in {200, 422}
    saved = desk.get("/api/v1/admin/audit.csv?action=user")
    assert saved.headers["content-type"].startswith("text/csv")
    assert "user.closed" in saved.text


CSV = "email;jina;lugha\nnew@example.org;Neema Ndege;sw\nasha@example.org;Asha;en\nnot-an-address;X;en\n"


def upload(desk: Visitor, content: bytes) -> str:
    """The address of the page that shows an uploaded list."""
    token = TOKEN.search(desk.get("/admin/import").text)
    assert token is not None
    answer = desk.client.post(
        "/admin/import", files={"file": ("people.csv", content, "text/csv")}, data={"csrf_token": token[1]}
    )
    assert answer.status_code == 200, answer.text
    return answer.url.path


def test_a_list_is_looked_at_then_carried_out(
    desk: Visitor, asha: Person, runtime: Runtime, drain: Callable[[], int], mailbox: Letters
) -> None:
    course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    path = upload(desk, CSV.encode())
    shown = desk.get(path).text
    assert "Neema Ndege" in shown and "This is no e-mail address." in shown and "has an account" in shown
    assert not [each for each in mailbox() if each["To"] == "new@example.org"]

    desk.post(f"{path}/start", {"role": "learner", "course": str(course.id), "invite": "1"})
    drain()
    done = desk.get(path).text
    assert "account made" in done and "enrolled" in done
    letter = next(each for each in mailbox() if each["To"] == "new@example.org")
    assert "Umefunguliwa akaunti" in str(letter["Subject"])
    link = LINK.search(letter.get_content())
    assert link is not None
    newcomer = Visitor(runtime)
    token = link[1].split("token=")[1]
    assert newcomer.post("/reset-password", {"token": token, "password": PASSWORD}).url.path == "/login"
    newcomer.log_in(Person(asha.id, "new@example.org", "", asha.tenant_id))
    assert course.slug in newcomer.get("/my-courses").text
    assert "started before" in desk.post(f"{path}/start", {"role": "learner"}).text
    assert (
        "has a header and nobody"
        in desk.client.post(
            "/admin/import",
            files={"file": ("x.csv", b"email,name\n", "text/csv")},
            data={"csrf_token": TOKEN.search(desk.get("/admin/import").text)[1]},  # type: ignore[index]
        ).text
    )


def test_acting_as_somebody_shows_on_every_page_and_ends(
    desk: Visitor, asha: Person, clock: MovingClock, runtime: Runtime, admin: Person
) -> None:
    page = f"/admin/users/{asha.id}"
    assert "Please say why" in desk.post(f"{page}/act", {"reason": ""}).text
    begun = desk.post(f"{page}/act", {"reason": "She cannot find her course"}, page=page)
    assert begun.url.path == "/my-courses"
    for path in ("/", "/my-courses", "/profile", "/nothing/here", page, "/teach"):
        assert "You are acting as Asha Otieno" in desk.get(path).text, path
    for path in ("/profile/security", "/profile/data"):
        assert desk.get(path).status_code == 403
    named = {"full_name": "Asha O.", "language": "en", "time_zone": "Africa/Nairobi"}
    assert desk.post("/profile", named).status_code == 403
    assert desk.post("/notifications/read", {}).url.path == "/notifications"
    refused = desk.post("/profile/password", {"current_password": PASSWORD, "new_password": "five calm wide rivers"})
    assert refused.status_code == 403

    assert desk.post("/acting/stop").url.path == page
    assert "You are acting as" not in desk.get("/").text
    log = desk.get(f"/admin/audit?person={asha.id}&action=impersonation").text
    assert "She cannot find her course" in log and "/notifications/read" in log and "as Asha Otieno" in log

    desk.post(f"{page}/act", {"reason": "Once more, and forget"})
    clock.move(timedelta(minutes=31))
    assert "Your half hour as somebody else is over." in desk.get("/").text
    assert desk.post("/acting/stop").url.path == "/admin/users"
    assert desk.get("/admin/users").status_code == 200


def test_nobody_acts_as_who_holds_as_much(desk: Visitor, runtime: Runtime) -> None:
    second = create_person(runtime.database, role=Role.ADMIN)
    assert desk.post(f"/admin/users/{second.id}/act", {"reason": "Just to look"}).status_code == 403


def test_a_program_does_not_act_as_anybody(client: TestClient, admin: Person, asha: Person) -> None:
    headers = log_in(client, admin)
    answer = client.post(f"/admin/users/{asha.id}/act", data={"reason": "By a script"}, headers=headers)
    assert answer.status_code == 403


def test_ones_data_is_asked_for_fetched_and_gone_after_a_week(
    runtime: Runtime, asha: Person, drain: Callable[[], int], mailbox: Letters, clock: MovingClock
) -> None:
    browser = Visitor(runtime).log_in(asha)
    assert "being made" in browser.post("/profile/data/exports").text
    assert "one archive a day" in browser.post("/profile/data/exports").text
    drain()
    letter = next(each for each in mailbox() if "data is ready" in str(each["Subject"]))
    link = LINK.search(letter.get_content())
    assert link is not None and link[1] == "/profile/data"
    file = re.search(r"/profile/data/exports/[0-9a-f-]+", browser.get("/profile/data").text)
    assert file is not None
    with zipfile.ZipFile(io.BytesIO(browser.get(file[0]).content)) as archive:
        assert {"index.html", "account.json", "enrolments.json"} <= set(archive.namelist())
    other = Visitor(runtime).log_in(create_person(runtime.database))
    assert other.get(file[0]).status_code == 404
    assert Visitor(runtime).get(file[0]).url.path == "/login"
    clock.move(timedelta(days=8))
    assert browser.get(file[0]).url.path == "/confirm"
    assert browser.post("/confirm", {"password": PASSWORD, "next": file[0]}).status_code == 404


def test_leaving_asks_for_the_password_and_coming_back_keeps_the_account(
    runtime: Runtime, admin: Person, asha: Person, drain: Callable[[], int], mailbox: Letters, clock: MovingClock
) -> None:
    browser = Visitor(runtime).log_in(asha)
    clock.move(timedelta(minutes=15))
    browser.get("/profile/data")
    asked = browser.post("/profile/data/deletion")
    assert asked.url.path == "/confirm"
    assert "not right" in browser.post("/confirm", {"password": "something else"}).text
    assert "For 15 minutes" in browser.post("/confirm", {"password": PASSWORD, "next": "/profile/data"}).text
    left = browser.post("/profile/data/deletion")
    assert left.url.path == "/login" and "in 14 days" in left.text
    assert browser.get("/profile").url.path == "/login"
    drain()
    browser.log_in(asha)
    drain()
    subjects = [str(each["Subject"]) for each in mailbox()]
    assert any("deleted in 14 days" in each for each in subjects)
    assert any("account stays" in each for each in subjects)


def test_pages_of_people_are_few_statements(desk: Visitor, runtime: Runtime) -> None:
    counts = {}
    for more in (3, 12):
        for _ in range(more):
            create_person(runtime.database)
        for path in ("/admin/users", "/admin/audit"):
            desk.get(path)
            with statements(runtime.database) as sent:
                assert desk.get(path).status_code == 200
            counts.setdefault(path, []).append(len(sent))
    assert all(len(set(each)) == 1 and each[0] <= 7 for each in counts.values()), counts


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTRUCTOR])
def test_well_formed_forms_of_others_change_nothing(runtime: Runtime, admin: Person, asha: Person, role: Role) -> None:
    someone = create_person(runtime.database, role=role)
    browser, page = Visitor(runtime).log_in(someone), f"/admin/users/{asha.id}"
    forms = {
        f"/admin/users/{someone.id}/role": {"role": "admin"},
        f"{page}/role": {"role": "instructor"},
        f"{page}/own-roles": {"role_id": str(admin.id)},
        f"{page}/close": {},
        f"{page}/reopen": {},
        f"{page}/reset-link": {},
        f"{page}/sign-out": {},
        f"{page}/deletion": {},
        f"{page}/deletion/cancel": {},
        f"{page}/act": {"reason": "Just to look around"},
        "/admin/roles": {"name": "Mine", "permissions": "account:manage"},
        f"/admin/import/{admin.id}/start": {"role": "admin"},
    }
    answers = {path: browser.post(path, data).status_code for path, data in forms.items()}
    assert set(answers.values()) == {403}, answers
    pages = ("/admin/users", page, "/admin/roles", "/admin/audit", "/admin/import")
    assert {browser.get(path).status_code for path in pages} == {403}
