"""Where addresses are: a file in the real format, none, and one that is broken."""

from pathlib import Path

import pytest

from lms_core.kit.places import NOWHERE, Places, Point
from tests.simulators import geoip


def test_addresses_of_the_file_have_places(tmp_path: Path) -> None:
    networks = {"196.201.1.0/24": geoip.NAIROBI, "2c0f:fe38::/32": geoip.MOMBASA, "41.90.0.0/16": {"country": {}}}
    places = Places(geoip.write(tmp_path / "city.mmdb", networks))

    nairobi = places.of("196.201.1.9")
    assert (nairobi.country, nairobi.city, nairobi.point) == ("KE", "Nairobi", Point(-1.2841, 36.8155, 20))
    assert places.of("2c0f:fe38::1").city == "Mombasa"
    assert [places.of(ip) for ip in ("41.90.1.1", "196.201.2.1", "10.0.0.1", "testclient", "")] == [NOWHERE] * 5
    places.close()


def test_without_a_file_everything_is_nowhere() -> None:
    assert Places().of("196.201.1.9") == NOWHERE


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "broken.mmdb"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match="MWALIMU_GEOIP_FILE"):
        Places(file)
