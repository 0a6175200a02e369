"""Alerts: devices, countries, journeys nobody makes, two devices at once; told once, in the owner's language."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from lms_core.identity.alerts.travel import EARTH_KM, FASTEST_KMH, distance_km, impossible
from lms_core.kit.clock import MovingClock
from lms_core.kit.places import Point
from lms_core.kit.settings import Settings
from tests.factories.people import Person, create_person, log_in
from tests.serving import app_of
from tests.simulators import geoip
from workers.runtime import Runtime

ALERTS = "/api/v1/auth/alerts"
NAIROBI, MOMBASA, SAO_PAULO, UNKNOWN = "196.201.1.9", "196.201.2.9", "177.1.3.4", "10.0.0.7"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/143.0 Mobile Safari/537.36"
Mailbox = Callable[[], list[EmailMessage]]
ONE_HOUR = timedelta(hours=1)
POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180), st.just(0.0))


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a file that knows three towns."""
    towns = {"196.201.1.0/24": geoip.NAIROBI, "196.201.2.0/24": geoip.MOMBASA, "177.1.0.0/16": geoip.SAO_PAULO}
    return settings.model_copy(update={"geoip_file": geoip.write(tmp_path / "city.mmdb", towns)})


@pytest.fixture
def asha(runtime: Runtime) -> Person:
    """A learner who reads Swahili."""
    return create_person(runtime.database, language="sw")


def device(runtime: Runtime, ip: str, agent: str = CHROME) -> TestClient:
    """A client at an address."""
    return TestClient(app_of(runtime), client=(ip, 50_000), headers={"user-agent": agent})


def noticed(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    """One's alerts, oldest first."""
    answer = client.get(ALERTS, headers=headers)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()
    return listed[::-1]


def test_the_great_circle_from_nairobi_to_sao_paulo() -> None:
    nairobi, sao_paulo = Point(-1.2841, 36.8155, 0), Point(-23.5475, -46.6361, 0)
    assert distance_km(nairobi, sao_paulo) == pytest.approx(9_277, abs=10)
    assert distance_km(Point(0, 0, 0), Point(0, 90, 0)) == pytest.approx(EARTH_KM * 3.14159265 / 2)


@given(POINTS, POINTS, POINTS)
def test_distances_are_those_of_a_sphere(first: Point, second: Point, third: Point) -> None:
    assert distance_km(first, second) == pytest.approx(distance_km(second, first))
    assert distance_km(first, first) == 0
    assert 0 <= distance_km(first, second) <= EARTH_KM * 3.1415927
    assert distance_km(first, third) <= distance_km(first, second) + distance_km(second, third) + 1e-3


@given(POINTS, POINTS, st.floats(0, 48))
def test_a_journey_is_impossible_above_the_speed_of_airliners_only(first: Point, second: Point, hours: float) -> None:
    found = impossible(first, second, within=timedelta(hours=hours))
    kilometres = distance_km(first, second)
    assert (found is not None) == (kilometres >= 200 and kilometres > FASTEST_KMH * timedelta(hours=hours) / ONE_HOUR)
    if found is not None:
        rough = replace(first, accuracy_km=kilometres)
        assert impossible(rough, second, within=timedelta(hours=hours)) is None, "it may have been there already"


def test_a_new_country_is_told_once_and_the_first_is_none(
    runtime: Runtime, asha: Person, clock: MovingClock, drain: Callable[[], int], mailbox: Mailbox
) -> None:
    for ip in (NAIROBI, MOMBASA, UNKNOWN):
        log_in(device(runtime, ip), asha)
        clock.move(timedelta(days=2))
    for _ in range(2):
        abroad = device(runtime, SAO_PAULO)
        headers = log_in(abroad, asha)
        clock.move(timedelta(days=2))
        headers = log_in(abroad, asha)
    drain()

    assert [(each["kind"], each["country"], each["city"]) for each in noticed(abroad, headers)] == [
        ("new_country", "BR", "São Paulo")
    ]
    letters = mailbox()
    assert [letter["Subject"] for letter in letters] == ["Kuingia kutoka nchi nyingine"]
    text = letters[0].get_content()
    assert "Kifaa: Chrome kwenye Windows" in text and "São Paulo, Brazil" in text and SAO_PAULO in text


def test_a_journey_nobody_makes_is_told_once_a_day(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    log_in(device(runtime, NAIROBI), asha)
    clock.move(timedelta(minutes=30))
    for _ in range(2):
        abroad = device(runtime, SAO_PAULO)
        headers = log_in(abroad, asha)

    journeys = [each for each in noticed(abroad, headers) if each["kind"] == "impossible_travel"]
    assert [each["details"] for each in journeys] == [
        {"from_country": "KE", "from_city": "Nairobi", "kilometres": 9243, "minutes": 30}
    ]


def test_a_day_is_enough_for_the_journey(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    log_in(device(runtime, NAIROBI), asha)
    clock.move(timedelta(hours=14))
    abroad = device(runtime, SAO_PAULO)

    assert [each["kind"] for each in noticed(abroad, log_in(abroad, asha))] == ["new_country"]


def test_a_session_that_jumps_is_noticed_without_a_login(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    headers = log_in(device(runtime, NAIROBI), asha)
    clock.move(timedelta(minutes=6))
    thief = device(runtime, SAO_PAULO)

    assert thief.get("/api/v1/auth/profile", headers=headers).status_code == 200

    assert [each["kind"] for each in noticed(thief, headers)] == ["impossible_travel"]
    assert [each["city"] for each in thief.get("/api/v1/auth/sessions", headers=headers).json()] == ["São Paulo"]


def test_two_devices_at_once_in_two_places_are_told_once(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    log_in(device(runtime, NAIROBI), asha)
    for _ in range(3):
        clock.move(timedelta(minutes=1))
        phone = device(runtime, UNKNOWN, PHONE)
        headers = log_in(phone, asha)

    assert [each["kind"] for each in noticed(phone, headers)] == ["new_device", "concurrent_login"]
    assert noticed(phone, headers)[-1]["details"] == {"other_program": "Chrome", "other_system": "Windows"}


def test_one_after_the_other_and_at_one_address_are_not_at_once(
    runtime: Runtime, asha: Person, clock: MovingClock
) -> None:
    log_in(device(runtime, NAIROBI), asha)
    log_in(device(runtime, NAIROBI, PHONE), asha)
    clock.move(timedelta(hours=2))
    phone = device(runtime, MOMBASA, PHONE)

    assert [each["kind"] for each in noticed(phone, log_in(phone, asha))] == ["new_device"]


def test_an_alert_is_acknowledged_by_its_owner_alone(runtime: Runtime, asha: Person, clock: MovingClock) -> None:
    log_in(device(runtime, NAIROBI), asha)
    clock.move(timedelta(days=2))
    abroad = device(runtime, SAO_PAULO)
    headers = log_in(abroad, asha)
    address = f"{ALERTS}/{noticed(abroad, headers)[0]['id']}/acknowledge"

    other = log_in(abroad, create_person(runtime.database))
    assert abroad.post(address, headers=other).status_code == 404
    assert noticed(abroad, headers)[0]["acknowledged"] is False
    assert [abroad.post(address, headers=headers).status_code for _ in range(2)] == [204, 204]
    assert noticed(abroad, headers)[0]["acknowledged"] is True
