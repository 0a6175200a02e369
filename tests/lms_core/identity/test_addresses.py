"""When text is an e-mail address, and when two are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.identity.accounts import addresses

LOCAL = st.text("abcXYZ019.+_-'", min_size=1, max_size=20)
LABEL = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda label: not label.lower().startswith("xn--")
)
ADDRESS = st.builds(lambda local, labels: f"{local}@{'.'.join(labels)}", LOCAL, st.lists(LABEL, min_size=2, max_size=3))


@given(ADDRESS)
def test_normalising_twice_changes_nothing_more(address: str) -> None:
    once = addresses.normalise(address)

    assert addresses.normalise(once) == once
    assert addresses.key_of(once) == addresses.key_of(address)


@given(ADDRESS)
def test_case_and_surrounding_space_do_not_matter(address: str) -> None:
    assert addresses.key_of(address.upper()) == addresses.key_of(f"  {address.lower()}\t")


@given(ADDRESS, ADDRESS)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert (addresses.key_of(one) == addresses.key_of(other)) == (one.lower() == other.lower())


@given(st.text(max_size=400))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    try:
        address = addresses.normalise(text)
    except ValueError:
        return
    assert address.isascii() and address.isprintable() and " " not in address
    assert len(address) <= addresses.MAXIMUM_LENGTH
    local, _, domain = address.partition("@")
    assert local and "." in domain


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("asha@Example.ORG", "asha@example.org"),
        ("o'brien+tag@mail.example.co.ke", "o'brien+tag@mail.example.co.ke"),
        ("asha@bücher.example", "asha@xn--bcher-kva.example"),
    ],
)
def test_addresses_as_they_are_kept(text: str, address: str) -> None:
    assert addresses.normalise(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@", "@b.c", "a@b", "a@@b.c", "a b@c.d", "a@b..c", "a@-b.c", "a@b.c.", f"{'a' * 65}@b.cd", "ä@b.cd"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        addresses.normalise(text)
