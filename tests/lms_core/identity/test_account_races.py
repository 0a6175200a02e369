"""Several at the same moment, on both databases: one code, one recovery code, one challenge, one new device."""

import base64
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

import migrations
from lms_core.identity.access import custom
from lms_core.identity.access.models import CustomRoleGrant
from lms_core.identity.access.schemas import CustomRoleGrantView, CustomRoleInput
from lms_core.identity.alerts.models import SecurityAlert
from lms_core.identity.auth import second_step
from lms_core.identity.auth import service as auth
from lms_core.identity.auth.models import AuthSession
from lms_core.identity.auth.schemas import Client, LoginInput
from lms_core.identity.secondfactor import service as secondfactor
from lms_core.identity.secondfactor import totp
from lms_core.identity.secondfactor.errors import CodeRefused, SecondFactorRequired
from lms_core.identity.secondfactor.schemas import SecondStep
from lms_core.kit.cache import RateLimiter
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, Database, Resources
from lms_core.kit.crypto import Keys
from lms_core.kit.db import make_engine
from lms_core.kit.permissions import Permission, Role
from lms_core.kit.places import Places
from lms_core.kit.settings import Settings
from tests.conftest import START
from tests.factories.people import Person, actor_of, create_person

AT_ONCE = 6
HOME = Client(ip="196.201.1.9", user_agent="Laptop")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, settings: Settings) -> Iterator[Database]:
    """A database of this test's own, on SQLite and on PostgreSQL, with the ports that logging in needs."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'once.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    engine = make_engine(url)
    migrations.upgrade(engine)
    resources = Resources()
    resources.put(Settings, settings)
    resources.put(Keys, Keys("a key of these tests alone"))
    resources.put(RateLimiter, RateLimiter())
    resources.put(Places, Places())
    yield Database(engine, MovingClock(START), resources)
    engine.dispose()


@pytest.fixture
def asha(database: Database) -> Person:
    """A learner."""
    return create_person(database)


def all_at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gave or raised in so many threads, released together."""
    gate, results = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(place: int) -> None:
        gate.wait()
        try:
            results[place] = work(place)
        except Exception as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def turn_on(database: Database, person: Person) -> tuple[bytes, list[str]]:
    """The secret and the recovery codes of somebody with codes on; the code of the present step is used up."""
    with database.write(actor_of(database, person)) as ctx:
        setup = secondfactor.begin(ctx, user_id=person.id)
        secret = base64.b32decode(setup.secret + "=" * (-len(setup.secret) % 8))
        made = secondfactor.confirm(ctx, user_id=person.id, code=totp.code_at(secret, totp.step_of(ctx.now)))
        assert made is not None
    return secret, made.codes


def challenge(database: Database, person: Person) -> str:
    """What a right password earns."""
    login = LoginInput(email=person.email, password=person.password)
    with pytest.raises(SecondFactorRequired) as asked:
        auth.log_in(database, visitor=Actor(tenant_id=person.tenant_id), login=login, client=HOME)
    return asked.value.challenge


def sessions(database: Database, person: Person) -> int:
    """How many sessions a person has."""
    with database.read(actor_of(database, person)) as ctx:
        wanted = select(func.count()).select_from(AuthSession).where(AuthSession.user_id == person.id)
        found: int = ctx.session.execute(wanted).scalar_one()
        return found


@pytest.mark.parametrize("kind", ["authenticator", "recovery"])
def test_one_code_opens_one_session_with_as_many_challenges(database: Database, asha: Person, kind: str) -> None:
    secret, codes = turn_on(database, asha)
    challenges = [challenge(database, asha) for _ in range(AT_ONCE)]
    code = codes[0].replace("-", "") if kind == "recovery" else totp.code_at(secret, totp.step_of(START) + 1)

    def finish(place: int) -> Any:
        step = SecondStep(challenge=challenges[place], code=code)
        return second_step.finish(database, visitor=Actor(tenant_id=asha.tenant_id), step=step, client=HOME)

    results = all_at_once(finish)

    assert sum(isinstance(each, CodeRefused) for each in results) == AT_ONCE - 1, results
    assert sessions(database, asha) == 1


def test_a_challenge_has_no_more_tries_for_many_at_once(database: Database, asha: Person) -> None:
    turn_on(database, asha)
    token = challenge(database, asha)

    def guess(place: int) -> Any:
        step = SecondStep(challenge=token, code=f"00000{place}")
        return second_step.finish(database, visitor=Actor(tenant_id=asha.tenant_id), step=step, client=HOME)

    results = all_at_once(guess)

    assert sum(isinstance(each, CodeRefused) for each in results) == 5, results
    assert sessions(database, asha) == 0


def test_a_new_device_of_many_logins_at_once_is_one_alert(database: Database, asha: Person) -> None:
    login = LoginInput(email=asha.email, password=asha.password)
    visitor = Actor(tenant_id=asha.tenant_id)
    auth.log_in(database, visitor=visitor, login=login, client=HOME)

    phone = Client(ip=HOME.ip, user_agent="Telephone")
    all_at_once(lambda _: auth.log_in(database, visitor=visitor, login=login, client=phone))

    assert sessions(database, asha) == AT_ONCE + 1
    with database.read(actor_of(database, asha)) as ctx:
        assert [each.about for each in ctx.session.execute(select(SecurityAlert)).scalars()] == ["Telephone"]


def test_a_role_given_many_times_at_once_is_held_once(database: Database, asha: Person) -> None:
    admin = actor_of(database, create_person(database, role=Role.ADMIN))
    with database.write(admin) as ctx:
        role: UUID = custom.make(ctx, role=CustomRoleInput(name="Auditor", permissions={Permission.AUDIT_READ})).id

    def give(_place: int) -> None:
        with database.write(admin) as ctx:
            custom.grant(ctx, role_id=role, given=CustomRoleGrantView(user_id=asha.id))

    assert all_at_once(give) == [None] * AT_ONCE
    with database.read(admin) as ctx:
        assert ctx.session.execute(select(func.count()).select_from(CustomRoleGrant)).scalar_one() == 1
