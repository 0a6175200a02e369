"""Changing a password, and getting back in without it."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.accounts import passwords
from lms_core.kit.clock import MovingClock
from tests.factories.people import PASSWORD, Person, create_person, log_in
from tests.lms_core.identity.test_register import token_in
from workers.runtime import Runtime

Mailbox = Callable[[], list[EmailMessage]]
Drain = Callable[[], int]
FORGOT, RESET, CHANGE = (f"/api/v1/auth/password/{verb}" for verb in ("forgot", "reset", "change"))
NEW = "seven tall quiet trees"


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


def login_status(client: TestClient, person: Person, password: str) -> int:
    """The status of a login with this password."""
    return client.post("/api/v1/auth/login", json={"email": person.email, "password": password}).status_code


def reset_token(client: TestClient, person: Person, drain: Drain, mailbox: Mailbox) -> str:
    """The token of a fresh reset link."""
    assert client.post(FORGOT, json={"email": person.email}).status_code == 202
    drain()
    return token_in(mailbox()[-1])


def test_a_forgotten_password_is_replaced_by_a_mailed_link(
    client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox
) -> None:
    old_session = log_in(client, asha)
    token = reset_token(client, asha, drain, mailbox)

    assert client.post(RESET, json={"token": token, "password": NEW}).status_code == 204

    assert login_status(client, asha, NEW) == 200
    assert login_status(client, asha, PASSWORD) == 401
    assert client.get("/api/v1/auth/profile", headers=old_session).status_code == 401
    drain()
    assert mailbox()[-1]["Subject"] == "Your password was changed"


def test_asking_tells_nothing_about_who_has_an_account(
    client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox
) -> None:
    known = client.post(FORGOT, json={"email": asha.email})
    unknown = client.post(FORGOT, json={"email": "nobody@example.org"})
    drain()

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [letter["To"] for letter in mailbox()] == [asha.email]


def test_a_reset_link_works_once_within_an_hour_and_ends_the_others(
    client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox, clock: MovingClock
) -> None:
    first, second = (reset_token(client, asha, drain, mailbox) for _ in range(2))
    assert client.post(RESET, json={"token": second, "password": NEW}).status_code == 204
    for used in (first, second):
        answer = client.post(RESET, json={"token": used, "password": NEW})
        assert (answer.status_code, answer.json()["code"]) == (410, "link_expired")

    late = reset_token(client, asha, drain, mailbox)
    clock.move(timedelta(hours=1, seconds=1))
    assert client.post(RESET, json={"token": late, "password": NEW}).status_code == 410


def test_a_weak_password_does_not_use_the_link_up(
    client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox
) -> None:
    token = reset_token(client, asha, drain, mailbox)

    weak = client.post(RESET, json={"token": token, "password": asha.email})

    assert (weak.status_code, weak.json()["code"]) == (422, "weak_password")
    assert client.post(RESET, json={"token": token, "password": NEW}).status_code == 204


def test_a_link_to_confirm_an_address_does_not_reset_a_password(
    client: TestClient, runtime: Runtime, drain: Drain, mailbox: Mailbox
) -> None:
    create_person(runtime.database, verified=False)
    drain()

    token = token_in(mailbox()[-1])

    assert client.post(RESET, json={"token": token, "password": NEW}).status_code == 410
    assert client.post("/api/v1/auth/verify-email", json={"token": token}).status_code == 204


def test_a_reset_ends_a_pause(client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox) -> None:
    for _ in range(5):
        login_status(client, asha, "wrong wrong")
    assert login_status(client, asha, PASSWORD) == 401
    token = reset_token(client, asha, drain, mailbox)
    client.post(RESET, json={"token": token, "password": NEW})

    assert login_status(client, asha, NEW) == 200


def test_a_mailbox_cannot_be_flooded(client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox) -> None:
    for _ in range(9):
        client.post(FORGOT, json={"email": asha.email})
    drain()

    assert len(mailbox()) == 5


def test_changing_keeps_this_session_and_ends_the_others(client: TestClient, asha: Person) -> None:
    here, elsewhere = log_in(client, asha), log_in(client, asha)

    changed = client.post(CHANGE, json={"current_password": PASSWORD, "new_password": NEW}, headers=here)

    assert changed.status_code == 204
    assert client.get("/api/v1/auth/profile", headers=here).status_code == 200
    assert client.get("/api/v1/auth/profile", headers=elsewhere).status_code == 401
    assert login_status(client, asha, NEW) == 200


@pytest.mark.parametrize(
    ("current", "new", "status", "code"),
    [
        ("not this one", NEW, 403, "wrong_password"),
        (PASSWORD, "short", 422, "malformed"),
        (PASSWORD, "x" * 10_000, 422, "malformed"),
        (PASSWORD, "password1234", 422, "weak_password"),
        ("", NEW, 422, "malformed"),
    ],
)
def test_changes_that_are_refused(
    client: TestClient, asha: Person, current: str, new: str, status: int, code: str
) -> None:
    here = log_in(client, asha)

    answer = client.post(CHANGE, json={"current_password": current, "new_password": new}, headers=here)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert login_status(client, asha, PASSWORD) == 200


def test_guessing_the_present_password_is_slowed_down(client: TestClient, runtime: Runtime, asha: Person) -> None:
    here = log_in(client, asha)
    runtime.settings.login_attempts_per_minute = 2
    guess = {"current_password": "not this one", "new_password": NEW}

    assert [client.post(CHANGE, json=guess, headers=here).status_code for _ in range(3)] == [403, 403, 429]


def test_a_letter_is_sent_again_after_the_mail_server_failed(
    client: TestClient, asha: Person, drain: Drain, mailbox: Mailbox, runtime: Runtime, clock: MovingClock
) -> None:
    folder = runtime.settings.data_dir.parent / "mail"
    folder.rename(folder.with_name("away"))
    client.post(FORGOT, json={"email": asha.email})
    drain()
    folder.with_name("away").rename(folder)
    assert mailbox() == []

    clock.move(timedelta(minutes=1))
    drain()

    assert client.post(RESET, json={"token": token_in(mailbox()[-1]), "password": NEW}).status_code == 204


def test_hashes_name_their_parameters_and_differ_for_the_same_password() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)

    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.matches(first, PASSWORD)
    assert not passwords.matches(first, PASSWORD + " ")
    assert not passwords.matches(None, "the password of no account at all")
    assert not passwords.matches("not a hash", PASSWORD)
