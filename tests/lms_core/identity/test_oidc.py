"""Logging in by OpenID Connect: the way there and back, linking, and everything a bad provider or thief may send."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from joserfc.jwk import RSAKey
from sqlalchemy import select

from lms_core.identity.accounts.models import User
from lms_core.identity.oidc import protocol
from lms_core.identity.oidc.models import OidcProvider, SocialAccount
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.permissions import Role
from tests.factories.people import Person, create_person, create_tenant, log_in
from tests.simulators import oidc_provider
from tests.simulators.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider
from workers.runtime import Runtime

GIVEN = {"sub": "google-1", "email": "asha@example.org", "email_verified": True, "name": "Asha Otieno"}


@pytest.fixture
def provider(client: TestClient, runtime: Runtime, clock: MovingClock) -> Iterator[Provider]:
    """A provider that an administrator registered as `school`."""
    admin = create_person(runtime.database, role=Role.ADMIN)
    with oidc_provider.serving(clock.now) as running:
        register(client, log_in(client, admin), running)
        yield running


def register(client: TestClient, headers: dict[str, str], provider: Provider, **more: str) -> Response:
    """What an administrator posts."""
    new = {"slug": "school", "name": "School", "issuer": provider.issuer, "client_id": CLIENT_ID}
    answer: Response = client.post(
        "/api/v1/admin/providers", json={**new, "client_secret": CLIENT_SECRET, **more}, headers=headers
    )
    return answer


def come_back(client: TestClient, provider: Provider, **person: Any) -> Response:
    """A whole login; the answer to the browser that comes back."""
    client.cookies.delete("mwalimu_session")
    left = client.get("/login/with/school", follow_redirects=False)
    assert left.status_code == 303, left.text
    query = provider.consent(left.headers["location"], **(GIVEN | person))
    answer: Response = client.get(f"/login/with/school/back?{query}", follow_redirects=False)
    return answer


def linked(runtime: Runtime, person: Person) -> list[SocialAccount]:
    """The foreign accounts of somebody."""
    with runtime.database.read(system_actor(person.tenant_id)) as ctx:
        wanted = select(SocialAccount).where(SocialAccount.user_id == person.id)
        return list(ctx.session.execute(wanted).scalars())


def test_the_pkce_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert protocol.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_somebody_new_gets_an_account_and_comes_again(client: TestClient, provider: Provider) -> None:
    assert "School" in client.get("/login").text
    first = come_back(client, provider)
    assert (first.status_code, first.headers["location"]) == (303, "/my-courses")
    assert "asha@example.org" in client.get("/profile").text

    again = come_back(client, provider, email="renamed@example.org")

    assert again.status_code == 303
    assert "asha@example.org" in client.get("/profile").text, "a person is known by the subject, not by the address"


def test_a_confirmed_account_is_linked(client: TestClient, runtime: Runtime, provider: Provider) -> None:
    asha = create_person(runtime.database, email="asha@example.org")

    assert come_back(client, provider).status_code == 303

    assert [each.subject for each in linked(runtime, asha)] == ["google-1"]


@pytest.mark.parametrize(("confirmed_here", "confirmed_there"), [(False, True), (True, False), (False, False)])
def test_an_account_is_not_linked_unless_both_sides_confirmed_the_address(
    client: TestClient, runtime: Runtime, provider: Provider, confirmed_here: bool, confirmed_there: bool
) -> None:
    asha = create_person(runtime.database, email="asha@example.org", verified=confirmed_here)

    answer = come_back(client, provider, email_verified=confirmed_there)

    assert answer.status_code == 409
    assert "mwalimu_session" not in client.cookies
    assert linked(runtime, asha) == []


def forged(header: dict[str, str], claims: dict[str, Any], secret: str | None) -> str:
    """A token that needs no key of the provider: unsigned, or signed with what it shares with us."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in (header, claims)]
    said = ".".join(parts)
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest() if secret else b""
    return f"{said}." + base64.urlsafe_b64encode(digest).decode().rstrip("=")


WRONG: list[dict[str, Any]] = [
    {"nonce": "another"},
    {"aud": "another-client"},
    {"aud": [CLIENT_ID, "another"], "azp": "another"},
    {"azp": "another"},
    {"iss": "https://accounts.example.org"},
    {"exp": 1},
    {"iat": 1},
    {"iat": 99999999999},
    {"sub": ""},
    {"exp": "tomorrow"},
]


@pytest.mark.parametrize("claims", WRONG)
def test_a_token_with_a_wrong_claim_is_refused(client: TestClient, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims

    answer = come_back(client, provider)

    assert answer.status_code == 401
    assert "mwalimu_session" not in client.cookies


@pytest.mark.parametrize("kid", ["unknown", "first"])
def test_a_token_of_another_key_is_refused(client: TestClient, provider: Provider, kid: str) -> None:
    provider.signer = RSAKey.generate_key(2048, {"kid": kid})

    assert come_back(client, provider).status_code == 401


def test_a_renewed_key_is_fetched(client: TestClient, provider: Provider) -> None:
    assert come_back(client, provider).status_code == 303
    provider.key = RSAKey.generate_key(2048, {"kid": "second"})

    assert come_back(client, provider).status_code == 303


def test_a_state_works_once_in_the_browser_that_left_and_for_five_minutes(
    client: TestClient, provider: Provider, clock: MovingClock
) -> None:
    query = provider.consent(client.get("/login/with/school", follow_redirects=False).headers["location"], **GIVEN)
    back = f"/login/with/school/back?{query}"
    state = client.cookies["mwalimu_state"]
    client.cookies.clear()
    assert client.get(back, follow_redirects=False).status_code == 401, "another browser"
    client.cookies.set("mwalimu_state", state, path="/login/with")
    assert client.get(back, follow_redirects=False).status_code == 303
    client.cookies.clear()
    client.cookies.set("mwalimu_state", state, path="/login/with")
    assert client.get(back, follow_redirects=False).status_code == 401, "used"
    client.cookies.clear()
    late = provider.consent(client.get("/login/with/school", follow_redirects=False).headers["location"], **GIVEN)
    clock.move(timedelta(minutes=6))
    assert client.get(f"/login/with/school/back?{late}", follow_redirects=False).status_code == 401


def test_a_made_up_code_is_refused(client: TestClient, provider: Provider) -> None:
    client.get("/login/with/school", follow_redirects=False)
    state = client.cookies["mwalimu_state"]

    assert client.get(f"/login/with/school/back?state={state}&code=x", follow_redirects=False).status_code == 401


def test_who_cancels_there_is_back_at_the_login(client: TestClient, provider: Provider) -> None:
    client.get("/login/with/school", follow_redirects=False)
    state = client.cookies["mwalimu_state"]

    back = client.get(f"/login/with/school/back?state={state}&error=access_denied", follow_redirects=False)

    assert (back.status_code, back.headers["location"]) == (303, "/login")


def test_a_token_without_a_signature_or_signed_with_our_secret_is_refused(
    client: TestClient, provider: Provider
) -> None:
    for header, key in (({"alg": "none"}, None), ({"alg": "HS256", "kid": "first"}, CLIENT_SECRET)):
        provider.forge = lambda claims, header=header, key=key: forged(header, claims, key)
        assert come_back(client, provider).status_code == 401
        assert "mwalimu_session" not in client.cookies


def test_one_state_opens_one_session_however_it_ended(client: TestClient, provider: Provider) -> None:
    provider.claims = {"nonce": "another"}
    query = provider.consent(client.get("/login/with/school", follow_redirects=False).headers["location"], **GIVEN)
    assert client.get(f"/login/with/school/back?{query}", follow_redirects=False).status_code == 401
    provider.claims = {}

    again = client.get(f"/login/with/school/back?{query}", follow_redirects=False)

    assert again.status_code == 401 and "took too long" in again.text


def test_a_closed_account_stays_closed(client: TestClient, runtime: Runtime, provider: Provider) -> None:
    come_back(client, provider)
    with runtime.database.write(system_actor(create_person(runtime.database).tenant_id)) as ctx:
        row = ctx.session.execute(select(User).where(User.email_key == "asha@example.org")).scalar_one()
        row.disabled_at = ctx.now

    assert come_back(client, provider).status_code == 403


def test_a_provider_of_one_domain_takes_no_other(client: TestClient, runtime: Runtime, provider: Provider) -> None:
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    listed = client.get("/api/v1/auth/providers").json()
    assert client.delete(f"/api/v1/admin/providers/{listed[0]['id']}", headers=headers).status_code == 204
    assert register(client, headers, provider, domain="school.ac.ke").status_code == 201

    assert come_back(client, provider).status_code == 403
    assert come_back(client, provider, email="asha@evil-school.ac.ke").status_code == 403
    assert come_back(client, provider, email="asha@school.ac.ke").status_code == 303


def test_a_provider_that_is_gone_is_told(client: TestClient, runtime: Runtime) -> None:
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))
    gone = Provider(issuer="http://127.0.0.1:9", now=None)
    register(client, headers, gone)

    assert client.get("/login/with/school", follow_redirects=False).status_code == 503
    assert client.get("/login/with/nothing", follow_redirects=False).status_code == 404


def test_providers_are_the_administrators_and_each_institutions_own(
    client: TestClient, runtime: Runtime, provider: Provider
) -> None:
    learner = log_in(client, create_person(runtime.database))
    assert register(client, learner, provider, slug="mine").status_code == 403
    create_tenant(runtime.database, host="other.example.org")
    assert client.get("/api/v1/auth/providers", headers={"host": "other.example.org"}).json() == []
    assert CLIENT_SECRET not in client.get("/api/v1/auth/providers").text
    with runtime.database.read(system_actor(create_person(runtime.database).tenant_id)) as ctx:
        assert CLIENT_SECRET not in ctx.session.execute(select(OidcProvider.sealed_client_secret)).scalar_one()


@pytest.mark.parametrize(
    "issuer", ["http://accounts.example.org", "https://u@h.org", "https://h.org?x=1", "file:///etc"]
)
def test_an_issuer_is_an_https_address(client: TestClient, runtime: Runtime, issuer: str) -> None:
    headers = log_in(client, create_person(runtime.database, role=Role.ADMIN))

    assert register(client, headers, Provider(issuer=issuer, now=None)).status_code == 422
