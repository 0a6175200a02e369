"""People by CSV: what a file may be, what each line is about, and that nothing happens twice."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from lms_core.identity.accounts.models import User
from lms_core.kit import jobs, spreadsheets
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Work, system_actor
from lms_core.kit.permissions import Role
from lms_core.learning.enrolments.models import Enrollment
from lms_core.learning.rosters import jobs as roster_jobs
from lms_core.learning.rosters import reading
from lms_core.learning.rosters.errors import RosterRefused
from lms_core.learning.rosters.models import Verdict
from tests.factories.courses import Made, create_course, statements
from tests.factories.people import create_person, log_in
from workers.runtime import Runtime

ROSTERS = "/api/v1/admin/rosters"
Headers = dict[str, str]
GOOD = "email,name,language\nneema@example.org,Neema Ndege,sw\njuma@example.org,Juma Bakari,en\n"


@pytest.fixture
def admin(client: TestClient, runtime: Runtime) -> Headers:
    """The headers of an administrator."""
    return log_in(client, create_person(runtime.database, role=Role.ADMIN))


@pytest.fixture
def course(runtime: Runtime) -> Made:
    """A course to put people into."""
    return create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))


def upload(client: TestClient, headers: Headers, content: str | bytes, language: str = "en") -> dict[str, Any]:
    """A roster as the upload answers it."""
    raw = content.encode() if isinstance(content, str) else content
    answer = client.post(
        ROSTERS, files={"file": ("class.csv", raw, "text/csv")}, data={"language": language}, headers=headers
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def lines(client: TestClient, headers: Headers, roster: dict[str, Any]) -> list[dict[str, Any]]:
    """The first lines of a roster."""
    found: list[dict[str, Any]] = client.get(f"{ROSTERS}/{roster['id']}/lines?limit=100", headers=headers).json()[
        "items"
    ]
    return found


def start(client: TestClient, headers: Headers, roster: dict[str, Any], **options: Any) -> int:
    """The status of starting a roster."""
    return client.post(f"{ROSTERS}/{roster['id']}/start", json=options, headers=headers).status_code


def counts(runtime: Runtime) -> tuple[int, int]:
    """How many accounts and enrolments there are."""
    with runtime.database.read(system_actor()) as ctx:
        people = ctx.session.execute(select(func.count()).select_from(User)).scalar_one()
        return people, ctx.session.execute(select(func.count()).select_from(Enrollment)).scalar_one()


def test_every_line_has_a_verdict_and_a_reason(client: TestClient, runtime: Runtime, admin: Headers) -> None:
    create_person(runtime.database, email="Known@Example.org")
    listed = [
        "email,name,language",
        "known@example.ORG,Already Here,",
        "new@example.org,Nia Mpya,Kiswahili",
        ",No Address,",
        "nobody-at-home,X,",
        "noname@example.org,,",
        "=1+1@example.org,Bad,",
        'formula@example.org,"=HYPERLINK(""http://x"")",',
        "NEW@example.org,Twice,",
        "klingon@example.org,Worf,tlh",
        f"long@example.org,{'a' * 2000},",
        f"longname@example.org,{'b' * 130},",
        "bidi@example.org,\u202eevil,",
    ]
    roster = upload(client, admin, "\n".join(listed), language="sw")
    assert (roster["lines"], roster["new"], roster["existing"], roster["faulty"]) == (12, 2, 1, 9)
    told = [(each["number"], each["verdict"], each["reason"]) for each in lines(client, admin, roster)]
    assert told == [
        (2, "exists", ""),
        (3, "new", ""),
        (4, "faulty", "no_address"),
        (5, "faulty", "bad_address"),
        (6, "faulty", "no_name"),
        (7, "new", ""),
        (8, "faulty", "formula"),
        (9, "faulty", "repeated"),
        (10, "faulty", "bad_language"),
        (11, "faulty", "too_long"),
        (12, "faulty", "bad_name"),
        (13, "faulty", "bad_name"),
    ]
    assert [each["language"] for each in lines(client, admin, roster)][:2] == ["sw", "sw"]
    faulty = client.get(f"{ROSTERS}/{roster['id']}/lines?verdict=faulty&limit=100", headers=admin).json()["items"]
    assert len(faulty) == 9


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").replace("\n", "\r\n").encode(),
        b"Barua Pepe;Jina la Kwanza;Jina la Ukoo;Lugha\nneema@example.org;Neema;Ndege;Kiswahili\n"
        b"juma@example.org;Juma;Bakari;Kiingereza\n",
        b"E-Mail,Full name\r\nneema@example.org,Neema Ndege\r\n\r\n,,\r\njuma@example.org,Juma Bakari",
    ],
)
def test_files_of_many_programs_are_understood(content: bytes) -> None:
    read = reading.read(content, language="sw")
    assert [(each.email, each.full_name, each.verdict) for each in read.lines] == [
        ("neema@example.org", "Neema Ndege", Verdict.NEW),
        ("juma@example.org", "Juma Bakari", Verdict.NEW),
    ]


def test_windows_files_are_read_and_told() -> None:
    read = reading.read("email,name,class\nzoe@example.org,Zoë Müller,2B\n".encode("cp1252"), language="en")
    assert read.lines[0].full_name == "Zoë Müller"
    assert read.notes == ("windows_1252", "ignored_columns")
    assert read.columns == {"email": "email", "full_name": "name"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no column of e-mail"),
        (b"name,language\nA,en\n", "no column of e-mail"),
        (b"email,language\na@example.org,en\n", "no column of names"),
        (b"email,name\n", "nobody in it"),
        (b"email,name\na@example.org,A\0B\n", "NUL"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text file"),
        (b"email,name\n" + b"x" * reading.LARGEST_FILE, "more than 5 MB"),
        (b"email,name\n" + b"a@example.org,A\n" * (reading.MOST_LINES + 1), "more than 10,000"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(RosterRefused, match=why):
        reading.read(content, language="en")


def test_a_refused_file_answers_422(client: TestClient, admin: Headers) -> None:
    answer = client.post(ROSTERS, files={"file": ("x.csv", b"nothing", "text/csv")}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (422, "roster_refused")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400).map(lambda tail: b"email,name\n" + tail) | st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read = reading.read(content, language="en")
    except RosterRefused:
        return
    assert all(each.verdict is Verdict.FAULTY or "@" in each.email for each in read.lines)
    assert all("\0" not in each.email + each.full_name for each in read.lines)


def test_a_roster_makes_accounts_once(
    client: TestClient,
    runtime: Runtime,
    admin: Headers,
    course: Made,
    drain: Callable[[], int],
    mailbox: Callable[[], list[EmailMessage]],
) -> None:
    known = create_person(runtime.database, email="known@example.org", role=Role.INSTRUCTOR)
    listed = GOOD + "known@example.org,Known,en\n"
    roster = upload(client, admin, listed)
    assert start(client, admin, roster, course_ids=[str(course.id)], invite=True) == 202
    drain()
    done = client.get(f"{ROSTERS}/{roster['id']}", headers=admin).json()
    assert (done["status"], done["done"]) == ("done", 3)
    assert [each["outcome"] for each in lines(client, admin, roster)] == ["created", "created", "enrolled"]
    before, letters = counts(runtime), len(mailbox())
    assert start(client, admin, roster) == 409
    again = upload(client, admin, listed)
    assert (again["new"], again["existing"]) == (0, 3)
    assert start(client, admin, again, role="instructor", course_ids=[str(course.id)]) == 202
    drain()
    assert [each["outcome"] for each in lines(client, admin, again)] == ["unchanged"] * 3
    assert counts(runtime) == before and len(mailbox()) == letters
    shown = client.get(f"/api/v1/users/{known.id}", headers=admin).json()
    assert shown["roles"] == ["instructor"], "nobody's present role changes"
    subjects = {str(each["To"]): str(each["Subject"]) for each in mailbox()}
    assert subjects["neema@example.org"] == "Umefunguliwa akaunti"
    assert subjects["juma@example.org"] == "An account was made for you"


def test_a_killed_job_goes_on_where_it_was(
    client: TestClient, runtime: Runtime, admin: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = "".join(f"p{number}@example.org,Person {number}\n" for number in range(25))
    roster = upload(client, admin, f"email,name\n{people}")
    start(client, admin, roster, invite=False)
    monkeypatch.setattr(roster_jobs, "AT_ONCE", 10)
    with runtime.database.read(system_actor()) as ctx:
        job = ctx.session.execute(select(jobs.Job).where(jobs.Job.name == roster_jobs.CARRY_OUT)).scalar_one()
    killed = Work(runtime.database, job)
    with killed.write() as ctx:
        assert roster_jobs._step(ctx, UUID(job.payload["roster_id"]), by=UUID(job.payload["by"]))
    assert client.get(f"{ROSTERS}/{roster['id']}", headers=admin).json()["done"] == 10
    roster_jobs.carry_out(killed, **job.payload)
    roster_jobs.carry_out(killed, **job.payload)
    done = client.get(f"{ROSTERS}/{roster['id']}", headers=admin).json()
    assert (done["status"], done["done"]) == ("done", 25)
    assert counts(runtime)[0] == 25 + 2  # and the administrator, and the installation itself


def test_the_report_holds_no_formula(client: TestClient, admin: Headers) -> None:
    roster = upload(client, admin, "email,name\nx@example.org,\"=cmd|'/c calc'!A1\"\n+1@example.org,Plus\n")
    answer = client.get(f"{ROSTERS}/{roster['id']}/report.csv", headers=admin)
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix(spreadsheets.BOM))))
    assert rows[0] == ["line", "email", "name", "language", "verdict", "reason", "outcome"]
    assert rows[1][2].startswith("'=cmd") and rows[2][1] == "'+1@example.org"


@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = spreadsheets.safe_cell(text)
    assert not cell.startswith(spreadsheets.DANGEROUS)
    assert cell.removeprefix("'").endswith(text.removeprefix("'"))


def test_nobody_gives_what_they_do_not_hold(client: TestClient, runtime: Runtime, admin: Headers, course: Made) -> None:
    registrar = create_person(runtime.database)
    role = client.post(
        "/api/v1/admin/roles", json={"name": "Registrar", "permissions": ["account:manage"]}, headers=admin
    ).json()
    client.post(f"/api/v1/admin/roles/{role['id']}/grants", json={"user_id": str(registrar.id)}, headers=admin)
    headers = log_in(client, registrar)
    roster = upload(client, headers, GOOD)
    assert start(client, headers, roster, role="admin") == 403
    assert start(client, headers, roster, role="instructor") == 403
    assert start(client, headers, roster, course_ids=[str(course.id)]) in {403, 404}
    assert start(client, headers, roster, role="learner") == 202


@pytest.mark.parametrize("role", [Role.LEARNER, Role.INSTRUCTOR])
def test_others_are_kept_out(client: TestClient, runtime: Runtime, admin: Headers, role: Role) -> None:
    roster = upload(client, admin, GOOD)
    headers = log_in(client, create_person(runtime.database, role=role))
    at = f"{ROSTERS}/{roster['id']}"
    assert (
        client.post(ROSTERS, files={"file": ("x.csv", GOOD.encode(), "text/csv")}, headers=headers).status_code == 403
    )
    for path in (ROSTERS, at, f"{at}/lines", f"{at}/report.csv"):
        assert client.get(path, headers=headers).status_code == 403
    assert start(client, headers, roster) == 403
    assert client.get(at).status_code == 401


def test_lines_are_few_statements_and_pages(client: TestClient, runtime: Runtime, admin: Headers) -> None:
    people = "".join(f"p{number}@example.org,Person {number}\n" for number in range(60))
    roster = upload(client, admin, f"email,name\n{people}")
    at, sizes = f"{ROSTERS}/{roster['id']}/lines", []
    for limit in (5, 50):
        with statements(runtime.database) as sent:
            page = client.get(f"{at}?limit={limit}", headers=admin).json()
        sizes.append(len(sent))
        assert len(page["items"]) == limit
    assert sizes[0] == sizes[1] <= 4
    rest = client.get(f"{at}?limit=50&cursor={page['next_cursor']}", headers=admin).json()
    assert [each["number"] for each in rest["items"]] == list(range(52, 62)) and rest["next_cursor"] is None


def test_rosters_leave_after_a_month(
    client: TestClient, runtime: Runtime, admin: Headers, drain: Callable[[], int], clock: MovingClock
) -> None:
    roster = upload(client, admin, GOOD)
    clock.move(timedelta(days=31))
    with runtime.database.write(system_actor()) as ctx:
        ctx.enqueue("rosters.forget")
    drain()
    with runtime.database.read(system_actor()) as ctx:
        left = ctx.session.execute(select(func.count()).select_from(User).where(User.email == "neema@example.org"))
        assert left.scalar_one() == 0
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    answer = client.get(f"{ROSTERS}/{roster['id']}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "roster_not_found")
