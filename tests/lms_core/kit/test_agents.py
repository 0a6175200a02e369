"""What programs call themselves, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kit.agents import LONGEST, named, printable

MOZILLA = "Mozilla/5.0 "
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) "
SAID = {
    MOZILLA + "(Windows NT 10.0; Win64; x64) " + WEBKIT + "Chrome/143.0.0.0 Safari/537.36": ("Chrome", "Windows"),
    MOZILLA + "(Windows NT 10.0) " + WEBKIT + "Chrome/143.0.0.0 Safari/537.36 Edg/143.0": ("Edge", "Windows"),
    MOZILLA + "(Linux; Android 14; SM-A055F) " + WEBKIT + "SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36": (
        "Samsung Internet",
        "Android",
    ),
    MOZILLA + "(Linux; Android 10; K) " + WEBKIT + "Chrome/143.0 Mobile Safari/537.36 OPR/90": ("Opera", "Android"),
    MOZILLA + "(X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": ("Firefox", "Linux"),
    MOZILLA + "(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML) Version/26.1 Safari/605.1.15": (
        "Safari",
        "macOS",
    ),
    MOZILLA + "(iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML) CriOS/143.0 Mobile Safari/604": (
        "Chrome",
        "iPhone",
    ),
    "curl/8.5.0": ("curl", ""),
    "python-httpx/0.28": ("python-httpx", ""),
    MOZILLA + "(compatible; something)": ("", ""),
    "": ("", ""),
}


@pytest.mark.parametrize(("user_agent", "expected"), SAID.items())
def test_a_program_and_its_system_are_named(user_agent: str, expected: tuple[str, str]) -> None:
    agent = named(user_agent)
    assert (agent.program, agent.system) == expected
    assert agent.name == " on ".join(each for each in expected if each)


def test_an_update_of_a_browser_is_the_same_device() -> None:
    said = MOZILLA + "(X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
    assert named(said) == named(said.replace("145", "146"))


@given(st.text(max_size=500))
def test_any_text_has_a_short_printable_name(user_agent: str) -> None:
    assert len(named(user_agent).name) <= LONGEST + len(" on Android")
    assert printable(user_agent).isprintable() and len(printable(user_agent)) <= 300
