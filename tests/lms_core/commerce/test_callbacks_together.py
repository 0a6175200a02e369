"""Callbacks that come at the same time are stored together: none is lost, none is stored twice, none spoils another."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.errors import UnknownAddress
from lms_core.commerce.payments.gateways.port import Answer, Callback
from lms_core.commerce.payments.gateways.sandbox import SIGNATURE, sign
from lms_core.commerce.payments.models import CallbackRecord
from lms_core.commerce.payments.schemas import AccountChange, PaymentView
from lms_core.commerce.payments.states import IntentState, Verdict
from lms_core.commerce.sandbox.schemas import Act
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import system_actor
from lms_core.kit.jobs import Job
from lms_core.kit.settings import Settings
from tests.lms_core.commerce.paying import SECRET, Shop, open_shop
from workers import runtime as runtimes
from workers.runtime import Runtime

Drain = Callable[[], int]


@pytest.fixture
def shop(runtime: Runtime) -> Shop:
    """A shop with an account at the sandbox."""
    return open_shop(runtime.database)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, settings: Settings, clock: MovingClock, tmp_path: Path) -> Iterator[Shop]:
    """The same on either database."""
    given = settings.model_copy(update={"data_dir": tmp_path / "own"})
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
        given = given.model_copy(update={"database_url": url})
    runtime = runtimes.build(given, clock=clock, run_jobs=False)
    yield open_shop(runtime.database)
    runtime.stop()


def token_of(shop: Shop) -> str:
    """The token of the account's address."""
    return shop.account.callback_url.rsplit("/", 1)[1]


def callback(shop: Shop, begun: PaymentView, version: int, secret: str = SECRET) -> Callback:
    """A fact about a payment that no other version tells; the provider is asked before it counts."""
    charge = shop.bank.bank.by_token(shop.token_of(begun))
    now = shop.database.clock.now()
    said = {"charge": str(charge.id), "version": version, "reference": charge.reference, "state": "open"}
    body = json.dumps(said).encode()
    return Callback(body, {SIGNATURE: sign(secret, int(now.timestamp()), body)}, {}, "", now)


def take(shop: Shop, *callbacks: Callback) -> list[Answer]:
    """They come together."""
    come = [(token_of(shop), each) for each in callbacks]
    given = payments.receive_all(shop.database, gateway="sandbox", come=come)
    assert all(isinstance(each, Answer) for each in given)
    return [each for each in given if isinstance(each, Answer)]


def stored(shop: Shop) -> list[tuple[Verdict, int]]:
    """The verdicts and times of what is written down."""
    with shop.database.read(system_actor()) as ctx:
        rows = ctx.session.execute(select(CallbackRecord).order_by(CallbackRecord.received_at, CallbackRecord.id))
        return [(row.verdict, row.times) for row in rows.scalars()]


def waiting(shop: Shop) -> int:
    """Jobs that will work on callbacks."""
    with shop.database.read(system_actor()) as ctx:
        return len(ctx.session.execute(select(Job.id).where(Job.name == "payments.hear")).all())


def test_a_pile_is_stored_once_each(shop: Shop) -> None:
    begun = shop.pay(shop.intent())
    pile = [callback(shop, begun, version) for version in (1, 2, 3, 2, 2)]
    assert [each.status for each in take(shop, *pile)] == [200] * 5
    assert sorted(stored(shop)) == [(Verdict.ACCEPTED, 1), (Verdict.ACCEPTED, 1), (Verdict.ACCEPTED, 3)]
    take(shop, *pile)
    assert sorted(stored(shop)) == [(Verdict.ACCEPTED, 2), (Verdict.ACCEPTED, 2), (Verdict.ACCEPTED, 6)]
    assert waiting(shop) == 3


def test_a_pile_costs_what_one_costs(shop: Shop) -> None:
    begun = shop.pay(shop.intent())
    take(shop, callback(shop, begun, 1))

    def statements(*callbacks: Callback) -> int:
        said: list[str] = []
        event.listen(shop.database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        take(shop, *callbacks)
        return len(said)

    alone = statements(callback(shop, begun, 2))
    # The first listener hears on, which does not change what the second counts.
    assert statements(*(callback(shop, begun, version) for version in range(3, 33))) == alone


def test_the_neighbours_of_a_forged_one_are_taken(shop: Shop, drain: Drain) -> None:
    intent = shop.intent()
    begun = shop.pay(intent)
    shop.act(begun, Act.PAY)
    true, forged = shop.callback(begun), callback(shop, begun, 9, secret="another's")
    assert [each.status for each in take(shop, forged, true)] == [401, 200]
    drain()
    assert shop.see(intent).state == IntentState.PAID
    assert {each[0] for each in stored(shop)} == {Verdict.ACCEPTED, Verdict.FORGED}


def test_an_unknown_address_is_told_to_its_caller_alone(shop: Shop) -> None:
    begun = shop.pay(shop.intent())
    come = [("x" * 43, callback(shop, begun, 1)), (token_of(shop), callback(shop, begun, 1))]
    lost, taken = payments.receive_all(shop.database, gateway="sandbox", come=come)
    assert isinstance(lost, UnknownAddress)
    assert isinstance(taken, Answer) and taken.status == 200


def test_what_cannot_be_stored_does_not_keep_its_neighbours_out(either: Shop) -> None:
    begun = either.pay(either.intent())
    spoilt = replace(callback(either, begun, 1), topic="\ud800")  # no database takes half a surrogate pair
    come = [(token_of(either), each) for each in (callback(either, begun, 2), spoilt, callback(either, begun, 3))]
    given = payments.receive_all(either.database, gateway="sandbox", come=come)
    assert [each.status for each in given if isinstance(each, Answer)] == [200, 503, 200]
    assert stored(either) == [(Verdict.ACCEPTED, 1)] * 2


def test_processes_that_store_the_same_at_once_store_it_once(either: Shop) -> None:
    begun = either.pay(either.intent())
    pile = [callback(either, begun, version) for version in range(1, 6)]
    gate, failed = threading.Barrier(6), []

    def send(place: int) -> None:
        gate.wait()
        try:
            take(either, *pile[place % 5 :], *pile[: place % 5])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=send, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert stored(either) == [(Verdict.ACCEPTED, 6)] * 5
    assert waiting(either) == 5


def test_an_account_that_got_new_secrets_is_heard_by_them_at_once(shop: Shop) -> None:
    begun = shop.pay(shop.intent())
    take(shop, callback(shop, begun, 1))
    change = AccountChange(values={"secret": "a new secret of it"})
    payments.change_account(shop.database, shop.finance, account_id=shop.account.id, change=change)
    assert take(shop, callback(shop, begun, 2, secret="a new secret of it"))[0].status == 200


def test_over_http(shop: Shop, client: TestClient) -> None:
    begun = shop.pay(shop.intent())
    path = shop.account.callback_url.removeprefix("http://localhost:8000")
    given: list[int] = []

    def send(version: int) -> None:
        sent = callback(shop, begun, version)
        given.append(client.post(path, content=sent.body, headers=dict(sent.headers)).status_code)

    threads = [threading.Thread(target=send, args=(version,)) for version in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given == [200] * 20
    assert stored(shop) == [(Verdict.ACCEPTED, 1)] * 20
    unknown = path.replace("/sandbox/", "/nobody/")
    assert client.post(unknown, content=b"{}").status_code == 404
