"""How what providers write is read: never a guess, never a float, never an exception, nobody's name in an error."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways import reading
from lms_core.commerce.payments.gateways.port import REASONS, GatewayError, Uncertain
from lms_core.commerce.payments.gateways.wire import Reply, read_json
from lms_core.kit.money import EXPONENTS, MAX_AMOUNT, Currency, Money, to_major

NAIROBI = timezone(timedelta(hours=3))
CURRENCIES = st.sampled_from(sorted(Currency))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(JSON, JSON)
def test_every_reader_takes_anything(value: Any, other: Any) -> None:
    assert isinstance(reading.text(value), str) and isinstance(reading.code(value), str)
    assert isinstance(reading.table(value), dict) and all(isinstance(each, dict) for each in reading.rows(value))
    assert isinstance(reading.integer(value), int | None) and isinstance(reading.phone(value), str)
    for read in (reading.minor(value, other), reading.major(value, "KES"), reading.major(value, other, rounded=True)):
        assert read is None or abs(read.amount) <= MAX_AMOUNT
    told = reading.moment(value)
    assert told is None or told.tzinfo is UTC
    assert reading.reason_of(value) in REASONS and "@" not in reading.without_people(value)


@given(st.floats(), CURRENCIES)
def test_a_float_is_never_money(value: float, currency: Currency) -> None:
    assert reading.major(value, currency) is reading.minor(value, currency) is reading.integer(value) is None


@given(st.integers(0, MAX_AMOUNT), CURRENCIES)
def test_every_writing_of_an_amount_is_that_amount(amount: int, currency: Currency) -> None:
    money = Money(amount=amount, currency=currency)
    written = to_major(money)
    on_wire = read_json(json.dumps({"amount": str(written)}).encode())["amount"]
    for form in (written, str(written), f" {written} ", f"{written:,}", on_wire, read_json(str(written).encode())):
        assert reading.major(form, currency.lower()) == money
    assert reading.minor(amount, currency) == reading.minor(str(amount), currency) == money


@given(st.integers(1, 10**9), CURRENCIES, st.integers(1, 9))
def test_more_decimals_than_the_currency_has_are_no_amount_but_of_a_fee(
    amount: int, currency: Currency, digit: int
) -> None:
    written = Decimal(amount).scaleb(-EXPONENTS[currency]) + Decimal(digit).scaleb(-EXPONENTS[currency] - 1)
    assert reading.major(written, currency) is None
    assert reading.major(written, currency, rounded=True) == Money(amount=amount + (digit >= 5), currency=currency)


@pytest.mark.parametrize(
    "written",
    [
        "1,50",
        "1,5000",
        ",100",
        "1_000",
        "1e3",
        "٣",
        "0x10",
        "NaN",
        "Infinity",
        "",
        " ",
        "1 000",
        "1.",
        ".5",
        "--1",
        "£1",
    ],
)
def test_what_only_looks_like_a_number_is_none(written: str) -> None:
    assert reading.major(written, "KES") is None and reading.integer(written) is None


@pytest.mark.parametrize("value", [True, Decimal("1E+30"), Decimal("NaN"), 10**16, [], {}, None, b"1"])
def test_what_is_no_amount_is_none(value: Any) -> None:
    assert reading.major(value, "KES") is reading.minor(value, "KES") is reading.integer(value) is None


@given(st.integers(10**7, 7 * 10**9))
def test_moments_are_in_utc(seconds: int) -> None:
    cut = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    assert reading.moment(cut.isoformat() + "Z") == cut.replace(tzinfo=UTC)
    assert reading.moment(cut.isoformat(), NAIROBI) == cut.replace(tzinfo=NAIROBI)
    assert reading.moment(f"{cut:%Y%m%d%H%M%S}", NAIROBI, "%Y%m%d%H%M%S") == cut.replace(tzinfo=NAIROBI)
    assert reading.moment(int(cut.replace(tzinfo=UTC).timestamp())) == cut.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", -1, 0, 2**33, True, "soon"]
)
def test_what_is_no_moment_is_none(written: Any) -> None:
    assert reading.moment(written) is None


@given(
    st.integers(100_000_000, 199_999_999) | st.integers(700_000_000, 799_999_999),
    st.sampled_from(["", "0", "+254", "254"]),
)
def test_a_kenyan_number_however_it_is_written(number: int, before: str) -> None:
    told = f"{before}{str(number)[:3]} {str(number)[3:6]}-{str(number)[6:]}"
    assert reading.international(told) == f"254{number}" == reading.phone(f"254{number}")


@given(st.text(max_size=15))
def test_other_numbers_are_refused(typed: str) -> None:
    try:
        read = reading.international(typed)
    except GatewayError as error:
        assert typed == "" or len(typed) < 3 or typed not in error.detail
    else:
        assert len(read) == 12 and read.isascii() and read.startswith(("2547", "2541"))


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_keys_of_ours_are_no_refusal_of_a_bank(status: int) -> None:
    """ "authentication" is told to payers as their bank's; our keys are the institution's to mend."""
    with pytest.raises(GatewayError) as refused:
        reading.accepted(Reply(status, {}), "Anybody", moves_money=True)
    assert (refused.value.reason, refused.value.retryable) == ("misconfigured", False)


@pytest.mark.parametrize("status", [200, 302, 408, 500, 502, 503])
def test_no_clear_answer_about_money_is_uncertain(status: int) -> None:
    unread = Reply(status, None)
    with pytest.raises(Uncertain):
        reading.accepted(unread, "Anybody", moves_money=True)
    with pytest.raises(GatewayError) as refused:
        reading.accepted(unread, "Anybody")
    assert refused.value.retryable


@given(st.integers(400, 499).filter(lambda status: status not in {401, 403, 408, 429}))
def test_a_refusal_says_the_providers_code(status: int) -> None:
    with pytest.raises(GatewayError) as refused:
        reading.accepted(Reply(status, {}), "Anybody", told="NO_WAY", reasons={"NO_WAY": "declined"}, moves_money=True)
    assert (refused.value.code, refused.value.reason) == ("NO_WAY", "declined")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", None, "//evil.example", "data:text/html,x", "ftp://x"])
def test_no_browser_is_sent_to_a_script(url: Any) -> None:
    with pytest.raises(Uncertain):
        reading.page_of(url, "Anybody")


@pytest.mark.parametrize("given_id", ["../x", "a/b", "", "a" * 61, "pay_ü", "x?y=1", "other_1"])
def test_an_id_cannot_climb_out_of_its_address(given_id: str) -> None:
    with pytest.raises(GatewayError):
        reading.path_part(given_id, "Anybody", "pay_")
    assert reading.path_part("pay_1-2_3", "Anybody", "pay_") == "pay_1-2_3"
