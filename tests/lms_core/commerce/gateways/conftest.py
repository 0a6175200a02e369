"""What the tests of gateways share."""

from collections.abc import Iterator

import pytest

from tests.lms_core.commerce.gateways.conformance import GATEWAYS, Bench, bench_of


@pytest.fixture(params=sorted(GATEWAYS))
def on(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Each gateway in turn."""
    with bench_of(request.param) as made:
        yield made
