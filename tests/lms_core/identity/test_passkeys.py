"""Passkeys: adding, logging in, removing, and what a thief or a copied key may try."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.accounts.service import set_disabled
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.people import Person, create_person, log_in
from tests.simulators.authenticator import Authenticator
from workers.runtime import Runtime

PASSKEYS, LOGIN = "/api/v1/auth/passkeys", "/api/v1/auth/login/passkey"


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


def add(client: TestClient, headers: dict[str, str], device: Authenticator) -> Any:
    """The answer to adding the device's passkey."""
    begun = client.post(f"{PASSKEYS}/options", headers=headers).json()
    made = {"challenge": begun["challenge"], "name": "Telephone", "credential": device.create(begun["options"])}
    return client.post(PASSKEYS, json=made, headers=headers)


def use(client: TestClient, device: Authenticator) -> Any:
    """The answer to logging in with the device's passkey."""
    begun = client.post(f"{LOGIN}/options").json()
    return client.post(LOGIN, json={"challenge": begun["challenge"], "credential": device.get(begun["options"])})


def test_a_passkey_logs_its_owner_in(client: TestClient, asha: Person) -> None:
    headers, device = log_in(client, asha), Authenticator()
    assert add(client, headers, device).status_code == 201

    assert use(client, device).status_code == 204

    assert asha.email in client.get("/profile").text
    listed = client.get(PASSKEYS, headers=headers).json()
    assert [each["name"] for each in listed] == ["Telephone"] and listed[0]["last_used_at"] is not None


def test_a_removed_passkey_logs_nobody_in(client: TestClient, runtime: Runtime, asha: Person) -> None:
    headers, device = log_in(client, asha), Authenticator()
    made = add(client, headers, device).json()["id"]
    other = log_in(client, create_person(runtime.database))
    assert client.delete(f"{PASSKEYS}/{made}", headers=other).status_code == 404
    assert client.delete(f"{PASSKEYS}/{made}", headers=headers).status_code == 204

    assert use(client, device).json()["code"] == "passkey_refused"


CHANGES: list[Callable[[Authenticator], object]] = [
    lambda device: setattr(device, "site", "evil.example"),
    lambda device: setattr(device, "origin", "https://evil.example"),
    lambda device: setattr(device, "verified", False),
    lambda device: setattr(device, "sign_count", 0),
    lambda device: setattr(device, "key", Authenticator().key),
    lambda device: setattr(device, "credential_id", b"another credential"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_does_not_prove_the_key_is_refused(
    client: TestClient, asha: Person, change: Callable[[Authenticator], object]
) -> None:
    device = Authenticator(sign_count=5)
    assert add(client, log_in(client, asha), device).status_code == 201
    change(device)

    answer = use(client, device)

    assert (answer.status_code, answer.json()["code"]) == (401, "passkey_refused")
    assert "mwalimu_session" not in client.cookies


@pytest.mark.parametrize("wrong", [{"site": "evil.example"}, {"origin": "https://evil.example"}, {"verified": False}])
def test_a_passkey_of_another_site_is_not_taken(client: TestClient, asha: Person, wrong: dict[str, Any]) -> None:
    assert add(client, log_in(client, asha), Authenticator(**wrong)).json()["code"] == "passkey_not_taken"


def test_a_passkey_is_added_once(client: TestClient, runtime: Runtime, asha: Person) -> None:
    device = Authenticator()
    assert add(client, log_in(client, asha), device).status_code == 201
    other = log_in(client, create_person(runtime.database))
    assert add(client, other, device).json()["code"] == "passkey_not_taken"


def test_an_answer_works_once_and_for_five_minutes(client: TestClient, asha: Person, clock: MovingClock) -> None:
    device = Authenticator()
    add(client, log_in(client, asha), device)
    begun = client.post(f"{LOGIN}/options").json()
    given = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    assert client.post(LOGIN, json=given).status_code == 204
    client.cookies.clear()
    assert client.post(LOGIN, json=given).json()["code"] == "challenge_expired"
    late = client.post(f"{LOGIN}/options").json()
    clock.move(timedelta(minutes=6))
    given = {"challenge": late["challenge"], "credential": device.get(late["options"])}
    assert client.post(LOGIN, json=given).json()["code"] == "challenge_expired"


def test_a_closed_account_stays_closed(client: TestClient, runtime: Runtime, asha: Person) -> None:
    device = Authenticator()
    add(client, log_in(client, asha), device)
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        set_disabled(ctx, user_id=asha.id, disabled=True)

    assert use(client, device).status_code == 403


@pytest.mark.parametrize("credential", [{}, {"id": 5}, {"id": "x" * 5000}, {"id": "a b"}, {"id": "a", "response": []}])
def test_nonsense_is_refused(client: TestClient, credential: dict[str, Any]) -> None:
    begun = client.post(f"{LOGIN}/options").json()
    answer = client.post(LOGIN, json={"challenge": begun["challenge"], "credential": credential})
    assert (answer.status_code, answer.json()["code"]) == (401, "passkey_refused")


def test_a_refused_answer_uses_its_challenge_up_and_is_written_down(
    client: TestClient, runtime: Runtime, asha: Person
) -> None:
    device = Authenticator(sign_count=5)
    add(client, log_in(client, asha), device)
    begun = client.post(f"{LOGIN}/options").json()
    copied = Authenticator(credential_id=device.credential_id, key=device.key, sign_count=0)
    behind = {"challenge": begun["challenge"], "credential": copied.get(begun["options"])}
    assert client.post(LOGIN, json=behind).json()["code"] == "passkey_refused"

    right = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    assert client.post(LOGIN, json=right).json()["code"] == "challenge_expired"

    admin = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    lines = client.get("/api/v1/admin/audit?action=login.passkey_refused", headers=admin).json()["items"]
    assert [each["object_id"] for each in lines] == [str(asha.id)]
    assert "sign count" in lines[0]["details"]["why"]


def test_a_passkey_is_renamed_by_its_owner(client: TestClient, runtime: Runtime, asha: Person) -> None:
    headers = log_in(client, asha)
    address = f"{PASSKEYS}/{add(client, headers, Authenticator()).json()['id']}"
    other = log_in(client, create_person(runtime.database))

    assert client.patch(address, json={"name": "Mine now"}, headers=other).status_code == 404
    assert client.patch(address, json={"name": " "}, headers=headers).status_code == 422
    assert client.patch(address, json={"name": "Blue telephone"}, headers=headers).json()["name"] == "Blue telephone"


def test_a_challenge_is_for_whom_and_for_what_it_was_made(client: TestClient, runtime: Runtime, asha: Person) -> None:
    headers, device = log_in(client, asha), Authenticator()
    other = log_in(client, create_person(runtime.database))
    begun = client.post(f"{PASSKEYS}/options", headers=headers).json()
    made = {"challenge": begun["challenge"], "name": "x", "credential": device.create(begun["options"])}
    assert client.post(PASSKEYS, json=made, headers=other).json()["code"] == "challenge_expired"
    for_login = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    assert client.post(LOGIN, json=for_login).json()["code"] == "challenge_expired"
    assert client.post(PASSKEYS, json=made, headers=headers).status_code == 201
    assert client.post(PASSKEYS, json=made, headers=headers).json()["code"] == "challenge_expired"
