"""Logging in and out, refreshing, and every way to be refused."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from lms_core.identity.accounts import passwords
from lms_core.identity.accounts.models import AccountLink, User
from lms_core.identity.auth import service as auth
from lms_core.identity.auth import tokens
from lms_core.identity.auth.errors import RefreshRefused
from lms_core.identity.auth.models import AuthSession, RefreshToken
from lms_core.identity.auth.schemas import Client, Tokens
from lms_core.kit import running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, system_actor
from lms_core.kit.crypto import Keys
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from tests.factories.people import PASSWORD, Person, create_person, create_tenant, log_in
from workers.runtime import Runtime

LOGIN, REFRESH, PROFILE = "/api/v1/auth/login", "/api/v1/auth/refresh", "/api/v1/auth/profile"
Mailbox = Callable[[], list[EmailMessage]]
Drain = Callable[[], int]


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


def try_password(client: TestClient, person: Person, password: str) -> int:
    """The status of one login."""
    return client.post(LOGIN, json={"email": person.email, "password": password}).status_code


def profile_status(client: TestClient, token: str) -> int:
    """What the profile answers to an access token."""
    return client.get(PROFILE, headers={"Authorization": f"Bearer {token}"}).status_code


def claims_of(token: str) -> dict[str, object]:
    """The unverified claims of a token."""
    body = token.split(".")[1]
    claims: dict[str, object] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def test_refused_logins_look_the_same_from_outside(client: TestClient, asha: Person) -> None:
    wrong = client.post(LOGIN, json={"email": asha.email, "password": "not this one"})
    unknown = client.post(LOGIN, json={"email": "nobody@example.org", "password": PASSWORD})

    for answer in (wrong, unknown):
        assert answer.status_code == 401
    assert _without_id(wrong.json()) == _without_id(unknown.json())
    assert wrong.json()["code"] == "login_refused"


def _without_id(problem: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in problem.items() if key != "request_id"}


def test_an_unknown_address_costs_as_much_time_as_a_wrong_password(client: TestClient, asha: Person) -> None:
    def milliseconds(email: str) -> float:
        started = time.process_time()
        client.post(LOGIN, json={"email": email, "password": "not this one"})
        return (time.process_time() - started) * 1000

    milliseconds("warm@example.org")
    pairs = [(milliseconds(asha.email), milliseconds(f"nobody{number}@example.org")) for number in range(4)]
    known, unknown = (min(times) for times in zip(*pairs, strict=True))

    assert 1 / 3 < known / unknown < 3, "without the hash of nobody's password the ratio is above five"


MALFORMED: list[object] = [
    {"email": "' OR 1=1 --", "password": "x"},
    {"email": "asha@example.org' OR '1'='1", "password": "x"},
    {"email": "asha@example.org", "password": ""},
    {"email": "asha@example.org", "password": "x" * 10_000},
    {"email": "asha@example.org", "password": {"$ne": ""}},
    {"email": "asha@example.org"},
    [],
    "text",
]


def test_malformed_logins_are_told_so(client: TestClient) -> None:
    for body in MALFORMED:
        answer = client.post(LOGIN, json=body)

        assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), body


def test_wrong_passwords_of_any_shape_are_only_wrong(client: TestClient, asha: Person) -> None:
    for password in ("' OR '1'='1", "x" * 1000, "🔑" * 40):
        assert try_password(client, asha, password) == 401
    assert try_password(client, asha, PASSWORD) == 200


def test_a_password_may_be_composed_differently(client: TestClient) -> None:
    given = {"email": "wanjiku@example.org", "password": "Wanjiku\u0303 anasoma", "full_name": "W"}
    assert client.post("/api/v1/auth/register", json=given).status_code == 201

    assert client.post(LOGIN, json=given | {"password": "Wanjik\u0169 anasoma"}).status_code == 200


def test_an_account_pauses_after_five_wrong_passwords_and_nobody_can_tell(
    client: TestClient, asha: Person, clock: MovingClock, drain: Drain, mailbox: Mailbox
) -> None:
    before = [client.post(LOGIN, json={"email": asha.email, "password": "wrong wrong"}) for _ in range(5)]
    during = client.post(LOGIN, json=asha.login)

    assert {answer.status_code for answer in before} == {401}
    assert during.status_code == 401
    assert _without_id(during.json()) == _without_id(before[0].json())
    drain()
    assert [letter["Subject"] for letter in mailbox()] == ["Too many wrong passwords"]
    clock.move(timedelta(seconds=61))
    assert client.post(LOGIN, json=asha.login).status_code == 200


def test_each_further_wrong_password_pauses_twice_as_long_up_to_an_hour(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    pauses = []
    for _ in range(12):
        try_password(client, asha, "wrong wrong")
        with runtime.database.read(system_actor()) as ctx:
            until = ctx.session.execute(select(User.locked_until).where(User.id == asha.id)).scalar_one()
        if until is not None:
            pauses.append(int((until - clock.now()).total_seconds() // 60))
            clock.move(until - clock.now() + timedelta(seconds=1))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_tries_during_a_pause_do_not_lengthen_it(client: TestClient, asha: Person, clock: MovingClock) -> None:
    for _ in range(5):
        try_password(client, asha, "wrong wrong")
    clock.move(timedelta(seconds=50))
    for _ in range(5):
        try_password(client, asha, "wrong wrong")
    clock.move(timedelta(seconds=11))

    assert try_password(client, asha, PASSWORD) == 200


def test_a_right_password_forgets_the_wrong_ones(client: TestClient, asha: Person) -> None:
    for _ in range(3):
        for _ in range(4):
            try_password(client, asha, "wrong wrong")
        assert try_password(client, asha, PASSWORD) == 200


def test_too_many_tries_a_minute_are_slowed_down(client: TestClient, runtime: Runtime, asha: Person) -> None:
    runtime.settings.login_attempts_per_minute = 3
    answers = [client.post(LOGIN, json={"email": "nobody@example.org", "password": "x"}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 121
    assert client.post(LOGIN, json=asha.login).status_code == 200, "others at the same address still log in"


def test_a_hash_with_older_parameters_is_renewed_at_login(client: TestClient, runtime: Runtime, asha: Person) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with runtime.database.write(system_actor()) as ctx:
        ctx.session.execute(select(User).where(User.id == asha.id)).scalar_one().password_hash = old

    assert try_password(client, asha, PASSWORD) == 200
    with runtime.database.read(system_actor()) as ctx:
        stored = ctx.session.execute(select(User.password_hash).where(User.id == asha.id)).scalar_one()
    assert stored is not None and stored != old
    assert not passwords.needs_rehash(stored)
    assert try_password(client, asha, PASSWORD) == 200


def test_logging_out_ends_the_access_token_and_the_refresh_token(client: TestClient, asha: Person) -> None:
    pair = client.post(LOGIN, json=asha.login).json()
    bearer = {"Authorization": f"Bearer {pair['access_token']}"}

    assert client.post("/api/v1/auth/logout", headers=bearer).status_code == 204

    assert client.get(PROFILE, headers=bearer).status_code == 401
    assert client.post(REFRESH, json={"refresh_token": pair["refresh_token"]}).status_code == 401
    assert client.post("/api/v1/auth/logout", headers=bearer).status_code == 401


def test_refresh_gives_a_new_pair_and_the_session_goes_on(client: TestClient, asha: Person, clock: MovingClock) -> None:
    pair = client.post(LOGIN, json=asha.login).json()
    for _ in range(3):
        clock.move(timedelta(minutes=16))
        assert profile_status(client, pair["access_token"]) == 401
        answer = client.post(REFRESH, json={"refresh_token": pair["refresh_token"]})
        assert answer.status_code == 200
        assert answer.json()["refresh_token"] != pair["refresh_token"]
        pair = answer.json()
        assert profile_status(client, pair["access_token"]) == 200


def test_a_used_refresh_token_that_comes_again_ends_the_session(
    client: TestClient, runtime: Runtime, asha: Person
) -> None:
    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    first = client.post(LOGIN, json=asha.login).json()
    elsewhere = client.post(LOGIN, json=asha.login).json()
    second = client.post(REFRESH, json={"refresh_token": first["refresh_token"]}).json()

    stolen = client.post(REFRESH, json={"refresh_token": first["refresh_token"]})

    assert (stolen.status_code, stolen.json()["code"]) == (401, "refresh_refused")
    assert client.post(REFRESH, json={"refresh_token": second["refresh_token"]}).status_code == 401
    assert profile_status(client, second["access_token"]) == 401
    assert profile_status(client, elsewhere["access_token"]) == 200, "other sessions stand"
    listed = client.get("/api/v1/admin/audit?action=session.token_reused", headers=admin).json()["items"]
    assert [line["object_id"] for line in listed] == [str(asha.id)]


def test_unknown_refresh_tokens_are_refused(client: TestClient) -> None:
    for token in ("x", "' OR 1=1 --", "a" * 200):
        assert client.post(REFRESH, json={"refresh_token": token}).status_code == 401


def test_a_session_ends_after_its_days(client: TestClient, asha: Person, clock: MovingClock) -> None:
    pair = client.post(LOGIN, json=asha.login).json()
    clock.move(timedelta(days=30, seconds=1))

    assert client.post(REFRESH, json={"refresh_token": pair["refresh_token"]}).status_code == 401


def _forgeries(runtime: Runtime, good: str) -> dict[str, str]:
    claims = claims_of(good)
    key = OctKey.import_key(runtime.keys.derive(tokens.PURPOSE))
    head, body, signature = good.split(".")
    longer = base64.urlsafe_b64encode(json.dumps(claims | {"exp": 9_999_999_999}).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")

    def signed(changed: dict[str, object], *, alg: str = "HS256", by: OctKey = key) -> str:
        kept = {name: value for name, value in (claims | changed).items() if value is not None}
        return jwt.encode({"alg": alg}, kept, by, algorithms=[alg])

    return {
        "alg none": f"{none}.{body}.",
        "alg none with the old signature": f"{none}.{body}.{signature}",
        "no signature": f"{head}.{body}.",
        "changed body": f"{head}.{longer}.{signature}",
        "another key": signed({}, by=OctKey.import_key(Keys("another secret").derive(tokens.PURPOSE))),
        "a key for another purpose": signed({}, by=OctKey.import_key(runtime.keys.derive("csrf"))),
        "another algorithm": signed({}, alg="HS512"),
        "expired": signed({"exp": 1}),
        "no expiry": signed({"exp": None}),
        "expiry as text": signed({"exp": "9999999999"}),
        "expiry true": signed({"exp": True}),
        "unknown session": signed({"sid": str(new_id())}),
        "another person": signed({"sub": str(new_id())}),
        "no person": signed({"sub": None}),
        "sql for a person": signed({"sub": "' OR 1=1 --"}),
        "another tenant": signed({"tid": str(new_id())}),
        "garbage": "garbage",
        "dots": "...",
        "not ascii": "é.é.é",
        "long": "a" * 60_000,
    }


def test_forged_and_expired_access_tokens_are_refused(client: TestClient, runtime: Runtime, asha: Person) -> None:
    good = client.post(LOGIN, json=asha.login).json()["access_token"]
    assert profile_status(client, good) == 200

    for name, token in _forgeries(runtime, good).items():
        answer = client.get(PROFILE, headers={"Authorization": b"Bearer " + token.encode()})
        assert (name, answer.status_code) == (name, 401), answer.text
        assert answer.json()["code"] == "unauthenticated"


def test_a_token_is_good_in_its_own_institution_only(client: TestClient, runtime: Runtime, asha: Person) -> None:
    create_tenant(runtime.database, host="other.example.org")
    pair = client.post(LOGIN, json=asha.login).json()
    there = {"Host": "other.example.org"}

    assert profile_status(client, pair["access_token"]) == 200
    headers = there | {"Authorization": f"Bearer {pair['access_token']}"}
    assert client.get(PROFILE, headers=headers).status_code == 401
    assert client.post(REFRESH, json={"refresh_token": pair["refresh_token"]}, headers=there).status_code == 401
    assert client.post(LOGIN, json=asha.login, headers=there).status_code == 401
    assert client.post(REFRESH, json={"refresh_token": pair["refresh_token"]}).status_code == 200


def test_sessions_are_listed_and_can_be_ended_one_by_one(client: TestClient, runtime: Runtime, asha: Person) -> None:
    phone = client.post(LOGIN, json=asha.login, headers={"User-Agent": "Phone\x7f 1.0"}).json()
    laptop = log_in(client, asha)
    stranger = log_in(client, create_person(runtime.database))

    listed = client.get("/api/v1/auth/sessions", headers=laptop).json()

    assert [session["current"] for session in listed] == [True, False]
    assert listed[1]["user_agent"] == "Phone 1.0"
    lost = f"/api/v1/auth/sessions/{listed[1]['id']}"
    assert client.delete(lost, headers=stranger).status_code == 404
    assert client.delete(lost, headers=laptop).status_code == 204
    assert profile_status(client, phone["access_token"]) == 401
    assert client.get(PROFILE, headers=laptop).status_code == 200


def test_a_refresh_token_used_at_the_same_moment_works_once_at_most(
    client: TestClient, runtime: Runtime, asha: Person
) -> None:
    pair = client.post(LOGIN, json=asha.login).json()
    visitor = Actor(tenant_id=asha.tenant_id)

    def use(_number: int) -> Tokens | None:
        try:
            return auth.refresh(runtime.database, visitor=visitor, refresh_token=pair["refresh_token"], client=Client())
        except RefreshRefused:
            return None

    with ThreadPoolExecutor(6) as pool:
        won = [tokens for tokens in pool.map(use, range(6)) if tokens is not None]

    assert len(won) == 1
    assert profile_status(client, won[0].access_token) == 401, "the second use ended the session"


def test_what_expired_is_forgotten_and_what_stands_is_kept(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock, drain: Drain
) -> None:
    client.post(LOGIN, json=asha.login)
    client.post("/api/v1/auth/password/forgot", json={"email": asha.email})
    drain()
    clock.move(timedelta(days=30))
    pair = client.post(LOGIN, json=asha.login).json()
    clock.move(timedelta(days=8))

    running.plan_scheduled(runtime.database)
    drain()

    with runtime.database.read(system_actor()) as ctx:
        for table, left in ((AuthSession, 1), (RefreshToken, 1), (AccountLink, 0)):
            assert len(ctx.session.execute(select(table)).all()) == left
    assert client.post(REFRESH, json={"refresh_token": pair["refresh_token"]}).status_code == 200


def test_no_usable_secret_is_stored(client: TestClient, runtime: Runtime, asha: Person) -> None:
    pair = client.post(LOGIN, json=asha.login).json()

    with runtime.database.read(system_actor()) as ctx:
        rows = [
            vars(row)
            for table in (User, AuthSession, RefreshToken)
            for row in ctx.session.execute(select(table)).scalars()
        ]
    assert {"password_hash", "cookie_hash", "token_hash"} <= {name for row in rows for name in row}
    for secret in (PASSWORD, pair["access_token"], pair["refresh_token"]):
        assert secret not in str(rows)
