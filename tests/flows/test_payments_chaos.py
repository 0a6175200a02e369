"""A market day at nine providers, with crashes in the middle of jobs: in the end every cent is where it belongs.

`python -m benchmarks.payments_chaos` is the same with thousands of orders, killed processes and a restarted database.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.schemas import AccountView, ReconcileIn
from lms_core.kit import jobs, running
from lms_core.kit.clock import MovingClock
from lms_core.kit.context import Actor, Database, WriteCtx, system_actor
from lms_core.kit.settings import Settings
from tests.draining import drain
from tests.factories.people import actor_of
from tests.simulators.payments import market as markets
from tests.simulators.payments.base import Sent, Simulator
from tests.simulators.payments.market import Bought, Market
from tests.simulators.payments.stripe import Stripe
from tests.simulators.payments.verdicts import outcome
from workers.runtime import Runtime

ORDERS, COURSES, SEED = 40, 10, 2026
CRASH = 0.04  # of the transactions of jobs and of requests that ask for money: before them, in them, or after them
CRASHES_EACH = 3  # a job may be tried five times


class Killed(BaseException):
    """The process ended here; nothing of it catches this."""


class Crashes:
    """Ends the "process" at transactions that the seed draws, while it is armed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
        self.database, self.random, self.armed, self.count = database, Random(SEED), False, 0
        self.of_job: Counter[UUID] = Counter()
        real = Database.write

        @contextmanager
        def write(its: Database, actor: Actor, **named: Any) -> Iterator[WriteCtx]:
            end = self._where()
            if end == "before":
                raise Killed
            with real(its, actor, **named) as ctx:
                yield ctx
                if end == "inside":
                    raise Killed
            if end == "after":
                raise Killed

        monkeypatch.setattr(Database, "write", write)

    def _where(self) -> str:
        if not self.armed or self.random.random() >= CRASH:
            return ""
        self.count += 1
        return self.random.choice(["before", "inside", "after"])

    @contextmanager
    def possible(self) -> Iterator[None]:
        """In this block the process may end."""
        self.armed = True
        try:
            yield
        finally:
            self.armed = False

    def work(self) -> None:
        """Do all due jobs; a process that ended is started again, and takes up what it had in hand."""
        while due := [each for each in running.due_now(self.database, limit=1000) if self._wanted(each)]:
            for job_id in due:
                try:
                    with self.possible():
                        self.armed = self.of_job[job_id] < CRASHES_EACH
                        running.run_job(self.database, job_id, worker="doomed")
                except Killed:
                    self.of_job[job_id] += 1
                    with self.database.write(system_actor()) as ctx:
                        jobs.requeue_running(ctx.session, now=ctx.now)
        drain(self.database)

    def _wanted(self, job_id: UUID) -> bool:
        with self.database.read(system_actor()) as ctx:
            row = ctx.session.get(jobs.Job, job_id)
            return row is not None and row.name != "ingestion.calibrate"


@pytest.fixture
def clock() -> MovingClock:
    """Providers sign with the time of the machine, so the day begins now."""
    return MovingClock(datetime.now(UTC))


@pytest.fixture
def providers(clock: MovingClock) -> Iterator[dict[str, Simulator]]:
    with markets.providers() as running_ones:
        stripe = running_ones["stripe"]
        assert isinstance(stripe, Stripe)
        stripe.clock = lambda: clock.now().timestamp()
        yield running_ones


@pytest.fixture
def settings(settings: Settings, providers: dict[str, Simulator]) -> Settings:
    return settings.model_copy(update={"payment_hosts": ",".join(each.host for each in providers.values())})


@pytest.fixture
def market(runtime: Runtime, providers: dict[str, Simulator]) -> Market:
    return markets.open_market(runtime.database, providers, orders_=ORDERS, courses=COURSES, seed=SEED)


def test_every_cent_is_where_it_belongs(
    market: Market, client: TestClient, clock: MovingClock, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashes = Crashes(monkeypatch, runtime.database)

    def deliver(account: AccountView, sent: Sent) -> int:
        path = markets.path_of(account, sent)
        return client.request(
            sent.method, path, content=sent.body, headers=dict(sent.headers), params=dict(sent.query)
        ).status_code

    for number in range(ORDERS):
        bought = market.order(number)
        market.bought.append(bought)
        ask(market, crashes, bought, number)
        market.happen(bought, deliver)
        crashes.work()
    before = outcome(market)
    clock.move(timedelta(minutes=2))  # some of it was asked about by itself meanwhile
    crashes.work()
    for bought in market.bought:
        market.happen_late(bought, deliver)
    crashes.work()
    clock.move(timedelta(minutes=20))
    reconcile(market, crashes)

    after, tally = outcome(market), market.tally
    assert after.faults == 0, (after, market.seed)
    assert after.orders == ORDERS > after.paid > ORDERS // 2
    # The day was as bad as it was meant to be: otherwise all of this says nothing.
    assert crashes.count >= 5 and tally.repeated and tally.late and tally.lost and tally.cut
    assert tally.forged and after.forged_recorded == tally.refused > 0
    assert before.lost_payments  # late and lost: money that callbacks alone had not brought by then


def ask(market: Market, crashes: Crashes, bought: Bought, number: int) -> None:
    """The buyer asks to pay, and once more with the same key where the process ended under it."""
    for _ in range(4):
        try:
            with crashes.possible():
                return market.begin(bought, key=f"pay-{number}")
        except Killed:
            continue
    raise AssertionError("four crashes in a row: another seed")


def reconcile(market: Market, crashes: Crashes) -> None:
    """The night: every account is held against its provider."""
    with market.database.write(actor_of(market.database, market.admin)) as ctx:
        for account in market.accounts.values():
            payments.start_reconciliation(ctx, wanted=ReconcileIn(account_id=account.id))
    crashes.work()
