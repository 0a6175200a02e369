"""A bad day for payments on PostgreSQL: what is lost, credited twice, or wrongly opened in the end. All has to be none.

Thousands of orders over all nine providers (eight simulated ones over HTTP, and the one in the house). Callbacks come
again (20 % of the orders), late (10 %), never (5 %) and from forgers (5 %); 5 % of the calls that ask for money are
done and never answered; buyers cancel, never answer, or pay when the time was out. Meanwhile worker processes are
killed at random, and the database is stopped three times without warning. At the end every account is reconciled, as
it is every night.

`python -m benchmarks.payments_chaos [--orders N] [--seed N]` prints the table alone.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TypeVar

import psycopg
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from benchmarks.http import environment_set, scaled_environment
from lms_core.commerce.payments import service as payments
from lms_core.commerce.payments.gateways.port import Callback
from lms_core.commerce.payments.schemas import AccountView, ReconcileIn
from lms_core.kit import jobs, running
from lms_core.kit.context import Database, system_actor
from lms_core.kit.errors import TooManyRequests
from lms_core.kit.settings import Settings

if TYPE_CHECKING:
    from tests.simulators.payments.base import Sent
    from tests.simulators.payments.market import Market
    from tests.simulators.payments.verdicts import Outcome

Row = tuple[str, str, str]
T = TypeVar("T")

ORDERS, SEED = 2000, 20261122
COURSES = 20
WORKERS = 2
RESTARTS = 3
KILL_EVERY = (3.0, 9.0)  # seconds between two kills of a worker, at random
# What settles payments and opens courses; papers and letters are another measure.
QUEUES = ("answer", "money", "fast", "io", "idle")
NAMES = ("payments.%", "lms_core.commerce.payments.%", "lms_core.commerce.orders.%", "lms_core.learning.enrolments.%")
PATIENCE_SECONDS = 600.0


def run(orders: int = ORDERS, seed: int = SEED) -> list[Row]:
    """The verdicts, and what was done to deserve them."""
    from tests import services
    from tests.simulators.payments import market as markets
    from workers import runtime as runtimes

    folder = tempfile.TemporaryDirectory()
    with services.postgres() as server, services.redis() as redis_url, folder, markets.providers() as simulators:
        environment = scaled_environment(server, redis_url, Path(folder.name)) | {
            "MWALIMU_PAYMENT_HOSTS": ",".join(each.host for each in simulators.values()),
            "MWALIMU_LOG_LEVEL": "CRITICAL",
        }
        with environment_set(environment):
            runtime = runtimes.build(Settings(_env_file=None))
            try:
                begun = time.monotonic()
                market = markets.open_market(runtime.database, simulators, orders_=orders, courses=COURSES, seed=seed)
                with _restartable(server) as restart, _workers(runtime.database, seed) as crew:
                    _day(market, orders, restart)
                    crew.stop_killing()
                    _settle(market.database)
                    before = _outcome(market)
                    _reconcile(market)
                    _settle(market.database)
                    return _rows(market, before, _outcome(market), crew, time.monotonic() - begun)
            finally:
                runtime.stop()


def work() -> None:
    """Do jobs until killed: what a worker process runs."""
    from workers import runtime as runtimes

    runtime = runtimes.build(Settings())
    print("ready", flush=True)
    name = f"worker-{os.getpid()}"
    while True:
        try:
            due = running.due_now(runtime.database, queues=QUEUES, limit=20)
            for job_id in due:
                running.run_job(runtime.database, job_id, worker=name)
        except DBAPIError:  # the database is away
            due = []
        if not due:
            time.sleep(0.05)


def _day(market: "Market", count: int, restart: Callable[[], None]) -> None:
    """Buyers order and pay, one after the other; three times the database goes away under them."""

    def deliver(account: AccountView, sent: "Sent") -> int:
        return _again(lambda: _deliver(market.database, account, sent))

    away = [threading.Thread(target=restart) for _ in range(RESTARTS)]
    moments = {count * (place + 1) // (RESTARTS + 1): each for place, each in enumerate(away)}
    for number in range(count):
        if number in moments:
            moments[number].start()
        bought = _again(lambda number=number: market.order(number))  # type: ignore[misc]
        market.bought.append(bought)
        _again(lambda bought=bought, number=number: market.begin(bought, key=f"pay-{number}"))  # type: ignore[misc]
        _again(lambda bought=bought: market.references(bought))  # type: ignore[misc]
        market.happen(bought, deliver)
    for each in away:
        each.join()
    for bought in market.bought:
        market.happen_late(bought, deliver)


def _again(act: Callable[[], T]) -> T:
    """Until the database is there: providers repeat what was not taken, and people click once more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except DBAPIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _deliver(database: Database, account: AccountView, sent: "Sent") -> int:
    """A callback arrives; the status it is answered with."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    callback = Callback(sent.body, headers, dict(sent.query), sent.topic, database.clock.now())
    token = account.callback_url.rsplit("/", 1)[1]
    try:
        return payments.receive(database, gateway=account.gateway, token=token, callback=callback).status
    except TooManyRequests as error:
        return error.status


class _Crew:
    """Worker processes, and who kills them."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database, self._random, self.kills = database, Random(seed), 0
        self._over = threading.Event()
        self.members = [_start() for _ in range(WORKERS)]
        self._killer = threading.Thread(target=self._kill, daemon=True)
        self._killer.start()

    def stop_killing(self) -> None:
        """From now on they live."""
        self._over.set()
        self._killer.join()

    def _kill(self) -> None:
        while not self._over.wait(self._random.uniform(*KILL_EVERY)):
            place = self._random.randrange(WORKERS)
            self.members[place].send_signal(signal.SIGKILL)
            self.members[place].wait()
            self.kills += 1
            with suppress(DBAPIError):
                _expire_leases(self._database)
            self.members[place] = _start()


@contextmanager
def _workers(database: Database, seed: int) -> Iterator[_Crew]:
    crew = _Crew(database, seed)
    try:
        yield crew
    finally:
        crew.stop_killing()
        for each in crew.members:
            each.kill()
            each.wait()


def _start() -> "subprocess.Popen[str]":
    """A worker, from when it is ready; its database may be away for a while."""
    command = [sys.executable, "-c", "from benchmarks.payments_chaos import work; work()"]
    while True:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        if process.stdout.readline().strip() == "ready":
            return process
        process.wait()
        time.sleep(0.5)


def _expire_leases(database: Database) -> None:
    """What ninety seconds of waiting would do: the leases of a killed worker run out. The living renew theirs."""
    with database.write(system_actor()) as ctx:
        for row in ctx.session.execute(select(jobs.Job).where(jobs.Job.state == jobs.JobState.RUNNING)).scalars():
            row.lease_until = ctx.now - timedelta(seconds=1)


@contextmanager
def _restartable(server: str) -> Iterator[Callable[[], None]]:
    """A verb that ends PostgreSQL without warning and starts it again; what it started is stopped in the end."""
    with psycopg.connect(f"{server}/postgres") as connection:
        [data] = connection.execute("SHOW data_directory").fetchone() or [""]
        [programs] = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone() or [""]
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    control = [*as_user, f"{programs}/pg_ctl", "-D", str(data), "-m", "immediate", "-w", "-s"]

    one_at_a_time = threading.Lock()

    def told(word: str) -> None:
        with one_at_a_time:
            subprocess.run([*control, word], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    try:
        yield lambda: told("restart")
    finally:
        with suppress(subprocess.CalledProcessError):
            told("stop")


def _settle(database: Database) -> None:
    """Wait until no job about payments and orders is due."""
    _again(lambda: _expire_leases(database))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _open(database):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{_open(database)} jobs are still not done")
        time.sleep(0.5)


def _open(database: Database) -> int:
    """Jobs about money that are due soon or in hand; polls of the next minutes are left to the reconciliation."""
    named = jobs.Job.name.like(NAMES[0])
    for each in NAMES[1:]:
        named = named | jobs.Job.name.like(each)
    with database.read(system_actor()) as ctx:
        soon = jobs.Job.run_at <= ctx.now + timedelta(seconds=2)
        waiting = (jobs.Job.state == jobs.JobState.RUNNING) | ((jobs.Job.state == jobs.JobState.QUEUED) & soon)
        return int(ctx.session.execute(select(func.count()).where(named, waiting)).scalar_one())


def _reconcile(market: "Market") -> None:
    """The night: every account is held against its provider."""
    with market.database.write(system_actor(market.tenant_id)) as ctx:
        for account in market.accounts.values():
            payments.start_reconciliation(ctx, wanted=ReconcileIn(account_id=account.id))


def _outcome(market: "Market") -> "Outcome":
    from tests.simulators.payments.verdicts import outcome

    return outcome(market)


def _rows(market: "Market", before: "Outcome", after: "Outcome", crew: _Crew, seconds: float) -> list[Row]:
    tally = market.tally
    done = (
        f"{tally.delivered} callbacks, {tally.repeated} of them again, {tally.late} late, {tally.lost} never,"
        f" {tally.cut} calls cut, {crew.kills} kills, {RESTARTS} restarts, seed {market.seed}, {seconds:.0f} s"
    )
    return [
        (f"{after.orders} orders at nine providers: double credits", str(after.double_credits), "0"),
        ("  lost payments (before the reconciliation)", f"{after.lost_payments} ({before.lost_payments})", "0"),
        ("  sum of the ledger, breaches of its rules", f"{after.ledger_sum}, {after.ledger_breaches}", "0, 0"),
        ("  courses open that were not paid for, or the reverse", str(after.wrong_enrolments), "0"),
        ("  payers who lost another sum than their order's", str(after.wrong_amounts), "0"),
        ("  currencies in which books and providers differ", str(after.uncollected), "0"),
        ("  forged callbacks, refused, recorded", f"{tally.forged}, {tally.refused}, {after.forged_recorded}", ""),
        ("  other faults", "; ".join(after.problems) or "0", "0"),
        ("  paid orders", str(after.paid), ""),
        ("  what was done to them", done, ""),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.payments_chaos", description="A bad day for payments.")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    from benchmarks.__main__ import HEADINGS, table

    print(table([HEADINGS, *run(asked.orders, asked.seed)]))
