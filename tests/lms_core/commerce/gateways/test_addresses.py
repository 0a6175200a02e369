"""The secret part of callback addresses: random, and never with a word that Safaricom refuses."""

import re
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from lms_core.commerce.payments.gateways.addresses import REFUSED_WORDS, new_callback_token, refused_word

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
TOKENS = st.text(LETTERS, min_size=43, max_size=43)


@st.composite
def spelling(draw: Callable[..., str]) -> str:
    """A token that by chance spells a refused word, in any case of letters, anywhere."""
    token, word = draw(TOKENS), draw(st.sampled_from(REFUSED_WORDS))
    cased = "".join(draw(st.sampled_from([each.lower(), each.upper()])) for each in word)
    place = draw(st.integers(0, len(token) - len(word)))
    return token[:place] + cased + token[place + len(word) :]


@given(st.lists(spelling(), max_size=5), TOKENS.filter(lambda token: not refused_word(token)))
def test_what_spells_a_refused_word_is_drawn_again(refused: list[str], good: str) -> None:
    drawn = iter([*refused, good, "never asked for"])
    assert new_callback_token(lambda: next(drawn)) == good
    assert next(drawn) == "never asked for"


@given(TOKENS | spelling() | st.text())
def test_a_refused_word_is_seen_wherever_it_stands(address: str) -> None:
    seen = [word for word in REFUSED_WORDS if re.search(re.escape(word), address, re.IGNORECASE | re.ASCII)]
    assert bool(refused_word(address)) >= bool(seen) and (refused_word(address) or None) in [None, *REFUSED_WORDS]
    assert not seen or refused_word(address) == seen[0]


def test_tokens_are_random_clean_and_fit_an_address() -> None:
    made = {new_callback_token() for _ in range(5000)}
    assert len(made) == 5000
    for token in made:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token) and not refused_word(token)
        assert not refused_word(f"https://school.example/api/v1/webhook/payment/daraja/{token}/stk-41-0a1b")
