"""Devices and alerts, logging out everywhere, and API keys with their scopes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api import keys
from api.routes import ROUTERS
from lms_core.identity.accounts.service import set_disabled
from lms_core.identity.apikeys.models import ApiKey
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.courses import create_course, statements
from tests.factories.people import Person, create_person, log_in
from workers.runtime import Runtime

KEYS, PROFILE, USERS, AUDIT = "/api/v1/auth/keys", "/api/v1/auth/profile", "/api/v1/users", "/api/v1/admin/audit"


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


@pytest.fixture
def admin(runtime: Runtime) -> Person:
    """An administrator."""
    return create_person(runtime.database, role=Role.ADMIN)


def bearer(client: TestClient, headers: dict[str, str], *scopes: str, days: int = 30) -> dict[str, str]:
    """The headers of a program with a new key."""
    made = client.post(KEYS, json={"name": "script", "scopes": scopes, "days": days}, headers=headers)
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['key']}"}


def test_a_new_device_alerts_its_owner_once(
    client: TestClient, asha: Person, drain: Callable[[], int], mailbox: Callable[[], list[EmailMessage]]
) -> None:
    for agent in ("Laptop", "Laptop", "Telephone", "Telephone"):
        client.headers["user-agent"] = agent
        headers = log_in(client, asha)
    drain()

    alerts = client.get("/api/v1/auth/alerts", headers=headers).json()
    assert [(each["kind"], each["program"]) for each in alerts] == [("new_device", "Telephone")]
    assert [letter["Subject"] for letter in mailbox()] == ["A login from a new device"]


def test_many_wrong_passwords_are_an_alert(client: TestClient, asha: Person) -> None:
    headers = log_in(client, asha)
    for _ in range(6):
        client.post("/api/v1/auth/login", json={"email": asha.email, "password": "not this one"})

    assert [each["kind"] for each in client.get("/api/v1/auth/alerts", headers=headers).json()] == ["many_failures"]


def test_logging_out_everywhere_else_keeps_this_session(client: TestClient, asha: Person) -> None:
    elsewhere, here = log_in(client, asha), log_in(client, asha)

    assert client.delete("/api/v1/auth/sessions", headers=here).status_code == 204

    assert client.get(PROFILE, headers=elsewhere).status_code == 401
    assert [each["current"] for each in client.get("/api/v1/auth/sessions", headers=here).json()] == [True]


def test_a_key_does_what_its_scopes_say(client: TestClient, admin: Person) -> None:
    headers = log_in(client, admin)
    people, log = bearer(client, headers, "account:manage"), bearer(client, headers, "audit:read")

    assert [client.get(url, headers=people).status_code for url in (USERS, AUDIT)] == [200, 403]
    assert [client.get(url, headers=log).status_code for url in (USERS, AUDIT)] == [403, 200]
    assert client.get(PROFILE, headers=log).json()["id"] == str(admin.id)


def test_a_key_allows_nothing_that_its_owner_may_not(client: TestClient, asha: Person) -> None:
    key = bearer(client, log_in(client, asha), "account:manage", "audit:read")

    assert [client.get(url, headers=key).status_code for url in (USERS, AUDIT)] == [403, 403]


def test_a_key_cannot_change_the_account_it_belongs_to(client: TestClient, admin: Person) -> None:
    key = bearer(client, log_in(client, admin), "account:manage", "course:learn")
    tries = [
        ("POST", KEYS, {"name": "more", "scopes": ["audit:read"]}),
        ("GET", KEYS, None),
        ("POST", "/api/v1/auth/second-factor", None),
        ("DELETE", "/api/v1/auth/sessions", None),
        ("POST", "/api/v1/auth/password/change", {"current_password": "x", "new_password": "another long one"}),
        ("PUT", PROFILE, {"full_name": "Somebody Else", "language": "en", "time_zone": "UTC"}),
        ("PUT", f"/api/v1/admin/users/{admin.id}/role", {"role": "learner"}),
        ("PUT", f"/api/v1/admin/users/{admin.id}/closed", {"closed": True}),
        ("POST", "/api/v1/admin/roles", {"name": "More", "permissions": ["account:manage"]}),
        ("POST", "/api/v1/auth/passkeys/options", None),
        ("GET", "/api/v1/auth/sessions", None),
        ("GET", "/profile/security", None),
    ]
    for method, url, body in tries:
        answer = client.request(method, url, json=body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), url


def test_a_key_that_only_reads_changes_nothing(client: TestClient, admin: Person) -> None:
    key = bearer(client, log_in(client, admin), "audit:read")
    update = {"full_name": "Somebody Else", "language": "en", "time_zone": "UTC"}

    assert client.put(PROFILE, json=update, headers=key).status_code == 403


def test_a_key_reaches_only_what_its_scopes_open(client: TestClient, runtime: Runtime, admin: Person) -> None:
    course = create_course(runtime.database, create_person(runtime.database, role=Role.INSTRUCTOR))
    headers = log_in(client, admin)
    reader, learner = bearer(client, headers, "audit:read"), bearer(client, headers, "course:learn")
    enrolling = f"/api/v1/courses/{course.slug}/enroll"

    assert client.post(enrolling, headers=reader).status_code == 403
    assert client.get("/api/v1/conversations", headers=reader).status_code == 403
    assert client.get(f"/api/v1/courses/{course.slug}", headers=reader).status_code == 200, "as anybody may"
    assert client.post(enrolling, headers=learner).status_code == 200
    assert client.get("/api/v1/conversations", headers=learner).status_code == 200
    assert client.get(AUDIT, headers=learner).status_code == 403


def test_every_part_of_the_api_says_which_scopes_open_it() -> None:
    assert {tag for router in ROUTERS for tag in router.tags} == keys.PARTS.keys()


def test_a_session_that_is_ended_ends_at_once(client: TestClient, asha: Person) -> None:
    here = log_in(client, asha)
    elsewhere = client.post("/api/v1/auth/login", json=asha.login).json()
    there = {"Authorization": f"Bearer {elsewhere['access_token']}"}
    assert client.get(PROFILE, headers=there).status_code == 200
    lost = next(each for each in client.get("/api/v1/auth/sessions", headers=here).json() if not each["current"])

    assert client.delete(f"/api/v1/auth/sessions/{lost['id']}", headers=here).status_code == 204

    assert client.get(PROFILE, headers=there).status_code == 401
    again = client.post("/api/v1/auth/refresh", json={"refresh_token": elsewhere["refresh_token"]})
    assert again.status_code == 401


def test_the_use_of_a_session_is_written_down_every_few_minutes(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    headers = log_in(client, asha)
    clock.move(timedelta(minutes=6))
    counts = []
    for _ in range(2):
        with statements(runtime.database) as sent:
            client.get(PROFILE, headers=headers)
        counts.append(len([each for each in sent if each.startswith("UPDATE auth_session")]))

    assert counts == [1, 0]
    seen = client.get("/api/v1/auth/sessions", headers=headers).json()[0]["last_seen_at"]
    assert datetime.fromisoformat(seen) == clock.now()


def test_ended_keys_are_nobody(client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    headers = log_in(client, asha)
    revoked, short, closed = (bearer(client, headers, "course:learn", days=days) for days in (30, 1, 30))
    listed = client.get(KEYS, headers=headers).json()
    assert client.delete(f"{KEYS}/{listed[-1]['id']}", headers=headers).status_code == 204
    assert client.get(PROFILE, headers=revoked).status_code == 401
    assert client.get(PROFILE, headers=short).status_code == 200
    clock.move(timedelta(days=2))
    assert client.get(PROFILE, headers=short).status_code == 401
    assert client.get(PROFILE, headers=closed).status_code == 200
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        set_disabled(ctx, user_id=asha.id, disabled=True)
    assert client.get(PROFILE, headers=closed).status_code == 401


def test_forged_keys_are_nobody(client: TestClient, asha: Person) -> None:
    key = bearer(client, log_in(client, asha), "course:learn")["Authorization"]
    for forged in (
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        key[: len("Bearer mwk_") + 12],
        "Bearer mwk_",
        key + "x",
    ):
        assert client.get(PROFILE, headers={"Authorization": forged}).status_code == 401


def test_a_key_is_kept_as_a_hash_and_its_use_is_noted(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    headers = log_in(client, asha)
    key = bearer(client, headers, "course:learn")
    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        row = ctx.session.execute(select(ApiKey)).scalar_one()
        kept = f"{row.prefix} {row.secret_hash}"
    assert key["Authorization"].removeprefix("Bearer ") not in kept
    assert client.get(KEYS, headers=headers).json()[0]["last_used_at"] is None

    client.get(PROFILE, headers=key)

    assert client.get(KEYS, headers=headers).json()[0]["last_used_at"] is not None


def test_somebody_elses_key_and_device_are_not_there(client: TestClient, asha: Person, admin: Person) -> None:
    bearer(client, log_in(client, asha), "course:learn")
    theirs = client.get(KEYS, headers=log_in(client, asha)).json()[0]["id"]

    other = log_in(client, admin)

    assert client.delete(f"{KEYS}/{theirs}", headers=other).status_code == 404
    assert client.delete(f"/api/v1/auth/devices/{theirs}", headers=other).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "scopes": ["course:learn"]},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "scopes": ["course:learn"], "days": 9999},
    ],
)
def test_malformed_keys_are_told_so(client: TestClient, asha: Person, body: dict[str, object]) -> None:
    assert client.post(KEYS, json=body, headers=log_in(client, asha)).status_code == 422
