"""What the tests of gateways share. A module's `Provider` is the simulator that it is about."""

from collections.abc import Iterator

import pytest

from lms_core.commerce.payments.gateways.port import Account, Gateway
from tests.lms_core.commerce.gateways import phone_bench
from tests.lms_core.commerce.gateways.conformance import GATEWAYS, Bench, bench_of
from tests.simulators.payments.base import Simulator


@pytest.fixture(params=sorted(GATEWAYS))
def on(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each gateway in turn."""
    with bench_of(request.param) as made:
        yield made


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """The provider that the test's module is about, running."""
    with request.module.Provider() as running:
        yield running


@pytest.fixture
def account(provider: Simulator) -> Account:
    """An account there, of phone money."""
    return phone_bench.account(provider)


@pytest.fixture
def gateway(provider: Simulator) -> Gateway:
    """The gateway of phone money before that provider; other modules have their own."""
    made: Gateway = phone_bench.MADE[provider.name](provider)
    return made
