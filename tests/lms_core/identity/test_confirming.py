"""A fresh proof before what a stolen session must not do: which routes ask, what counts, and for how long."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from lms_core.identity.secondfactor import totp
from lms_core.kit.clock import MovingClock
from lms_core.kit.ids import new_id
from lms_core.kit.permissions import Role
from tests.api.test_pages import Visitor
from tests.factories.people import PASSWORD, Person, create_person, log_in
from tests.lms_core.identity.test_passkeys import add as add_passkey
from tests.simulators.authenticator import Authenticator
from workers.runtime import Runtime

AUTH = "/api/v1/auth"
STALE = timedelta(minutes=15)
Headers = dict[str, str]
ASKING: list[tuple[str, str, dict[str, Any] | None]] = [
    ("POST", "/keys", {"name": "Reader", "scopes": ["course:learn"], "days": 30}),
    ("DELETE", f"/keys/{new_id()}", None),
    ("POST", "/passkeys/options", None),
    ("DELETE", f"/passkeys/{new_id()}", None),
    ("POST", "/second-factor", None),
    ("POST", "/second-factor/confirm", {"code": "123456"}),
    ("POST", "/data-exports", None),
    ("GET", f"/data-exports/{new_id()}/content", None),
    ("POST", "/deletion", {}),
]


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner, beside an administrator."""
    create_person(runtime.database, role=Role.ADMIN)
    return create_person(runtime.database)


class Program:
    """A session held by tokens, which are renewed: that proves nothing anew."""

    def __init__(self, client: TestClient, person: Person) -> None:
        self.client = client
        self.tokens = client.post(f"{AUTH}/login", json=person.login).json()

    @property
    def headers(self) -> Headers:
        """The headers of its requests."""
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def renew(self) -> Headers:
        """New tokens of the same session."""
        given = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = self.client.post(f"{AUTH}/refresh", json=given).json()
        return self.headers


def confirm(client: TestClient, headers: Headers, **proof: str) -> Any:
    """The answer to a proof."""
    return client.post(f"{AUTH}/confirm", json=proof, headers=headers)


def codes(client: TestClient, headers: Headers, clock: MovingClock) -> Callable[[], str]:
    """Turn codes on, and say what gives the next one."""
    secret = base64.b32decode(client.post(f"{AUTH}/second-factor", headers=headers).json()["secret"].replace(" ", ""))

    def following() -> str:
        clock.move(timedelta(seconds=30))
        return totp.code_at(secret, totp.step_of(clock.now()))

    assert client.post(f"{AUTH}/second-factor/confirm", json={"code": following()}, headers=headers).status_code == 200
    return following


def test_a_stale_session_is_asked_and_a_fresh_one_is_not(
    client: TestClient, asha: Person, clock: MovingClock, runtime: Runtime
) -> None:
    program = Program(client, asha)
    headers = program.headers
    key = client.post(f"{AUTH}/keys", json=ASKING[0][2], headers=headers).json()["key"]
    clock.move(STALE)
    headers = program.renew()
    for method, path, body in ASKING:
        refused = client.request(method, AUTH + path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "confirm_first"), path
        assert refused.json()["confirm"] == f"{AUTH}/confirm"
        by_key = client.request(method, AUTH + path, json=body, headers={"Authorization": f"Bearer {key}"})
        assert (by_key.status_code, by_key.json()["code"]) == (403, "forbidden"), path
    assert confirm(client, {"Authorization": f"Bearer {key}"}, password=PASSWORD).status_code == 403
    assert client.get(f"{AUTH}/confirm", headers=headers).json() == {
        "fresh_until": None,
        "password": True,
        "code": False,
        "passkey": False,
    }
    assert confirm(client, headers, password="not this one").json()["code"] == "wrong_password"
    assert confirm(client, headers, code="123456").json()["code"] == "second_factor_off"
    assert client.request("POST", f"{AUTH}/second-factor", headers=headers).status_code == 403

    assert confirm(client, headers, password=PASSWORD).status_code == 200
    clock.move(STALE - timedelta(seconds=1))
    assert client.get(f"{AUTH}/confirm", headers=headers).json()["fresh_until"] is not None
    assert client.post(f"{AUTH}/second-factor", headers=headers).status_code == 201
    clock.move(timedelta(seconds=1))
    headers = program.renew()
    assert client.post(f"{AUTH}/second-factor", headers=headers).json()["code"] == "confirm_first"
    other_session = log_in(client, asha)
    assert client.post(f"{AUTH}/second-factor", headers=other_session).status_code == 201, "a login is a proof"
    assert client.post(f"{AUTH}/second-factor", headers=headers).status_code == 403, "of its own session"


def test_a_code_and_a_passkey_prove_it_too(
    client: TestClient, asha: Person, clock: MovingClock, runtime: Runtime
) -> None:
    program, device = Program(client, asha), Authenticator()
    headers = program.headers
    assert add_passkey(client, headers, device).status_code == 201
    following = codes(client, headers, clock)
    clock.move(STALE)
    headers, taken = program.renew(), following()
    assert confirm(client, headers, code=taken).status_code == 200
    assert confirm(client, headers, code=taken).json()["code"] == "code_refused", "a code counts once"
    clock.move(STALE)
    headers = program.renew()
    begun = client.post(f"{AUTH}/confirm/passkey/options", headers=headers).json()
    assert [each["id"] for each in begun["options"]["allowCredentials"]] == [device.create({"challenge": ""})["id"]]
    stranger = Authenticator()
    others = log_in(client, create_person(runtime.database))
    assert add_passkey(client, others, stranger).status_code == 201
    theirs = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    assert client.post(f"{AUTH}/confirm/passkey", json=theirs, headers=others).json()["code"] == "challenge_expired"
    wrong = {"challenge": begun["challenge"], "credential": stranger.get(begun["options"])}
    assert client.post(f"{AUTH}/confirm/passkey", json=wrong, headers=headers).json()["code"] == "passkey_refused"
    begun = client.post(f"{AUTH}/confirm/passkey/options", headers=headers).json()
    right = {"challenge": begun["challenge"], "credential": device.get(begun["options"])}
    assert client.post(f"{AUTH}/confirm/passkey", json=right, headers=headers).status_code == 200
    assert client.post(f"{AUTH}/passkeys/options", headers=headers).status_code == 200


def test_acting_as_somebody_asks_and_closes_the_way(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    admin = create_person(runtime.database, role=Role.ADMIN)
    desk = Visitor(runtime).log_in(admin)
    clock.move(STALE)
    at = f"/admin/users/{asha.id}"
    desk.get(at)
    asked = desk.post(f"{at}/act", {"reason": "She asked for help"})
    assert asked.url.path == "/confirm"
    assert desk.post("/confirm", {"password": PASSWORD, "next": at}).url.path == at
    assert "You are acting as" in desk.post(f"{at}/act", {"reason": "She asked for help"}).text
    assert desk.get("/confirm").status_code == 403
    assert desk.post("/confirm", {"password": PASSWORD}).status_code == 403


def test_a_page_leads_back_to_this_site_alone(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    browser = Visitor(runtime).log_in(asha)
    clock.move(STALE)
    page = browser.get("/confirm?next=https://evil.example/")
    assert 'name="next" value="/profile/security"' in page.text
    assert browser.post("/confirm", {"password": PASSWORD, "next": "//evil.example"}).url.path == "/profile/security"
    browser.get("/profile/security/keys")
    clock.move(STALE)
    made = browser.post("/profile/security/keys", {"name": "Mine", "days": "30", "scopes": "course:learn"})
    assert made.url.path == "/confirm"
