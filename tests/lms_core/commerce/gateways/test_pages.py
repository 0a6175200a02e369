"""The pages about gateways say what the code does: every setting, the callback address, tests that are there."""

import re
from pathlib import Path

import pytest

from lms_core.commerce.payments.gateways.addresses import REFUSED_WORDS
from lms_core.commerce.payments.gateways.paypal_certificate import HOSTS, NAMES
from tests.lms_core.commerce.gateways.conformance import GATEWAYS

HERE = Path(__file__)
DOCS = HERE.parents[4] / "docs" / "payments"


@pytest.mark.parametrize("name", sorted(GATEWAYS))
def test_a_page_tells_settings_addresses_and_how_to_try_it(name: str) -> None:
    page = " ".join((DOCS / f"{name}.md").read_text().split())
    gateway = GATEWAYS[name]
    missing = [each.name for each in gateway.fields if f"`{each.name}`" not in page and each.label not in page]
    assert not missing
    assert f"/api/v1/webhook/payment/{name}/" in page
    assert "## How to try it" in page and re.search("## (What )?[Oo]nly a real account can confirm", page)
    said = set(re.findall(r"`(MWALIMU_[A-Z_]+)`", page))
    assert said <= {"MWALIMU_PAYMENT_HOSTS", "MWALIMU_PUBLIC_URL"}


def test_every_test_that_the_table_names_is_there() -> None:
    named = set(re.findall(r"`(test_[a-z_0-9]+)`", (DOCS / "gateways.md").read_text()))
    files = "".join(each.read_text() for each in HERE.parent.glob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)", files))
    assert len(named) > 30 and not named - there


def test_the_words_and_hosts_on_the_pages_are_those_of_the_code() -> None:
    daraja, paypal = (DOCS / "daraja.md").read_text(), (DOCS / "paypal.md").read_text()
    assert not [word for word in REFUSED_WORDS if f"`{word}`" not in daraja]
    assert not [each for places in (*HOSTS.values(), *NAMES.values()) for each in places if f"`{each}`" not in paypal]
