"""The pages that keep an account safe, as people without scripts use them."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.web.permission_words import PERMISSIONS
from lms_core.identity.apikeys import service as apikeys
from lms_core.identity.apikeys.schemas import NewApiKey
from lms_core.identity.secondfactor import totp
from lms_core.kit.clock import MovingClock
from lms_core.kit.permissions import Permission, Role
from tests.api.test_pages import Visitor
from tests.factories.courses import create_course, statements
from tests.factories.people import Person, actor_of, create_person, log_in
from tests.lms_core.identity.test_passkeys import add
from tests.lms_core.identity.test_second_factor import code_of
from tests.serving import app_of
from tests.simulators.authenticator import Authenticator
from workers.runtime import Runtime

SECURITY = "/profile/security"
MOST_STATEMENTS = 6


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


@pytest.fixture
def visitor(runtime: Runtime, asha: Person) -> Visitor:
    """The learner's browser."""
    return Visitor(runtime).log_in(asha)


def test_codes_are_turned_on_used_and_turned_off(
    runtime: Runtime, visitor: Visitor, asha: Person, clock: MovingClock
) -> None:
    setup = visitor.post(f"{SECURITY}/codes", page=SECURITY)
    secret = re.findall(r'<code class="secret">([A-Z2-7]+)</code>', setup.text)[0]
    assert "data:image/svg" in setup.text
    wrong = visitor.post(f"{SECURITY}/codes/confirm", {"code": "000000"}, page=SECURITY)
    assert wrong.status_code == 403 and "mistyped" in wrong.text and secret in wrong.text
    right = visitor.post(f"{SECURITY}/codes/confirm", {"code": code_of(secret, clock)}, page=SECURITY)
    assert len(re.findall(r"<li><code>[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}</code></li>", right.text)) == 10
    assert right.headers["cache-control"] == "private, no-store"

    clock.move(timedelta(minutes=2))
    another = Visitor(runtime)
    asked = another.client.post("/login", data={**asha.login, "next": "/profile"})
    challenge = re.findall(r'name="challenge" value="([^"]+)"', asked.text)[0]
    form = {"challenge": challenge, "code": code_of(secret, clock), "next": "/profile"}
    assert another.client.post("/login/second-step", data=form).url.path == "/profile"

    clock.move(timedelta(minutes=2))
    refused = visitor.post(f"{SECURITY}/codes/off", {"code": "000000"}, page=SECURITY)
    assert refused.status_code == 403 and "mistyped" in refused.text
    assert (
        "Set up an authenticator"
        in visitor.post(f"{SECURITY}/codes/off", {"code": code_of(secret, clock)}, page=SECURITY).text
    )


def test_passkeys_are_renamed_and_removed(client: TestClient, visitor: Visitor, asha: Person) -> None:
    passkey = add(client, log_in(client, asha), Authenticator()).json()["id"]
    assert "Telephone" in visitor.get(SECURITY).text

    renamed = visitor.post(f"{SECURITY}/passkeys/{passkey}/rename", {"name": "Blue one"}, page=SECURITY)
    assert "Blue one" in renamed.text and "Telephone" not in renamed.text
    empty = visitor.post(f"{SECURITY}/passkeys/{passkey}/rename", {"name": " "}, page=SECURITY)
    assert empty.status_code == 422
    removed = visitor.post(f"{SECURITY}/passkeys/{passkey}/remove", page=SECURITY)
    assert "The passkey is removed here" in removed.text and "Blue one" not in removed.text


def test_devices_are_named_and_logged_out(runtime: Runtime, visitor: Visitor, asha: Person) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36"
    phone = TestClient(app_of(runtime), headers={"user-agent": agent, "accept": "text/html"})
    phone.post("/login", data=asha.login)
    page = visitor.get(f"{SECURITY}/devices").text
    assert "Chrome on Android" in page and page.count("This device") == 1 and "A login from a new device" in page
    address = re.findall(rf'action="({SECURITY}/sessions/[^/"]+/end)"', page)[0]
    alert = re.findall(rf'action="({SECURITY}/alerts/[^"]+)"', page)[0]

    assert "That device is logged out." in visitor.post(address, page=SECURITY).text
    assert phone.get("/profile").url.path == "/login"
    assert "It was me" not in visitor.post(alert, page=SECURITY).text
    phone.post("/login", data=asha.login)
    assert "Every other device is logged out" in visitor.post(f"{SECURITY}/sessions/end", page=SECURITY).text
    assert phone.get("/profile").url.path == "/login"
    assert visitor.get("/profile").url.path == "/profile"


def test_a_key_is_shown_once_and_revoked(client: TestClient, visitor: Visitor) -> None:
    form = {"name": "Backup script", "days": "30", "scopes": "course:learn"}
    made = visitor.post(f"{SECURITY}/keys", form, page=SECURITY)
    key = re.findall(r"mwk_[0-9a-f]{12}_[\w-]+", made.text)[0]
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/v1/my-courses", headers=bearer).status_code == 200

    page = visitor.get(f"{SECURITY}/keys").text
    assert "Backup script" in page and key not in page and "last used" in page
    address = re.findall(rf'action="({SECURITY}/keys/[^"]+/revoke)"', page)[0]
    assert "You have no key." in visitor.post(address, page=SECURITY).text
    assert client.get("/api/v1/my-courses", headers=bearer).status_code == 401


def test_a_key_needs_a_name_an_end_and_a_scope(visitor: Visitor) -> None:
    answer = visitor.post(f"{SECURITY}/keys", {"name": " ", "days": "soon"}, page=SECURITY)
    assert answer.status_code == 422
    assert all(said in answer.text for said in ("Please write a name.", "from 1 to 365", "Please choose at least one."))


def test_scopes_are_offered_as_far_as_one_holds_them(runtime: Runtime) -> None:
    instructor = create_person(runtime.database, role=Role.INSTRUCTOR)
    assert set(PERMISSIONS) == set(Permission)
    before = Visitor(runtime).log_in(instructor).get(f"{SECURITY}/keys").text
    create_course(runtime.database, instructor)
    after = Visitor(runtime).log_in(instructor).get(f"{SECURITY}/keys").text
    assert 'value="course:edit"' in after and 'value="course:edit"' not in before
    assert 'value="account:manage"' not in after


def test_pages_are_few_statements_however_much_they_list(runtime: Runtime, visitor: Visitor, asha: Person) -> None:
    with runtime.database.write(actor_of(runtime.database, asha)) as ctx:
        for number in range(20):
            apikeys.make(ctx, new=NewApiKey(name=f"Key {number}", scopes={Permission.COURSE_LEARN}))
    for number in range(12):
        TestClient(app_of(runtime), headers={"user-agent": f"device{number}"}).post("/login", data=asha.login)
    counts = {}
    for path in ("", "/devices", "/keys"):
        visitor.get(SECURITY + path)
        with statements(runtime.database) as sent:
            assert visitor.get(SECURITY + path).status_code == 200
        counts[path] = len(sent)
    assert max(counts.values()) <= MOST_STATEMENTS, counts


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "javascript:alert(1)"])
def test_a_login_leads_nowhere_else(visitor: Visitor, runtime: Runtime, target: str) -> None:
    stranger = Visitor(runtime)
    refused = stranger.client.post("/login", data={"email": "a@example.org", "password": "wrong", "next": target})
    assert refused.status_code == 401 and "evil" not in refused.text and "alert(1)" not in refused.text


def test_the_address_of_a_qr_code_is_what_applications_read(runtime: Runtime, asha: Person) -> None:
    address = totp.address(b"12345678901234567890", account=asha.email, issuer="Mwalimu")
    assert address == (
        f"otpauth://totp/Mwalimu:{asha.email}?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mwalimu&digits=6&period=30"
    )
