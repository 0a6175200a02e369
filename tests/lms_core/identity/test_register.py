"""Having an account: registering, the profile, confirming an address."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.accounts.models import AccountLink, User
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from tests.factories.people import PASSWORD, create_person, create_tenant, log_in
from workers.runtime import Runtime

Mailbox = Callable[[], list[EmailMessage]]
Drain = Callable[[], int]
REGISTER = "/api/v1/auth/register"
ASHA = {"email": "Asha.Otieno@Example.ORG", "password": PASSWORD, "full_name": "Asha  Otieno"}


def token_in(letter: EmailMessage) -> str:
    """The token of the link in a letter."""
    found = re.search(r"token=([\w-]+)", letter.get_content())
    assert found is not None
    return found[1]


def test_a_new_person_is_a_learner_and_can_log_in(client: TestClient) -> None:
    made = client.post(REGISTER, json=ASHA)

    assert made.status_code == 201
    member = made.json()
    assert member["roles"] == ["learner"]
    assert member["full_name"] == "Asha Otieno"
    assert member["email"] == "Asha.Otieno@example.org"
    assert not member["email_verified"]
    assert "password" not in made.text
    login = client.post("/api/v1/auth/login", json={"email": "asha.otieno@example.org", "password": PASSWORD})
    assert login.status_code == 200
    assert login.json()["token_type"] == "bearer"
    assert login.json()["expires_in"] == 900
    assert login.headers["cache-control"] == "no-store"


def test_an_address_is_taken_once_whatever_its_spelling(client: TestClient, runtime: Runtime) -> None:
    client.post(REGISTER, json=ASHA)

    again = client.post(REGISTER, json=ASHA | {"email": "ASHA.otieno@EXAMPLE.org"})

    assert (again.status_code, again.json()["code"]) == (409, "email_taken")
    with runtime.database.read(system_actor()) as ctx:
        assert len(ctx.session.execute(select(User).where(User.is_service.is_(False))).all()) == 1


def test_of_two_who_register_an_address_at_the_same_moment_one_is_told_so(client: TestClient) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.post(REGISTER, json=ASHA).status_code, range(4)))

    assert sorted(answers) == [201, 409, 409, 409]


UNACCEPTABLE = [
    {"email": "not an address"},
    {"email": "a@b"},
    {"email": "asha@example.org\nBcc: all@example.org"},
    {"email": "x" * 400 + "@example.org"},
    {"email": "asha\ud800@example.org"},
    {"email": ["asha@example.org"]},
    {"password": "short"},
    {"password": "x" * 10_000},
    {"password": "four calm \ud800 rivers"},
    {"password": "Asha.Otieno@example.org"},
    {"password": "asha.otieno"},
    {"password": "Asha Otieno"},
    {"password": "qwertyuiop"},
    {"password": "aaaaaaaaaaaa"},
    {"full_name": ""},
    {"full_name": "   "},
    {"full_name": "Asha\x00Otieno"},
    {"full_name": "Asha\nOtieno"},
    {"full_name": "\u202eonietO ahsA"},
    {"full_name": "Asha \udfff"},
    {"full_name": "A" * 121},
    {"language": "xx"},
    {"time_zone": "../../etc/passwd"},
]


def test_what_is_not_acceptable_is_refused_with_the_field(client: TestClient) -> None:
    for change in UNACCEPTABLE:
        answer = client.post(REGISTER, content=_json(ASHA | change), headers={"Content-Type": "application/json"})

        assert answer.status_code == 422, (change, answer.text)
        problem = answer.json()
        assert problem["code"] in {"malformed", "weak_password"}
        # Text that no database can store is refused for the body as a whole, before fields are looked at.
        fields = [error["field"] for error in problem["errors"]]
        assert any(field == "body" or next(iter(change)) in field for field in fields), change


def _json(body: dict[str, object]) -> bytes:
    return json.dumps(body).encode()  # escapes lone surrogates, as a hostile client would send them


def test_names_are_kept_as_they_are_written(client: TestClient) -> None:
    names = ['\'; DROP TABLE "user"; --', "{{7*7}} ${7*7}", "<script>alert(1)</script>", "محمد علي", "👩🏾‍🏫 Wanjikũ"]
    for number, name in enumerate(names):
        made = client.post(REGISTER, json=ASHA | {"full_name": name, "email": f"person{number}@example.org"})

        assert made.status_code == 201, made.text
        assert made.json()["full_name"] == name


def test_the_profile_is_ones_own_to_change(client: TestClient, runtime: Runtime) -> None:
    asha = log_in(client, create_person(runtime.database))
    wanted = {"full_name": "Asha W. Otieno", "language": "sw", "time_zone": "Africa/Dar_es_Salaam"}

    changed = client.put("/api/v1/auth/profile", json=wanted, headers=asha)

    assert changed.status_code == 200
    shown = client.get("/api/v1/auth/profile", headers=asha).json()
    assert {key: shown[key] for key in wanted} == wanted
    assert shown["roles"] == ["learner"]


def test_profile_needs_a_login(client: TestClient) -> None:
    answer = client.get("/api/v1/auth/profile")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_mailed_link_confirms_the_address_once(client: TestClient, drain: Drain, mailbox: Mailbox) -> None:
    client.post(REGISTER, json=ASHA | {"language": "sw"})
    drain()
    letter = mailbox()[-1]

    assert letter["To"] == "Asha.Otieno@example.org"
    assert letter["Subject"] == "Thibitisha barua pepe yako"
    assert "http://localhost:8000/verify-email?token=" in letter.get_content()
    token = token_in(letter)
    assert client.post("/api/v1/auth/verify-email", json={"token": token}).status_code == 204
    again = client.post("/api/v1/auth/verify-email", json={"token": token})
    assert (again.status_code, again.json()["code"]) == (410, "link_expired")
    login = client.post("/api/v1/auth/login", json=ASHA).json()
    profile = client.get("/api/v1/auth/profile", headers={"Authorization": f"Bearer {login['access_token']}"})
    assert profile.json()["email_verified"]


def test_links_lead_to_the_institutions_own_host(runtime: Runtime, drain: Drain, mailbox: Mailbox) -> None:
    tenant_id = create_tenant(runtime.database, host="school.example.org")
    create_person(runtime.database, tenant_id=tenant_id, verified=False)
    drain()

    assert "http://school.example.org/verify-email?token=" in mailbox()[-1].get_content()


def test_a_link_ends_after_three_days(client: TestClient, drain: Drain, mailbox: Mailbox, clock: MovingClock) -> None:
    client.post(REGISTER, json=ASHA)
    drain()
    clock.move(timedelta(days=3, seconds=1))

    assert client.post("/api/v1/auth/verify-email", json={"token": token_in(mailbox()[-1])}).status_code == 410


def test_no_usable_token_is_stored(client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox) -> None:
    client.post(REGISTER, json=ASHA)
    drain()
    token = token_in(mailbox()[-1])

    with runtime.database.read(system_actor()) as ctx:
        links = ctx.session.execute(select(AccountLink)).scalars().all()
        jobs = ctx.session.execute(select(Job)).scalars().all()
    assert len(links) == 1
    assert token not in str([vars(link) for link in links])
    assert token not in str([vars(job) for job in jobs])


def test_asking_for_the_link_again_sends_at_most_five_an_hour(
    client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox
) -> None:
    asha = log_in(client, create_person(runtime.database, verified=False))
    for _ in range(8):
        assert client.post("/api/v1/auth/verify-email/send", headers=asha).status_code == 202
    drain()

    assert len(mailbox()) == 5
