"""References that people can type: ten characters of Crockford's base 32 and a check character; a letter per attempt.

No I, L, O or U is written; read aloud or typed wrong, I and L are 1 and O is 0. The check character is Luhn's modulo
32: it finds every single wrong character and nearly every pair of neighbours in the wrong order.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = 10
LENGTH = RANDOM + 1
MOST_ATTEMPTS = len(LETTERS)
_READ = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None})


def new_reference() -> str:
    """Eleven characters, fifty random bits."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Luhn modulo 32 of characters of the alphabet. ValueError for others."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def attempt_reference(reference: str, number: int) -> str:
    """The reference of attempt `number` (from 1) of an intent."""
    return reference + LETTERS[number - 1]


def read(typed: str) -> tuple[str, str] | None:
    """What somebody typed as an account number: the intent's reference, the attempt's letter or "". None: neither."""
    text = typed.upper().translate(_READ)
    body, letter = text[:LENGTH], text[LENGTH:]
    if len(body) != LENGTH or (letter and (len(letter) > 1 or letter not in LETTERS)):
        return None
    if any(character not in ALPHABET for character in body) or check_character(body[:-1]) != body[-1]:
        return None
    return body, letter
