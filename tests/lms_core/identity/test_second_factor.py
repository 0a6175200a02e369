"""The second factor: RFC vectors, set-up, logging in with codes, replay, recovery codes, trusted browsers."""

import base64
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from lms_core.identity.secondfactor import totp
from lms_core.identity.secondfactor.models import RecoveryCode, TotpDevice, TrustedDevice
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from tests.factories.people import Person, create_person, log_in
from tests.serving import app_of
from workers.runtime import Runtime

LOGIN, STEP, FACTOR = "/api/v1/auth/login", "/api/v1/auth/login/second-step", "/api/v1/auth/second-factor"
Mailbox = Callable[[], list[EmailMessage]]
Drain = Callable[[], int]


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner."""
    return create_person(runtime.database)


def code_of(secret: str, clock: MovingClock) -> str:
    """What an authenticator with this secret shows now."""
    return totp.code_at(base64.b32decode(secret + "=" * (-len(secret) % 8)), totp.step_of(clock.now()))


def turn_on(client: TestClient, person: Person, clock: MovingClock) -> tuple[str, list[str], dict[str, str]]:
    """The secret, the recovery codes, and the headers of a session of somebody with codes on."""
    headers = log_in(client, person)
    secret = client.post(FACTOR, headers=headers).json()["secret"]
    confirmed = client.post(f"{FACTOR}/confirm", json={"code": code_of(secret, clock)}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    clock.move(timedelta(seconds=90))
    return secret, confirmed.json()["codes"], headers


def challenge_of(client: TestClient, person: Person) -> str:
    """What a right password earns somebody with codes on."""
    answer = client.post(LOGIN, json=person.login)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_required")
    assert "access_token" not in answer.json()
    return str(answer.json()["challenge"])


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    secret = b"12345678901234567890"
    assert totp.code_at(secret, totp.step_of(moment)) == code
    assert totp.matching_step(secret, code, now=moment, after=0) == totp.step_of(moment)
    assert totp.matching_step(secret, code, now=moment + timedelta(minutes=2), after=0) is None


def test_a_password_alone_is_half_a_login(client: TestClient, asha: Person, clock: MovingClock) -> None:
    secret, _, _ = turn_on(client, asha, clock)
    challenge = challenge_of(client, asha)

    assert client.post(STEP, json={"challenge": challenge, "code": "000000"}).json()["code"] == "code_refused"
    done = client.post(STEP, json={"challenge": challenge, "code": code_of(secret, clock)})

    assert done.status_code == 200
    headers = {"Authorization": f"Bearer {done.json()['access_token']}"}
    assert client.get("/api/v1/auth/profile", headers=headers).json()["id"] == str(asha.id)
    again = client.post(STEP, json={"challenge": challenge, "code": code_of(secret, clock)})
    assert again.json()["code"] == "challenge_expired"


def test_a_code_works_once_even_within_its_time(client: TestClient, asha: Person, clock: MovingClock) -> None:
    secret, _, _ = turn_on(client, asha, clock)
    code = code_of(secret, clock)
    assert client.post(STEP, json={"challenge": challenge_of(client, asha), "code": code}).status_code == 200

    replayed = client.post(STEP, json={"challenge": challenge_of(client, asha), "code": code})

    assert (replayed.status_code, replayed.json()["code"]) == (403, "code_refused")


def test_a_challenge_ends_after_five_wrong_codes_and_five_minutes(
    client: TestClient, asha: Person, clock: MovingClock
) -> None:
    secret, _, _ = turn_on(client, asha, clock)
    guessed = challenge_of(client, asha)
    for _ in range(5):
        assert client.post(STEP, json={"challenge": guessed, "code": "000000"}).status_code == 403
    late = challenge_of(client, asha)
    clock.move(timedelta(minutes=6))

    for challenge in (guessed, late, "made up"):
        answer = client.post(STEP, json={"challenge": challenge, "code": code_of(secret, clock)})
        assert (answer.status_code, answer.json()["code"]) == (401, "challenge_expired")


def test_a_recovery_code_works_once_in_any_spelling(
    client: TestClient, asha: Person, clock: MovingClock, drain: Drain, mailbox: Mailbox
) -> None:
    _, codes, headers = turn_on(client, asha, clock)
    assert len(set(codes)) == 10
    spelled = codes[0].replace("-", " ").lower()

    first = client.post(STEP, json={"challenge": challenge_of(client, asha), "code": spelled})
    second = client.post(STEP, json={"challenge": challenge_of(client, asha), "code": codes[0]})

    assert (first.status_code, second.status_code) == (200, 403)
    assert client.get(FACTOR, headers=headers).json()["recovery_codes_left"] == 9
    drain()
    assert "A recovery code was used" in [letter["Subject"] for letter in mailbox()]


def test_nothing_usable_is_stored(client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    secret, codes, _ = turn_on(client, asha, clock)
    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        device = ctx.session.execute(select(TotpDevice)).scalar_one()
        hashes = set(ctx.session.execute(select(RecoveryCode.code_hash)).scalars())
    assert secret not in device.sealed_secret
    assert not hashes & {each.replace("-", "") for each in codes}


def test_an_unconfirmed_authenticator_changes_nothing(client: TestClient, asha: Person) -> None:
    headers = log_in(client, asha)
    setup = client.post(FACTOR, headers=headers).json()
    assert setup["address"].startswith("otpauth://totp/Mwalimu:")
    assert setup["qr_svg"].startswith("<svg")
    assert client.post(f"{FACTOR}/confirm", json={"code": "000000"}, headers=headers).status_code == 403

    assert client.post(LOGIN, json=asha.login).status_code == 200
    assert client.get(FACTOR, headers=headers).json()["on"] is False


def test_codes_are_turned_off_with_a_code_only(client: TestClient, asha: Person, clock: MovingClock) -> None:
    secret, _, headers = turn_on(client, asha, clock)

    assert client.post(FACTOR, headers=headers).json()["code"] == "second_factor_on"
    assert client.post(f"{FACTOR}/off", json={"code": "123456"}, headers=headers).status_code == 403
    assert client.post(f"{FACTOR}/off", json={"code": code_of(secret, clock)}, headers=headers).status_code == 204
    assert client.post(LOGIN, json=asha.login).status_code == 200


def test_a_closed_account_gets_no_further_with_a_code(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    from lms_core.identity.accounts import service as accounts

    secret, _, _ = turn_on(client, asha, clock)
    challenge = challenge_of(client, asha)
    with runtime.database.write(system_actor(asha.tenant_id)) as ctx:
        accounts.set_disabled(ctx, user_id=asha.id, disabled=True)

    assert client.post(STEP, json={"challenge": challenge, "code": code_of(secret, clock)}).status_code == 401


def test_a_trusted_browser_needs_no_code_for_thirty_days(
    client: TestClient, runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    secret, _, _ = turn_on(client, asha, clock)
    page = client.post("/login", data=asha.login, follow_redirects=False)
    assert page.status_code == 200 and "mwalimu_session" not in client.cookies
    challenge = page.text.partition('name="challenge" value="')[2].partition('"')[0]
    form = {"challenge": challenge, "code": code_of(secret, clock), "trust": "1"}
    assert client.post("/login/second-step", data=form, follow_redirects=False).status_code == 303
    with runtime.database.read(system_actor(asha.tenant_id)) as ctx:
        assert ctx.session.execute(select(TrustedDevice.token_hash)).scalar_one() != client.cookies["mwalimu_device"]

    client.cookies.delete("mwalimu_session")
    assert client.post("/login", data=asha.login, follow_redirects=False).status_code == 303
    client.cookies.delete("mwalimu_session")
    device = client.get(FACTOR, headers=log_in_with(client, asha, secret, clock)).json()["trusted_devices"][0]["id"]
    again = log_in_with(client, asha, secret, clock)
    assert client.delete(f"/api/v1/auth/devices/{device}", headers=again).status_code == 204
    assert client.post("/login", data=asha.login, follow_redirects=False).status_code == 200


def log_in_with(client: TestClient, person: Person, secret: str, clock: MovingClock) -> dict[str, str]:
    """The headers of a session of somebody with codes on."""
    clock.move(timedelta(seconds=30))
    step = {"challenge": challenge_of(client, person), "code": code_of(secret, clock)}
    return {"Authorization": f"Bearer {client.post(STEP, json=step).json()['access_token']}"}


def test_wrong_codes_pause_the_authenticator_however_often_the_password_is_right(
    client: TestClient, asha: Person, clock: MovingClock, drain: Drain, mailbox: Mailbox
) -> None:
    secret, codes, headers = turn_on(client, asha, clock)
    for _ in range(5):
        assert client.post(STEP, json={"challenge": challenge_of(client, asha), "code": "000000"}).status_code == 403

    right = {"challenge": challenge_of(client, asha), "code": code_of(secret, clock)}
    assert client.post(STEP, json=right).json()["code"] == "code_refused", "a pause refuses unseen"
    drain()
    assert mailbox()[-1]["Subject"] == "Wrong codes after your right password"
    assert [each["kind"] for each in client.get("/api/v1/auth/alerts", headers=headers).json()] == ["many_wrong_codes"]

    clock.move(timedelta(seconds=61))
    guess = {"challenge": challenge_of(client, asha), "code": "000000"}
    assert client.post(STEP, json=guess).status_code == 403, "the sixth pauses for twice as long"
    clock.move(timedelta(seconds=61))
    right = {"challenge": challenge_of(client, asha), "code": code_of(secret, clock)}
    assert client.post(STEP, json=right).status_code == 403
    recovery = {"challenge": challenge_of(client, asha), "code": codes[0]}
    assert client.post(STEP, json=recovery).status_code == 200, "a recovery code works, and ends the pause"
    right = {"challenge": challenge_of(client, asha), "code": code_of(secret, clock)}
    assert client.post(STEP, json=right).status_code == 200


def test_codes_are_no_easier_to_guess_from_inside(client: TestClient, asha: Person, clock: MovingClock) -> None:
    secret, _, headers = turn_on(client, asha, clock)
    for path in ("off", "recovery-codes", "off", "recovery-codes", "off"):
        assert client.post(f"{FACTOR}/{path}", json={"code": "000000"}, headers=headers).status_code == 403

    refused = client.post(f"{FACTOR}/off", json={"code": code_of(secret, clock)}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (403, "code_refused")


def test_guessing_is_slow_by_account_wherever_it_comes_from(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    with TestClient(app_of(runtime)) as client:
        turn_on(client, asha, clock)
    places = [(f"10.0.0.{number}", 50_000) for number in range(4)]
    with ExitStack() as stack:
        clients = [stack.enter_context(TestClient(app_of(runtime), client=each)) for each in places]
        challenges = [challenge_of(client, asha) for client in clients]
        runtime.settings.login_attempts_per_minute = 3
        answers = [
            client.post(STEP, json={"challenge": challenge, "code": "000000"}).status_code
            for client, challenge in zip(clients, challenges, strict=True)
        ]
    assert answers == [403, 403, 403, 429]


def test_new_recovery_codes_end_those_before(client: TestClient, asha: Person, clock: MovingClock) -> None:
    secret, before, headers = turn_on(client, asha, clock)
    made = client.post(f"{FACTOR}/recovery-codes", json={"code": code_of(secret, clock)}, headers=headers)
    assert made.status_code == 200 and made.headers["cache-control"] == "no-store"

    codes = [before[0], made.json()["codes"][0]]
    answers = [
        client.post(STEP, json={"challenge": challenge_of(client, asha), "code": code}).status_code for code in codes
    ]

    assert answers == [403, 200]


@pytest.mark.parametrize("code", ["", "١٢٣٤٥٦", "'; --", "9" * 41, "12345\u0000"])
def test_what_is_no_code_is_malformed(client: TestClient, asha: Person, clock: MovingClock, code: str) -> None:
    turn_on(client, asha, clock)
    assert client.post(STEP, json={"challenge": challenge_of(client, asha), "code": code}).status_code == 422
